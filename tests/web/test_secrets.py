"""Whatever happens, no token, password or payload is to be read in a log, a repr, an exception or a traceback."""

from __future__ import annotations

import copy
import logging
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tautwire.errors import TautwireError
from tautwire.secret import Secret
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
