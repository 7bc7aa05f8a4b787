"""JetStream does what every inbox does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from tautwire.clock import SYSTEM_CLOCK
from tautwire.inbox.jetstream import JetStreamInbox
from tautwire.testing.inbox import InboxConformance

if TYPE_CHECKING:
    from collections.abc import Callable

    from natsservers import Server
    from tautwire.inbox.api import Inbox


class TestJetStreamInbox(InboxConformance):
    lease_seconds = 0.6
    #: Leases and retries are timed by the broker.
    is_time_ours = False
    #: A process that died is known by its lease, which ends.
    knows_the_dead = False
    #: A line is the order of the messages in a stream, and a replay is a new one.
    replays_in_place = False

    @pytest.fixture(autouse=True)
    def _server(self, server: Server, new_name: Callable[[], str]) -> None:
        self.server, self.new_name = server, new_name

    async def make(self, *, max_waiting: int) -> Inbox:
        return self._inbox(self.new_name(), max_waiting)

    async def restart(self, inbox: Inbox, *, max_waiting: int) -> Inbox:
        """What a killed process leaves is on the server; the inbox lives on, and nobody asks it any more."""
        return self._inbox(cast("JetStreamInbox", inbox).name, max_waiting)

    async def elapse(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def _inbox(self, name: str, max_waiting: int) -> JetStreamInbox:
        return JetStreamInbox(
            self.server.url,
            name=name,
            replicas=1,
            monitor=self.server.monitor,
            lease_seconds=self.lease_seconds,
            max_waiting=max_waiting,
            max_bytes=64 << 20,
            clock=SYSTEM_CLOCK,
        )
