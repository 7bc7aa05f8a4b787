"""Outcomes are told in turns of the loop, in the order in which they came, and all of them by the end."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tautwire.clock import SYSTEM_CLOCK
from tautwire.inbox.sqlite import writer as module
from tautwire.inbox.sqlite.database import Database
from tautwire.inbox.sqlite.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import pytest


@pytest_asyncio.fixture
async def writer(path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Writer]:
    monkeypatch.setattr(module, "AT_ONCE", 1)
    writer = Writer(Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True), SYSTEM_CLOCK)
    await writer.start(lambda _: None)
    yield writer
    await writer.stop()


def outcomes(*numbers: int) -> list[tuple[Any, int]]:
    """As the thread has them."""
    loop = asyncio.get_running_loop()
    return [(module._Job(module._each, None, loop.create_future()), number) for number in numbers]


def told(*some: list[tuple[Any, int]]) -> list[int]:
    return [number for outcomes in some for job, number in outcomes if job.future.done()]


async def test_what_comes_meanwhile_waits_for_its_turn(writer: Writer) -> None:
    first, second = outcomes(1, 2), outcomes(3)
    writer._settle(first)
    writer._settle(second)
    seen = [told(first, second)]
    for _ in range(2):
        await asyncio.sleep(0)
        seen.append(told(first, second))
    assert seen == [[1], [1, 2], [1, 2, 3]]


async def test_the_end_waits_for_no_turn(writer: Writer) -> None:
    left = outcomes(*range(1000))
    writer._untold.extend(left)
    await writer.stop()
    assert told(left) == list(range(1000))


def test_nor_does_an_end_on_another_loop(path: Path) -> None:
    """Whoever waited did so on a loop that is gone."""

    async def begin() -> tuple[Writer, Any]:
        writer = Writer(Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True), SYSTEM_CLOCK)
        await writer.start(lambda _: None)
        left = outcomes(1)
        writer._untold.extend(left)
        return writer, left

    writer, left = asyncio.run(begin())
    asyncio.run(writer.stop())
    assert told(left) == []
