"""What a client does in its life."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
from typing import TYPE_CHECKING, Any

from mortal import ANSWER, is_doomed
from mortal.broken import client_of
from tautwire import AsyncWebClient, SocketModeResponse, facts

if TYPE_CHECKING:
    from mortal import Life

__all__ = ["live"]

#: Facts about one envelope, which the journal has.
_TOLD = (facts.AckSent, facts.NotStored, facts.Duplicate, facts.Handled, facts.RetryPlanned, facts.Buried)


class Hasty(random.Random):
    """Chance for the impatient: what would be drawn from 1 to 300 is drawn from thousandths of it."""

    def uniform(self, a: float, b: float) -> float:
        return super().uniform(a, b) / 1000


class Journal:
    """Everything in one write each, so that it is there in full or not at all."""

    def __init__(self, life: Life) -> None:
        self._life = life.number
        self._file = os.open(life.journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        #: Set when something came to its end.
        self.ended = asyncio.Event()

    def say(self, what: str, envelope_id: str) -> None:
        os.write(self._file, f"{self._life} {what} {envelope_id}\n".encode())

    def __call__(self, fact: Any) -> None:
        if isinstance(fact, _TOLD):
            self.say(type(fact).__name__, fact.envelope_id)
        if isinstance(fact, facts.Handled | facts.Buried):
            self.ended.set()


class Listener:
    """Some are slow, some raise now and then, some always."""

    def __init__(self, journal: Journal, life: Life) -> None:
        self._journal, self._chance, self._slow = journal, random.Random(life.seed), life.slow

    async def __call__(self, client: Any, request: Any) -> None:
        self._journal.say("begun", request.envelope_id)
        response = SocketModeResponse(request.envelope_id)
        if request.payload.get("type") == "view_submission":
            response = SocketModeResponse(request.envelope_id, ANSWER)
        await client.send_socket_mode_response(response)
        await asyncio.sleep(self._slow * self._chance.choice((0, 0, 0.001, 0.01, 0.05)))
        if is_doomed(number_of(request.payload)) or self._chance.random() < 0.1:
            self._journal.say("raised", request.envelope_id)
            raise ArithmeticError
        self._journal.say("returned", request.envelope_id)


def number_of(payload: dict[str, Any]) -> int:
    """What the flow has numbered an envelope with."""
    number = payload.get("event", payload)["number"]
    assert isinstance(number, int)
    return number


async def live(life: Life) -> None:
    """Serve until killed, until it is time to close, or until told to end; then until nothing is left to be done."""
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    journal = Journal(life)
    logging.disable()  # The journal has what counts.
    async with AsyncWebClient(token=life.bot_token, base_url=life.api_url) as web:
        client = client_of(
            life,
            web_client=web,
            observers=[journal],
            chance=Hasty(life.seed),
            concurrency=life.concurrency,
        )
        client.socket_mode_request_listeners.append(Listener(journal, life))
        async with client:
            if life.close_after is None:
                await told.wait()
                await all_ended(client, journal)
            else:
                await asyncio.sleep(life.close_after)


async def all_ended(client: Any, journal: Journal) -> None:
    while True:
        journal.ended.clear()
        stats = await client.inbox.stats()
        if not stats.waiting + stats.delayed + stats.leased:
            return
        with contextlib.suppress(TimeoutError):  # A broken client may have said it too early.
            async with asyncio.timeout(0.1):
                await journal.ended.wait()
