from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.inbox.api import State
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import Sequence


def ids(told: Any, state: str) -> list[str]:
    return [shape["id"] for shape in told("list", state)]


def test_some_are_replayed(fill: Any, done: Any, told: Any) -> None:
    fill(4)
    assert done("replay", 1, 3) == "2 records replayed.\n"
    assert (ids(told, "dead"), ids(told, "stored")) == (["2", "4"], ["1", "3"])
    assert told("replay", 2) == [{"replayed": 1, "not_found": []}]


def test_those_that_are_not_dead_are_named(fill: Any, run: Any, failed: Any, told: Any) -> None:
    fill(2, 1)
    result = run("replay", 2, 3, 99, "none")
    assert (result.exit_code, result.stdout) == (1, "1 record replayed.\n")
    assert result.stderr == "Error: 3, 99, none are not dead in this inbox.\n"
    result = run("replay", 2, "--json")
    assert (result.exit_code, result.stdout) == (1, '{"replayed": 0, "not_found": ["2"]}\n')


def test_all_are_replayed(fill: Any, done: Any, told: Any) -> None:
    fill(1200, 1)
    assert done("replay", "--all") == "1,200 records replayed.\n"
    assert told("status")[0]["dead"] == 0
    assert told("status")[0]["waiting"] == 1201
    assert done("replay", "--all") == "0 records replayed.\n"


def test_or_those_that_are_chosen(fill: Any, told: Any) -> None:
    fill(3)
    assert told("replay", "--all", "--type", "slash_commands")[0]["replayed"] == 0
    assert told("replay", "--all", "--older-than", "1h")[0]["replayed"] == 0
    assert told("replay", "--all", "--type", "events_api", "--newer-than", "1h")[0]["replayed"] == 3


