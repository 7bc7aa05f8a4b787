"""One server for all tests of a process, and inboxes of their own on it."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING

import pytest

from natsservers import Server

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
