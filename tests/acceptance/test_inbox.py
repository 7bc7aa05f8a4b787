"""The client with an inbox, against the local Slack: a program of slack_sdk's kind, unchanged but for one argument."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import pytest

from tautwire import ClientClosedError, SocketModeResponse, facts
from tautwire.errors import InboxFullError, InboxLockedError, ListenerTimeoutError
from tautwire.inbox.api import State as Kept
from tautwire.inbox.memory import MemoryInbox
from tautwire.local.socket.ledger import State

SUBMITTED = {"response_action": "errors", "errors": {"title": "Too short"}}


class Inbox(MemoryInbox):
    """The reference, which can be slow to open, locked or full."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.ready = asyncio.Event()
        self.ready.set()
        self.opening = asyncio.Event()
        self.trouble: list[Exception] = []
        self.is_closed = False

    async def open(self) -> Any:
        self.opening.set()
        await self.ready.wait()
        if self.trouble:
            raise self.trouble.pop(0)
        return await super().open()

    async def put(self, record: Any, *, owner: str = "") -> Any:
        if self.trouble:
            raise self.trouble.pop(0)
        return await super().put(record, owner=owner)

    async def close(self) -> None:
        self.is_closed = True
        await super().close()

    def states(self) -> list[Kept]:
        return [entry.state for entry in self.shelf.entries.values()]


async def until_handled(rig: Any, count: int = 1) -> None:
    await rig.facts.until(lambda: len(rig.facts.of(facts.Handled)) >= count)


async def test_a_program_runs_as_before_and_is_stored(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    client = rig.client(inbox=inbox)
    assert client.inbox is inbox
    async with client:
        await client.wait_until_ready(5)
        event, click = slack.send_event("app_mention"), slack.send_action("ok")
        await slack.settled()
        await until_handled(rig, 2)
        assert (event.state, click.state) == (State.ACKED, State.ACKED)
        assert client.is_acked(event.envelope_id)
        assert not client.is_acked("stranger")
    counts = client.snapshot().counts
    assert (counts.stored, counts.handled, counts.acked, counts.answers_lost) == (2, 2, 2, 0)
    assert (inbox.states(), inbox.is_closed) == ([Kept.DONE, Kept.DONE], True)


async def test_a_commands_answer_in_its_ack_reaches_its_person(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False, inbox=Inbox())

    async def answer(client: Any, request: Any) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "deploying"}))

    client.socket_mode_request_listeners.append(answer)
    async with client:
        await client.wait_until_ready(5)
        ann = slack.user("ann")
        await ann.command("/deploy api")
        said = await ann.next_ephemeral(containing="deploying")
        assert said.text == "deploying"
    assert rig.facts.of(facts.AnswerLost) == []


async def test_or_is_its_ack_if_that_is_wanted(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False, inbox=Inbox(), ack_when={"slash_commands": "handled"})

    async def answer(client: Any, request: Any) -> None:
        assert not client.is_acked(request.envelope_id)
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "deploying"}))

    client.socket_mode_request_listeners.append(answer)
    async with client:
        await client.wait_until_ready(5)
        command = slack.send_command("/deploy")
        await slack.settled()
        assert (command.state, command.answer) == (State.ACKED, {"text": "deploying"})
        await until_handled(rig)


async def test_a_submission_is_answered_in_its_ack(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    client = rig.client(acks=False, inbox=inbox)

    async def answer(client: Any, request: Any) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, SUBMITTED))

    client.socket_mode_request_listeners.append(answer)
    async with client:
        await client.wait_until_ready(5)
        submission = slack.send_view_submission("ticket", values={})
        await slack.settled()
        assert (submission.state, submission.answer) == (State.ACKED, SUBMITTED)
        await until_handled(rig)
    assert inbox.states() == [Kept.DONE]


