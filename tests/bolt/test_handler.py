"""The handler itself: what it takes, which answers it acks, how it starts and ends."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import json
import logging
import os
import signal
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.adapter.socket_mode import aiohttp as slack_bolts
from slack_bolt.adapter.socket_mode.async_internals import send_async_response
from slack_bolt.adapter.socket_mode.internals import build_headers
from slack_bolt.app import App
from slack_bolt.response import BoltResponse

from tautwire import SocketModeRequest, bolt, facts
from tautwire.bolt import AsyncSocketModeHandler, listener
from tautwire.errors import BoltStatusError, ConfigurationError, InvalidTokenError, MessageTooLargeError
from tautwire.local import Fault, LocalSlack, State

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

    from tautwire.facts import Fact


def request(kind: str = "slash_commands", **more: Any) -> SocketModeRequest:
    return SocketModeRequest(kind, "e1", {"command": "/x"}, **more)


class Answering:
    """An app that gives one answer, and keeps what it was asked."""

    def __init__(self, response: BoltResponse) -> None:
        self.response = response
        self.client = object()
        self.logger = logging.getLogger("answering")
        self.asked: list[Any] = []

    async def async_dispatch(self, req: Any) -> BoltResponse:
        self.asked.append(req)
        return self.response


class Acked:
    """A client that keeps the acks."""

    def __init__(self) -> None:
        self.acks: list[dict[str, Any]] = []
        self.logger = logging.getLogger("acked")

    async def send_socket_mode_response(self, response: Any) -> None:
        if len(json.dumps(response.to_dict())) >= 20_480:
            raise MessageTooLargeError("too large")
        self.acks.append(response.to_dict())


async def acks(response: BoltResponse, kind: str = "slash_commands") -> list[dict[str, Any]]:
    client = Acked()
    handler = AsyncSocketModeHandler(Answering(response), "xapp-1")  # type: ignore[arg-type]
    await handler.handle(client, request(kind))  # type: ignore[arg-type]
    return client.acks


# What it takes.


def test_the_constructor_is_slack_bolts_with_options_behind() -> None:
    theirs = inspect.signature(slack_bolts.AsyncSocketModeHandler).parameters
    ours = inspect.signature(AsyncSocketModeHandler).parameters
    assert list(ours)[: len(theirs)] == list(theirs)
    assert {name: each.default for name, each in theirs.items()} == {name: ours[name].default for name in theirs}
    assert [ours[name].kind for name in list(ours)[len(theirs) :]] == [inspect.Parameter.VAR_KEYWORD]


def test_it_has_slack_bolts_methods_and_attributes(app: AsyncApp) -> None:
    theirs = slack_bolts.AsyncSocketModeHandler
    names = [name for name in dir(theirs) if not name.startswith("_")]
    assert {"start_async", "connect_async", "disconnect_async", "close_async", "handle"} <= set(names)
    for name in names:
        ours, other = getattr(AsyncSocketModeHandler, name), getattr(theirs, name)
        assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(other)
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(other).parameters)
    handler = AsyncSocketModeHandler(app, "xapp-1")
    for name in theirs.__annotations__:
        assert hasattr(handler, name)
    assert (handler.app, handler.app_token) == (app, "xapp-1")


def test_it_needs_no_running_loop_and_passes_everything_on(app: AsyncApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-env")
    handler = AsyncSocketModeHandler(app)
    client = handler.client
    assert (handler.app_token, client.ping_interval, client.proxy) == ("xapp-env", 10, None)
    assert client.web_client is app.client
    assert client.logger is app.logger
    assert client.socket_mode_request_listeners == [handler.handle]

    logger, web_client, observer = logging.getLogger("mine"), object(), list[Any]().append
    with pytest.warns(DeprecationWarning, match="loop"):
        handler = AsyncSocketModeHandler(
            app,
            "xapp-1",
            logger,
            web_client,
            "http://proxy:1",
            3,
            object(),  # type: ignore[arg-type]
            connections=2,
            trace_enabled=True,
            observers=[observer],
        )
    client = handler.client
    assert (client.logger, client.web_client, client.proxy) == (logger, web_client, "http://proxy:1")
    assert (client.ping_interval, client.trace_enabled, client.observers) == (3, True, [observer])


def test_what_cannot_work_is_said(app: AsyncApp, slack: LocalSlack) -> None:
    with pytest.raises(ConfigurationError, match="SLACK_APP_TOKEN"):
        AsyncSocketModeHandler(app)
    sync = App(token="xoxb-local", signing_secret="s", token_verification_enabled=False)
    with pytest.raises(ConfigurationError, match=r"slack_bolt\.app\.app\.App; .*AsyncApp"):
        AsyncSocketModeHandler(sync, "xapp-1")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="conections"):
        AsyncSocketModeHandler(app, "xapp-1", conections=2)


def test_without_slack_bolt_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = bolt.AsyncSocketModeHandler
    monkeypatch.delitem(sys.modules, "tautwire.bolt")
    for name in list(sys.modules):
        if name.partition(".")[0] == "slack_bolt":
            monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r'pip install "tautwire\[bolt\]"') as caught:
        importlib.import_module("tautwire.bolt")
    assert caught.value.__suppress_context__
    assert bolt.AsyncSocketModeHandler is kept


def test_a_slack_bolt_that_is_broken_itself_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tautwire.bolt")
    for name in list(sys.modules):
        if name.partition(".")[0] == "slack_bolt":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "slack_sdk", None)
    with pytest.raises(ModuleNotFoundError, match="slack_sdk"):
        importlib.import_module("tautwire.bolt")


# What it passes on.


@pytest.mark.parametrize("reason", [None, "", "timeout"])
@pytest.mark.parametrize("attempt", [None, 0, 1, 3])
async def test_the_retry_headers_are_bolts_own(attempt: int | None, reason: str | None) -> None:
    app = Answering(BoltResponse(status=200))
    asked = request("events_api", retry_attempt=attempt, retry_reason=reason)
    await AsyncSocketModeHandler(app, "xapp-1").handle(Acked(), asked)  # type: ignore[arg-type]
    (got,) = app.asked
    assert (got.mode, got.body) == ("socket_mode", asked.payload)
    expected = {name: [value] for name, value in (build_headers(asked) or {}).items()}  # type: ignore[arg-type]
    assert got.headers == expected


@pytest.mark.parametrize(
    "response",
    [
        BoltResponse(status=200),
        BoltResponse(status=200, body="héllo"),
        BoltResponse(status=200, body={"text": "hi", "blocks": []}),
        BoltResponse(status=200, body={}),
        BoltResponse(status=200, body='{"text": "hi"}', headers={"Content-Type": "text/plain"}),
        BoltResponse(status=200, body='{"a": "\\u00e9"}', headers={"content-type": "application/json"}),
        BoltResponse(status=200, body="x", headers={"content-type": []}),
    ],
    ids=lambda response: repr(response.body),
)
async def test_a_good_answer_is_acked_as_slack_bolt_does(response: BoltResponse) -> None:
    theirs = Acked()
    if response.headers["content-type"]:
        await send_async_response(theirs, request(), response, 0.0)  # type: ignore[arg-type]
    else:
        theirs.acks.append({"envelope_id": "e1", "payload": {"text": "x"}})
    assert await acks(response) == theirs.acks
    assert await acks(response, "events_api") == theirs.acks


@pytest.mark.parametrize("body", ["[1]", '{"broken'])
async def test_what_calls_itself_json_and_is_no_object_is_text(body: str) -> None:
    response = BoltResponse(status=200, body=body, headers={"content-type": "application/json"})
    assert await acks(response) == [{"envelope_id": "e1", "payload": {"text": body}}]


async def test_an_event_that_nobody_wants_is_acked_plainly() -> None:
    assert await acks(BoltResponse(status=404, body={"error": "unhandled request"}), "events_api") == [
        {"envelope_id": "e1"}
    ]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (404, "slash_commands"),
        (404, "interactive"),
        (404, "something_new"),
        (500, "events_api"),
        (500, "slash_commands"),
        (201, "events_api"),
        (302, "events_api"),
        (401, "events_api"),
    ],
)
async def test_every_other_answer_is_left_unacked(status: int, kind: str) -> None:
    with pytest.raises(BoltStatusError, match=str(status)) as caught:
        await acks(BoltResponse(status=status, body="secret"), kind)
    assert caught.value.status == status
    assert "secret" not in str(caught.value)


async def test_an_answer_that_is_too_large_is_acked_without_it() -> None:
    client = Acked()
    app = Answering(BoltResponse(status=200, body="x" * 20_480))
    with pytest.raises(MessageTooLargeError):
        await AsyncSocketModeHandler(app, "xapp-1").handle(client, request())  # type: ignore[arg-type]
    assert client.acks == [{"envelope_id": "e1"}]


# The same, on the wire.


def no_answer(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in log.records if "No ack for" in record.getMessage()]


async def test_an_unwanted_event_is_acked_and_an_unwanted_command_is_not(
    hasty: LocalSlack, make_app: Any, serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with serving(hasty, make_app(hasty), auto_ack="all", ack_deadline=0.1):
        event, command = hasty.send_event("team_join"), hasty.send_command("/nobody")
        click = hasty.send_action("nobody")
        await hasty.settled()
        assert (event.state, len(event.attempts)) == (State.ACKED, 1)
        assert (command.state, command.user_error) == (State.LOST, "operation_timeout")
        assert (click.state, click.user_error) == (State.LOST, "operation_timeout")
    said = [record for record in caplog.records if "status 404" in record.getMessage()]
    assert [record.levelname for record in said] == ["INFO", "INFO"]
    assert not any("Traceback" in record.getMessage() or "File " in record.getMessage() for record in said)


@pytest.mark.parametrize("auto_ack", ["events", "all"])
async def test_an_event_whose_listener_raises_before_its_ack_comes_again(
    hasty: LocalSlack, make_app: Any, serving: Any, auto_ack: str
) -> None:
    """`process_before_response`: Bolt answers when the listener is done. No automatic ack covers its 500 up."""
    app, calls = make_app(hasty, process_before_response=True), []

    @app.event("app_mention")  # type: ignore[untyped-decorator]
    async def mentioned(event: dict[str, Any]) -> None:
        calls.append(event["ts"])
        if len(calls) < 3:
            raise RuntimeError("database is away")

    seen: list[Fact] = []
    async with serving(hasty, app, auto_ack=auto_ack, ack_deadline=0.05, observers=[seen.append]):
        event = hasty.send_event("app_mention")
        await hasty.settled()
        assert (event.state, len(event.attempts), len(calls)) == (State.ACKED, 3, 3)
    failures = [fact for fact in seen if isinstance(fact, facts.ListenerFailed)]
    assert [type(fact.error) for fact in failures] == [BoltStatusError, BoltStatusError]
    assert [fact.is_automatic for fact in seen if isinstance(fact, facts.AckSent)] == [False]


async def test_the_same_without_the_error_would_have_been_acked(hasty: LocalSlack, make_app: Any, serving: Any) -> None:
    """The control of the test above: a handler that keeps Bolt's 500 to itself gets the automatic ack."""
    app = make_app(hasty, process_before_response=True)

    @app.event("app_mention")  # type: ignore[untyped-decorator]
    async def mentioned() -> None:
        raise RuntimeError("database is away")

    seen: list[Fact] = []
    async with serving(hasty, app, ack_deadline=0.05, observers=[seen.append]) as handler:

        async def silent(client: Any, req: SocketModeRequest) -> None:
            with pytest.raises(BoltStatusError):
                await handler.handle(client, req)

        handler.client.socket_mode_request_listeners[:] = [silent]
        event = hasty.send_event("app_mention")
        await hasty.settled()
        assert (event.state, len(event.attempts)) == (State.ACKED, 1)
    assert [fact.is_automatic for fact in seen if isinstance(fact, facts.AckSent)] == [True]


