"""What is made on NATS, and what is said of what is there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import nats
import pytest

from natsservers import Server
from storing import record
from tautwire.errors import InboxError
from tautwire.inbox.jetstream import JetStreamInbox
from tautwire.inbox.jetstream import inbox as module

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., JetStreamInbox]


async def api(server: Server, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    client = await nats.connect(server.url)
    try:
        answer = await client.request(f"$JS.API.{what}", json.dumps(body).encode() if body else b"", timeout=5)
    finally:
        await client.close()
    said: dict[str, Any] = json.loads(answer.data)
    assert "error" not in said, said
    return said


async def changed(server: Server, stream: str, **how: Any) -> None:
    config = (await api(server, f"STREAM.INFO.{stream}"))["config"]
    await api(server, f"STREAM.UPDATE.{stream}", config | how)


async def test_what_is_made(server: Server, new_inbox: Make) -> None:
    async with new_inbox(max_waiting=77, lease_seconds=1.0) as inbox:
        name = inbox.name
        assert (await inbox.stats()).bound == 77
    work = (await api(server, f"STREAM.INFO.{name}-work"))["config"]
    assert (work["storage"], work["retention"], work["discard"], work["max_msgs"]) == ("file", "workqueue", "new", 77)
    assert (work["duplicate_window"], work["max_age"]) == (3600 * 10**9, 0)
    workers = (await api(server, f"CONSUMER.INFO.{name}-work.workers"))["config"]
    assert (workers["ack_policy"], workers["max_deliver"], workers["ack_wait"]) == ("explicit", -1, 10**9)


async def test_what_is_there_is_looked_at(server: Server, new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        await inbox.put(record(1))
        name = inbox.name
    await changed(server, f"{name}-work", duplicate_window=10**9)
    with pytest.raises(InboxError, match=f"nats stream edit {name}-work --dupe-window 3600s"):
        await new_inbox().open()
    visitor = new_inbox(is_visitor=True)
    (notice,) = (await visitor.open()).notices
    assert "--dupe-window" in notice
    await visitor.close()
    await changed(server, f"{name}-work", duplicate_window=3600 * 10**9)
    async with new_inbox() as inbox:
        assert len(await inbox.claim("ann")) == 1


async def test_other_leases_are_refused(new_inbox: Make) -> None:
    async with new_inbox(lease_seconds=1):
        with pytest.raises(InboxError, match="this inbox was made with lease_seconds=1: give it to everybody"):
            await new_inbox(lease_seconds=2).open()


async def test_memory_is_refused(server: Server, new_inbox: Make) -> None:
    """Whoever makes it beforehand, to be faster."""
    inbox = new_inbox()
    name = inbox.name
    await api(
        server,
        f"STREAM.CREATE.{name}-state",
        {"name": f"{name}-state", "subjects": [f"{name}.state.*", f"{name}.count"], "storage": "memory"},
    )
    with pytest.raises(InboxError, match="keeps its messages in memory"):
        await inbox.open()


async def test_subjects_of_somebody_else_are_refused(server: Server, new_inbox: Make) -> None:
    inbox = new_inbox()
    await api(server, f"STREAM.CREATE.x{inbox.name}", {"name": f"x{inbox.name}", "subjects": [f"{inbox.name}.>"]})
    with pytest.raises(InboxError, match=r"the inbox cannot be made; NATS says: subjects overlap"):
        await inbox.open()


async def test_copies_need_a_cluster(new_inbox: Make) -> None:
    with pytest.raises(InboxError, match=r"this NATS cannot keep 3 copies: it needs a cluster .*, or replicas=1"):
        await new_inbox(replicas=3).open()


async def test_a_consumer_that_is_gone_is_made_again(server: Server, new_inbox: Make) -> None:
    """What it had delivered is delivered again, and the notes know what it was."""
    async with new_inbox(lease_seconds=1.0) as inbox:
        for number in (1, 2):
            await inbox.put(record(number))
        lease, other = await inbox.claim("ann", limit=2)
        await inbox.done(other)
        name = inbox.name
    await api(server, f"CONSUMER.DELETE.{name}-work.workers")
    async with new_inbox(is_visitor=True, lease_seconds=1.0) as visitor:
        assert (await visitor.stats()).leased == 1
    async with new_inbox(lease_seconds=1.0) as inbox:
        assert await inbox.claim("bob") == []
        (again,) = await inbox.claim("bob", wait=5.0)
        assert (again.record, again.attempt) == (lease.record, 2)


async def test_streams_that_are_gone_are_said(server: Server, new_inbox: Make) -> None:
    async with new_inbox() as inbox:
        for room in ("work", "state", "dead"):
            await api(server, f"STREAM.DELETE.{inbox.name}-{room}")
        with pytest.raises(InboxError, match=r"the stream t.*-work is gone"):
            await inbox.stats()
        for call in (lambda: inbox.put(record(1)), lambda: inbox.claim("ann")):
            with pytest.raises(InboxError):
                await call()


async def test_a_server_that_is_too_old_is_refused(new_inbox: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OLDEST_SERVER", (99, 1))
    with pytest.raises(InboxError, match=r"this NATS is of version 2\.\d+; the inbox needs 99\.1 or newer"):
        await new_inbox().open()


async def test_writes_that_are_not_synced_are_told(new_inbox: Make) -> None:
    inbox = new_inbox(monitor=())
    (notice,) = (await inbox.open()).notices
    assert "sync_interval: always" in notice
    await inbox.close()
    async with Server() as lazy:
        inbox = JetStreamInbox(lazy.url, replicas=1, max_bytes=1 << 20, monitor=lazy.monitor)
        (notice,) = (await inbox.open()).notices
        assert "only every 120 s" in notice
        await inbox.close()
