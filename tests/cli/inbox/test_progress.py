from __future__ import annotations

import io
from typing import TYPE_CHECKING

from tautwire.cli.inbox.progress import Progress
from tautwire.testing.inbox import HandClock

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_is_rewritten_ten_times_a_second_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "40")
    clock, stream = HandClock(), Terminal()
    with Progress("replayed", 100_000, stream=stream, clock=clock) as progress:
        progress.add(500)
        assert stream.getvalue() == ""
        clock.move(0.2)
        progress.add(500)
        progress.add(500)
        assert stream.getvalue() == "\r\x1b[K1,000 of 100,000 replayed"
        clock.move(0.2)
        progress.say("x" * 100)
    assert progress.done == 1500
    assert stream.getvalue().endswith(f"\r\x1b[K{'x' * 38}…\r\x1b[K")


def test_more_than_were_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    clock, stream = HandClock(), Terminal()
    with Progress("exported", 2, stream=stream, clock=clock) as progress:
        clock.move(1.0)
        progress.add(3)
    assert "3 of 3 exported" in stream.getvalue()


def test_where_nothing_can_be_rewritten_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for stream, term in ((io.StringIO(), "xterm"), (Terminal(), "dumb")):
        monkeypatch.setenv("TERM", term)
        clock = HandClock()
        with Progress("replayed", 3, stream=stream, clock=clock) as progress:
            clock.move(1.0)
            progress.add(1)
        assert stream.getvalue() == ""
