"""One server for all tests of a process, and inboxes of their own on it."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Cluster, Server
from tautwire.inbox.jetstream import JetStreamInbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One that syncs each write."""
    server = Server(sync_interval="always")
    try:
        server.prepare()
        server.launch()
        asyncio.run(server.ready())
        yield server
    finally:
        server.close()


@pytest.fixture
def new_name() -> Callable[[], str]:
    """Names that no other test has."""
    return lambda: f"t{next(_NUMBERS)}"


@pytest.fixture
def inbox_on(new_name: Callable[[], str]) -> Callable[..., JetStreamInbox]:
    """Makes inboxes on a server; those of one test are the same one, as other processes would have it."""
    name = new_name()

    def make(server: Server | Cluster, **how: Any) -> JetStreamInbox:
        options: dict[str, Any] = {
            "name": name,
            "replicas": 1,
            "max_bytes": 16 << 20,
            "lease_seconds": 30.0,
            "monitor": [each.monitor for each in server] if isinstance(server, Cluster) else server.monitor,
        }
        return JetStreamInbox(server.urls, **(options | how))

    return make


@pytest.fixture
def new_inbox(server: Server, inbox_on: Callable[..., JetStreamInbox]) -> Callable[..., JetStreamInbox]:
    """The same on the server of all tests."""
    return lambda **how: inbox_on(server, **how)
