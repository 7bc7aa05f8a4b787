"""What the demo shows: a line that lives while it runs, then a table and a verdict. Plain text.

On a terminal the line is rewritten in place and the verdict has a colour, unless `NO_COLOR` is set; elsewhere a line
is added every five seconds, and there is no escape sequence anywhere.
"""

from __future__ import annotations

import os
import shutil
from collections import deque
from typing import TYPE_CHECKING, Final

from tautwire.cli.timetable import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TextIO

    from tautwire.cli.course import Pulse
    from tautwire.cli.scoreboard import Score

__all__ = ["FOOTNOTE", "Screen", "length", "table", "verdict"]

#: What the table's figures need to be understood.
FOOTNOTE: Final = """\
* Commands and clicks come once: what goes into a broken connection, or finds
  nobody connected, is gone; the sooner a client is back, the less it is.
  Events come again, here 1, 4 and 10 s after the missed deadline (Slack: at
  once, 1 and 5 min). Opening a connection takes 0.3 s, as across a network.
  A fault meets only a client that is connected when it strikes."""

#: Seconds over which the live line's rate is taken, and between two lines where nothing can be rewritten.
_RATE_SPAN: Final = 2.0
_LINE_EVERY: Final = 5.0
_REWRITE: Final = "\r\x1b[K"


class Screen:
    """One stream, and what is on it."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str] = os.environ) -> None:
        self._stream = stream
        self._is_terminal = stream.isatty() and environ.get("TERM") != "dumb"
        self._has_colour = self._is_terminal and not environ.get("NO_COLOR")
        self._recent: deque[Pulse] = deque()
        self._next_line = 0.0
        self._is_line_open = False

    def show(self, pulse: Pulse) -> None:
        """The live line, as of now."""
        self._recent.append(pulse)
        while pulse.elapsed - self._recent[0].elapsed > _RATE_SPAN:
            self._recent.popleft()
        self._live(_words(pulse, self._rate()), pulse.elapsed)

    def wait(self, words: str) -> None:
        """A live line that says what is being waited for."""
        if self._is_terminal:
            self._live(words, 0.0)

    def say(self, text: str = "", *, is_good: bool | None = None) -> None:
        """A line that stays; `is_good` gives it green, or red."""
        self._close_line()
        if is_good is not None and self._has_colour:
            text = f"\x1b[1;{32 if is_good else 31}m{text}\x1b[0m"
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def _live(self, words: str, elapsed: float) -> None:
        if self._is_terminal:
            width = shutil.get_terminal_size().columns - 1
            self._stream.write(f"{_REWRITE}{words[:width]}")
            self._stream.flush()
            self._is_line_open = True
        elif elapsed >= self._next_line:
            self._next_line += _LINE_EVERY
            self.say(words)

    def _close_line(self) -> None:
        if self._is_line_open:
            self._stream.write(_REWRITE)
            self._is_line_open = False

    def _rate(self) -> float:
        first, last = self._recent[0], self._recent[-1]
        span = last.elapsed - first.elapsed
        return (last.sent - first.sent) / span if span else 0.0


def _words(pulse: Pulse, rate: float) -> str:
    trouble = pulse.trouble
    if pulse.elapsed > pulse.seconds and pulse.outstanding and not trouble:
        trouble = f"{pulse.outstanding} to come again"
    return "  ".join(
        (
            f"{pulse.elapsed:5.1f} s",
            f"{rate:3.0f}/s",
            f"{pulse.acked:5d} acked",
            f"p50 {length(pulse.latency_p50)} p99 {length(pulse.latency_p99)}",
            f"{pulse.ready} open",
            trouble,
        )
    ).rstrip()


def length(seconds: float) -> str:
    """A length of time for people: `0`, `0.7 ms`, `284 ms`, `13.8 s`."""
    if seconds == 0:
        return "0"
    if seconds < 0.01:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def _faults(score: Score) -> str:
    known = score.faults
    refreshes = sum(known.get(trouble.value, 0) for trouble in Trouble if trouble.is_refresh)
    return f"{refreshes}, {known.get(Trouble.DROP.value, 0)}, {known.get(Trouble.HALF_OPEN.value, 0)}"


_ROWS: Final[tuple[tuple[str, Callable[[Score], str]], ...]] = (
    ("sent", lambda score: str(score.sent)),
    ("acked in time", lambda score: str(score.kept)),
    ("lost, and could have been kept", lambda score: str(score.missed)),
    ("lost in a dead connection *", lambda score: str(score.swallowed)),
    ("lost with nobody connected *", lambda score: str(score.nobody)),
    ("not back from redelivery yet", lambda score: str(score.awaited)),
    ("handled twice", lambda score: str(score.twice)),
    ("ack latency: median", lambda score: length(score.latency_p50)),
    ("ack latency: 99th percentile", lambda score: length(score.latency_p99)),
    ("longest without a connection", lambda score: length(score.without_connection.longest)),
    ("  at a planned refresh", lambda score: length(score.without_connection.refresh)),
    ("  after a drop", lambda score: length(score.without_connection.drop)),
    ("  until a half-open one was noticed", lambda score: length(score.without_connection.half_open)),
    ("connections asked for", lambda score: str(score.opens)),
    ("faults met: refresh, drop, half-open", _faults),
)


def table(scores: list[Score]) -> list[str]:
    """One row for each figure, one column for each client."""
    columns = [[score.client, *(read(score) for _, read in _ROWS)] for score in scores]
    labels = ["", *(label for label, _ in _ROWS)]
    widths = [max(map(len, column)) for column in columns]
    left = max(map(len, labels))
    return [
        "   ".join(
            (label.ljust(left), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))
        ).rstrip()
        for label, *cells in zip(labels, *columns, strict=True)
    ]


def verdict(score: Score, *, was_stopped: bool) -> str:
    """The one sentence that counts."""
    name = score.client.partition(" ")[0]
    until = f" in the {score.seconds:.0f} s until it was stopped" if was_stopped else ""
    if score.is_clean:
        return f"{name} lost nothing that it could have kept{until}."
    return f"{name} lost {score.missed} of {score.sent} that it could have kept{until}."