@pytest.mark.parametrize("slack", [{"time_scale": 0.001}], indirect=True)
async def test_what_does_not_fit_is_left_to_slacks_retry_and_runs_once(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    async with rig.client(inbox=inbox) as client:
        await client.wait_until_ready(5)
        inbox.trouble = [InboxFullError("the inbox is full"), InboxFullError("the inbox is full")]
        event = slack.send_event("app_mention")
        await slack.settled()
        assert (event.state, event.tries) == (State.ACKED, 3)
        await until_handled(rig)
    assert [fact.reason for fact in rig.facts.of(facts.NotStored)] == ["the inbox is full"] * 2
    assert rig.handled == [event.event_id]


async def test_what_one_process_leaves_the_next_one_handles(rig: Any, slack: Any) -> None:
    first, begun = rig.client(acks=False, inbox=(inbox := Inbox())), asyncio.Event()

    async def hang(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    first.socket_mode_request_listeners.append(hang)
    await first.connect()
    await first.wait_until_ready(5)
    event = slack.send_event("app_mention")
    await begun.wait()
    await slack.settled()
    assert event.state is State.ACKED
    first._dispatcher.refuse()
    for task in list(first._dispatcher._worker.tasks._running):
        task.cancel()  # The end of a process, as far as it can be had here.
    await first.close()

    second = rig.client(inbox=Inbox(shelf=inbox.shelf))
    async with second:
        await until_handled(rig)
        assert rig.handled == [event.event_id]
    (opened,) = (fact for fact in rig.facts.of(facts.InboxOpened) if fact.waiting)
    assert (opened.waiting, opened.freed) == (1, 1)


async def test_requests_that_wait_are_not_lost_to_a_loop_that_begins_after_connect(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    async with rig.client(acks=False, inbox=inbox) as client:
        await client.wait_until_ready(5)
        events = [slack.send_event("app_mention") for _ in range(3)]
        await slack.settled()
        assert [event.state for event in events] == [State.ACKED] * 3
        seen = []
        async with contextlib.aclosing(client.requests()) as requests:
            async for request in requests:
                await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))
                seen.append(request.payload["event_id"])
                if len(seen) == 2:
                    await until_handled(rig, 1)
                if len(seen) == 3:
                    break
    assert sorted(seen) == sorted(event.event_id for event in events)
    assert sorted(state.value for state in inbox.states()) == ["done", "done", "stored"], "the last was left in hand"


async def test_what_waits_for_a_requests_loop_is_not_too_late(rig: Any, slack: Any) -> None:
    async with rig.client(acks=False, inbox=Inbox(), listener_timeout=0.01) as client:
        await client.wait_until_ready(5)
        seen = asyncio.Event()

        async def consume() -> None:
            async for _ in client.requests():
                await seen.wait()

        consuming = asyncio.create_task(consume())
        for _ in range(2):
            slack.send_event("app_mention")
        await slack.settled()
        asyncio.get_running_loop().call_later(0.1, seen.set)
        await until_handled(rig, 2)
    await consuming
    assert rig.facts.of(facts.ListenerFailed) == []


async def test_a_listener_has_its_time(rig: Any, slack: Any) -> None:
    client = rig.client(acks=False, inbox=Inbox(), listener_timeout=0.01, attempts=1)

    async def hang(*_: Any) -> None:
        await asyncio.Event().wait()

    client.socket_mode_request_listeners.append(hang)
    async with client:
        await client.wait_until_ready(5)
        slack.send_event("app_mention")
        await rig.facts.until(lambda: rig.facts.of(facts.Buried))
    assert [type(fact.error) for fact in rig.facts.of(facts.ListenerFailed)] == [ListenerTimeoutError]


async def test_what_always_fails_is_a_dead_letter_without_its_payload_in_the_error(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    client = rig.client(acks=False, inbox=inbox, attempts=1)

    async def fail(_: Any, request: Any) -> None:
        raise ValueError(str(request.payload))

    client.socket_mode_request_listeners.append(fail)
    async with client:
        await client.wait_until_ready(5)
        slack.send_event("app_mention", text="hush")
        await rig.facts.until(lambda: rig.facts.of(facts.Buried))
        (dead,) = await inbox.list(Kept.DEAD)
    assert "fail raised ValueError" in dead.error
    assert "hush" not in dead.error
    assert b"hush" in dead.record.payload


async def test_text_that_is_put_in_is_stored_as_well(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    async with rig.client(inbox=inbox) as client:
        await client.wait_until_ready(5)
        message = {"type": "events_api", "envelope_id": "own", "payload": {"event_id": "EvOwn"}}
        await client.enqueue_message(json.dumps(message))
        await until_handled(rig)
    assert (rig.handled, inbox.states()) == (["EvOwn"], [Kept.DONE])


# Opening and closing.


@pytest.mark.parametrize("way", ["connect", "run", "with"])
async def test_an_inbox_that_another_has_is_said_at_once(rig: Any, slack: Any, way: str) -> None:
    inbox = Inbox()
    inbox.trouble = [InboxLockedError("another process has it")]
    client = rig.client(inbox=inbox)
    begin = {"connect": client.connect, "run": client.run, "with": client.__aenter__}[way]
    with pytest.raises(InboxLockedError, match="another process has it"):
        await begin()
    assert slack.accepted == 0
    assert client.closed is (way != "connect")


async def test_one_that_was_locked_may_be_free_the_next_time(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    inbox.trouble = [InboxLockedError("another process has it")]
    client = rig.client(inbox=inbox)
    with pytest.raises(InboxLockedError):
        await client.connect()
    await client.connect()
    await client.wait_until_ready(5)
    slack.send_event("app_mention")
    await until_handled(rig)


@pytest.mark.parametrize("way", ["connect", "connect_to_new_endpoint"])
async def test_a_disconnect_while_it_opens_is_not_undone(rig: Any, slack: Any, way: str) -> None:
    inbox = Inbox()
    inbox.ready.clear()
    client = rig.client(inbox=inbox)
    connecting = asyncio.create_task(getattr(client, way)())
    await inbox.opening.wait()
    await client.disconnect()
    inbox.ready.set()
    with pytest.raises(ClientClosedError, match="was disconnected"):
        await connecting
    assert slack.accepted == 0
    await client.connect()
    await client.wait_until_ready(5)


async def test_a_close_while_it_opens_ends_both(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    inbox.ready.clear()
    client = rig.client(inbox=inbox)
    connecting = asyncio.create_task(client.connect())
    await inbox.opening.wait()
    closing = asyncio.create_task(client.close())
    await asyncio.sleep(0)
    inbox.ready.set()
    await closing
    with pytest.raises(ClientClosedError):
        await connecting
    assert (inbox.is_closed, slack.accepted) == (True, 0)
    with pytest.raises(ClientClosedError):
        await client.connect()


async def test_what_was_disconnected_goes_on_handling_and_connects_again(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    client = rig.client(acks=False, inbox=inbox)
    go_on = asyncio.Event()

    async def slow(*_: Any) -> None:
        await go_on.wait()

    client.socket_mode_request_listeners.append(slow)
    async with client:
        await client.wait_until_ready(5)
        slack.send_event("app_mention")
        await slack.settled()
        await client.disconnect()
        go_on.set()
        await until_handled(rig, 1)
        await client.connect()
        await client.wait_until_ready(5)
        slack.send_event("app_mention")
        await slack.settled()
        await until_handled(rig, 2)
    assert inbox.states() == [Kept.DONE, Kept.DONE]


async def test_a_listener_may_close(rig: Any, slack: Any) -> None:
    inbox = Inbox()
    client = rig.client(acks=False, inbox=inbox)

    async def stop(client: Any, _: Any) -> None:
        await client.close()

    client.socket_mode_request_listeners.append(stop)
    running = asyncio.create_task(client.run())
    await slack.wait_connections(1)
    slack.send_event("app_mention")
    await running
    assert (inbox.states(), inbox.is_closed) == ([Kept.DONE], True)
