from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local.doors import is_loopback_host, is_welcome_origin

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:9", "[::1]"])
def test_names_of_this_machine(host: str) -> None:
    assert is_loopback_host(host)


@pytest.mark.parametrize(
    "host", ["", "slack.com", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "[", "user@evil"]
)
def test_other_names(host: str) -> None:
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    "origin", [None, "http://127.0.0.1:80", "http://localhost:80", "https://[::1]:80", "https://api.slack.com"]
)
def test_welcome_origins(origin: str | None) -> None:
    assert is_welcome_origin(origin, 80)


@pytest.mark.parametrize(
    "origin",
    ["null", "", "http://evil.example", "http://127.0.0.1:81", "https://slack.com", "http://[", "http://localhost:x"],
)
def test_foreign_origins(origin: str) -> None:
    assert not is_welcome_origin(origin, 80)


@pytest.mark.parametrize(("origin", "own"), [("http://localhost", 80), ("https://127.0.0.1", 443)])
def test_an_origin_without_a_port_has_its_schemes(origin: str, own: int) -> None:
    assert is_welcome_origin(origin, own)
    assert not is_welcome_origin(origin, 8080)
    assert not is_welcome_origin(origin, None)


async def test_a_foreign_host_gets_nothing(slack: LocalSlack, call: Any) -> None:
    status, _, body = await call(slack, "auth.test", headers={"Host": "evil.example"})
    assert status == 403
    assert "loopback" in body
    assert slack.api_calls == []


async def test_a_foreign_page_may_not_post(slack: LocalSlack, call: Any) -> None:
    assert (await call(slack, "auth.test", headers={"Origin": "http://evil.example"}))[0] == 403
    assert (await call(slack, "auth.test", headers={"Origin": "http://localhost"}))[0] == 403
    assert (await call(slack, "auth.test", headers={"Origin": slack.base_url}))[0] == 200


async def test_a_foreign_page_may_not_upgrade(slack: LocalSlack, dial: Any) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        async with dial(slack, origin="http://evil.example"):
            pass
    assert caught.value.status == 403
    async with dial(slack, origin="https://api.slack.com"):
        pass


async def test_it_listens_on_loopback_only(slack: LocalSlack) -> None:
    assert slack._runner is not None
    assert [address[0] for address in slack._runner.addresses] == ["127.0.0.1"]
