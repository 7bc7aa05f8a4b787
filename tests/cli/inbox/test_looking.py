from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.inbox.api import Record

if TYPE_CHECKING:
    from tautwire.inbox.sqlite import SqliteInbox


def test_the_dead_are_listed_for_people(fill: Any, done: Any) -> None:
    fill(2, 1, error="ValueError: no\n  File one.py, line 3")
    head, *rows = done("list").splitlines()
    assert head.split() == ["ID", "TYPE", "STORED", "DEAD", "TRIES", "ERROR"]
    assert [row.split()[:2] for row in rows] == [["1", "events_api"], ["2", "events_api"]]
    assert all(row.endswith("s ago  0      ValueError: no") for row in rows)


def test_so_are_the_other_states(fill: Any, owner: Any, done: Any) -> None:
    fill(0, 3)

    async def work(inbox: SqliteInbox) -> None:
        one, two = await inbox.claim("ann", limit=2)
        await inbox.done(one)
        await inbox.retry(two, delay=600.0, error="again")

    owner(work)
    assert done("list").splitlines() == ["Nothing is dead."]
    assert done("list", "leased").splitlines() == ["Nothing is leased."]
    _, delayed, waiting = done("list", "stored").splitlines()
    assert "in 9 min  1      again" in delayed
    assert waiting.split()[0] == "3"
    assert done("list", "done").splitlines()[1].endswith("e-0")


def test_what_is_leased_shows_its_owner(fill: Any, owner: Any, done: Any) -> None:
    """Closed without a word, as by a crash: it is still leased for whoever looks."""
    fill(0, 1)

    async def work(inbox: SqliteInbox) -> None:
        await inbox.claim("ann 17")

    owner(work)
    head, row = done("list", "leased").splitlines()
    assert head.split()[-1] == "OWNER"
    assert row.endswith("  1      ann 17")


def test_pages(fill: Any, run: Any, told: Any) -> None:
    fill(5)
    first = run("list", "--limit", 2)
    assert first.stderr == "There are more: --after 2\n"
    assert [shape["id"] for shape in told("list", "--limit", 2, "--after", 2)] == ["3", "4"]
    assert [shape["id"] for shape in told("list", "--limit", 2, "--after", 4)] == ["5"]
    assert told("list", "--after", 5) == []


def test_choices(owner: Any, told: Any, done: Any) -> None:
    async def put(inbox: SqliteInbox) -> None:
        for number, kind in enumerate(("events_api", "slash_commands", "events_api", "block_actions")):
            await inbox.put(Record(key=f"k{number}", type=kind, envelope_id="e", payload=b"{}"))

    owner(put)

    def ids(*args: object) -> list[str]:
        return [shape["id"] for shape in told("list", "stored", *args)]

    assert ids("--type", "events_api") == ["1", "3"]
    assert ids("--type", "events_api", "--type", "block_actions", "--limit", 2) == ["1", "3"]
    assert ids("--newer-than", "1h") == ["1", "2", "3", "4"]
    assert ids("--older-than", "1h") == []
    assert done("list", "stored", "--older-than", "7d") == "Nothing is stored.\n"


def test_the_shape_for_programs(fill: Any, told: Any) -> None:
    fill(1, error="ValueError: \x1b[31mno\n  File one.py")
    (shape,) = told("list")
    stored_at, at = shape.pop("stored_at"), shape.pop("at")
    assert 0 < stored_at < at
    assert shape == {
        "id": "1",
        "state": "dead",
        "type": "events_api",
        "envelope_id": "e-0",
        "key": "A1/T1/Ev0",
        "group": "",
        "mode": "again",
        "attempt": 0,
        "owner": "",
        "error": "ValueError: \x1b[31mno\n  File one.py",
        "bytes": 16,
    }


@pytest.mark.parametrize("command", [("list",), ("show", "1"), ("status",)])
def test_nothing_but_show_and_export_tells_what_somebody_wrote(fill: Any, run: Any, command: Any) -> None:
    fill(1)
    for args in (command, (*command, "--json")):
        assert "hush" not in run(*args).output


