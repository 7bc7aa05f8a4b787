"""Gateways that hold the connections, workers that do the work, and an inbox between them; against the local Slack.

The inbox is one in memory that all share, and one on a real NATS server that each has a connection of its own to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Server
from sharing import SharedInbox
from tautwire import AsyncWebClient, InboxWorker, SocketModeResponse, facts
from tautwire.errors import ConfigurationError, InboxFullError
from tautwire.inbox.api import State as Kept
from tautwire.inbox.jetstream import JetStreamInbox
from tautwire.inbox.sqlite import SqliteInbox
from tautwire.local.socket.ledger import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

SUBMITTED = {"response_action": "errors", "errors": {"title": "Too short"}}


@pytest.fixture
async def worker(rig: Any, slack: Any) -> AsyncIterator[Callable[..., InboxWorker]]:
    """Workers that note what they handle where the clients do."""
    webs: list[AsyncWebClient] = []

    def make(inbox: Any, *, acks: bool = True, **options: Any) -> InboxWorker:
        webs.append(AsyncWebClient(token=slack.bot_token, base_url=slack.api_url))
        it = InboxWorker(inbox, web_client=webs[-1], observers=[rig.facts], **options)
        if acks:
            it.socket_mode_request_listeners.append(rig._ack)
        return it

    yield make
    for web in webs:
        await web.close()


async def never(*_: Any) -> None:
    raise AssertionError("a gateway handles nothing that is stored")


async def until(rig: Any, kind: type, count: int = 1) -> None:
    await rig.facts.until(lambda: len(rig.facts.of(kind)) >= count)


class Memory:
    """An inbox that everybody has in common."""

    def __init__(self) -> None:
        self._inbox = SharedInbox()

    def inbox(self) -> Any:
        return self._inbox

    async def states(self) -> list[str]:
        return self._inbox.states()


class Nats:
    """A server on which everybody has the same inbox."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def inbox(self, **options: Any) -> Any:
        return JetStreamInbox(self._server.urls, **({"replicas": 1} | options))

    async def states(self) -> list[str]:
        async with self.inbox(is_visitor=True) as visitor:
            return [each.state.value for state in Kept for each in await visitor.list(state)]


@pytest.fixture(params=["memory", "nats"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """Where everybody's inbox is."""
    if request.param == "memory":
        yield Memory()
        return
    async with Server() as server:
        yield Nats(server)


async def test_a_gateway_stores_and_acks_and_a_worker_handles(rig: Any, slack: Any, worker: Any, store: Any) -> None:
    gateway = rig.client(acks=False, inbox=store.inbox(), handle_stored=False)
    gateway.socket_mode_request_listeners.append(never)
    async with gateway:
        await gateway.wait_until_ready(5)
        event, click = slack.send_event("app_mention"), slack.send_action("ok")
        await slack.settled()
        assert (event.state, click.state) == (State.ACKED, State.ACKED)
        assert await store.states() == ["stored", "stored"]
        async with worker(store.inbox()):
            await until(rig, facts.Handled, 2)
            later = slack.send_event("app_mention")
            await until(rig, facts.Handled, 3)
    assert sorted(rig.handled) == sorted([event.event_id, click.envelope_id, later.event_id])
    assert await store.states() == ["done"] * 3
    assert rig.facts.of(facts.ListenerFailed) == []


async def test_a_gateway_without_listeners_is_enough(rig: Any, slack: Any, worker: Any, store: Any) -> None:
    async with rig.client(acks=False, inbox=store.inbox(), handle_stored=False) as gateway, worker(store.inbox()):
        await gateway.wait_until_ready(5)
        slack.send_event("app_mention")
        await until(rig, facts.Handled)
    assert await store.states() == ["done"]


async def test_what_answers_inside_its_ack_stays_in_the_gateway(rig: Any, slack: Any, worker: Any, store: Any) -> None:
    gateway = rig.client(acks=False, inbox=store.inbox(), handle_stored=False)

    async def answer(client: Any, request: Any) -> None:
        assert request.type == "interactive"
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, SUBMITTED))

    gateway.socket_mode_request_listeners.append(answer)
    it = worker(store.inbox(), acks=False)
    it.socket_mode_request_listeners.append(never)
    async with gateway, it:
        await gateway.wait_until_ready(5)
        submission = slack.send_view_submission("ticket", values={})
        await slack.settled()
        assert (submission.state, submission.answer) == (State.ACKED, SUBMITTED)
        await until(rig, facts.Handled)
    assert await store.states() == ["done"]


