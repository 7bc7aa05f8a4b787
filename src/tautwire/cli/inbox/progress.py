"""How far a long errand is: a line on standard error that is rewritten, where that is a terminal."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, Final

from tautwire.cli.inbox.words import clipped
from tautwire.clock import SYSTEM_CLOCK

if TYPE_CHECKING:
    from typing import Self, TextIO

    from tautwire.clock import Clock

__all__ = ["Progress"]

_EVERY: Final = 0.1
_REWRITE: Final = "\r\x1b[K"


class Progress:
    """`what` has been done with so many of `total` records; the line is gone on leaving the `with` block."""

    def __init__(self, what: str, total: int, *, stream: TextIO | None = None, clock: Clock = SYSTEM_CLOCK) -> None:
        self._what, self._clock = what, clock
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self._next = clock.monotonic() + _EVERY
        self._is_shown = False
        #: How many there are, as far as that is known, and how many it was so far.
        self.total = total
        self.done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._write(_REWRITE)

    def add(self, number: int) -> None:
        """So many more."""
        self.reach(self.done + number)

    def reach(self, number: int) -> None:
        """So many in all."""
        self.done = number
        self.say(f"{self.done:,} of {max(self.total, self.done):,} {self._what}")

    def say(self, words: str) -> None:
        """Words for it, if it is time."""
        now = self._clock.monotonic()
        if self._is_terminal and now >= self._next:
            self._next, self._is_shown = now + _EVERY, True
            self._write(_REWRITE + clipped(words, shutil.get_terminal_size().columns - 1))

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