def test_one_record_for_people(fill: Any, done: Any) -> None:
    fill(1, error="ValueError: \x1b[31mno\n  File one.py")
    text = done("show", 1)
    lines = dict(line.split(maxsplit=1) for line in text.splitlines() if not line.startswith((" ", "error")))
    assert lines["state"] == "dead"
    assert (lines["type"], lines["envelope"], lines["key"]) == ("events_api", "e-0", "A1/T1/Ev0")
    assert (lines["attempts"], lines["payload"]) == ("0", "16 bytes; --payload shows it")
    assert lines["stored"].endswith(" s ago)")
    assert text.endswith("error\n    ValueError: ·[31mno\n      File one.py\n")


def test_its_payload_where_it_is_asked_for(fill: Any, done: Any, told: Any) -> None:
    payload = {"text": "h\u00e9 \U0001f600 \x9b2J\u202e", "blocks": [1.5, None]}
    fill(1, payload=json.dumps(payload, ensure_ascii=False).encode())
    shown = done("show", 1, "--payload")
    assert '    {\n      "text": "h\u00e9 \U0001f600 ·2J·",\n      "blocks": [\n        1.5,\n' in shown
    (shape,) = told("show", 1, "--payload")
    assert shape["payload"] == payload


@pytest.mark.parametrize(
    ("payload", "shown", "base64"),
    [
        (b"\xff\x1b[2J nope", "    \\xff·[2J nope\n", "/xtbMkogbm9wZQ=="),
        (b"[NaN]", "    [NaN]\n", "W05hTl0="),
        (b"[" * 100_000, "[[[[", ""),
    ],
)
def test_a_payload_that_is_no_json(fill: Any, done: Any, told: Any, payload: bytes, shown: str, base64: str) -> None:
    fill(1, payload=payload)
    assert shown in done("show", 1, "--payload")
    (shape,) = told("show", 1, "--payload")
    assert shape["payload_base64"].startswith(base64)


def test_a_payload_that_is_half_a_character_and_one_that_is_huge(fill: Any, done: Any, told: Any) -> None:
    fill(1, payload=b'{"text": "\\ud83d", "rest": "%s"}' % (b"x" * 3_000_000))
    assert '"text": "·"' in done("show", 1, "--payload")
    (shape,) = told("show", 1, "--payload")
    assert shape["payload"]["text"] == "\ud83d"
    assert shape["bytes"] > 3_000_000


def test_one_that_is_done_has_none(fill: Any, owner: Any, done: Any, told: Any) -> None:
    fill(0, 1)

    async def work(inbox: SqliteInbox) -> None:
        await inbox.done((await inbox.claim("ann"))[0])

    owner(work)
    text = done("show", 1, "--payload")
    assert "payload   erased" in text
    (shape,) = told("show", 1, "--payload")
    assert (shape["payload"], shape["bytes"]) == (None, 0)


def test_a_group_and_an_owner_are_shown(owner: Any, done: Any) -> None:
    async def work(inbox: SqliteInbox) -> None:
        record = Record(key="k", type="events_api", envelope_id="e", payload=b"{}", group="channel C1")
        await inbox.put(record, owner="ann 17")

    owner(work)
    text = done("show", 1)
    assert "group       channel C1" in text
    assert "owner       ann 17" in text
    assert "lease ends  " in text


@pytest.mark.parametrize("which", ["99", "none", "0", "9" * 40, "\x1b[2J"])
def test_one_that_is_not_there(fill: Any, failed: Any, which: str) -> None:
    fill(1)
    shown = which.replace("\x1b", "·")
    assert failed("show", which) == (1, f"There is no record {shown} in this inbox.")


def test_a_narrow_terminal(fill: Any, terminal: Any) -> None:
    fill(1, error="ValueError: this is too long for any terminal that has forty columns")
    code, shown = terminal("list", columns=70)
    assert code == 0
    assert shown.splitlines()[1].endswith("…")
    for columns in (70, 50, 40, 30, 10):
        _, shown = terminal("list", columns=columns)
        widths = [len(line) for line in shown.splitlines()]
        assert max(widths) <= max(columns, 8), shown
    assert shown.startswith("ID  ")
