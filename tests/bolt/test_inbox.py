"""An unmodified `AsyncApp` with an inbox: a request is handled when Bolt's listeners and lazy functions are done."""

from __future__ import annotations

import asyncio
import copy
import logging
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.response import BoltResponse

from tautwire import SocketModeRequest, facts
from tautwire.bolt import AsyncSocketModeHandler
from tautwire.errors import BoltStatusError
from tautwire.inbox.api import State as Kept
from tautwire.inbox.memory import MemoryInbox
from tautwire.local import State

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

    from tautwire.local import LocalSlack


class Seen:
    """An observer, and an inbox whose records can be looked at."""

    def __init__(self) -> None:
        self.facts: list[Any] = []
        self.inbox = MemoryInbox()
        self._news = asyncio.Event()

    def __call__(self, fact: Any) -> None:
        self.facts.append(fact)
        self._news.set()

    def of(self, *kinds: type) -> list[Any]:
        return [fact for fact in self.facts if isinstance(fact, kinds)]

    async def until(self, *kinds: type, count: int = 1) -> list[Any]:
        async with asyncio.timeout(10):
            while len(self.of(*kinds)) < count:
                self._news.clear()
                await self._news.wait()
        return self.of(*kinds)

    @property
    def options(self) -> dict[str, Any]:
        return {"inbox": self.inbox, "observers": [self]}

    def states(self) -> list[str]:
        return [entry.state.value for entry in self.inbox.shelf.entries.values()]

    async def errors(self) -> list[str]:
        return [each.error for each in await self.inbox.list(Kept.DEAD)]


@pytest.fixture
async def seen() -> Seen:
    return Seen()


# Events: Bolt acks them before their listeners run.


