"""The thread with the loop: calls get in from anywhere, results and errors get out, and nothing stays behind."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, NoReturn

import pytest

from tautwire.errors import ConfigurationError
from tautwire.testing.sync.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def portal() -> Iterator[Portal]:
    portal = Portal("test-portal")
    portal.open()
    yield portal
    portal.close()
    assert "test-portal" not in [thread.name for thread in threading.enumerate()]


async def name() -> str:
    await asyncio.sleep(0)
    return threading.current_thread().name


def fail() -> NoReturn:
    raise LookupError("mine")


async def fail_later() -> NoReturn:
    fail()


def test_what_is_asked_is_asked_there(portal: Portal) -> None:
    assert portal.read(lambda: threading.current_thread().name) == "test-portal"
    assert portal.wait(name) == "test-portal"
    assert portal.is_open


def test_errors_are_raised_here(portal: Portal) -> None:
    with pytest.raises(LookupError, match="mine"):
        portal.read(fail)
    with pytest.raises(LookupError, match="mine"):
        portal.wait(fail_later)
    assert portal.wait(name) == "test-portal"


def test_inside_one_reads_at_once_and_cannot_wait(portal: Portal) -> None:
    assert portal.read(lambda: portal.read(lambda: 1)) == 1
    with pytest.raises(ConfigurationError, match="asked in the local Slack's own thread, where nobody can wait"):
        portal.read(lambda: portal.wait(name))


def test_several_threads_at_once(portal: Portal) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(portal.wait(name))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["test-portal"] * 20


def test_an_interrupt_here_cancels_there(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = threading.Event()

    async def for_ever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    running: list[object] = []

    class Interrupted:
        """A future whose owner presses Ctrl-C while waiting."""

        def __init__(self, coroutine: object, loop: asyncio.AbstractEventLoop) -> None:
            self.future: Future[object] = original(coroutine, loop)  # type: ignore[arg-type]  # one, by all rights
            running.append(self.future)

        def result(self) -> NoReturn:
            raise KeyboardInterrupt

        def cancel(self) -> None:
            self.future.cancel()

    original = asyncio.run_coroutine_threadsafe
    monkeypatch.setattr(asyncio, "run_coroutine_threadsafe", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        portal.wait(for_ever)
    # The loop has had its turns once it has answered.
    portal.read(lambda: None)
    assert cancelled.wait(10)
    assert len(running) == 1


def test_the_end_is_the_end_of_whoever_waits(portal: Portal) -> None:
    begun, ended = threading.Event(), []

    async def for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    def wait() -> None:
        with pytest.raises(CancelledError):
            portal.wait(for_ever)
        ended.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    assert begun.wait(10)
    portal.close()
    thread.join()
    assert ended == [True]


def test_after_the_end_one_reads_here_and_waits_for_nothing(portal: Portal) -> None:
    portal.close()
    portal.close()
    assert not portal.is_open
    assert portal.read(threading.current_thread) is threading.current_thread()
    with pytest.raises(ConfigurationError, match="this local Slack is closed"):
        portal.wait(name)
    with pytest.raises(ConfigurationError, match="starts once; make a new one"):
        portal.open()


def test_one_that_was_never_opened_is_closed() -> None:
    portal = Portal("never")
    portal.close()
    assert portal.read(lambda: 1) == 1
