"""The same run by slack_sdk's client, in a process of its own, so that neither client is measured under the other.

The parent writes the settings to the child's standard input and keeps it open; its end, by the parent's will or by its
death, is the sign to stop. The child's one line of output is its score, or why there is none.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from tautwire.cli.contestants import SLACK_SDK, Contestant, slack_sdk_version
from tautwire.cli.course import Course, DemoError
from tautwire.cli.scoreboard import Score, score
from tautwire.cli.timetable import Trouble, timetable
from tautwire.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from asyncio.subprocess import Process

__all__ = ["Child", "Settings", "run_rival"]

#: Seconds that a child gets to come to its end once it is told to.
_LAST_STEPS: Final = 20.0


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What decides a run. `faults` are names of `Trouble`."""

    seconds: float
    rate: float
    faults: tuple[str, ...]
    seed: int
    connections: int = 1

    def course(self, contestant: Contestant, stop: asyncio.Event) -> Course:
        """The run of `contestant` by these settings; the same for every contestant."""
        table = timetable(self.seconds, self.rate, frozenset(map(Trouble, self.faults)), self.seed)
        return Course(contestant, table, seed=self.seed, connections=self.connections, stop=stop)


class _Answer(msgspec.Struct):
    score: Score | None = None
    problem: str = ""


class Child:
    """The process, for one who cannot wait for its end."""

    def __init__(self) -> None:
        self.process: Process | None = None

    def kill(self) -> None:
        """At once, in whatever state it is; does nothing before it is there, or after its end."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()


async def run_rival(settings: Settings, stop: asyncio.Event, child: Child | None = None) -> Score:
    """The other client's figures; with `stop` set, those so far. `child` holds the process while it runs.

    Raises:
        DemoError: it could not be measured; the text says why.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__,
        # A group of its own: Ctrl-C would reach it in the middle of its imports. On Windows this does nothing.
        process_group=0,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if child is not None:
        child.process = process
    stopper = asyncio.create_task(_tell_to_stop(process, stop))
    try:
        assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - both are pipes, see above
        process.stdin.write(msgspec.json.encode(settings) + b"\n")
        said = await process.stdout.read()
        return _understand(said)
    finally:
        stopper.cancel()
        await asyncio.gather(stopper, return_exceptions=True)
        await _end(process)


async def _tell_to_stop(process: Process, stop: asyncio.Event) -> None:
    await stop.wait()
    if process.stdin is not None:
        process.stdin.close()
    await SYSTEM_CLOCK.sleep(_LAST_STEPS)
    process.kill()


async def _end(process: Process) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.returncode is None:
        try:
            async with asyncio.timeout(1):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def _understand(said: bytes) -> Score:
    try:
        answer = msgspec.json.decode(said, type=_Answer)
    except msgspec.MsgspecError:
        raise DemoError("slack_sdk's client ended without a word") from None
    if answer.score is None:
        raise DemoError(answer.problem)
    return answer.score


# The child's side


async def _child(settings: Settings) -> Score:
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    threading.Thread(target=_watch_input, args=(loop, stop), daemon=True).start()
    contestant = Contestant(f"{SLACK_SDK.name} {slack_sdk_version()}", SLACK_SDK.serve)
    return score(await settings.course(contestant, stop).run())


def _watch_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # Not through sys.stdin, whose lock this thread would still hold when the interpreter shuts down.
    while os.read(0, 4096):
        pass
    try:
        loop.call_soon_threadsafe(stop.set)
    except RuntimeError:
        return  # the loop is closed, so the run is over


def _read_line() -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(0, 1)
        if not byte:
            break
        line += byte
    return line


def main() -> None:
    """Run as told on standard input."""
    # This process ends when its parent says so, and not by a Ctrl-C that is meant for the parent.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        settings = msgspec.json.decode(_read_line(), type=Settings)
        answer = _Answer(score=asyncio.run(_child(settings)))
    except Exception as error:  # noqa: BLE001 - another library's errors; the parent shows them in its own words
        answer = _Answer(problem=f"slack_sdk's client could not be measured: {type(error).__name__}: {error}")
    os.write(1, msgspec.json.encode(answer))


if __name__ == "__main__":
    main()
