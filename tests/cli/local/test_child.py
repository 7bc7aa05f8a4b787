"""The child's life: its end is ours, and so are its signals."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tautwire.cli.local import child
from tautwire.cli.local.child import CannotRunError, run

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")

#: Says that it is ready, ends by the signal that it is told of, and with a code that says so.
WAITER = """
import signal, socket, sys

def leave(number, frame):
    sys.exit(number + 40)

for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"):
    signal.signal(getattr(signal, name), leave)
socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
while True:
    signal.pause()
"""

#: Says who it is, and does not listen to anybody.
DEAF = """
import os, signal, socket, sys

signal.signal(signal.SIGTERM, signal.SIG_IGN)
with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as caller:
    caller.sendall(str(os.getpid()).encode())
while True:
    signal.pause()
"""

#: Says which of the signals are ignored where it starts.
TELL = """
import signal, sys
sys.exit(sum(signal.getsignal(number) is signal.SIG_IGN for number in (1, 2, 3, 15)))
"""


def python(program: str, *args: str) -> list[str]:
    return [sys.executable, "-c", program, *args]


class Calls:
    """A port that programs call when they are ready; each says a line, if it likes."""

    def __init__(self) -> None:
        self.port = 0
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    async def next(self) -> str:
        async with asyncio.timeout(60):
            return await self._lines.get()

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._lines.put_nowait((await reader.read()).decode())
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def calls() -> AsyncIterator[Calls]:
    here = Calls()
    async with await asyncio.start_server(here.take, "127.0.0.1", 0) as server:
        here.port = server.sockets[0].getsockname()[1]
        yield here


@pytest.mark.parametrize("code", [0, 3, 255])
async def test_its_exit_code_is_the_answer(code: int) -> None:
    assert await run(["sh", "-c", f"exit {code}"], os.environ) == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_a_signal_that_killed_it_is_the_answer(number: int) -> None:
    assert await run(["sh", "-c", f"kill -{number} $$"], os.environ) == 128 + number


async def test_it_sees_the_environment_that_it_is_given() -> None:
    assert await run(["sh", "-c", 'test "$WORD" = yes && test -z "$HOME"'], {"WORD": "yes", "PATH": os.defpath}) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
async def test_signals_are_handed_on(number: int, calls: Calls, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_is_at_the_keys", lambda: False)
    before = signal.getsignal(number)
    running = asyncio.create_task(run(python(WAITER, str(calls.port)), os.environ))
    await calls.next()
    async with asyncio.timeout(60):
        os.kill(os.getpid(), number)
        assert await running == number + 40
    assert signal.getsignal(number) is before


async def test_a_key_that_the_terminal_has_told_the_child_of_is_not_pressed_twice(
    calls: Calls, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_is_at_the_keys", lambda: True)
    running = asyncio.create_task(run(python(WAITER, str(calls.port)), os.environ))
    await calls.next()
    async with asyncio.timeout(60):
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGQUIT)
        os.kill(os.getpid(), signal.SIGTERM)
        assert await running == signal.SIGTERM + 40


async def test_a_signal_that_came_too_early_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    real = asyncio.create_subprocess_exec

    async def slow(*command: str, **more: object) -> asyncio.subprocess.Process:
        told = asyncio.Event()
        os.kill(os.getpid(), signal.SIGTERM)
        asyncio.get_running_loop().call_soon(told.set)
        await told.wait()
        return await real(*command, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slow)
    assert await run(["sh", "-c", "while :; do sleep 60; done"], os.environ) == 128 + signal.SIGTERM


async def test_what_is_ignored_here_is_ignored_there() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert await run(python(TELL), os.environ) == 1
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_cancelled_it_leaves_nobody_behind(calls: Calls) -> None:
    running = asyncio.create_task(run(python(DEAF, str(calls.port)), os.environ))
    pid = int(await calls.next())
    os.kill(pid, 0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize(
    ("make", "code", "reason"),
    [
        (lambda path: None, 127, "No such file or directory"),
        (lambda path: path.write_text("#!/bin/sh\n", "utf-8"), 126, "Permission denied"),
        (lambda path: path.mkdir(), 126, "Permission denied"),
        (lambda path: (path.write_bytes(b"\x7fELF, or not"), path.chmod(0o755)), 126, "Exec format error"),
    ],
)
async def test_what_cannot_run_is_said_so(
    make: Callable[[Path], object], code: int, reason: str, tmp_path: Path
) -> None:
    make(tmp_path / "program")
    with pytest.raises(CannotRunError) as caught:
        await run([str(tmp_path / "program"), "argument"], os.environ)
    assert (caught.value.exit_code, caught.value.message) == (code, f"cannot run '{tmp_path}/program': {reason}.")


def test_without_a_terminal_nobody_is_at_the_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_terminal(_: Path, __: str) -> None:
        raise OSError(6, "No such device or address")

    monkeypatch.setattr(Path, "open", no_terminal)
    assert not child._is_at_the_keys()