async def test_an_event_is_done_when_its_listener_is(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @app.event("app_mention")
    async def slow() -> None:
        begun.set()
        await go_on.wait()

    before = copy.copy(vars(app))
    async with serving(slack, app, **seen.options):
        event = slack.send_event("app_mention")
        await begun.wait()
        await slack.settled()
        assert (event.state, seen.states()) == (State.ACKED, ["leased"])
        go_on.set()
        await seen.until(facts.Handled)
    assert seen.states() == ["done"]
    assert vars(app) == before, "the app is as it was"
    assert not app.listener_runner.process_before_response


async def test_one_whose_listener_raises_is_tried_again(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    calls: list[str] = []

    @app.event("app_mention")
    async def unlucky(event: dict[str, Any]) -> None:
        calls.append(event["ts"])
        if len(calls) == 1:
            raise RuntimeError(f"what is in {event}")

    async with serving(slack, app, **seen.options):
        event = slack.send_event("app_mention")
        await slack.settled()
        assert event.tries == 1, "Slack has nothing to do with that"
        await seen.until(facts.Handled)
    assert len(calls) == 2
    assert [type(fact.error) for fact in seen.of(facts.ListenerFailed)] == [RuntimeError]


async def test_one_that_never_works_is_a_dead_letter_that_says_where(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    @app.event("app_mention")
    async def unlucky(event: dict[str, Any]) -> None:
        raise RuntimeError(f"what is in {event}")

    async with serving(slack, app, attempts=1, **seen.options):
        slack.send_event("app_mention", text="hush")
        await seen.until(facts.Buried)
        (error,) = await seen.errors()
    assert "RuntimeError" in error
    assert "in unlucky" in error
    assert "hush" not in error


async def test_an_event_that_nobody_wants_is_done(slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen) -> None:
    async with serving(slack, app, **seen.options):
        slack.send_event("team_join")
        await seen.until(facts.Handled)
    assert (seen.states(), seen.of(facts.ListenerFailed)) == (["done"], [])


async def test_a_middleware_that_raises_is_tried_again(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    calls: list[int] = []

    @app.middleware
    async def unlucky(next_: Any) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError
        await next_()

    async with serving(slack, app, **seen.options):
        slack.send_event("app_mention")
        await seen.until(facts.Handled)
    assert [fact.error.status for fact in seen.of(facts.ListenerFailed)] == [500]


async def test_an_error_handler_that_makes_it_good_has_made_it_good(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    @app.event("app_mention")
    async def unlucky() -> None:
        raise RuntimeError

    @app.error
    async def on_error(error: Exception) -> BoltResponse:
        return BoltResponse(status=200, body=type(error).__name__)

    async with serving(slack, app, **seen.options):
        slack.send_event("app_mention")
        await seen.until(facts.Handled)
    assert seen.of(facts.ListenerFailed) == []


# Commands.


async def test_a_command_may_take_its_time_and_its_answer_goes_at_once(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    go_on = asyncio.Event()

    @app.command("/deploy")
    async def deploy(ack: Any, command: dict[str, Any]) -> None:
        await ack(f"deploying {command['text']}")
        await go_on.wait()

    async with serving(slack, app, **seen.options):
        ann = slack.user("ann")
        await ann.command("/deploy api")
        said = await ann.next_ephemeral(containing="deploying api")
        assert said.text == "deploying api"
        assert seen.states() == ["leased"]
        go_on.set()
        await seen.until(facts.Handled)
    assert len(ann.ephemerals) == 1, "and it is said once"


async def test_one_that_acks_late_or_not_at_all_is_done_all_the_same(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    @app.command("/forgets")
    async def forgets() -> None:
        pass

    @app.command("/plain")
    async def plain(ack: Any) -> None:
        await ack()

    async with serving(slack, app, **seen.options):
        for name in ("/forgets", "/plain"):
            slack.send_command(name)
        await seen.until(facts.Handled, count=2)
    assert seen.states() == ["done", "done"]


async def test_one_that_nobody_wants_is_a_dead_letter_at_once(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    async with serving(slack, app, **seen.options):
        slack.send_command("/nobody")
        (buried,) = await seen.until(facts.Buried)
        assert buried.attempt == 1
        (error,) = await seen.errors()
    assert "BoltStatusError: Bolt answered with status 404" in error


async def test_lazy_functions_belong_to_it(slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen) -> None:
    begun, go_on, texts = asyncio.Event(), asyncio.Event(), []

    async def answer(ack: Any) -> None:
        await ack()

    async def work(body: dict[str, Any]) -> None:
        texts.append(body["text"])
        begun.set()
        await go_on.wait()
        if len(texts) == 1:
            raise RuntimeError

    app.command("/lazy")(ack=answer, lazy=[work])
    async with serving(slack, app, **seen.options):
        slack.send_command("/lazy", text="api")
        await begun.wait()
        await slack.settled()
        assert seen.states() == ["leased"]
        go_on.set()
        await seen.until(facts.Handled)
    assert texts == ["api", "api"]


# What answers in its ack.


async def test_a_submission_answers_in_its_ack_and_is_done_when_its_listener_is(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    go_on = asyncio.Event()

    @app.view("ticket")
    async def submitted(ack: Any) -> None:
        await ack(response_action="errors", errors={"title": "Too short"})
        await go_on.wait()

    async with serving(slack, app, **seen.options):
        submission = slack.send_view_submission("ticket", values={})
        await slack.settled()
        assert submission.answer == {"response_action": "errors", "errors": {"title": "Too short"}}
        assert seen.states() == ["leased"]
        go_on.set()
        await seen.until(facts.Handled)
    assert seen.states() == ["done"]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_one_that_raises_before_or_after_its_ack_is_a_dead_letter(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen, when: str
) -> None:
    @app.view("ticket")
    async def unlucky(ack: Any) -> None:
        if when == "after":
            await ack()
        raise RuntimeError

    async with serving(slack, app, **seen.options):
        submission = slack.send_view_submission("ticket", values={})
        await seen.until(facts.Buried)
        assert bool(submission.attempts[0].acked_at) is (when == "after")
        (error,) = await seen.errors()
    assert "in unlucky" in error


async def test_one_that_nobody_wants_is_neither_acked_nor_tried_again(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    async with serving(slack, app, **seen.options):
        submission = slack.send_view_submission("ticket", values={})
        await seen.until(facts.Buried)
        assert submission.attempts[0].acked_at is None
    assert [type(fact.error) for fact in seen.of(facts.ListenerFailed)] == [BoltStatusError]


async def test_one_whose_listener_does_not_ack_is_left_unacked(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen
) -> None:
    @app.view("ticket")
    async def silent() -> None:
        pass

    app.listener_runner.process_before_response = True  # Otherwise Bolt waits three seconds for it.
    async with serving(slack, app, **seen.options):
        submission = slack.send_view_submission("ticket", values={})
        await seen.until(facts.Buried)
        assert submission.attempts[0].acked_at is None


# What only looks like Bolt.


class Answering:
    """An app that gives one answer."""

    def __init__(self, response: BoltResponse) -> None:
        self.response = response
        self.client = object()
        self.logger = logging.getLogger("answering")

    async def async_dispatch(self, _: Any) -> BoltResponse:
        return self.response


class Acked:
    """A client with an inbox, by which everything is acked."""

    inbox = object()

    def __init__(self) -> None:
        self.acks: list[dict[str, Any]] = []

    def is_acked(self, _: str) -> bool:
        return True

    async def send_socket_mode_response(self, response: Any) -> None:
        self.acks.append(response.to_dict())


async def test_an_app_without_a_runner_is_taken_at_its_word() -> None:
    request: Any = SocketModeRequest("slash_commands", "e1", {"command": "/x"})
    client: Any = Acked()
    good: Any = Answering(BoltResponse(status=200, body="hi"))
    await AsyncSocketModeHandler(good, "xapp-1").handle(client, request)
    assert client.acks == [{"envelope_id": "e1", "payload": {"text": "hi"}}]
    bad: Any = Answering(BoltResponse(status=500))
    with pytest.raises(BoltStatusError):
        await AsyncSocketModeHandler(bad, "xapp-1").handle(client, request)


# The end.


async def test_what_is_cut_off_by_the_end_is_handled_by_the_next(
    slack: LocalSlack, app: AsyncApp, serving: Any, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tautwire.socket_mode.aiohttp.DRAIN_WAIT", 0.05)
    begun, ended = asyncio.Event(), []

    @app.event("app_mention")
    async def slow() -> None:
        if begun.is_set():
            ended.append("by the next")
            return
        begun.set()
        await asyncio.Event().wait()

    async with serving(slack, app, **seen.options):
        slack.send_event("app_mention")
        await begun.wait()
        await slack.settled()
    assert seen.states() == ["stored"]
    after = Seen()
    after.inbox = MemoryInbox(shelf=seen.inbox.shelf)
    async with serving(slack, app, **after.options):
        await after.until(facts.Handled)
    assert ended == ["by the next"]
