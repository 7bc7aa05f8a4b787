"""Signals that really come, and a program that does not really leave."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tautwire.cli.interrupts import Interrupts

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a process cannot signal itself there without ending")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was called, in order."""
    calls: list[str] = []
    monkeypatch.setattr(os, "_exit", lambda code: calls.append(f"left with {code}"))
    return calls


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_the_first_asks_and_the_second_leaves(number: int, code: int, told: list[str]) -> None:
    stop = asyncio.Event()
    with Interrupts(stop.set, lambda: told.append("last")):
        os.kill(os.getpid(), number)
        await stop.wait()
        assert told == []
        os.kill(os.getpid(), number)
        assert told == ["last", f"left with {code}"]


async def test_two_before_the_loop_has_turned_leave_as_well(told: list[str]) -> None:
    stop = asyncio.Event()
    with Interrupts(stop.set, lambda: told.append("last")):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
    assert told == ["last", "left with 143"]
    await stop.wait()


async def test_what_was_there_before_is_put_back_and_what_was_ignored_stays_so(told: list[str]) -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGTERM, lambda n, _: came.append(n))
    try:
        with Interrupts(lambda: told.append("first"), lambda: None):
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)
        await asyncio.sleep(0)
        assert (came, told) == ([signal.SIGTERM], [])
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
