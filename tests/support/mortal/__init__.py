"""Clients with an inbox that are killed while a local Slack sends to them, again and again.

`Nursery` is a process that has everything imported and forks a client for each `Life`, which takes milliseconds instead
of the half second that a new interpreter does; it kills the client with `SIGKILL` when its time has come. What a client
does it writes into a journal, a line in one write: the file has it whatever becomes of the client. A line is

    <life> <what> <envelope id>

where `begun`, `returned` and `raised` are a listener's, `gone` is the end of a life, and everything else is the name of
a fact, written after what it tells is so.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from tautwire.inbox.rules import LEASE_SECONDS

if TYPE_CHECKING:
    from typing import Self

    from _typeshed import DataclassInstance

__all__ = ["ANSWER", "CONCURRENCY", "Life", "Nursery", "is_doomed"]

#: Listeners of a client that run at a time: few, so that much of what comes has to wait in the store.
CONCURRENCY = 20
#: What the listener answers inside an ack, where that is read.
ANSWER = {"response_action": "clear"}


def is_doomed(number: int) -> bool:
    """Whether the listener raises on this envelope each time."""
    return number % 25 == 7


@dataclass(frozen=True, kw_only=True)
class Life:
    """One client, from its start to its death `kill_after` seconds later; without those it ends when it is told to.

    It closes itself after `close_after` seconds, if it lives that long. Its listeners are `slow` times as slow as they
    usually are. `flaw` names something that is broken in it, and has to be noticed; see `mortal.broken`.
    """

    api_url: str
    app_token: str
    bot_token: str
    path: str
    journal: str
    number: int
    seed: int
    kill_after: float | None = None
    close_after: float | None = None
    lease_seconds: float = LEASE_SECONDS
    slow: float = 1.0
    concurrency: int = CONCURRENCY
    flaw: str = ""


class Nursery:
    """Has one client at a time. `package` is whose `__main__` raises it, with lives of its own kind."""

    def __init__(self, package: str = "mortal") -> None:
        self._package = package
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            self._package,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.communicate()

    async def bear(self, life: DataclassInstance) -> int:
        """Let a client begin its life; returns its process id."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(life)).encode() + b"\n")
        return int(await self._hear("born"))

    async def bury(self) -> int:
        """Wait for the end of its life; returns the exit code."""
        return int(await self._hear("gone"))

    async def _hear(self, what: str) -> str:
        assert self._process is not None
        assert self._process.stdout is not None
        word, _, rest = (await self._process.stdout.readline()).decode().strip().partition(" ")
        assert word == what, f"the nursery said {word!r} instead of {what!r}"
        return rest
