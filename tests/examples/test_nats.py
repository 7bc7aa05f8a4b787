"""The configuration for three nodes is one that NATS takes, and that keeps what the inbox promises."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import nats
import yaml

from natsservers import Cluster

if TYPE_CHECKING:
    import pytest

FOLDER = Path(__file__).parents[2] / "examples" / "nats"


async def answer_to_a_stranger(port: int) -> str:
    """What a server says to somebody who names no user."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(b'CONNECT {"verbose":true}\r\nPING\r\n')
        return (await reader.read()).decode()
    finally:
        writer.close()
        await writer.wait_closed()


async def test_three_nodes_run_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_PASSWORD", "LongAndTheirs1")
    async with Cluster(template=FOLDER / "nats.conf") as cluster:
        found = await asyncio.gather(*(server.ask("/jsz") for server in cluster))
        assert [each["config"].get("sync_always") for each in found] == [True, True, True]
        assert found[0]["meta_cluster"]["name"] == "tautwire"
        assert found[0]["meta_cluster"]["cluster_size"] == 3
        assert "Authorization Violation" in await answer_to_a_stranger(cluster.servers[0].port)
        client = await nats.connect(cluster.urls, user="tautwire", password="LongAndTheirs1")
        await client.flush()
        await client.close()


def test_the_compose_file_starts_each_node_with_it_on_a_disk_of_its_own() -> None:
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    services = compose["services"]
    assert {name: each["environment"]["NATS_NAME"] for name, each in services.items()} == {n: n for n in services}
    config = (FOLDER / "nats.conf").read_text()
    for name, service in services.items():
        assert f"nats://{name}:6222" in config
        assert service["command"] == ["--config", "/etc/nats/nats.conf"]
        assert service["volumes"] == ["./nats.conf:/etc/nats/nats.conf:ro", f"{name}:/data"]
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert {word for word in ("NATS_NAME", "NATS_PASSWORD") if f"${word}" in config} <= service[
            "environment"
        ].keys()
    assert compose["volumes"].keys() == services.keys()
    # Two nodes on one port of the machine would not start.
    ports = [port.rsplit(":", 1)[0] for service in services.values() for port in service["ports"]]
    assert len(set(ports)) == len(ports)
