from __future__ import annotations

from datetime import UTC

import pytest

from tautwire.cli.inbox.words import age, bytes_, clipped, count, moment, printable, table


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "0 s"), (0.9, "0 s"), (42, "42 s"), (119, "119 s"), (120, "2 min"), (200, "3 min"), (7199, "119 min"),
        (7200, "2 h"), (108_000, "30 h"), (172_800, "2 d"), (1_036_800, "12 d"),
    ],
)  # fmt: skip
def test_an_age(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_sizes_and_counts() -> None:
    assert [bytes_(size) for size in (0, 999, 2345, 47_400_000, 3e9)] == [
        "0 bytes", "999 bytes", "2.3 kB", "47.4 MB", "3.0 GB",
    ]  # fmt: skip
    assert (count(1, "record", "records"), count(1234, "record", "records")) == ("1 record", "1,234 records")


def test_a_moment() -> None:
    assert moment(0.0, UTC) == "1970-01-01 00:00:00 +0000"
    assert moment(1e300) == "at no time"


def test_what_could_move_a_terminal_is_not_written() -> None:
    assert printable("a\x1b[2J\x9b\u202e\tb\nc") == "a·[2J·· b c"
    assert printable("\U0001f469\u200d\U0001f680") == "\U0001f469\u200d\U0001f680"


def test_columns_are_aligned() -> None:
    assert table(("A", "B"), [("1", "x"), ("10", "y\x1b")]) == ["A   B", "1   x", "10  y·"]
    assert table(("A", "B"), [("\u65e5\u672c", "x"), ("e\u0301", "y")]) == [
        "A     B",
        "\u65e5\u672c  x",
        "e\u0301     y",
    ]
    assert table(("A", "B"), []) == ["A  B"]


def test_a_table_fits() -> None:
    rows = [("1", "events_api", "3 min ago", "ValueError: the handler failed")]
    heads = ("ID", "TYPE", "STORED", "ERROR")
    assert table(heads, rows, 200) == table(heads, rows)
    assert table(heads, rows, 40)[1] == "1   events_api  3 min ago  ValueError: …"
    assert table(heads, rows, 30) == ["ID  TYPE        ERROR", "1   events_api  ValueError: t…"]
    assert table(heads, rows, 20) == ["ID  ERROR", "1   ValueError: the…"]
    assert table(heads, rows, 3) == ["ID  …", "1   …"]


def test_what_is_cut_says_so() -> None:
    assert clipped("abc", 3) == "abc"
    assert clipped("abcd", 3) == "ab…"
    assert clipped("\u65e5\u672c\u8a9e", 5) == "\u65e5\u672c…"
    assert clipped("\u65e5\u672c\u8a9e", 4) == "\u65e5…"
