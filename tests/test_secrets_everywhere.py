"""No token, ticket, proxy password or payload in any log, exception or dump, whatever goes wrong.

Each path below is one way in which things go wrong. Afterwards everything that anybody could read is searched: log
records of every level and logger, every exception with all that hangs on it, every fact, the dumps of every object.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import socket
import ssl
import traceback
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import pytest
import trustme
from slack_sdk.web.async_client import AsyncWebClient as SdkWebClient

from tautwire import facts
from tautwire.engine import supervisor
from tautwire.errors import (
    ConfigurationError,
    FatalConnectionError,
    MessageTooLargeError,
    NotConnectedError,
    TautwireError,
)
from tautwire.inbox.api import State as Kept
from tautwire.inbox.memory import MemoryInbox
from tautwire.local.app import LocalSlack
from tautwire.local.faults import Fault
from tautwire.local.faults.malformed import raw_frame
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Path = Callable[["Stage"], Awaitable[None]]

APP, BOT = "xapp-1-A0LOCAL-hush-app", "xoxb-hush-bot"
TICKET, PASSWORD, PAYLOAD = "hush-ticket", "hush-password", "hush-payload"
SECRETS = {"app token": APP, "bot token": BOT, "ticket": TICKET, "proxy password": PASSWORD, "payload": PAYLOAD}
#: "hush-user:hush-password" as a proxy's header has it, from its first letters on.
ENCODED = "aHVzaC"


class Stage:
    """A local Slack, clients of it, and everything that they let be seen."""

    def __init__(self, stack: AsyncExitStack, slack: LocalSlack, caplog: pytest.LogCaptureFixture) -> None:
        self.stack, self.slack = stack, slack
        self.facts: list[Any] = []
        self.heard: list[BaseException] = []
        self.dumps: list[str] = []
        self.clients: list[SocketModeClient] = []
        self._caplog = caplog
        #: Bound, and nobody listens: whoever knocks there is refused.
        dead = socket.socket()
        stack.callback(dead.close)
        dead.bind(("127.0.0.1", 0))
        self.dead = f"127.0.0.1:{dead.getsockname()[1]}"
        self._news = asyncio.Event()

    def client(self, web_client: Any = None, **options: Any) -> SocketModeClient:
        """A client that talks too much, were it to talk."""
        if web_client is None:
            web_client = AsyncWebClient(BOT, self.slack.api_url)
            self.stack.push_async_callback(web_client.close)
        client = SocketModeClient(
            APP, web_client=web_client, trace_enabled=True, observers=[self._on_fact], concurrency=8, **options
        )
        self.stack.push_async_callback(client.close)
        self.clients.append(client)
        return client

    def _on_fact(self, fact: Any) -> None:
        self.facts.append(fact)
        self._news.set()

    async def fact(self, kind: type) -> Any:
        """The first fact of this kind, past or to come."""
        async with asyncio.timeout(5):
            while not (found := [fact for fact in self.facts if isinstance(fact, kind)]):
                self._news.clear()
                await self._news.wait()
        return found[0]

    async def raises(self, awaitable: Awaitable[Any], kind: type[BaseException]) -> None:
        with pytest.raises(kind) as caught:
            await awaitable
        self.heard.append(caught.value)

    async def fails_to_connect(self, client: SocketModeClient) -> None:
        """Until the first dial has come to nothing; then close, and hear what `connect()` has to say."""
        connecting = asyncio.create_task(client.connect())
        await self.fact(facts.DialFailed)
        self.dump()
        await client.close()
        await asyncio.wait({connecting})
        error = connecting.exception()
        assert isinstance(error, TautwireError)
        self.heard.append(error)

    async def ready(self, client: SocketModeClient) -> None:
        await client.connect()
        await client.wait_until_ready(10)

    def dump(self) -> None:
        """Everything that a debugger's user would look at first."""
        for client in self.clients:
            inside = [client, client.web_client, client._endpoints, client._supervisor, client._dispatcher]
            inside += [client._plan, *client._supervisor.runners]
            inside += [runner.connection for runner in client._supervisor.runners]
            # Somebody else's web client may keep what it likes in the open.
            inside = [one for one in inside if type(one).__module__.startswith("tautwire.")]
            self.dumps += [f"{one!r} {one} {fields(one)!r}" for one in inside]
            self.dumps += [repr(client.snapshot()), repr(client._supervisor._links)]
        ours = (task for task in asyncio.all_tasks() if "tautwire" in task.get_name())
        self.dumps += [f"{task!r} {task.get_stack()!r}" for task in ours]

    def told(self) -> Iterator[tuple[str, str]]:
        """Where something can be read, and what."""
        formatter = logging.Formatter("%(name)s %(levelname)s %(message)s")
        for record in self._caplog.records:
            if not record.name.startswith("slack_sdk"):
                yield f"log {record.name}", f"{formatter.format(record)} {record.args!r} {vars(record)!r}"
        for fact in self.facts:
            if isinstance(fact, facts.ListenerFailed):
                continue  # It is for the listener's owner, and holds the listener's own exception.
            yield "fact", f"{fact!r} {fact}"
            error = getattr(fact, "error", None)
            if isinstance(error, BaseException):
                yield "fact's error", told_by(error)
        for error in self.heard:
            yield "exception", told_by(error)
        for dump in self.dumps:
            yield "dump", dump

    def secrets(self) -> dict[str, str]:
        tickets = {f"ticket #{number}": value for number, value in enumerate(self.slack._gate.tickets._tickets)}
        return {**SECRETS, **tickets, "credentials, encoded": ENCODED}

    def leaks(self) -> list[str]:
        secrets = self.secrets().items()
        return [f"{name} in {place}: {text}" for place, text in self.told() for name, it in secrets if it in text]


