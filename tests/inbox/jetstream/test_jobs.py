"""What was begun is finished."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tautwire.errors import InboxError
from tautwire.inbox.jetstream.jobs import Jobs


async def test_what_is_waited_for_comes_back() -> None:
    jobs = Jobs()

    async def call() -> int:
        return 1

    assert await jobs.whole(call()) == 1


async def test_what_is_cancelled_goes_on_and_is_undone() -> None:
    jobs, gate = Jobs(), asyncio.Event()
    undone: list[int] = []

    async def call() -> int:
        await gate.wait()
        return 1

    async def undo(result: int) -> None:
        undone.append(result)

    for how in (undo, None):
        task = asyncio.ensure_future(jobs.whole(call(), how))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    gate.set()
    await jobs.settled(5.0)
    assert undone == [1]


async def test_what_fails_unheard_is_quiet() -> None:
    jobs = Jobs()

    async def fails() -> None:
        raise InboxError("away")

    jobs.spawn(fails())
    await jobs.settled(5.0)
    task = asyncio.ensure_future(jobs.whole(fails()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, InboxError)):
        await task
    await jobs.settled(5.0)


async def test_in_the_end_everything_ends() -> None:
    jobs, ended = Jobs(), list[Any]()

    async def long() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(1)

    jobs.spawn(long())
    await asyncio.sleep(0)
    await jobs.settled(0.0)
    await jobs.join(0.0)
    assert ended == [1]
    await jobs.join(5.0)
    await jobs.settled(5.0)
