"""The WebSocket door: tickets, refused handshakes, the cap of ten, and everybody who is inside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from aiohttp import web

from tautwire.local.api.http import hang, reset
from tautwire.local.socket.session import Admission, Phase, Session, Surroundings
from tautwire.local.socket.tickets import Ticket, TicketOffice, Verdict

if TYPE_CHECKING:
    import asyncio

    from tautwire.local.faults import Fault

__all__ = ["Dial", "Gate"]

_APP_PARAMETER: Final = "9c1f0be2"


@dataclass(frozen=True, slots=True)
class Dial:
    """One WebSocket handshake: the ticket's number (0: unknown), the answer, when, on the monotonic clock.

    `status` 0 means that it was left hanging or cut. `headers` are the client's, for those who compare clients.
    """

    ticket: int
    status: int
    at: float
    headers: dict[str, str]

    def __repr__(self) -> str:
        return f"<dial with ticket #{self.ticket}: {self.status}>"


class Gate:
    """Lets connections in, or not, and knows them until TCP is gone."""

    def __init__(self, around: Surroundings, *, max_connections: int, closing: asyncio.Event) -> None:
        self.tickets = TicketOffice(around.switches.ticket_lifetime)
        self.sessions: list[Session] = []
        self.dials: list[Dial] = []
        self.accepted = 0
        self.max_connections = max_connections
        self.is_socket_mode_on = True
        self._around, self._closing = around, closing

    def url(self, base: str) -> str:
        """A WebSocket URL with a fresh ticket, under `base` (`ws://127.0.0.1:8000`)."""
        ticket = self.tickets.issue(self._around.new_id(), self._around.clock.monotonic())
        return f"{base}/link/?ticket={ticket.value}&app_id={_APP_PARAMETER}"

    async def upgrade(self, request: web.Request) -> web.StreamResponse:
        """Answer one handshake; for a connection, return when it is over."""
        verdict, ticket = self.tickets.look(request.query.get("ticket", ""), self._around.clock.monotonic())
        if ticket is not None and self._around.switches.burn_on_attempt:
            self.tickets.burn(ticket)
        fault = self._around.faults.decide("handshake")
        if fault is not None:
            refused = await self._misbehave(request, ticket, fault)
            if refused is not None:
                return refused
        if (
            ticket is None
            or verdict is not Verdict.VALID
            or ticket.is_burnt is not self._around.switches.burn_on_attempt
        ):
            return self._refuse(request, ticket, 403)
        return await self._connect(request, ticket)

    async def _misbehave(self, request: web.Request, ticket: Ticket | None, fault: Fault) -> web.Response | None:
        if fault.kind == "status":
            return self._refuse(request, ticket, fault.status)
        if fault.kind == "slow":
            await self._around.clock.wait(self._closing, fault.delay)
            return None
        self._note(request, ticket, 0)
        if fault.kind == "hang":
            await hang(self._around.clock, self._closing, fault.delay)
        return reset(request)

    def _refuse(self, request: web.Request, ticket: Ticket | None, status: int) -> web.Response:
        self._note(request, ticket, status)
        return web.Response(status=status, headers={"server": "envoy"})

    def _note(self, request: web.Request, ticket: Ticket | None, status: int) -> None:
        number = ticket.number if ticket else 0
        shown = {name: value for name, value in request.headers.items() if name != "Authorization"}
        self.dials.append(Dial(number, status, self._around.clock.monotonic(), shown))
        self._around.bell.ring()

    async def _connect(self, request: web.Request, ticket: Ticket) -> web.StreamResponse:
        if self._closing.is_set() or not web.WebSocketResponse().can_prepare(request):
            return self._refuse(request, ticket, 400)
        self.tickets.burn(ticket)
        self.accepted += 1
        is_debug = request.query.get("debug_reconnects") == "true"
        session = Session(self.accepted, ticket, self._around, is_debug=is_debug)
        self.sessions.append(session)
        self._note(request, ticket, 101)
        try:
            return await session.serve(request, self._admit)
        finally:
            self.sessions.remove(session)
            self._around.bell.ring()

    def _admit(self) -> Admission:
        if not self.is_socket_mode_on:
            return Admission.LINK_DISABLED
        if self._around.broker.registered < self.max_connections:
            return Admission.WELCOME
        match self._around.switches.over_limit:
            case "newcomer":
                return Admission.TURNED_AWAY
            case "newcomer_after_hello":
                return Admission.GREETED_AND_TURNED_AWAY
            case "oldest":
                self._retire_oldest()
        return Admission.WELCOME

    def _retire_oldest(self) -> None:
        registered = [each for each in self.sessions if each.phase not in (Phase.OPENING, Phase.CLOSING)]
        if registered:
            registered[0].disconnect("too_many_websockets")
