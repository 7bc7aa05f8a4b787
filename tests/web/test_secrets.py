"""Whatever happens, no token, password or payload is to be read in a log, a repr, an exception or a traceback."""

from __future__ import annotations

import asyncio
import copy
import io
import logging
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tautwire.errors import ConfigurationError, SlackApiError, TautwireError
from tautwire.secret import Secret
from tautwire.web.arguments import plan_call
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import Iterator

BOT, APP, PASSWORD, PAYLOAD = "xoxb-hush-1", "xapp-hush-2", "hush-password", "hush-payload"
SECRETS = (BOT, APP, PASSWORD, PAYLOAD, "hush")


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything that hangs on it, suppressed or not."""
    seen: set[int] = set()
    todo = [error]
    while todo:
        one = todo.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            yield one
            todo += [one.__cause__, one.__context__]


def told_by(error: BaseException) -> str:
    """Everything that a logger, a person or an error tracker would get to see of it; source lines apart."""
    told: list[str] = []
    for one in chain(error):
        told += [str(one), repr(one), repr(one.args), repr(vars(one))]
        told += traceback.format_exception_only(one)
        frames = traceback.walk_tb(one.__traceback__)
        ours = [frame for frame, _ in frames if "tautwire" in frame.f_globals.get("__name__", "")]
        told += [repr(value) for frame in ours for name, value in frame.f_locals.items() if name not in CALLERS_OWN]
    return "\n".join(told)


#: The arguments as the user's own call gave them; they are in the user's frames as well.
CALLERS_OWN = {"arguments", "named", "json", "data", "params", "kwargs", "positional", "app_token"}


def assert_silent(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


def respond(kind: str) -> Any:
    body = {"ok": False, "error": "fatal_error", "echo": PAYLOAD, "url": f"wss://x/?ticket={PAYLOAD}"}
    headers = {"X-Echo": PAYLOAD}
    return {
        "no": lambda: web.json_response(body, headers=headers),
        "later": lambda: web.json_response(body, status=429, headers=headers),
        "html": lambda: web.Response(text=f"<html>{BOT} {PAYLOAD}", status=403, headers=headers),
        "broken": lambda: web.json_response(body, status=503, headers=headers),
        "array": lambda: web.json_response([PAYLOAD]),
        "redirect": lambda: web.Response(status=302, headers={"Location": f"https://evil.example/{PAYLOAD}"}),
    }[kind]()


async def provoke(client: AsyncWebClient, method: str) -> TautwireError:
    if method == "apps.connections.open":
        call = client.apps_connections_open(app_token=APP)
    else:
        call = getattr(client, method.replace(".", "_"))(channel="C1", text=PAYLOAD, token=Secret(BOT))
    with pytest.raises(TautwireError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize("kind", ["no", "later", "html", "broken", "array", "redirect"])
@pytest.mark.parametrize("method", ["chat.postMessage", "users.info", "apps.connections.open"])
async def test_an_error_of_slacks_tells_nothing(
    kind: str, method: str, slack: Any, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    slack.reply(method, *(respond(kind) for _ in range(4)))
    async with AsyncWebClient(BOT, slack.url, clock=clock) as client:
        error = await provoke(client, method)
        assert_silent(told_by(error))
        client.logger.error("failed", exc_info=error)
    assert_silent(f"{error}{error!r}{caplog.records!r}{[record.getMessage() for record in caplog.records]}")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_dead_proxy_tells_nothing(
    scheme: str, clock: Any, unused_tcp_port: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy = f"http://hush-user:{PASSWORD}@127.0.0.1:{unused_tcp_port}"
    async with AsyncWebClient(BOT, f"{scheme}://slack.invalid/api/", proxy=proxy, clock=clock) as client:
        for method in ("chat.postMessage", "apps.connections.open"):
            error = await provoke(client, method)
            assert list(chain(error)) == [error]
            assert_silent(told_by(error))
    assert_silent("".join(record.getMessage() for record in caplog.records))


async def test_a_dead_server_tells_nothing(clock: Any, unused_tcp_port: int) -> None:
    async with AsyncWebClient(BOT, f"http://127.0.0.1:{unused_tcp_port}/", clock=clock) as client:
        error = await provoke(client, "chat.postMessage")
    assert_silent(told_by(error))


def test_the_client_itself_tells_nothing() -> None:
    client = AsyncWebClient(BOT, proxy=f"http://hush-user:{PASSWORD}@proxy:1")
    assert repr(client) == "<AsyncWebClient base_url='https://slack.com/api/' token=xoxb-•••>"
    assert_silent(f"{client!r}{client}{vars(client)!r}{client._settings()!r}{vars(copy.copy(client))!r}")
    assert repr(AsyncWebClient()) == "<AsyncWebClient base_url='https://slack.com/api/' token=none>"


async def test_a_good_answer_tells_nothing(slack: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "tautwire")
    slack.reply("apps.connections.open", {"ok": True, "url": f"wss://x/?ticket={PAYLOAD}"})
    async with AsyncWebClient(BOT, slack.url) as client:
        answer = await client.apps_connections_open(app_token=APP)
    assert_silent(f"{answer!r}{answer}{answer.req_args}{[record.getMessage() for record in caplog.records]}")


def frames_of(error: BaseException) -> list[Any]:
    return [frame for one in chain(error) for frame, _ in traceback.walk_tb(one.__traceback__)]


@pytest.mark.parametrize("place", ["before the answer", "within the answer"])
async def test_a_cancelled_call_shows_no_frame_that_knows_the_token(place: str, slack: Any) -> None:
    forever, begun = asyncio.Event(), asyncio.Event()

    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"X-Echo": PAYLOAD})
        if place == "within the answer":
            await response.prepare(request)
            await response.write(b"{")
        begun.set()
        await forever.wait()
        return response

    slack.reply("auth.test", hang)
    async with AsyncWebClient(BOT, slack.url, timeout=None) as client:
        task = asyncio.create_task(client.perform(plan_call("auth.test", token=Secret(BOT))))
        await begun.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        forever.set()
        names = {frame.f_globals["__name__"].partition(".")[0] for frame in frames_of(caught.value)}
        assert "aiohttp" not in names
        assert "tautwire" in names
        assert_silent(told_by(caught.value))


class Narrow:
    """Shaped as aiohttp.BasicAuth, which encodes as ISO 8859-1."""

    def encode(self) -> str:
        return f"{PAYLOAD}\u2013".encode("latin-1").decode()


async def test_half_a_character_tells_nothing(slack: Any) -> None:
    async with AsyncWebClient(BOT, slack.url) as client:
        attempts: list[Any] = [
            lambda: client.chat_postMessage(channel="C1", text=f"{PAYLOAD}\ud800"),
            lambda: client.api_call("oauth.v2.access", auth={"client_id": "1", "client_secret": f"{PAYLOAD}\ud800"}),
            lambda: client.api_call("oauth.v2.access", auth={"client_id": "1"}),
            lambda: client.api_call("oauth.v2.access", auth=Narrow()),
            lambda: client.files_upload_v2(content=f"{PAYLOAD}\ud800"),
            lambda: client.files_upload_v2(file=io.StringIO(f"{PAYLOAD}\ud800")),
        ]
        for attempt in attempts:
            with pytest.raises(ConfigurationError) as caught:
                await attempt()
            assert list(chain(caught.value)) == [caught.value]
            assert_silent(f"{caught.value}{caught.value!r}{vars(caught.value)}")
        client.headers["X-A"] = f"{PAYLOAD}\ud800"
        with pytest.raises(ConfigurationError) as caught:
            await client.auth_test()
        assert_silent(f"{caught.value!r}{caught.value.__context__!r}")
    assert slack.seen == []


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("kind", ["no", "later", "broken"])
async def test_an_error_travels_without_secrets(protocol: int, kind: str, slack: Any, clock: Any) -> None:
    slack.reply("chat.postMessage", web.json_response({"ok": False, "error": "fatal_error"},
                status={"no": 200, "later": 429, "broken": 503}[kind], headers={"Retry-After": "600"}))  # fmt: skip
    async with AsyncWebClient(BOT, slack.url, clock=clock, headers={"X-Gate": PASSWORD}) as client:
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel="C1", text="hi")
    error = caught.value
    pickled = pickle.dumps(error, protocol)
    assert b"hush" not in pickled
    for other in (pickle.loads(pickled), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is type(error)
        assert (str(other), other.code, other.response.status_code) == (str(error), "fatal_error",
                                                                         error.response.status_code)  # fmt: skip
        assert other.response.headers["retry-after"] == "600"
        assert other.response.req_args["json"] == {"channel": "C1", "text": "hi"}
        assert getattr(other, "retry_after", 600) == 600


def test_the_search_for_secrets_finds_them() -> None:
    """The control: an exception that does tell is noticed, suppressed context included."""

    def tell() -> None:
        try:
            raise ValueError(f"Authorization: Bearer {BOT}")
        except ValueError:
            raise RuntimeError("quiet") from None

    with pytest.raises(RuntimeError) as caught:
        tell()
    with pytest.raises(AssertionError):
        assert_silent(told_by(caught.value))
