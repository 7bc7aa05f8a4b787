"""Bytes on the wire: malformed frames, large ones, clients that do not read, TLS."""

from __future__ import annotations

import json
import ssl
from typing import Any

import aiohttp
import pytest

from tautwire.local import NUISANCES, VIOLATIONS, LocalSlack, State

PING, PONG, TEXT = aiohttp.WSMsgType.PING, aiohttp.WSMsgType.PONG, aiohttp.WSMsgType.TEXT


@pytest.mark.parametrize("form", NUISANCES)
async def test_a_nuisance_is_well_formed(slack: LocalSlack, dial: Any, form: str) -> None:
    async with dial(slack) as wire:
        slack.newest.say_form(form)
        slack.newest.say('{"type":"still here"}')
        await wire.frame()
        assert (await wire.message())["type"] == "still here"


@pytest.mark.parametrize("form", sorted(set(VIOLATIONS) - {"masked"}))
async def test_a_violation_ends_an_honest_client(slack: LocalSlack, dial: Any, form: str) -> None:
    async with dial(slack) as wire:
        slack.newest.say_form(form)
        slack.newest.say('{"type":"still here"}')
        frame = await wire.frame()
        assert frame.type in (aiohttp.WSMsgType.ERROR, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE), frame


async def test_a_masked_frame_is_masked_on_the_wire(slack: LocalSlack, raw: Any) -> None:
    # aiohttp's client forgives it, so the bytes themselves have to show it.
    slack.newest.say_form("masked")
    data = await raw[0].readuntil(b'\x81\x90\0\0\0\0{"type":"hello"}')
    assert data


async def test_a_megabyte_event_arrives_whole(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack) as wire:
        slack.send_event(text="x" * 5_000_000)
        assert len((await wire.message())["payload"]["event"]["text"]) == 5_000_000


async def test_nothing_is_ever_fragmented(slack: LocalSlack, raw: Any) -> None:
    reader, _ = raw
    slack.send_event(text="x" * 200_000)
    for _ in range(2):
        first, size = await reader.readexactly(2)
        assert first == 0x81
        length = {126: 2, 127: 8}.get(size, 0)
        total = int.from_bytes(await reader.readexactly(length)) if length else size
        json.loads(await reader.readexactly(total))


async def test_a_client_that_does_not_read_stops_nobody(seed: int, dial: Any, upgrade: Any) -> None:
    async with LocalSlack(seed=seed) as slack:
        _, _writer = await upgrade(slack)
        stuck = slack.newest
        async with dial(slack) as wire:
            for _ in range(20):
                slack.send_event(to=stuck, text="x" * 1_000_000)
            event = slack.send_event(to=slack.newest)
            await wire.ack(await wire.message())
            await slack.wait_for(lambda _: event.state is State.ACKED)
            assert len(stuck._link._queue) > 0
        stuck.drop("rst")
        await stuck.ended()


async def test_the_queue_is_bounded(slack: LocalSlack, raw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.socket.link.QUEUE_BYTES", 1000)
    assert slack.newest.post(b"x" * 600)
    assert not slack.newest.post(b"x" * 600)


async def test_repr_tells_the_state_and_no_secret(slack: LocalSlack, dial: Any) -> None:
    url = slack.websocket_url()
    async with dial(slack, url):
        ticket = url.split("ticket=")[1].split("&")[0]
        shown = repr([slack, slack.newest, slack.newest.ticket, slack.dials])
        assert ticket not in shown
        assert slack.app_token not in shown
        assert "c1 ready" in shown


async def test_over_tls(seed: int) -> None:
    import trustme

    authority = trustme.CA()
    server, client = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context()
    authority.issue_cert("127.0.0.1").configure_cert(server)
    authority.configure_trust(client)
    async with (
        LocalSlack(seed=seed, ssl_context=server) as slack,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=client)) as http,
    ):
        assert slack.api_url.startswith("https://")
        headers = {"Authorization": f"Bearer {slack.app_token}"}
        for how in ("fin", "rst", "close"):
            async with http.post(slack.api_url + "apps.connections.open", headers=headers) as response:
                url = (await response.json())["url"]
            assert url.startswith("wss://127.0.0.1:")
            async with http.ws_connect(url) as ws:
                assert (await ws.receive_json())["type"] == "hello"
                session = slack.newest
                slack.drop(how)
                await ws.receive(timeout=10)
            await session.ended()
