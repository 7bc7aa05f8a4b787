"""Whose turn it is in a line, said as soon as it is known.

A record that was delivered before its turn goes back to the broker for a while. Whoever ends the one before it says so,
and every process that has sent one of that line back calls the oldest of them in again. Should nobody hear it, its
while passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.inbox.jetstream.names import group_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine
    from typing import Any

    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.names import Names
    from tautwire.inbox.jetstream.pulling import Puller

__all__ = ["Turns"]


class Turns:
    """What this process has sent back."""

    def __init__(
        self,
        broker: Broker,
        names: Names,
        workers: Puller,
        clock: Clock,
        spawn: Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]],
    ) -> None:
        self._broker, self._names, self._workers, self._clock, self._spawn = broker, names, workers, clock, spawn
        #: For each line, by place: where to call one in, and until when that is ours to do.
        self._lines: dict[str, dict[int, tuple[str, float]]] = {}
        #: How many were sent back, in all lines.
        self.waiting = 0

    def waits(self, group: str, seq: int, token: str, seconds: float) -> None:
        """One was sent back for so long."""
        self.came(group, seq)
        self._lines.setdefault(group_of(group), {})[seq] = (token, self._clock.monotonic() + seconds)
        self.waiting += 1

    def came(self, group: str, seq: int) -> None:
        """One was delivered again."""
        self._take(group_of(group), seq)

    def is_behind(self, group: str, seq: int) -> bool:
        """Whether one before it waits here, too. To ask the broker who is first takes it long where a line is."""
        now = self._clock.monotonic()
        line = self._lines.get(group_of(group), {})
        return any(other < seq and until > now for other, (_, until) in line.items())

    def _take(self, line: str, seq: int) -> tuple[str, float]:
        waiting = self._lines.get(line, {})
        if seq not in waiting:
            return "", 0.0
        self.waiting -= 1
        found = waiting.pop(seq)
        if not waiting:
            del self._lines[line]
        return found

    async def moved(self, group: str) -> None:
        """The first of a line has gone: call the next one in, and tell the others."""
        if group:
            await self._call(group_of(group))
            await self._broker.say(self._names.turn(group_of(group)))

    def heard(self, subject: str) -> None:
        """Somebody else says so."""
        self._spawn(self._call(subject.rpartition(".")[2]))

    async def _call(self, line: str) -> None:
        now = self._clock.monotonic()
        while waiting := self._lines.get(line):
            token, until = self._take(line, min(waiting))
            if until > now:
                await self._workers.nak(token)
                return
