"""The first signal asks for the end, the second one is nobody's."""

from __future__ import annotations

import asyncio
import os
import signal
import threading

import pytest

from tautwire.socket_mode.signals import EndSignals


async def turn() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def _handlers() -> object:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_asks_once_and_is_given_back(number: signal.Signals) -> None:
    asked, came = [], asyncio.Event()
    fallen_back: list[int] = []

    def ask() -> None:
        asked.append(number)
        came.set()

    with EndSignals(ask):
        os.kill(os.getpid(), number)
        await came.wait()
        # In place of what Python would do: end this process.
        signal.signal(number, lambda given, _: fallen_back.append(given))
        os.kill(os.getpid(), number)
        await turn()
    assert (asked, fallen_back) == ([number], [number])


async def test_after_the_block_nothing_is_left() -> None:
    loop = asyncio.get_running_loop()
    with EndSignals(lambda: None):
        pass
    assert not loop.remove_signal_handler(signal.SIGINT)
    assert not loop.remove_signal_handler(signal.SIGTERM)


def test_outside_the_main_thread_it_does_nothing() -> None:
    outcome: list[str] = []

    async def scenario() -> None:
        with EndSignals(lambda: outcome.append("asked")):
            outcome.append("inside")

    thread = threading.Thread(target=lambda: asyncio.run(scenario()))
    thread.start()
    thread.join()
    assert outcome == ["inside"]


async def test_a_loop_without_signal_handlers_is_served_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise NotImplementedError

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(loop, "add_signal_handler", cannot)
    monkeypatch.setattr(loop, "remove_signal_handler", cannot)
    with EndSignals(lambda: None):
        pass


async def test_an_error_in_the_block_comes_out_of_it() -> None:
    with pytest.raises(ZeroDivisionError), EndSignals(lambda: None):
        raise ZeroDivisionError
