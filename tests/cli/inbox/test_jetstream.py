"""The same commands on an inbox that is on a NATS server."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

from natsservers import Server
from tautwire.inbox.api import Record, State
from tautwire.inbox.jetstream import JetStreamInbox


async def tautwire(url: str, *args: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tautwire", "inbox", *args,
        env=os.environ | {"TAUTWIRE_INBOX": url},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def told(url: str, *args: str) -> list[Any]:
    code, out, err = await tautwire(url, *args, "--json")
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


async def bury_all(inbox: JetStreamInbox, number: int) -> None:
    for each in range(number):
        payload = b'{"text": "hush"}'
        await inbox.put(Record(key=f"k{each}", type="events_api", envelope_id=f"e{each}", payload=payload))
    buried = 0
    while buried < number:
        for lease in await inbox.claim("ann", limit=number, wait=5.0):
            await inbox.bury(lease, error="ValueError: no\n  File one.py")
            buried += 1


async def test_they_work_while_others_do() -> None:
    async with Server(sync_interval="always") as server, JetStreamInbox(server.url, replicas=1) as inbox:
        url = server.url.replace("nats://", "nats://ann:s3cret@")
        await bury_all(inbox, 5)
        assert (
            await inbox.stats()
        ).stored == 5  # What is counted is added up twice a second, and when it is asked for.
        (status,) = await told(url, "status")
        assert (status["dead"], status["waiting"], status["stored"]) == (5, 0, 5)
        assert "s3cret" not in json.dumps(status)
        first, *_ = shapes = await told(url, "list")
        assert len(shapes) == 5
        assert (await told(url, "list", "--after", first["id"]))[0]["id"] == shapes[1]["id"]
        code, out, _ = await tautwire(url, "show", first["id"])
        assert (code, "ValueError: no\n      File one.py" in out, "hush" in out) == (0, True, False)
        assert [shape["payload"] for shape in await told(url, "export")] == [{"text": "hush"}] * 5
        assert await told(url, "replay", first["id"]) == [{"replayed": 1, "not_found": []}]
        (lease,) = await inbox.claim("ann", wait=5.0)
        assert lease.record.key == first["key"]
        await inbox.done(lease)
        assert (await told(url, "replay", "--all"))[0]["replayed"] == 4
        (waiting, *_) = await inbox.list(State.STORED)
        assert (await told(url, "bury", waiting.id))[0]["buried"] == 1
        assert (await told(url, "purge", "dead", "--yes"))[0]["purged"] == 1
        assert (await tautwire(url, "list"))[1] == "Nothing is dead.\n"


async def test_what_is_not_there_is_a_sentence() -> None:
    async with Server(sync_interval="always") as server:
        code, _, err = await tautwire(server.url, "status")
        assert (code, err) == (2, "Error: There is no inbox named 'tautwire' on this NATS.\n")
        url = server.url
    code, _, err = await tautwire(url, "status")
    assert code == 1
    assert "cannot be reached" in err
    assert err.count("\n") == 1