def chain(error: BaseException) -> list[BaseException]:
    """The error and all that hangs on it, suppressed or not."""
    found: list[BaseException] = []
    todo: list[BaseException | None] = [error]
    while todo:
        one = todo.pop()
        if one is not None and one not in found:
            found.append(one)
            todo += [one.__cause__, one.__context__, *getattr(one, "exceptions", ())]
    return found


def fields(one: object) -> dict[str, Any]:
    """`vars(one)`, slots included."""
    slots = (name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ()))
    return {**getattr(one, "__dict__", {}), **{name: getattr(one, name, None) for name in slots}}


def told_by(error: BaseException) -> str:
    told = [f"{one} {one!r} {one.args!r} {vars(one)!r}" for one in chain(error)]
    told += [line for one in chain(error) for line in traceback.format_exception(one)]
    return "\n".join(told)


@pytest.fixture
async def stage(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(supervisor, "API_WAIT", 0.1)
    monkeypatch.setattr(supervisor, "HANDSHAKE_WAIT", 0.1)
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(LocalSlack(app_token=APP, bot_token=BOT))
        yield Stage(stack, slack, caplog)


# The ways in which a dial goes wrong.


def faulty(*trouble: Fault) -> Path:
    async def path(stage: Stage) -> None:
        stage.slack.faults.add(*trouble)
        await stage.fails_to_connect(stage.client())

    return path


def dialling(url: str) -> Path:
    async def path(stage: Stage) -> None:
        client = stage.client()
        client.wss_uri = url.format(port=stage.slack.port, dead=stage.dead)
        await stage.fails_to_connect(client)

    return path


async def unknown_authority(stage: Stage) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    slack = await stage.stack.enter_async_context(LocalSlack(ssl_context=context, app_token=APP, bot_token=BOT))
    client = stage.client()
    client.wss_uri = f"wss://127.0.0.1:{slack.port}/link/?ticket={TICKET}"
    await stage.fails_to_connect(client)


async def api_of_unknown_authority(stage: Stage) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    slack = await stage.stack.enter_async_context(LocalSlack(ssl_context=context, app_token=APP, bot_token=BOT))
    web_client = AsyncWebClient(BOT, slack.api_url)
    stage.stack.push_async_callback(web_client.close)
    await stage.fails_to_connect(stage.client(web_client))


async def proxy_that_wants_credentials(stage: Stage) -> None:
    proxy = await refusing_proxy(stage)
    client = stage.client(proxy=proxy)
    client.wss_uri = f"wss://{stage.dead}/?ticket={TICKET}"
    await stage.fails_to_connect(client)


async def proxy_of_the_api_that_wants_credentials(stage: Stage) -> None:
    web_client = AsyncWebClient(BOT, f"https://{stage.dead}/api/", proxy=await refusing_proxy(stage))
    stage.stack.push_async_callback(web_client.close)
    await stage.fails_to_connect(stage.client(web_client))


async def refusing_proxy(stage: Stage) -> str:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 407 No\r\nX-Echo: hush-password\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
        writer.close()

    server = await stage.stack.enter_async_context(await asyncio.start_server(refuse, "127.0.0.1", 0))
    return f"http://hush-user:{PASSWORD}@127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def dead_proxy(stage: Stage) -> None:
    client = stage.client(proxy=f"http://hush-user:{PASSWORD}@{stage.dead}")
    client.wss_uri = f"wss://{stage.dead}/?ticket={TICKET}"
    await stage.fails_to_connect(client)


async def broken_proxy(stage: Stage) -> None:
    with pytest.raises(ConfigurationError) as caught:
        stage.client(proxy=f"socks5://hush-user:{PASSWORD}@{stage.dead}")
    stage.heard.append(caught.value)


async def dead_api(stage: Stage) -> None:
    web_client = AsyncWebClient(BOT, f"http://{stage.dead}/api/")
    stage.stack.push_async_callback(web_client.close)
    await stage.fails_to_connect(stage.client(web_client))


class Answers:
    """Somebody else's web client."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    async def apps_connections_open(self, *, app_token: str) -> Any:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            try:
                raise ConnectionError(f"Authorization: Bearer {app_token}")
            except ConnectionError as reason:
                raise answer from reason
        return answer

    def __repr__(self) -> str:
        return "Answers"

    __str__ = __repr__


def answered(answer: Any) -> Path:
    async def path(stage: Stage) -> None:
        client = stage.client(Answers(answer))
        connecting = asyncio.create_task(client.connect())
        await stage.fact(facts.DialFailed)
        await client.close()
        await asyncio.wait({connecting})
        stage.heard.append(connecting.exception() or AssertionError("it connected"))
        with suppress(TautwireError):
            await client.issue_new_wss_url()

    return path


def by_slack_sdk(*trouble: Fault) -> Path:
    async def path(stage: Stage) -> None:
        stage.slack.faults.add(*trouble)
        sdk = SdkWebClient(BOT, base_url=stage.slack.api_url, retry_handlers=[])
        await stage.fails_to_connect(stage.client(sdk))

    return path


async def custom_source_that_raises(stage: Stage) -> None:
    client = stage.client()

    async def issue_new_wss_url() -> str:
        raise ValueError(f"{APP} {TICKET}")

    client.issue_new_wss_url = issue_new_wss_url  # type: ignore[method-assign]
    connecting = asyncio.create_task(client.connect())
    await stage.fact(facts.DialFailed)
    await client.close()
    await asyncio.wait({connecting})
    stage.heard.append(connecting.exception() or AssertionError())


async def close_during_connect(stage: Stage) -> None:
    stage.slack.faults.add(Fault(where="handshake", kind="hang"))
    client = stage.client()
    connecting = asyncio.create_task(client.connect())
    await stage.slack.wait_for(lambda slack: slack.dials)
    stage.dump()
    await client.close()
    await asyncio.wait({connecting})
    stage.heard.append(connecting.exception() or AssertionError())
    await stage.raises(client.connect(), TautwireError)


async def issue_a_url_in_vain(stage: Stage) -> None:
    stage.slack.faults.add(Fault(where="api", kind="error", error="invalid_auth"))
    await stage.raises(stage.client().issue_new_wss_url(), FatalConnectionError)


# And what goes wrong afterwards.


async def listener_raises(stage: Stage) -> None:
    client = stage.client()

    async def on_request(_: Any, request: Any) -> None:
        try:
            raise KeyError(json.dumps(request.payload))
        except KeyError as error:
            raise ValueError(f"cannot handle {request.payload}") from error

    async def on_text(_: Any, message: Any, raw: Any) -> None:
        raise RuntimeError(raw)

    async def on_frame(message: Any) -> None:
        raise asyncio.CancelledError(str(message.data))

    client.socket_mode_request_listeners.append(on_request)
    client.message_listeners.append(on_text)
    client.on_message_listeners.append(on_frame)
    client.on_close_listeners.append(on_frame)
    await stage.ready(client)
    stage.slack.send_event("app_mention", text=PAYLOAD)
    await stage.fact(facts.ListenerFailed)
    stage.dump()
    stage.slack.drop("rst")
    await stage.fact(facts.LinkLost)


async def listener_hangs_until_the_end(stage: Stage) -> None:
    client, started = stage.client(), asyncio.Event()

    async def on_request(_: Any, request: Any) -> None:
        started.set()
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise ValueError(str(request.payload))

    client.socket_mode_request_listeners.append(on_request)
    await stage.ready(client)
    stage.slack.send_event("app_mention", text=PAYLOAD)
    await started.wait()
    stage.dump()
    for task in cast("Any", client._dispatcher)._tasks._running:
        task.cancel()
    await client.close()


def framed(*frames: bytes) -> Path:
    async def path(stage: Stage) -> None:
        client, errors = stage.client(), []

        async def on_error(message: Any) -> None:
            errors.append(message.data)

        client.on_error_listeners.append(on_error)
        await stage.ready(client)
        session = stage.slack.ready[0]
        for frame in frames:
            session.raw(frame)
        session.say('{"type":"hush"}')
        kind = facts.LinkLost if frames[0][0] & 0x70 or b"\xff" in frames[0] else facts.UnknownMessage
        await stage.fact(kind)
        stage.dump()
        await client.close()
        stage.heard += [error for error in errors if isinstance(error, BaseException)]

    return path


def text(content: str | bytes) -> bytes:
    return raw_frame(0x1, content.encode() if isinstance(content, str) else content)


async def ack_that_cannot_be_sent(stage: Stage) -> None:
    client = stage.client()
    ack = client.send_socket_mode_response
    await stage.raises(ack({"envelope_id": "1", "payload": {"text": PAYLOAD}}), NotConnectedError)
    await stage.raises(client.send_message(PAYLOAD), NotConnectedError)
    await stage.ready(client)
    await stage.raises(ack({"envelope_id": "1", "payload": {"text": PAYLOAD * 3_000}}), MessageTooLargeError)
    await stage.raises(client.send_message(PAYLOAD * 3_000), MessageTooLargeError)
    circle: dict[str, Any] = {"text": PAYLOAD}
    circle["circle"] = circle
    payloads: list[Any] = [{PAYLOAD: Odd()}, {"text": [PAYLOAD, Odd]}, {Odd(): PAYLOAD}, circle]
    for payload in payloads:
        await stage.raises(ack({"envelope_id": "1", "payload": payload}), ValueError)
    half = PAYLOAD + chr(0xD800)
    await stage.raises(client.send_message(half), ValueError)
    await stage.raises(ack({"envelope_id": "1", "payload": {"text": half}}), ValueError)
    for odd in ({"payload": PAYLOAD}, {"envelope_id": [PAYLOAD]}):
        await stage.raises(ack(odd), ValueError)


class Odd:
    def __repr__(self) -> str:
        return PAYLOAD


async def ack_on_a_dying_connection(stage: Stage) -> None:
    client, failed = stage.client(auto_reconnect_enabled=False), asyncio.Event()

    async def on_request(client: Any, request: Any) -> None:
        stage.slack.drop("rst")
        await stage.fact(facts.LinkLost)
        try:
            await client.send_socket_mode_response({"envelope_id": request.envelope_id, "payload": {"text": PAYLOAD}})
        except NotConnectedError as error:
            stage.heard.append(error)
            failed.set()

    client.socket_mode_request_listeners.append(on_request)
    await stage.ready(client)
    stage.slack.send_command("/hush", text=PAYLOAD)
    await failed.wait()
    await stage.fact(facts.AckFailed)


async def queued_text(stage: Stage) -> None:
    client = stage.client()
    await stage.ready(client)
    for odd in (f"{PAYLOAD}", f'{{"type":"{PAYLOAD[:4]}"}}', f'{{"type":"events_api","payload":"{PAYLOAD}"}}'):
        await client.enqueue_message(odd)
    await stage.fact(facts.UnknownMessage)
    await stage.fact(facts.MalformedFrame)


async def observer_raises(stage: Stage) -> None:
    client = stage.client()

    def observe(fact: Any) -> None:
        raise ValueError(f"{APP} {PAYLOAD}")

    client.observers.append(observe)
    await stage.ready(client)
    stage.dump()


async def wrong_arguments(stage: Stage) -> None:
    async def make(**options: Any) -> None:
        SocketModeClient(**options)

    await stage.raises(make(app_token=BOT), ConfigurationError)
    await stage.raises(make(app_token=APP, proxy=f"socks5://hush-user:{PASSWORD}@x"), ConfigurationError)
    await stage.raises(make(app_token=APP, proxy=f"{PASSWORD}"), ConfigurationError)
    await stage.raises(make(app_token=APP, connections=11), ConfigurationError)


async def a_good_day(stage: Stage) -> None:
    client, done = stage.client(), asyncio.Event()

    async def on_request(client: Any, request: Any) -> None:
        stage.dump()
        await client.send_socket_mode_response({"envelope_id": request.envelope_id, "payload": {"text": PAYLOAD}})
        done.set()

    client.socket_mode_request_listeners.append(on_request)
    await stage.ready(client)
    stage.slack.send_command("/hush", text=PAYLOAD)
    await done.wait()
    await client.connect_to_new_endpoint(force=True)
    await stage.fact(facts.LinkRetired)
    stage.dump()
    await client.disconnect()
    stage.dump()


async def kept_in_an_inbox(stage: Stage) -> None:
    """An event that never works, a command whose answer goes to its response_url, and one whose answer cannot."""
    inbox = MemoryInbox()
    client = stage.client(inbox=inbox, attempts=1, serialize_by="channel")

    async def on_request(client: Any, request: Any) -> None:
        stage.dump()
        if request.type == "events_api":
            raise ValueError(str(request.payload))
        await client.send_socket_mode_response({"envelope_id": request.envelope_id, "payload": {"text": PAYLOAD}})

    client.socket_mode_request_listeners.append(on_request)
    await stage.ready(client)
    stage.slack.send_event("app_mention", text=PAYLOAD)
    await stage.fact(facts.Buried)
    stage.slack.send_command("/hush", text=PAYLOAD)
    await stage.fact(facts.Handled)
    client.web_client = AsyncWebClient(BOT, "https://slack.com/api/")
    stage.slack.send_command("/hush", text=PAYLOAD)
    await stage.fact(facts.AnswerLost)
    stage.dump()
    for state in Kept:
        for record in await inbox.list(state):
            stage.dumps += [f"{record!r} {record} {record.error}"]


SAID = text(f'{{"type":"events_api","envelope_id":"1","payload":{{"text":"{PAYLOAD}"')

PATHS: dict[str, Path] = {
    **{
        f"handshake {status}": faulty(Fault(where="handshake", kind="status", status=status))
        for status in (302, 401, 403, 408, 429, 503)
    },
    **{f"handshake {kind}": faulty(Fault(where="handshake", kind=kind)) for kind in ("hang", "reset")},
    "handshake with a burnt ticket": dialling(f"ws://127.0.0.1:{{port}}/link/?ticket={TICKET}"),
    "handshake with another door": dialling(f"ws://127.0.0.1:{{port}}/api/auth.test?ticket={TICKET}"),
    "TLS to a plain server": dialling(f"wss://127.0.0.1:{{port}}/link/?ticket={TICKET}"),
    "TLS of an unknown authority": unknown_authority,
    "TLS of an unknown authority, API": api_of_unknown_authority,
    "refused port": dialling(f"wss://{{dead}}/link/?ticket={TICKET}"),
    "URL without a host": dialling(f"wss:///link/?ticket={TICKET}"),
    "URL without a scheme": dialling(TICKET),
    "URL with an odd port": dialling(f"wss://127.0.0.1:{TICKET}/"),
    "URL with an odd bracket": dialling(f"wss://[{TICKET}"),
    "URL of another kind": dialling(f"ftp://127.0.0.1/{TICKET}"),
    "proxy wants credentials": proxy_that_wants_credentials,
    "proxy wants credentials, API": proxy_of_the_api_that_wants_credentials,
    "proxy dead": dead_proxy,
    "proxy of another kind": broken_proxy,
    **{
        f"API {kind}": faulty(Fault(where="api", kind=kind))
        for kind in ("html", "not_json", "hang", "reset", "ratelimited")
    },
    **{f"API {status}": faulty(Fault(where="api", kind="status", status=status)) for status in (302, 403, 407, 500)},
    **{
        f"API says {error}": faulty(Fault(where="api", kind="error", error=error))
        for error in ("invalid_auth", "internal_error", "ratelimited")
    },
    "API dead": dead_api,
    "URL of a stranger": answered({"url": f"wss://evil.example/?ticket={TICKET}"}),
    "URL without TLS": answered({"url": f"ws://wss-primary.slack.com/?ticket={TICKET}"}),
    "answer without a URL": answered({"ok": True, "secret": TICKET}),
    "web client raises": answered(ValueError(f"Bearer {APP}")),
    "web client raises aiohttp's": answered(aiohttp.ClientConnectionError(f"wss://x/?ticket={TICKET}")),
    "web client raises ours": answered(FatalConnectionError("no", code="no")),
    **{
        f"slack_sdk, {fault.kind} {fault.error}": by_slack_sdk(fault)
        for fault in (
            Fault(where="api", kind="error", error="invalid_auth"),
            Fault(where="api", kind="error", error="internal_error"),
            Fault(where="api", kind="ratelimited", retry_after=3),
            Fault(where="api", kind="html"),
            Fault(where="api", kind="reset"),
            Fault(where="api", kind="hang"),
            Fault(where="handshake", kind="status", status=503),
        )
    },
    "custom source raises": custom_source_that_raises,
    "close during connect": close_during_connect,
    "issue_new_wss_url": issue_a_url_in_vain,
    "listener raises": listener_raises,
    "listener hangs": listener_hangs_until_the_end,
    "frame cut off": framed(SAID),
    "frame that is no object": framed(text(f'["{PAYLOAD}"]'), text(f'"{PAYLOAD}"'), text(PAYLOAD)),
    "frame with odd types": framed(text(f'{{"type":"events_api","envelope_id":["{PAYLOAD}"],"payload":"{PAYLOAD}"}}')),
    "frame with an odd payload": framed(text(f'{{"type":"events_api","envelope_id":"1","payload":["{PAYLOAD}"]}}')),
    "frame with odd retries": framed(
        text(f'{{"type":"events_api","envelope_id":"1","payload":{{}},"retry_attempt":"{PAYLOAD}"}}')
    ),
    "frame of an unknown type": framed(text(f'{{"type":"novelty","reason":"{PAYLOAD}"}}')),
    "disconnect of an unknown kind": framed(text(f'{{"type":"disconnect","debug_info":{{"host":"{PAYLOAD}"}}}}')),
    "frame that is binary": framed(raw_frame(0x2, PAYLOAD.encode())),
    "frame that is no UTF-8": framed(text(PAYLOAD.encode() + b"\xff")),
    "close that is no UTF-8": framed(raw_frame(0x8, b"\x03\xe8" + PAYLOAD.encode() + b"\xff")),
    "frame with reserved bits": framed(raw_frame(0x1, PAYLOAD.encode(), rsv=0b010)),
    "ack that cannot be sent": ack_that_cannot_be_sent,
    "ack on a dying connection": ack_on_a_dying_connection,
    "queued text": queued_text,
    "observer raises": observer_raises,
    "wrong arguments": wrong_arguments,
    "a good day": a_good_day,
    "an inbox": kept_in_an_inbox,
}


@pytest.mark.parametrize("name", PATHS)
async def test_nothing_secret_is_told(name: str, stage: Stage) -> None:
    await PATHS[name](stage)
    for client in stage.clients:
        await client.close()
    stage.dump()
    gc.collect()
    await asyncio.sleep(0)
    assert list(stage.told()), "there was nothing to search"
    assert stage.leaks() == []


@pytest.mark.parametrize(
    "leak",
    [
        lambda stage: logging.getLogger("anybody").debug("%s", APP),
        lambda stage: logging.getLogger("aiohttp.client").error("x", exc_info=ValueError(PAYLOAD)),
        lambda stage: logging.getLogger("tautwire").info("x", extra={"url": f"wss://x/?ticket={TICKET}"}),
        lambda stage: stage.heard.append(_quiet_error()),
        lambda stage: stage.heard.append(UnicodeDecodeError("utf-8", PAYLOAD.encode(), 0, 1, "no")),
        lambda stage: stage.facts.append(facts.DialFailed(0, 1, OSError(PASSWORD))),
        lambda stage: stage.dumps.append(f"Authorization: Basic {ENCODED}"),
        lambda stage: stage.heard.append(ExceptionGroup("quiet", [ValueError(BOT)])),
        lambda stage: stage.dumps.append(stage.slack.websocket_url()),
    ],
)
async def test_a_leak_is_found(leak: Callable[[Stage], None], stage: Stage) -> None:
    """The control: whatever leaks in any of these ways is noticed."""
    assert stage.leaks() == []
    leak(stage)
    assert stage.leaks() != []


def _quiet_error() -> BaseException:
    try:
        try:
            raise ValueError(APP)
        except ValueError:
            raise RuntimeError("quiet") from None
    except RuntimeError as error:
        return error
