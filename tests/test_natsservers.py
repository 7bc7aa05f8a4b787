"""The servers that other tests rely on: they come up, die, come back with what they stored, and leave nothing."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Any

import nats
import pytest
from nats.js.api import StreamConfig

from natsservers import Cluster, NotReadyError, Server, Tls, jwt_operator, nkey_user, password_user

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def stored(server: Server | Cluster, **options: Any) -> int:
    client = await nats.connect(server.urls, **options)
    try:
        return (await client.jetstream().stream_info("EVENTS")).state.messages
    finally:
        await client.close()


async def store(server: Server | Cluster, *, replicas: int = 1, **options: Any) -> None:
    client = await nats.connect(server.urls, **options)
    try:
        js = client.jetstream()
        await js.add_stream(StreamConfig("EVENTS", subjects=["events"], num_replicas=replicas))
        await js.publish("events", b"one")
    finally:
        await client.close()


async def test_what_one_server_stored_is_there_after_kill_9() -> None:
    async with Server(sync_interval="always") as server:
        await store(server)
        port, pid = server.port, server.pid
        server.kill()
        assert not is_there(pid)
        await server.restart()
        assert server.port == port
        assert await stored(server) == 1


async def test_nothing_is_left_behind_also_when_the_block_fails() -> None:
    left: list[tuple[int, Path]] = []

    async def fail() -> None:
        async with Server() as server:
            left.append((server.pid, server.directory))
            server.stop()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    for pid, directory in left:
        assert not is_there(pid)
        assert not directory.exists()


async def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(NotReadyError, match="no_such_option"):
        async with Server(config="no_such_option: 1"):
            pass


async def test_a_server_goes_in_good_order() -> None:
    async with Server() as server:
        await server.terminate()
        assert not server.is_running
        assert "Server Exiting" in server.log


async def test_a_cluster_survives_its_leader_and_then_all_its_servers() -> None:
    async with Cluster(sync_interval="always") as cluster:
        assert (await cluster.meta_leader()) in cluster.servers
        await store(cluster, replicas=3)
        leader = await cluster.stream_leader("EVENTS")
        leader.kill()
        other = await cluster.stream_leader("EVENTS")
        assert other is not leader
        other.stop()
        assert await other.ask("/healthz") == {}
        other.resume()
        await cluster.restart()
        await cluster.stream_leader("EVENTS")
        assert await stored(cluster) == 1


def with_password(_: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"config": password_user("desk", "open sesame")}, {"user": "desk", "password": "open sesame"}


def with_nkey(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    config, seed = nkey_user()
    path = directory / "seed"
    path.write_text(seed)
    return {"config": config}, {"nkeys_seed": str(path)}


def with_credentials(directory: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    operator = jwt_operator()
    path = directory / "user.creds"
    path.write_text(operator.creds)
    return {"config": operator.config}, {"user_credentials": str(path)}


def with_tls(_: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    tls = Tls.fresh(is_mutual=True)
    return {"tls": tls}, {"tls": tls.context()}


@pytest.mark.parametrize("secured", [with_password, with_nkey, with_credentials, with_tls])
async def test_who_may_connect_may(
    tmp_path: Path, secured: Callable[[Path], tuple[dict[str, Any], dict[str, Any]]]
) -> None:
    server_options, client_options = secured(tmp_path)
    async with Server(**server_options) as server:
        await store(server, **client_options)
        assert await stored(server, **client_options) == 1
        assert b"PONG" not in await stranger(server)


async def stranger(server: Server) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(b'CONNECT {"verbose":false,"pedantic":false}\r\nPING\r\n')
        return await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
