"""What a gateway and a worker do in their lives."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import TYPE_CHECKING, Any

from mortal import CONCURRENCY
from mortal.client import Hasty, Journal, Listener
from scattered import COULD_NOT_OPEN
from scattered.broken import inbox_of
from tautwire import AsyncWebClient, InboxWorker, SocketModeClient, facts
from tautwire.errors import InboxError

if TYPE_CHECKING:
    from scattered import Life

__all__ = ["live"]


class Notes(Journal):
    """Tells of lost leases as well."""

    def __call__(self, fact: Any) -> None:
        if isinstance(fact, facts.LeaseLost):
            self.say("LeaseLost", fact.envelope_id)
        super().__call__(fact)


async def live(life: Life) -> int:
    """Serve until killed, until it is time to close, or until told to end."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    if life.close_after is not None:
        asyncio.get_running_loop().call_later(life.close_after, told.set)
    notes: Any = Notes(life)  # type: ignore[arg-type]  # which has what a journal asks of a life
    logging.disable()  # The journal has what counts.
    async with AsyncWebClient(token=life.bot_token, base_url=life.api_url) as web:
        program = _program(life, web, notes)
        program.socket_mode_request_listeners.append(Listener(notes, life))  # type: ignore[arg-type]  # the same
        try:
            async with program:
                await told.wait()
        except InboxError:
            return COULD_NOT_OPEN
    return 0


def _program(life: Life, web: AsyncWebClient, notes: Notes) -> SocketModeClient | InboxWorker:
    chance: Any = Hasty(life.seed)
    if life.role == "gateway":
        return SocketModeClient(
            life.app_token,
            web_client=web,
            inbox=inbox_of(life),
            handle_stored=False,
            observers=[notes],
            chance=chance,
        )
    return InboxWorker(
        inbox_of(life), web_client=web, concurrency=CONCURRENCY, observers=[notes], chance=chance, drain_timeout=2.0
    )
