"""Whether the servers sync each write, from servers that say so, and from all kinds of others."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.inbox.jetstream.monitor import UNSEEN, checked_monitors, sync_notices

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from natsservers import Server


@asynccontextmanager
async def saying(body: bytes, asked: list[bytes] | None = None) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        question = await reader.readuntil(b"\r\n\r\n")
        if asked is not None:
            asked.append(question)
        writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1")
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def varz(**config: Any) -> bytes:
    return json.dumps({"jetstream": {"config": config}, "rest": "x" * 200_000}).encode()


async def test_a_real_server_that_syncs_each_write_is_fine(server: Server) -> None:
    assert await sync_notices([server.monitor]) == []


async def test_one_that_syncs_now_and_then_is_told() -> None:
    async with saying(varz(sync_interval=120 * 10**9)) as address:
        (notice,) = await sync_notices([address])
    assert notice.startswith(f"the NATS server at {address} syncs its disk only every 120 s")
    assert "`sync_interval: always`" in notice


async def test_each_is_asked() -> None:
    asked: list[bytes] = []
    async with saying(varz(sync_always=True), asked) as good, saying(varz(sync_interval=10**9), asked) as bad:
        (notice,) = await sync_notices([good, bad])
        assert bad in notice
    assert [question.split()[1] for question in asked] == [b"/varz", b"/varz"]


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b'{"jetstream":{}}', b'{"jetstream":null}', b"{}"])
async def test_one_that_says_nothing_is_told(body: bytes) -> None:
    async with saying(body) as address:
        (notice,) = await sync_notices([address])
    assert notice.startswith(f"the monitoring address {address} does not tell")


async def test_one_that_is_not_there_is_told(unused_tcp_port: int) -> None:
    for scheme in ("http", "https"):
        (notice,) = await sync_notices([f"{scheme}://127.0.0.1:{unused_tcp_port}"])
        assert "does not tell" in notice


async def test_without_an_address_it_says_what_to_do() -> None:
    assert await sync_notices([]) == [UNSEEN]


def test_addresses_are_looked_at() -> None:
    assert checked_monitors(()) == ()
    assert checked_monitors("http://a:8222/, https://b") == ("http://a:8222", "https://b")
    for bad in ("a:8222", "nats://a:4222", "http://", "http://u:s3cret@a", "http://a:99999", "http://[s3cret"):
        with pytest.raises(ConfigurationError, match="monitoring address") as caught:
            checked_monitors([bad])
        assert "s3cret" not in str(caught.value)
