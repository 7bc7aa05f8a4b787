"""A program that runs as if it stood alone: it gets the signals that are meant for it, and its end is ours."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Mapping, Sequence
    from types import FrameType

__all__ = ["CannotRunError", "run"]

_HANDED_ON: Final = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)
]
#: What a terminal's keys send.
_KEYS: Final = frozenset(number for number in _HANDED_ON if number.name in ("SIGINT", "SIGQUIT"))


class CannotRunError(MistakeError):
    """The program could not be started. As in a shell, the exit code is 127 where there is none, else 126."""

    def __init__(self, program: str, error: OSError) -> None:
        super().__init__(f"cannot run {program!r}: {error.strerror}.")
        self.exit_code = 127 if isinstance(error, FileNotFoundError) else 126  # type: ignore[misc]  # click reads it from the instance


async def run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit code of this program; 128 + the number of the signal that killed it.

    Meanwhile `SIGINT`, `SIGTERM`, `SIGHUP` and `SIGQUIT` are handed on to it instead of ending this process. Cancelled,
    it kills the program. Main thread only.

    Raises:
        CannotRunError: it could not be started.
    """
    with _Relay() as relay:
        try:
            process = await asyncio.create_subprocess_exec(*command, env=environ)
        except OSError as error:
            raise CannotRunError(command[0], error) from None
        relay.attach(process)
        try:
            code = await process.wait()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return 128 - code if code < 0 else code


class _Relay:
    """Hands signals on for the time of a `with` block. What was ignored stays ignored, by the child as well."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._process: Process | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in _HANDED_ON:
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *_: object) -> None:
        while self._before:
            signal.signal(*self._before.popitem())

    def attach(self, process: Process) -> None:
        """Whose signals they are; what came before it was there is handed on now."""
        self._process = process
        for number in self._early:
            self._send(number)

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._loop.call_soon_threadsafe(self._pass_on, number)

    def _pass_on(self, number: int) -> None:
        if self._process is None:
            self._early.append(number)
        elif not (number in _KEYS and _is_at_the_keys()):
            self._send(number)

    def _send(self, number: int) -> None:
        with suppress(ProcessLookupError):
            if self._process is not None:
                self._process.send_signal(number)


def _is_at_the_keys() -> bool:
    """Whether a terminal's keys reach this process, for then they reach its child as well: twice is one too many."""
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except (OSError, AttributeError):
        return os.name == "nt"  # where every process of the console hears of Ctrl-C