async def test_a_command_whose_listener_raises_shows_its_person_an_error(
    hasty: LocalSlack, make_app: Any, serving: Any
) -> None:
    app = make_app(hasty)

    @app.command("/deploy")  # type: ignore[untyped-decorator]
    async def deploy() -> None:
        raise RuntimeError("no")

    async with serving(hasty, app, auto_ack="all", ack_deadline=0.1):
        command = hasty.send_command("/deploy")
        await hasty.settled()
        assert (command.state, command.user_error) == (State.LOST, "operation_timeout")


async def test_an_answer_that_is_too_large_on_the_wire(
    slack: LocalSlack, app: AsyncApp, serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    @app.command("/dump")
    async def dump(ack: Any, command: dict[str, Any]) -> None:
        await ack("é" * int(command["text"]))

    seen: list[Fact] = []
    async with serving(slack, app, observers=[seen.append]):
        large, small = slack.send_command("/dump", text="10300"), slack.send_command("/dump", text="10000")
        await slack.settled()
        assert (large.state, large.answer) == (State.ACKED, None)
        assert (small.state, small.answer) == (State.ACKED, {"text": "é" * 10_000})
        assert slack.accepted == 1
    (failure,) = (fact for fact in seen if isinstance(fact, facts.ListenerFailed))
    assert isinstance(failure.error, MessageTooLargeError)
    (said,) = (record.getMessage() for record in caplog.records if "is not sent" in record.getMessage())
    assert "ack without the payload" in said
    assert "éé" not in said


# How it starts and ends.


async def test_it_connects_disconnects_and_connects_again(slack: LocalSlack, app: AsyncApp) -> None:
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    await slack.wait_connections(1)
    await handler.disconnect_async()
    await slack.wait_connections(0)
    await handler.connect_async()
    await slack.wait_connections(1)
    await handler.close_async()
    await handler.close_async()
    assert handler.client.closed


@pytest.mark.parametrize(("level", "printed"), [(logging.WARNING, True), (logging.INFO, False)])
async def test_starting_says_so_once_as_bolt_does(
    slack: LocalSlack,
    app: AsyncApp,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    level: int,
    printed: bool,
) -> None:
    app.logger.setLevel(level)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    starting = asyncio.create_task(handler.start_async())
    await slack.wait_connections(1)
    await handler.client.wait_until_ready(10)
    slack.drop()
    await slack.wait_for(lambda slack: slack.accepted == 2 and len(slack.ready) == 1)
    await handler.close_async()
    await starting
    assert capsys.readouterr().out.count("Bolt app is running!") == (1 if printed else 0)
    told = [record for record in caplog.records if "Bolt app is running!" in record.getMessage()]
    assert len(told) == (0 if printed else 1)


async def test_starting_what_is_connected_already(
    slack: LocalSlack, app: AsyncApp, capsys: pytest.CaptureFixture[str]
) -> None:
    app.logger.setLevel(logging.WARNING)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()
    await handler.client.wait_until_ready(10)
    starting = asyncio.create_task(handler.start_async())
    await asyncio.sleep(0)
    await handler.close_async()
    await starting
    assert capsys.readouterr().out.count("Bolt app is running!") == 1
    assert slack.accepted == 1


async def test_a_signal_ends_it_and_its_listeners_finish(slack: LocalSlack, app: AsyncApp) -> None:
    begun, go_on, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.event("app_mention")
    async def slow() -> None:
        begun.set()
        await go_on.wait()
        finished.set()

    handler = AsyncSocketModeHandler(app, slack.app_token)
    starting = asyncio.create_task(handler.start_async())
    await slack.wait_connections(1)
    event = slack.send_event("app_mention")
    await begun.wait()
    await slack.settled()
    os.kill(os.getpid(), signal.SIGTERM)
    await slack.wait_connections(0)
    await handler.client.close()
    for _ in range(20):
        await asyncio.sleep(0)
    assert not starting.done()
    go_on.set()
    await starting
    assert finished.is_set()
    assert event.state is State.ACKED


async def test_a_listener_that_does_not_end_is_not_waited_for_for_ever(
    slack: LocalSlack, app: AsyncApp, serving: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(listener, "LISTENER_WAIT", 0.01)
    begun, go_on, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @app.event("app_mention")
    async def slow() -> None:
        begun.set()
        await go_on.wait()
        finished.set()

    async with serving(slack, app):
        slack.send_event("app_mention")
        await begun.wait()
        await slack.settled()
    assert not finished.is_set()
    assert "1 Bolt listeners still run" in caplog.text
    go_on.set()
    await finished.wait()


async def test_a_listener_may_close(slack: LocalSlack, app: AsyncApp) -> None:
    handler = AsyncSocketModeHandler(app, slack.app_token)

    @app.event("app_mention")
    async def stop() -> None:
        await handler.close_async()

    starting = asyncio.create_task(handler.start_async())
    await slack.wait_connections(1)
    event = slack.send_event("app_mention")
    await starting
    assert event.state is State.ACKED


async def test_a_fatal_refusal_comes_out_of_start(slack: LocalSlack, app: AsyncApp) -> None:
    slack.faults.add(Fault(where="api", kind="error", match="apps.connections.open", error="invalid_auth"))
    handler = AsyncSocketModeHandler(app, slack.app_token)
    with pytest.raises(InvalidTokenError, match="invalid_auth"):
        await handler.start_async()
    assert handler.client.closed


def test_a_task_without_a_frame_is_not_bolts() -> None:
    assert not listener._is_bolts(SimpleNamespace(get_coro=lambda: SimpleNamespace(cr_frame=None)))  # type: ignore[arg-type]
