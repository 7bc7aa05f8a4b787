"""One such program: started, watched, ended. Nothing of this project runs inside it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import DEVNULL, STDOUT, create_subprocess_exec
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import pytest

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Awaitable

    from tautwire.local import LocalSlack

__all__ = ["GENERATIONS", "Client", "Program", "node", "python", "running"]

T = TypeVar("T")

HOME: Final = Path(__file__).parents[2] / "interop"
#: Slack's Node packages of today, and those before them.
GENERATIONS: Final = ("current", "previous")
#: Seconds to end in after SIGTERM; the slowest that ends in order needs a tenth of one.
FAREWELL: Final = 5.0


@dataclass(frozen=True, slots=True)
class Client:
    """A program on one kind of client: what to run, and what it needs around it besides Slack's addresses."""

    name: str
    command: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)
    #: Why it cannot run here, if so.
    absent: str = ""

    def __str__(self) -> str:
        return self.name


@dataclass(slots=True)
class Program:
    """It runs, and whatever it prints lands in `log`."""

    process: Process
    log: Path

    async def during(self, deed: Awaitable[T]) -> T:
        """`deed`'s outcome; an error with the program's own words when it ends before that, or the deed fails."""
        doing, ending = asyncio.ensure_future(deed), asyncio.ensure_future(self.process.wait())
        try:
            await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                return doing.result()
            raise AssertionError(f"the program ended with {ending.result()}")
        except Exception as failure:
            failure.add_note(f"--- what the program said\n{self.words}")
            raise
        finally:
            doing.cancel()
            ending.cancel()
            await asyncio.gather(doing, ending, return_exceptions=True)

    @property
    def words(self) -> str:
        """All that it has printed."""
        return self.log.read_text("utf-8", "replace")

    async def ended(self) -> int:
        """Wait for it to end by itself; its exit code."""
        return await self.process.wait()

    async def end(self) -> int:
        """SIGTERM, and its exit code; `AssertionError` when it is still there `FAREWELL` seconds later."""
        if self.process.returncode is None:
            self.process.terminate()
        try:
            async with asyncio.timeout(FAREWELL):
                return await self.process.wait()
        except TimeoutError:
            raise AssertionError(f"still there {FAREWELL:g} s after SIGTERM\n{self.words}") from None


@asynccontextmanager
async def running(client: Client, slack: LocalSlack, log: Path) -> AsyncIterator[Program]:
    """`client`'s program, told of `slack` as any program is: by its environment. It is gone in the end."""
    if client.absent:
        pytest.skip(client.absent)
    environ = {
        "PATH": os.environ.get("PATH", os.defpath),
        "PYTHONUNBUFFERED": "1",
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        **client.environ,
    }
    with log.open("wb") as output:
        process = await create_subprocess_exec(
            *client.command, stdin=DEVNULL, stdout=output, stderr=STDOUT, env=environ
        )
    program = Program(process, log)
    try:
        yield program
        assert await program.end() in (0, -signal.SIGTERM), program.words
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def python(script: str, *arguments: str) -> Client:
    """`tests/interop/python/<script>.py` in this environment's Python."""
    name = "-".join(("python", script, *arguments))
    return Client(name, (sys.executable, str(HOME / "python" / f"{script}.py"), *arguments))


def node(script: str, generation: str, **environ: str) -> Client:
    """`tests/interop/node/<script>.js`, on one of the `GENERATIONS` of Slack's packages."""
    home = HOME / "node" / generation
    packages = home / "node_modules"
    absent = ""
    if shutil.which("node") is None or not (packages / ".ready").is_file():
        needed = json.loads((home / "package.json").read_text("utf-8"))["engines"]["node"]
        absent = (
            f"Slack's Node packages ({generation}, Node {needed}) are not installed; `make node` does it, or says why"
        )
    return Client(
        f"node-{script}-{generation}",
        ("node", str(HOME / "node" / f"{script}.js")),
        {"NODE_PATH": str(packages), **environ},
        absent,
    )
