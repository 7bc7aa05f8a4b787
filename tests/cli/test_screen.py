"""What people see: on a terminal, in a file, without colour, and in words."""

from __future__ import annotations

import io

import pytest

from tautwire.cli.course import Pulse
from tautwire.cli.scoreboard import Gaps, Score
from tautwire.cli.screen import FOOTNOTE, Screen, length, table, verdict


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def pulse(elapsed: float, **more: object) -> Pulse:
    known: dict[str, object] = {
        "elapsed": elapsed,
        "seconds": 30.0,
        "sent": int(elapsed * 40),
        "acked": int(elapsed * 40),
        "outstanding": 0,
        "latency_p50": 0.0007,
        "latency_p99": 0.0154,
        "ready": 1,
        "trouble": "",
    }
    return Pulse(**(known | more))  # type: ignore[arg-type]


def scored(client: str = "tautwire 1.0", missed: int = 0) -> Score:
    return Score(
        client=client,
        seconds=30,
        sent=1200,
        sent_by_type={},
        kept=1100,
        missed=missed,
        late=0,
        swallowed=60,
        nobody=40,
        awaited=0,
        twice=0,
        redelivered=0,
        latency_p50=0.0007,
        latency_p99=0.0154,
        latency_max=0.1,
        without_connection=Gaps(refresh=0, drop=0.284, half_open=13.84, unasked=0, total=14.1),
        opens=11,
        connections=10,
        faults={"refresh": 4, "rate-limit": 1, "drop": 3, "half-open": 1},
    )


def test_a_terminal_has_one_line_that_lives() -> None:
    stream = Terminal()
    screen = Screen(stream, {})
    screen.show(pulse(1.0))
    screen.show(pulse(2.0, trouble="half-open", ready=0))
    screen.say("the end")
    assert "\n" not in stream.getvalue().rpartition("the end")[0]
    assert stream.getvalue().count("\r\x1b[K") == 3
    assert stream.getvalue().endswith("\r\x1b[Kthe end\n")
    assert " 40/s" in stream.getvalue()
    assert "0 open  half-open" in stream.getvalue()


def test_a_live_line_fits_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    Screen(stream, {}).show(pulse(2.0, trouble="x" * 90))
    assert len(stream.getvalue().removeprefix("\r\x1b[K")) == 39


@pytest.mark.parametrize("trouble", ["refresh, with a 429", "nobody connected", "dropped (close)"])
def test_a_live_line_fits_eighty_columns(trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    Screen(stream, {}).show(pulse(29.0, trouble=trouble, sent=12345, acked=12345))
    assert stream.getvalue().endswith(trouble)


def test_a_file_gets_a_line_every_five_seconds_and_no_escapes() -> None:
    stream = io.StringIO()
    screen = Screen(stream, {})
    for quarter in range(80):
        screen.show(pulse(quarter / 4))
    screen.wait("nothing to see")
    screen.say("fine", is_good=True)
    assert "\x1b" not in stream.getvalue()
    assert "\r" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 5


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour_is_for_terminals_that_want_it(environ: dict[str, str], expected: bool) -> None:
    stream = Terminal()
    Screen(stream, environ).say("good", is_good=True)
    assert ("\x1b[1;32m" in stream.getvalue()) is expected


def test_bad_news_are_red() -> None:
    stream = Terminal()
    Screen(stream, {}).say("bad", is_good=False)
    assert "\x1b[1;31mbad" in stream.getvalue()


def test_the_tail_says_what_it_waits_for() -> None:
    stream = io.StringIO()
    Screen(stream, {}).show(pulse(31.0, outstanding=12))
    assert stream.getvalue().rstrip().endswith("12 to come again")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0"), (0.0007, "0.7 ms"), (0.0154, "15 ms"), (0.284, "284 ms"), (0.9999, "1.0 s"), (13.84, "13.8 s")],
)
def test_lengths(seconds: float, words: str) -> None:
    assert length(seconds) == words


def test_the_table_has_a_column_for_each_client() -> None:
    lines = table([scored(), scored("another 3.47.0", missed=21)])
    rows = {line[:38].strip(): line[38:].split() for line in lines[1:]}
    assert rows["lost, and could have been kept"] == ["0", "21"]
    assert rows["at a planned refresh"] == ["0", "0"]
    assert rows["after a drop"] == ["284", "ms", "284", "ms"]
    assert rows["faults met: refresh, drop, half-open"] == ["5,", "3,", "1", "5,", "3,", "1"]
    assert len({len(line) for line in lines}) == 1
    assert all(len(line) <= 80 for line in (*lines, *FOOTNOTE.splitlines()))


def test_verdicts() -> None:
    assert verdict(scored(), was_stopped=False) == "tautwire lost nothing that it could have kept."
    assert verdict(scored(missed=3), was_stopped=False) == "tautwire lost 3 of 1200 that it could have kept."
    assert "until it was stopped" in verdict(scored(), was_stopped=True)