def test_what_fails_again_meanwhile_is_not_replayed_for_ever(
    fill: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a store where it has a new id, behind all others, and with a client that is fast."""
    fill(3)
    replay, listed = SqliteInbox.replay, SqliteInbox.list
    rounds = 0

    async def fails_again(inbox: SqliteInbox, which: Sequence[str] | None = None) -> int:
        replayed = await replay(inbox, which)
        await inbox.give_up(which or [], error="again")
        return replayed

    async def again(inbox: SqliteInbox, state: State, *, limit: int = 50, after: str = "") -> Any:
        nonlocal rounds
        rounds += 1
        return await listed(inbox, state, limit=limit) if rounds < 5 else []

    monkeypatch.setattr(SqliteInbox, "replay", fails_again)
    monkeypatch.setattr(SqliteInbox, "list", again)
    assert told("replay", "--all")[0]["replayed"] == 3


@pytest.mark.parametrize("args", [[], ["1", "--all"], ["1", "--type", "x"], ["1", "--older-than", "1h"]])
def test_it_has_to_be_said_which(fill: Any, failed: Any, args: list[str]) -> None:
    fill(1)
    code, said = failed("replay", *args)
    assert code == 2
    assert "--all" in said


def test_ctrl_c_stops_a_replay_and_says_how_far_it_came(
    fill: Any, run: Any, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(200)
    replay = SqliteInbox.replay
    calls = 0

    async def interrupted(inbox: SqliteInbox, which: Sequence[str] | None = None) -> int:
        nonlocal calls
        calls += 1
        if calls == 2:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        return await replay(inbox, which)

    with monkeypatch.context() as patch:
        patch.setattr(SqliteInbox, "replay", interrupted)
        result = run("replay", "--all")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "Stopped: 50 records replayed, the others are dead.\n"
    assert told("status")[0]["dead"] == 150
    assert told("replay", "--all")[0]["replayed"] == 150


def test_what_waits_is_buried(fill: Any, done: Any, told: Any, run: Any) -> None:
    fill(1, 3)
    assert done("bury", 2, 3, "--reason", "a storm of them") == "2 records buried.\n"
    assert [shape["error"] for shape in told("list", "dead")] == ["ValueError: no", *["a storm of them"] * 2]
    result = run("bury", 1, 4)
    assert (result.exit_code, result.stdout) == (1, "1 record buried.\n")
    assert result.stderr == "Error: 1 is not waiting in this inbox.\n"
    assert told("show", 4)[0]["error"] == "given up by a person"


def test_what_is_being_handled_is_left_alone(fill: Any, owner: Any, failed: Any, run: Any) -> None:
    fill(0, 1)

    async def work(inbox: SqliteInbox) -> None:
        await inbox.claim("ann")

    owner(work)
    assert run("bury", 1).stderr == "Error: 1 is not waiting in this inbox.\n"
    assert run("bury").exit_code == 2


def test_the_dead_are_purged(fill: Any, done: Any, told: Any) -> None:
    fill(3, 1)
    assert done("purge", "dead", "--older-than", "7d", "--yes") == "0 records purged.\n"
    assert told("purge", "dead", "--yes") == [{"purged": 3}]
    assert (ids(told, "dead"), ids(told, "stored"), ids(told, "done")) == ([], ["4"], ["1", "2", "3"])


def test_so_are_payloads_of_what_is_done(fill: Any, owner: Any, done: Any, told: Any) -> None:
    fill(0, 2)

    async def work(inbox: SqliteInbox) -> None:
        for lease in await inbox.claim("ann", limit=2):
            await inbox.done(lease)

    owner(work, keep_payload=True)
    assert told("show", 1)[0]["bytes"] == 16
    assert done("purge", "done", "--yes") == "2 records purged.\n"
    assert told("show", 1)[0]["bytes"] == 0


def test_with_nobody_to_ask_it_has_to_be_said(fill: Any, failed: Any, told: Any) -> None:
    fill(1)
    assert failed("purge", "dead") == (2, "Purging cannot be undone, and there is nobody to ask: give --yes.")
    assert told("status")[0]["dead"] == 1


def test_on_a_terminal_it_asks(fill: Any, terminal: Any, told: Any) -> None:
    fill(2)
    code, shown = terminal("purge", "dead", "--older-than", "0s", keys="n\n")
    assert code == 1
    assert "Erase the payloads of all that is dead, for good? [y/N]: " in shown
    assert "Aborted!" in shown
    assert told("status")[0]["dead"] == 2
    code, shown = terminal("purge", "dead", "--older-than", "1ms", keys="y\n")
    assert code == 0
    assert "dead and ended more than 0 s ago, for good?" in shown
    assert "2 records purged." in shown


def test_ctrl_c_stops_a_purge(fill: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)

    async def interrupted(_: SqliteInbox, state: State, *, older_than: float) -> int:
        assert (state, older_than) == (State.DEAD, 0.0)
        signal.raise_signal(signal.SIGINT)
        await asyncio.Event().wait()
        return 0

    monkeypatch.setattr(SqliteInbox, "purge", interrupted)
    result = run("purge", "dead", "--yes")
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr == "Stopped: some records may have been purged, the others are as before.\n"


@pytest.mark.parametrize(("state", "words"), [("dead", "2 of 2 purged"), ("done", "purging for 0 s")])
def test_a_purge_that_takes_long_shows_how_far_it_is(
    fill: Any, run: Any, monkeypatch: pytest.MonkeyPatch, state: str, words: str
) -> None:
    from tautwire.cli.inbox import progress, purging

    fill(2)
    purge = SqliteInbox.purge
    said: list[str] = []

    heard: list[asyncio.Event] = []

    def say(_: Any, words: str) -> None:
        said.append(words)
        heard[0].set()

    async def slow(inbox: SqliteInbox, state: State, *, older_than: float) -> int:
        heard.append(asyncio.Event())
        purged = await purge(inbox, state, older_than=older_than)
        await heard[0].wait()
        return purged

    monkeypatch.setattr(purging, "_PAUSE", 0.001)
    monkeypatch.setattr(progress.Progress, "say", say)
    monkeypatch.setattr(SqliteInbox, "purge", slow)
    assert run("purge", state, "--yes").exit_code == 0
    assert said[-1] == words
