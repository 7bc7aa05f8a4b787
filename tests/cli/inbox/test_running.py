"""Commands while another process has the inbox: it goes on, and is not kept from storing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: A client's inbox: it stores an event every two milliseconds, and handles what comes, until its standard input ends;
#: then it says how long the slowest put took, and what it has handled.
CLIENT = """
import asyncio, json, sys, time
from tautwire import SqliteInbox
from tautwire.inbox.api import Record

async def main():
    slowest, handled, puts = 0.0, 0, set()

    async def put(inbox, number):
        nonlocal slowest
        began = time.monotonic()
        await inbox.put(Record(key=f"live {number}", type="live", envelope_id="e", payload=b"{}"))
        slowest = max(slowest, time.monotonic() - began)

    async def handle(inbox):
        nonlocal handled
        while True:
            leases = await inbox.claim("client", limit=100, wait=60)
            await asyncio.gather(*map(inbox.done, leases))
            handled += sum(lease.record.type != "live" for lease in leases)

    async with SqliteInbox(sys.argv[1], max_waiting=1_000_000) as inbox:
        print("ready", flush=True)
        handling = asyncio.create_task(handle(inbox))
        end = asyncio.create_task(asyncio.to_thread(sys.stdin.readline))
        began, number = time.monotonic(), 0
        while not end.done():
            task = asyncio.create_task(put(inbox, number))
            puts.add(task)
            task.add_done_callback(puts.discard)
            number += 1
            await asyncio.sleep(max(0.0, began + number / 500 - time.monotonic()))
        await asyncio.gather(*puts)
        if sys.argv[2] != "0":
            while handled < int(sys.argv[2]):
                await asyncio.sleep(0.01)
        handling.cancel()
        await asyncio.wait({handling})
        print(json.dumps({"slowest": slowest, "stored": number, "handled": handled}))

asyncio.run(main())
"""


class Client:
    """Such a process."""

    def __init__(self, path: Path, expected: int) -> None:
        command = [sys.executable, "-c", CLIENT, str(path), str(expected)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self) -> Any:
        out, _ = self._process.communicate("end\n", timeout=120)
        assert self._process.returncode == 0
        return json.loads(out)

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    begun: list[Client] = []
    yield begun
    for client in begun:
        client.kill()


def amount(config: pytest.Config) -> int:
    return 100_000 if config.getoption("--long") else 4_000


@pytest.mark.parametrize("command", ["replay", "purge"])
def test_a_client_is_not_kept_waiting(
    fill: Any, path: Path, told: Any, clients: list[Client], pytestconfig: pytest.Config, command: str
) -> None:
    """Two seconds is what it gives a put before the envelope is refused."""
    number = amount(pytestconfig)
    fill(number, payload=b'{"text": "%s"}' % (b"x" * 2000))
    client = Client(path, number if command == "replay" else 0)
    clients.append(client)
    if command == "replay":
        assert told("replay", "--all") == [{"replayed": number, "not_found": []}]
    else:
        assert told("purge", "dead", "--yes") == [{"purged": number}]
    found = client.end()
    assert found["stored"] > 0
    assert found["slowest"] < 1.0, found
    assert found["handled"] == (number if command == "replay" else 0)
    assert told("status")[0]["dead"] == 0


def test_everything_can_be_looked_at(fill: Any, path: Path, told: Any, done: Any, clients: list[Client]) -> None:
    fill(3)
    clients.append(Client(path, 1))
    (status,) = told("status")
    assert (status["dead"], status["bound"]) == (3, 1_000_000)
    assert [shape["id"] for shape in told("list")] == ["1", "2", "3"]
    assert done("show", 2).startswith("record    2\nstate     dead\n")
    assert len(done("export").splitlines()) == 3
    assert told("replay", 2)[0]["replayed"] == 1
    assert clients[0].end()["handled"] == 1
    assert [shape["id"] for shape in told("list")] == ["1", "3"]
