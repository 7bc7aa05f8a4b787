from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.cli.inbox.status import _rows, problems_of
from tautwire.inbox.api import Mode, Record, Stats
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from pathlib import Path


def test_it_counts_for_people(fill: Any, done: Any, path: Path) -> None:
    fill(2, 3)
    lines = dict(line.split(maxsplit=1) for line in done("status").splitlines())
    assert lines["inbox"] == str(path)
    assert (lines["waiting"], lines["delayed"], lines["leased"]) == ("3", "0", "0")
    assert (lines["done"], lines["dead"]) == ("0", "2")
    assert lines["in"].startswith("all   3 of 6, the oldest stored ")
    assert lines["so"] == "far   5 stored, 0 duplicates, 0 retries"
    assert lines["size"].endswith(" kB")


def test_it_tells_how_slow_the_disk_is() -> None:
    assert dict(_rows(Stats(commit_seconds=0.0123)))["commits"] == "12.3 ms for the slowest of the last 1,000"
    assert "commits" not in dict(_rows(Stats()))


def test_an_empty_one_has_less_to_say(owner: Any, done: Any) -> None:
    async def nothing(inbox: SqliteInbox) -> None:
        await inbox.stats()

    owner(nothing)
    assert "oldest" not in done("status")


def test_it_counts_for_programs(fill: Any, told: Any, path: Path) -> None:
    fill(2, 3)
    (shape,) = told("status")
    assert shape["inbox"] == str(path)
    assert [shape[name] for name in ("waiting", "delayed", "leased", "done", "dead")] == [3, 0, 0, 0, 2]
    assert (shape["stored"], shape["duplicates"], shape["retried"], shape["problems"]) == (5, 0, 0, [])
    assert shape["oldest"] > 0
    assert set(shape) == {"inbox", "at", "details", "problems", *_names(Stats)}


def _names(kind: Any) -> set[str]:
    return set(kind.__dataclass_fields__)


def test_all_is_well_within_the_limits(fill: Any, done: Any) -> None:
    fill(2, 3)
    assert done("status", "--max-dead", 2, "--max-waiting", 3, "--max-oldest", "1h") == done("status")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (["--max-dead", 1], "2 dead, where 1 may be"),
        (["--max-waiting", 0], "3 waiting, where 0 may be"),
        (["--max-dead", 0, "--max-waiting", 2], "2 dead, where 0 may be; 3 waiting, where 2 may be"),
    ],
)
def test_beyond_a_limit_it_fails(fill: Any, run: Any, failed: Any, limits: list[object], said: str) -> None:
    fill(2, 3)
    assert failed("status", *limits) == (1, f"The inbox is not well: {said}.")
    result = run("status", *limits, "--json")
    assert result.exit_code == 1
    assert '"problems": ["' in result.stdout


def test_the_oldest_may_be_so_old() -> None:
    stats = Stats(oldest=400.0)
    assert problems_of(stats, max_oldest=300.0) == ["the oldest was stored 6 min ago, where 5 min may be"]
    assert problems_of(stats, max_oldest=400.0) == []


def test_it_looks_on_until_ctrl_c(fill: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(2)
    looks = 0
    stats = SqliteInbox.stats

    async def counted(inbox: SqliteInbox) -> Stats:
        nonlocal looks
        looks += 1
        if looks == 3:
            signal.raise_signal(signal.SIGINT)
        return await stats(inbox)

    monkeypatch.setattr(SqliteInbox, "stats", counted)
    result = run("status", "--watch", "1ms", "--json")
    assert (result.exit_code, result.stdout.count("\n")) == (130, 2)
    looks = 0
    assert run("status", "--watch", "1ms").stdout.count("dead ") == 2


def test_it_does_not_look_on_and_fail(failed: Any) -> None:
    code, said = failed("status", "--watch", "1s", "--max-dead", 0)
    assert code == 2
    assert said.startswith("--watch goes on for ever")


def test_it_does_not_look_without_a_pause(failed: Any) -> None:
    code, said = failed("status", "--watch", "0")
    assert (code, said) == (2, "--watch without a pause would only keep the inbox busy: give it 2s, say.")


def test_what_waits_for_its_ack_is_delayed(owner: Any, told: Any) -> None:
    async def put(inbox: SqliteInbox) -> None:
        await inbox.put(Record(key="k", type="slash_commands", envelope_id="e", payload=b"{}", mode=Mode.ONCE_ACKED))

    owner(put)
    (shape,) = told("status")
    assert (shape["waiting"], shape["delayed"]) == (0, 1)
