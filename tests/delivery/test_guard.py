"""What a listener raises costs only itself; what ends the task or the program goes through."""

from __future__ import annotations

import asyncio
import traceback
from typing import Any

import pytest

from tautwire.delivery.guard import failure_of, failure_within, result_of
from tautwire.errors import ListenerTimeoutError


class OddError(BaseException):
    pass


async def fail(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("answer", [None, 1, "text", [], object()])
async def test_what_is_not_awaitable_is_nothing_to_wait_for(answer: object) -> None:
    assert await failure_of(lambda: answer) is None


async def test_what_is_awaitable_is_awaited() -> None:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, None)
    assert await failure_of(lambda: future) is None
    assert future.done()


@pytest.mark.parametrize(
    "error", [ValueError("no"), TimeoutError(), StopAsyncIteration(), ExceptionGroup("", [OSError()])]
)
async def test_an_exception_comes_back_as_it_is(error: Exception) -> None:
    assert await failure_of(lambda: fail(error)) is error


async def test_so_does_one_before_anything_is_awaited() -> None:
    failure = await failure_of(lambda: 1 / 0)
    assert isinstance(failure, ZeroDivisionError)


@pytest.mark.parametrize(
    "error",
    [asyncio.CancelledError("secret"), OddError("secret"), BaseExceptionGroup("secret", [OddError()])],
    ids=repr,
)
async def test_what_is_no_exception_is_told_as_one_by_its_type_and_place(error: BaseException) -> None:
    failure = await failure_of(lambda: fail(error))

    assert isinstance(failure, RuntimeError)
    assert str(failure) == f"raised {type(error).__name__}"
    assert traceback.extract_tb(failure.__traceback__)[-1].name == "fail"


async def test_a_cancelled_future_is_the_listeners_own_affair() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    assert isinstance(await failure_of(lambda: future), RuntimeError)


async def test_a_cancelled_task_ends() -> None:
    task = asyncio.create_task(failure_of(asyncio.Event().wait))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), GeneratorExit()], ids=repr)
def test_the_end_of_the_program_goes_through(error: BaseException) -> None:
    call: Any = failure_of(lambda: fail(error))
    with pytest.raises(type(error)):
        call.send(None)


async def test_a_cancellation_outside_of_any_task_goes_through() -> None:
    caught: list[BaseException] = []

    def step() -> None:
        call: Any = failure_of(lambda: fail(asyncio.CancelledError()))
        try:
            call.send(None)
        except BaseException as error:  # noqa: BLE001  it is looked at below
            caught.append(error)

    asyncio.get_running_loop().call_soon(step)
    await asyncio.sleep(0)
    assert [type(error) for error in caught] == [asyncio.CancelledError]


# With a time limit.


async def test_a_listener_that_takes_too_long_is_cancelled_and_that_is_its_failure(virtual_time: Any) -> None:
    ended: list[float] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(virtual_time.monotonic())

    began = virtual_time.monotonic()
    error = await failure_within(2.5, slow)
    assert (type(error), str(error)) == (ListenerTimeoutError, "it took longer than 2.5 s")
    assert ended == [began + 2.5]
    assert error is not None
    assert "slow" in [frame.name for frame in traceback.extract_tb(error.__traceback__)]


@pytest.mark.parametrize("seconds", [None, 2.5])
async def test_within_its_time_it_is_as_without(virtual_time: Any, seconds: float | None) -> None:
    own = TimeoutError("its own")

    async def fail() -> None:
        await asyncio.sleep(1)
        raise own

    assert await failure_within(seconds, lambda: asyncio.sleep(1)) is None
    assert await failure_within(seconds, lambda: None) is None
    assert await failure_within(seconds, fail) is own


async def test_what_it_raises_when_it_is_cancelled_is_told_instead(virtual_time: Any) -> None:
    async def clumsy() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            raise ZeroDivisionError

    assert type(await failure_within(2.5, clumsy)) is ZeroDivisionError


async def test_somebodys_cancel_comes_through_the_limit(virtual_time: Any) -> None:
    task = asyncio.create_task(failure_within(2.5, lambda: asyncio.sleep(60)))
    await virtual_time.turn()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


# Plain functions.


def test_a_plain_functions_result_or_its_failure() -> None:
    assert result_of(lambda: 7, 0) == (7, None)
    value, error = result_of(lambda: 1 // 0, 0)
    assert (value, type(error)) == (0, ZeroDivisionError)
    with pytest.raises(KeyboardInterrupt):
        result_of(_interrupt, 0)


def _interrupt() -> int:
    raise KeyboardInterrupt
