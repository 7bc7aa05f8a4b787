"""Who gives a dial its URL: the Web client, unless a user has put `issue_new_wss_url` of their own in its place."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from tautwire.errors import RateLimitedError, UntrustedUrlError
from tautwire.facts import DialFailed, Fact
from tautwire.socket_mode.aiohttp import SocketModeClient


class LimitedError(Exception):
    def __init__(self) -> None:
        super().__init__("ratelimited")
        self.response = Answer(ok=False, error="ratelimited")


class Answer(dict[str, Any]):
    status_code = 429
    headers: ClassVar = {"Retry-After": "45"}


class WebClient:
    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer

    async def apps_connections_open(self, *, app_token: str) -> dict[str, Any]:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def first_failure(answer: dict[str, Any] | Exception) -> Exception:
    failure: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def observe(fact: Fact) -> None:
        if isinstance(fact, DialFailed) and not failure.done():
            failure.set_result(fact.error)

    client = SocketModeClient("xapp-1-A-1-x", web_client=WebClient(answer), observers=[observe])
    connecting = asyncio.create_task(client.connect())
    try:
        async with asyncio.timeout(5):
            return await failure
    finally:
        connecting.cancel()
        await client.close()


async def test_a_rate_limit_fails_the_dial_at_once_so_that_the_plan_can_wait_it_out() -> None:
    error = await first_failure(LimitedError())
    assert isinstance(error, RateLimitedError)
    assert error.retry_after == 45.0


async def test_a_foreign_host_is_not_dialled() -> None:
    assert isinstance(await first_failure({"ok": True, "url": "wss://slack.example/?ticket=1"}), UntrustedUrlError)


def test_our_own_method_is_no_override_and_a_users_is() -> None:
    class Own(SocketModeClient):
        async def issue_new_wss_url(self) -> str:
            return "wss://own.example/"

    async def patched() -> str:
        return "wss://patched.example/"

    plain, patch = SocketModeClient("xapp-1-A-1-x"), SocketModeClient("xapp-1-A-1-x")
    patch.issue_new_wss_url = patched  # type: ignore[method-assign]
    own = Own("xapp-1-A-1-x")
    assert plain._own_url_source() is None
    assert patch._own_url_source() is patched
    assert own._own_url_source() == own.issue_new_wss_url