async def test_a_commands_answer_in_its_ack_reaches_its_person_from_a_worker(
    rig: Any, slack: Any, worker: Any, store: Any
) -> None:
    it = worker(store.inbox(), acks=False)

    async def answer(client: Any, request: Any) -> None:
        await client.send_socket_mode_response(SocketModeResponse(request.envelope_id, {"text": "deploying"}))
        await client.web_client.chat_postMessage(channel=request.payload["channel_id"], text="deployed")

    it.socket_mode_request_listeners.append(answer)
    async with rig.client(acks=False, inbox=store.inbox(), handle_stored=False) as gateway, it:
        await gateway.wait_until_ready(5)
        ann = slack.user("ann")
        await ann.command("/deploy api")
        assert (await ann.next_ephemeral(containing="deploying")).text == "deploying"
        await until(rig, facts.Handled)
    assert rig.facts.of(facts.AnswerLost) == []
    assert rig.facts.of(facts.ListenerFailed) == []


@pytest.mark.parametrize("slack", [{"time_scale": 0.001}], indirect=True)
async def test_what_a_gateway_cannot_store_is_left_to_slack(rig: Any, slack: Any, worker: Any) -> None:
    class Full(SharedInbox):
        is_full = True

        async def put(self, record: Any, *, owner: str = "") -> Any:
            if self.is_full:
                self.is_full = False
                raise InboxFullError("the inbox is full")
            return await super().put(record, owner=owner)

    inbox = Full()
    async with rig.client(acks=False, inbox=inbox, handle_stored=False) as gateway, worker(inbox):
        await gateway.wait_until_ready(5)
        event = slack.send_event("app_mention")
        await slack.settled()
        assert (event.state, event.tries) == (State.ACKED, 2)
        await until(rig, facts.Handled)
    assert rig.handled == [event.event_id]


async def test_several_gateways_and_workers_handle_each_once(rig: Any, slack: Any, worker: Any, store: Any) -> None:
    gateways = [rig.client(acks=False, inbox=store.inbox(), handle_stored=False) for _ in range(2)]
    async with gateways[0], gateways[1], worker(store.inbox(), concurrency=4), worker(store.inbox(), concurrency=4):
        await slack.wait_connections(2)
        events = [slack.send_event("app_mention") for _ in range(30)]
        await until(rig, facts.Handled, 30)
    assert sorted(rig.handled) == sorted(event.event_id for event in events)


async def test_a_file_is_handed_over_from_a_gateway_to_a_worker(
    rig: Any, slack: Any, worker: Any, tmp_path: Path
) -> None:
    path = tmp_path / "events.db"
    async with rig.client(acks=False, inbox=SqliteInbox(path), handle_stored=False) as gateway:
        await gateway.wait_until_ready(5)
        events = [slack.send_event("app_mention") for _ in range(5)]
        await slack.settled()
        assert [event.state for event in events] == [State.ACKED] * 5
    async with worker(SqliteInbox(path)):
        await until(rig, facts.Handled, 5)
    assert sorted(rig.handled) == sorted(event.event_id for event in events)


def test_a_gateway_needs_an_inbox(rig: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"handle_stored says .* it needs inbox= as well"):
        rig.client(handle_stored=False)


@pytest.mark.parametrize("store", ["nats"], indirect=True)
async def test_the_broker_may_be_gone_for_a_while(rig: Any, slack: Any, worker: Any, store: Any) -> None:
    """What comes meanwhile is not acked; what was acked before is handled after it; nobody has to be started again."""
    gateway, it = rig.client(acks=False, inbox=store.inbox(), handle_stored=False), worker(store.inbox())
    async with gateway, it:
        await gateway.wait_until_ready(5)
        slack.send_event("app_mention")
        await until(rig, facts.Handled)
        store._server.kill()
        click = slack.send_action("ok")
        await until(rig, facts.NotStored)
        await slack.settled()
        assert click.state is State.LOST
        await store._server.restart()
        later = slack.send_event("app_mention")
        await until(rig, facts.Handled, 2)
    assert later.event_id in rig.handled
