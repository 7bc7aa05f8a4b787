"""The faults and the user's whims, each by its name."""

from __future__ import annotations

import asyncio
from random import Random
from typing import TYPE_CHECKING

from tautwire.errors import ClientClosedError, FatalConnectionError, NotConnectedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from simulated.life import Life
    from simulated.wire import Wire

__all__ = ["Actions"]


class Actions:
    """Makes things happen to one life."""

    def __init__(self, life: Life) -> None:
        self.chance = Random(f"{life.seed} actions")
        #: Whether the user has disconnected and not connected again.
        self.is_down = False
        self._life = life
        self._world = life.world
        self._slack = life.slack
        self._tasks: set[asyncio.Task[None]] = set()

    def happen(self, kind: str) -> None:
        """Let it happen."""
        self._life.oracle.note("fault", kind)
        getattr(self, f"_{kind}")()

    async def connect(self) -> None:
        """`connect()`, as the user calls it."""
        self._life.oracle.on_user("connect")
        await self._life.client.connect()
        self._life.oracle.on_user_done("connect")

    async def finish(self) -> None:
        """Wait for what the user has begun; after `close()` all of it has to come back."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _pick(self) -> Wire | None:
        wires = self._slack.open
        return self.chance.choice(wires) if wires else None

    def _on_one(self, name: str) -> None:
        if (wire := self._pick()) is not None:
            getattr(self._slack, name)(wire)

    # What Slack and the network do.

    def _warning(self) -> None:
        self._on_one("renew")

    def _refresh(self) -> None:
        self._on_one("refresh")

    def _close(self) -> None:
        self._on_one("close")

    def _reset(self) -> None:
        self._on_one("reset")

    def _fin(self) -> None:
        self._on_one("fin")

    def _half_open(self) -> None:
        self._on_one("go_silent")

    def _deaf(self) -> None:
        """Only what Slack sends gets lost."""
        if (wire := self._pick()) is not None:
            wire.is_deaf = True

    def _mute(self) -> None:
        """Only what the client sends gets lost."""
        if (wire := self._pick()) is not None:
            wire.is_mute = True
            self._world.after(self.chance.uniform(20.0, 60.0), self._slack.reset, wire)

    def _stall(self) -> None:
        if (wire := self._pick()) is not None:
            wire.stall()
            self._world.after(self.chance.choice([0.5, 2.0, 5.0, 20.0]), wire.flow)

    def _slow(self) -> None:
        if (wire := self._pick()) is not None:
            usual, wire.latency = wire.latency, self.chance.choice([1.0, 4.0, 12.0])
            self._world.after(self.chance.uniform(1.0, 20.0), setattr, wire, "latency", usual)

    def _strange(self) -> None:
        if (wire := self._pick()) is not None:
            self._slack.say(wire, "because")
            self._world.after(5.0, self._slack.close, wire)

    def _twice(self) -> None:
        if (wire := self._pick()) is not None:
            self._slack.say(wire, "warning")
            self._slack.say(wire, "warning")
            self._world.after(0.1, self._slack.refresh, wire)

    def _noise(self) -> None:
        self._on_one("strange")

    def _too_many(self) -> None:
        if (wire := self._pick()) is not None:
            self._slack.say(wire, "too_many_websockets")
            self._world.after(0.5, self._slack.close, wire)

    def _blow(self) -> None:
        """Everything at once."""
        kind = self.chance.choice(["reset", "go_silent", "fin", "close"])
        for wire in self._slack.open:
            getattr(self._slack, kind)(wire)

    def _others(self) -> None:
        """Other processes of the same app come and go."""
        self._slack.others = self.chance.choice([0, 7, 8, 9, 10])

    def _duplicate(self) -> None:
        self._slack.duplicate()

    def _burst(self) -> None:
        for _ in range(self.chance.randrange(5, 30)):
            self._slack.post()

    def _fatal(self) -> None:
        self._life.api.verdict = "fatal"

    def _disabled(self) -> None:
        """Somebody switches Socket Mode off."""
        self._life.api.verdict = "fatal"
        for wire in self._slack.open:
            self._slack.say(wire, "link_disabled")
            self._world.after(5.0, self._slack.close, wire)

    # What happens to the machine.

    def _freeze(self) -> None:
        self._world.freeze(self.chance.choice([0.5, 3.0, 12.0, 30.0, 90.0]), asleep=False)

    def _sleep(self) -> None:
        self._world.freeze(self.chance.choice([5.0, 60.0, 300.0]), asleep=True)

    def _step(self) -> None:
        self._world.step_wall(self.chance.choice([-1, 1]) * self.chance.choice([0.5, 40.0, 3600.0, 86_400.0]))

    # What the user does.

    def _spawn(self, do: Callable[[], Awaitable[None]]) -> None:
        self._life.loop.call_soon(self._begin, do)

    def _begin(self, do: Callable[[], Awaitable[None]]) -> None:
        if self._life.is_closing:
            return
        task = self._life.loop.create_task(self._guard(do), name="a user's call")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guard(self, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await do()
        except (NotConnectedError, ClientClosedError, FatalConnectionError) as error:
            self._life.oracle.note("user", "got", error)

    def _rotate(self) -> None:
        self._spawn(self._do_rotate)

    async def _do_rotate(self) -> None:
        if self.is_down:
            return
        self._life.oracle.on_user("rotate")
        try:
            await self._life.client.connect_to_new_endpoint(force=True)
        finally:
            self._life.oracle.on_user_done("rotate")

    def _reconnect(self) -> None:
        self._spawn(self._do_reconnect)

    async def _do_reconnect(self) -> None:
        if self.is_down or self._life.scenario.uses_run:
            return
        self.is_down = True
        self._life.oracle.on_user("disconnect")
        await self._life.client.disconnect()
        self._life.oracle.on_user_done("disconnect")
        await asyncio.sleep(self.chance.choice([0.0, 1.0, 10.0]))
        if not self._life.is_closing:
            self.is_down = False
            await self.connect()

    def _send(self) -> None:
        self._spawn(lambda: self._life.client.send_message('{"hello":"from a user"}'))

    def _enqueue(self) -> None:
        words = self.chance.choice(['{"type":"events_api","envelope_id":"own","payload":{}}', "[", '{"type":"hello"}'])
        self._spawn(lambda: self._life.client.enqueue_message(words))
