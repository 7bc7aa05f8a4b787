"""The WebSocket door, one for all apps: tickets, refused handshakes, and everybody who is inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tautwire.local.forgetting import Recent
from tautwire.local.mishaps import hang, reset
from tautwire.local.socket.session import Session
from tautwire.local.socket.tickets import Ticket, TicketOffice, Verdict

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

    from tautwire.local.faults import Fault
    from tautwire.local.socket.exchange import Exchange
    from tautwire.local.socket.line import Line

__all__ = ["Dial", "Gate"]

#: Handshakes that are remembered.
MOST_DIALS: Final = 10_000
_APP_PARAMETER: Final = "9c1f0be2"


@dataclass(frozen=True, slots=True)
class Dial:
    """One WebSocket handshake: the ticket's number (0: unknown), the answer, when, on the monotonic clock.

    `status` 0 means that it was left hanging or cut. `headers` are the client's, for those who compare clients.
    `app_id` is the ticket's.
    """

    ticket: int
    status: int
    at: float
    headers: dict[str, str]
    app_id: str = ""

    def __repr__(self) -> str:
        return f"<dial with ticket #{self.ticket}: {self.status}>"


class Gate:
    """Lets connections in, or not, and knows them until TCP is gone. A ticket says whose connection it will be."""

    def __init__(self, exchange: Exchange, lines: Mapping[str, Line], *, closing: asyncio.Event) -> None:
        self.tickets = TicketOffice(exchange.switches.ticket_lifetime)
        self.sessions: list[Session] = []
        self.dials: list[Dial] = Recent(MOST_DIALS)
        self.accepted = 0
        self._exchange, self._lines, self._closing = exchange, lines, closing

    def url(self, base: str, app_id: str) -> str:
        """A WebSocket URL for `app_id` with a fresh ticket, under `base` (`ws://127.0.0.1:8000`)."""
        ticket = self.tickets.issue(self._exchange.new_id(), self._exchange.clock.monotonic(), app_id)
        return f"{base}/link/?ticket={ticket.value}&app_id={_APP_PARAMETER}"

    async def upgrade(self, request: web.Request) -> web.StreamResponse:
        """Answer one handshake; for a connection, return when it is over."""
        value = request.query.get("ticket", "")
        app_id = self.tickets.app_of(value)
        if self._exchange.faults.decide("ticket", app_id) is not None:
            self.tickets.expire(value)
        verdict, ticket = self.tickets.look(value, self._exchange.clock.monotonic())
        if ticket is not None and self._exchange.switches.burn_on_attempt:
            self.tickets.burn(ticket)
        fault = self._exchange.faults.decide("handshake", app_id)
        if fault is not None:
            refused = await self._misbehave(request, ticket, fault)
            if refused is not None:
                return refused
        if (
            ticket is None
            or verdict is not Verdict.VALID
            or ticket.is_burnt is not self._exchange.switches.burn_on_attempt
        ):
            return self._refuse(request, ticket, 403)
        return await self._connect(request, ticket)

    async def _misbehave(self, request: web.Request, ticket: Ticket | None, fault: Fault) -> web.Response | None:
        if fault.delay > 0 and fault.kind != "hang":
            await self._exchange.clock.wait(self._closing, fault.delay)
        match fault.kind:
            case "slow":
                return None
            case "status":
                return self._refuse(request, ticket, fault.status)
        self._note(request, ticket, 0)
        if fault.kind == "hang":
            await hang(self._exchange.clock, self._closing, fault.delay)
        return reset(request)

    def _refuse(self, request: web.Request, ticket: Ticket | None, status: int) -> web.Response:
        self._note(request, ticket, status)
        return web.Response(status=status, headers={"server": "envoy"})

    def _note(self, request: web.Request, ticket: Ticket | None, status: int) -> None:
        number = ticket.number if ticket else 0
        shown = {name: value for name, value in request.headers.items() if name != "Authorization"}
        app_id = ticket.app_id if ticket else ""
        self.dials.append(Dial(number, status, self._exchange.clock.monotonic(), shown, app_id))
        if status == 101:
            self._exchange.journal.socket_opened(f"c{self.accepted}", app_id=app_id, ticket=number)
        else:
            self._exchange.journal.socket_refused(status, app_id=app_id, ticket=number)
        self._exchange.bell.ring()

    async def _connect(self, request: web.Request, ticket: Ticket) -> web.StreamResponse:
        if self._closing.is_set() or not web.WebSocketResponse().can_prepare(request):
            return self._refuse(request, ticket, 400)
        self.tickets.burn(ticket)
        self.accepted += 1
        line = self._lines[ticket.app_id]
        is_debug = request.query.get("debug_reconnects") == "true"
        session = Session(self.accepted, ticket, line, is_debug=is_debug)
        self.sessions.append(session)
        line.sessions.append(session)
        self._note(request, ticket, 101)
        try:
            return await session.serve(request)
        except ConnectionResetError:  # It went during its handshake: nobody is there to be answered.
            return reset(request)
        finally:
            self.sessions.remove(session)
            line.sessions.remove(session)
            self._exchange.bell.ring()
