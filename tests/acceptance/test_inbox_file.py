"""The client with its inbox in a file, against the local Slack: what a user is promised, point by point."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

import filelayer
from mortal.client import Hasty
from tautwire import SqliteInbox, facts
from tautwire.inbox.api import State as Kept
from tautwire.local import Fault, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def disk() -> Iterator[filelayer.Layer]:
    """What stands between SQLite and its files."""
    sqlite = filelayer.library()
    if sqlite is None:
        pytest.skip("SQLite is not a shared library here, so that nothing can come between it and its files")
    with filelayer.watched(sqlite) as layer:
        yield layer


async def until_handled(rig: Any, count: int) -> None:
    await rig.facts.until(lambda: len(rig.facts.of(facts.Handled)) >= count)


def states(path: Path) -> list[str]:
    with sqlite3.connect(path) as db:
        found = [state for (state,) in db.execute("SELECT state FROM records ORDER BY number")]
    db.close()
    return found


@pytest.mark.parametrize("slack", [{"deadline": 0.1}], indirect=True)
async def test_a_redelivery_six_minutes_later_is_acked_and_not_handled_again(
    rig: Any, slack: Any, path: Path, seed: int
) -> None:
    """Slack's own schedule, because it has heard none of the acks but the last."""
    slack.faults.add(Fault(where="ack", kind="ignored", count=3))
    async with rig.client(inbox=SqliteInbox(path)) as client:
        await client.wait_until_ready(5)
        event = slack.send_event("app_mention")
        await until_handled(rig, 1)
        await slack.advance(seconds=368)
        await slack.settled()
        assert (event.state, event.tries) == (State.ACKED, 4)
        assert len({attempt.envelope_id for attempt in event.attempts}) == 4
        assert event.attempts[-1].sent_at - event.attempts[0].sent_at > 360
    assert len(rig.facts.of(facts.Duplicate)) == 3
    assert (rig.handled, states(path)) == ([event.event_id], ["done"])


async def test_one_after_a_restart_is_acked_and_not_handled_again(rig: Any, slack: Any, path: Path) -> None:
    async with rig.client(inbox=SqliteInbox(path)) as first:
        await first.wait_until_ready(5)
        event = slack.send_event("app_mention")
        await slack.settled()
        await until_handled(rig, 1)
    await slack.advance(seconds=368)
    async with rig.client(inbox=SqliteInbox(path)) as second:
        await second.wait_until_ready(5)
        again = slack.resend(event)
        await slack.settled()
        assert again.envelope_id != event.envelope_id
        assert (again.state, again.tries) == (State.ACKED, 1)
        slack.send_event("app_mention")  # Behind it: once this is handled, that would have been.
        await until_handled(rig, 2)
    assert rig.handled.count(event.event_id) == 1
    assert states(path) == ["done", "done"]


async def test_what_always_raises_is_dead_after_five_attempts_and_can_be_replayed(
    rig: Any, slack: Any, path: Path, seed: int
) -> None:
    client = rig.client(acks=False, inbox=SqliteInbox(path), chance=Hasty(seed))
    attempts, is_mended = [], False

    async def raise_it(_: Any, request: Any) -> None:
        attempts.append(request.payload["event_id"])
        if not is_mended:
            raise ZeroDivisionError

    client.socket_mode_request_listeners.append(raise_it)
    async with client:
        await client.wait_until_ready(5)
        event = slack.send_event("app_mention")
        await rig.facts.until(lambda: rig.facts.of(facts.Buried))
        assert attempts == [event.event_id] * 5
        assert event.state is State.ACKED
        [dead] = await client.inbox.list(Kept.DEAD)
        assert dead.attempt == 5
        assert "ZeroDivisionError" in dead.error
        is_mended = True
        assert await client.inbox.replay([dead.id]) == 1
        await until_handled(rig, 1)
        assert attempts == [event.event_id] * 6
    assert states(path) == ["done"]


@pytest.mark.parametrize("slack", [{"time_scale": 0.002, "deadline": 0.2}], indirect=True)
async def test_on_a_full_disk_nothing_is_acked_until_there_is_room(
    rig: Any, slack: Any, path: Path, disk: filelayer.Layer
) -> None:
    async with rig.client(inbox=SqliteInbox(path)) as client:
        await client.wait_until_ready(5)
        before = slack.send_event("app_mention")
        await slack.settled()
        await until_handled(rig, 1)
        disk.verdict = lambda step: sqlite3.SQLITE_FULL if step.what == "write" else 0
        events = [slack.send_event("app_mention") for _ in range(20)]
        command = slack.send_command("/deploy")
        await rig.facts.until(lambda: len(rig.facts.of(facts.NotStored)) >= 21)
        assert not any(attempt.acked_at for event in events for attempt in event.attempts)
        disk.verdict = lambda _: 0
        await slack.settled()
        await until_handled(rig, 21)
    assert {event.state for event in (before, *events)} == {State.ACKED}
    assert (command.state, command.user_error) == (State.LOST, "operation_timeout")
    assert sorted(rig.handled) == sorted(event.event_id for event in (before, *events))
    assert all("the disk" in fact.reason and "is full" in fact.reason for fact in rig.facts.of(facts.NotStored))
    assert client.snapshot().counts.not_stored >= 21


@pytest.mark.parametrize("slack", [{"time_scale": 0.002, "deadline": 0.2}], indirect=True)
async def test_at_its_bound_it_refuses_until_something_has_ended(rig: Any, slack: Any, path: Path) -> None:
    client = rig.client(acks=False, inbox=SqliteInbox(path, max_waiting=5), concurrency=5)
    go_on = asyncio.Event()

    async def slow(_: Any, request: Any) -> None:
        await go_on.wait()
        rig.handled.append(request.payload["event_id"])

    client.socket_mode_request_listeners.append(slow)
    async with client:
        await client.wait_until_ready(5)
        events = [slack.send_event("app_mention") for _ in range(12)]
        await rig.facts.until(lambda: len(rig.facts.of(facts.NotStored)) >= 7)
        await slack.wait_for(lambda _: sum(event.state is State.ACKED for event in events) == 5)
        go_on.set()
        await slack.settled()
        await until_handled(rig, 12)
    assert sorted(rig.handled) == sorted(event.event_id for event in events)
    assert states(path) == ["done"] * 12
