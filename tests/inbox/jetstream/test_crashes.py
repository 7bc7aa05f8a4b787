"""A process that dies between any two things it says to the broker: nothing that was stored is lost or stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from storing import record
from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.api import Lease, Mode, State
from tautwire.inbox.jetstream import JetStreamInbox

if TYPE_CHECKING:
    from natsservers import Server

#: Short, since what died is known by it.
LEASE = 0.4


@dataclass
class Said:
    """What came back before the death."""

    stored: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)


Course = Callable[[JetStreamInbox, Said], Awaitable[None]]


async def put(inbox: JetStreamInbox, said: Said, number: int, *, owner: str = "", **how: Any) -> Lease:
    placed = await inbox.put(record(number, **how), owner=owner)
    said.stored.add(f"k{number}")
    return placed.lease or (await inbox.claim("ann", wait=LEASE))[0]


async def done(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.done(await put(inbox, said, 1))
    said.ended.add("k1")


async def buried(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.bury(await put(inbox, said, 1), error="x")
    said.ended.add("k1")


async def retried(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.retry(await put(inbox, said, 1), delay=0.05, error="x")
    (lease,) = await inbox.claim("ann", wait=LEASE)
    await inbox.extend(lease)
    await inbox.release(lease)


async def never(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.retry(await put(inbox, said, 1, owner="ann", mode=Mode.NEVER), delay=0.0, error="x")
    said.ended.add("k1")
    await inbox.done(await put(inbox, said, 2, owner="ann", mode=Mode.NEVER))
    said.ended.add("k2")


async def commanded(inbox: JetStreamInbox, said: Said) -> None:
    placed = await inbox.put(record(1, mode=Mode.ONCE_ACKED))
    said.stored.add("k1")
    await inbox.acked(placed.id)
    (lease,) = await inbox.claim("ann", wait=LEASE)
    await inbox.done(lease)
    said.ended.add("k1")


async def commanded_at_once(inbox: JetStreamInbox, said: Said) -> None:
    lease = await put(inbox, said, 1, owner="ann", mode=Mode.ONCE_ACKED)
    await inbox.acked(lease.id)
    await inbox.retry(lease, delay=0.0, error="x")
    (lease,) = await inbox.claim("ann", wait=LEASE)
    await inbox.done(lease)
    said.ended.add("k1")


async def in_line(inbox: JetStreamInbox, said: Said) -> None:
    first = await put(inbox, said, 1, owner="ann", mode=Mode.ONCE_ACKED, group="C1")
    await inbox.put(record(2, group="C1"))
    said.stored.add("k2")
    await inbox.acked(first.id)
    await inbox.claim("bob")
    await inbox.done(first)
    said.ended.add("k1")


async def replayed(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.bury(await put(inbox, said, 1), error="x")
    await inbox.replay()
    (lease,) = await inbox.claim("ann", wait=LEASE)
    await inbox.bury(lease, error="y")
    said.ended.add("k1")


async def given_up(inbox: JetStreamInbox, said: Said) -> None:
    await inbox.put(record(1))
    said.stored.add("k1")
    await inbox.give_up([stored.id for stored in await inbox.list(State.STORED)], error="x")
    await inbox.purge(State.DEAD)


COURSES: tuple[Course, ...] = (
    done,
    buried,
    retried,
    never,
    commanded,
    commanded_at_once,
    in_line,
    replayed,
    given_up,
)


def dies_after(inbox: JetStreamInbox, steps: int) -> None:
    """From that step on nothing that the process says reaches the broker."""
    parts = inbox._parts
    assert parts is not None
    numbers, broker = count(), parts.broker
    for name in ("request", "flow", "say"):
        real = getattr(broker, name)

        async def mortal(*args: Any, real: Any = real, **how: Any) -> Any:
            if next(numbers) >= steps:
                raise InboxUnavailableError("dead")
            return await real(*args, **how)

        setattr(broker, name, mortal)


async def lives_until(server: Server, name: str, course: Course, steps: int) -> tuple[bool, Said]:
    """Whether it came to its end, and what it said until then."""
    inbox, said = made(server, name), Said()
    await inbox.open()
    for chore in inbox._parts._chores if inbox._parts else ():
        chore.cancel()  # Or who dies at a step would depend on what these have said meanwhile.
    dies_after(inbox, steps)
    try:
        await course(inbox, said)
    except (InboxError, IndexError, ValueError):
        return False, said
    finally:
        await inbox.close()
    return True, said


def made(server: Server, name: str) -> JetStreamInbox:
    return JetStreamInbox(
        server.url, name=name, replicas=1, max_bytes=1 << 20, lease_seconds=LEASE, monitor=server.monitor
    )


async def recovered(server: Server, name: str) -> tuple[list[str], set[str]]:
    """What was handled, and what has ended, when another process has done everything that was left."""
    handled: list[str] = []
    async with made(server, name) as inbox:
        async with asyncio.timeout(20):
            while True:
                parts = inbox._parts
                assert parts is not None
                if not (await parts.streams.sizes()).work:
                    break
                for lease in await inbox.claim("bob", limit=5, wait=LEASE / 2):
                    handled.append(lease.record.key)
                    await inbox.done(lease)
        ended = [stored for state in (State.DONE, State.DEAD) for stored in await inbox.list(state)]
        for stored in await inbox.list(State.DEAD):
            assert stored.record.payload
        return handled, {stored.record.key for stored in ended}


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.__name__)
async def test_at_each_step(course: Course, server: Server, new_name: Callable[[], str]) -> None:
    base, steps = new_name(), 0
    while True:
        some = range(steps, steps + 8)
        names = {each: f"{base}-{each}" for each in some}
        lives = await asyncio.gather(*(lives_until(server, names[each], course, each) for each in some))
        afters = await asyncio.gather(*(recovered(server, names[each]) for each in some))
        for each, (_, said), (handled, ended) in zip(some, lives, afters, strict=True):
            assert said.stored <= ended, f"lost when it died after {each} steps"
            assert not said.ended & set(handled), f"handled again though it had ended, after {each} steps"
            assert len(handled) == len(set(handled)), f"handled twice, after {each} steps"
        if lives[-1][0]:
            return
        steps += 8
        assert steps < 64
