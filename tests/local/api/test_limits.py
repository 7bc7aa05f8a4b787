from __future__ import annotations

import math
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local import LocalSlack
from tautwire.local.api.limits import BURST, PER_MINUTE, POSTS_PER_MINUTE, Bucket, Limits, TooFast, Window
from tautwire.local.api.method import Method
from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


class Limiter(Protocol):
    def take(self, now: float) -> float: ...


def granted(limiter: Limiter, waits: list[float]) -> list[float]:
    """The times at which a caller, who is patient as `waits` says, was let through."""
    now, through = 1000.0, []
    for wait in waits:
        now += wait
        if limiter.take(now) == 0:
            through.append(now)
    return through


def most_within(seconds: float, times: list[float]) -> int:
    """The most of `times` in any stretch of less than `seconds`."""
    recent: deque[float] = deque()
    most = 0
    for each in times:
        recent.append(each)
        while each - recent[0] >= seconds:
            recent.popleft()
        most = max(most, len(recent))
    return most


# Whole sixteenths add up exactly, so that a bound is a bound and not one rounding away from it.
WAITS = st.one_of(
    st.lists(st.sampled_from([0.0, 1 / 16, 7.5, 30.0, 60.0 - 1 / 16, 60.0]), min_size=20, max_size=40),
    st.lists(st.sampled_from([0.0, 1 / 16, 0.25]), min_size=20, max_size=40),
)


def never_more_than(most: int, seconds: float, make: Callable[[], Limiter]) -> Callable[[], None]:
    @given(WAITS)
    def check(waits: list[float]) -> None:
        assert most_within(seconds, granted(make(), waits)) <= most

    return check


def lets_through_who_waits(make: Callable[[], Limiter]) -> Callable[[], None]:
    """Who waits as long as is said, in whole seconds, comes through; who does not wait that long, does not."""

    @given(WAITS)
    def check(waits: list[float]) -> None:
        limiter, now = make(), 1000.0
        for wait in waits:
            now += wait
            needed = limiter.take(now)
            if needed > 0:
                assert limiter.take(now + needed / 2) > 0
                now += math.ceil(needed)
                assert limiter.take(now) == 0

    return check


class FixedMinutes(Window):
    """Counts anew with each full minute, so that twice as many come through around its turn."""

    def take(self, now: float) -> float:
        minute = now // 60
        while self._taken and self._taken[0] // 60 != minute:
            self._taken.popleft()
        if len(self._taken) < self.most:
            self._taken.append(now)
            return 0.0
        return 60 - now % 60


class Impatient(Window):
    """Counts what it refuses, too, and so never lets through who follows its advice."""

    def take(self, now: float) -> float:
        needed = super().take(now)
        if needed:
            self._taken.popleft()
            self._taken.append(now)
        return needed


class Leaky(Bucket):
    """Forgets how full it was."""

    def take(self, now: float) -> float:
        self._level = min(self._level, self.burst - 2)
        return super().take(now)


def small() -> Window:
    return Window(most=3)


def test_a_window_holds() -> None:
    never_more_than(3, 60.0, small)()
    lets_through_who_waits(small)()


def test_a_bucket_holds() -> None:
    never_more_than(BURST + 10, 10.0, Bucket)()
    lets_through_who_waits(Bucket)()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(never_more_than(3, 60.0, lambda: FixedMinutes(most=3)), id="fixed minutes"),
        pytest.param(lets_through_who_waits(lambda: Impatient(most=3)), id="refusals count"),
        pytest.param(never_more_than(BURST + 10, 10.0, Leaky), id="a leaky bucket"),
    ],
)
def test_the_checks_notice_limits_that_do_not_hold(broken: Callable[[], None]) -> None:
    with pytest.raises(AssertionError):
        broken()


def method(name: str, tier: Any) -> Method:
    return Method(name=name, run=lambda _call: {}, tier=tier)


@pytest.mark.parametrize("tier", [1, 2, 3, 4, "special"])
def test_a_tier_is_so_many_calls_a_minute_for_each_app_and_method(tier: Any) -> None:
    limits = Limits()
    for number in range(PER_MINUTE[tier]):
        limits.check(method("a.b", tier), "A1", 100.0 + number / 1000)
    with pytest.raises(TooFast) as caught:
        limits.check(method("a.b", tier), "A1", 101.0)
    assert caught.value.retry_after == 59
    limits.check(method("a.b", tier), "A2", 101.0)
    limits.check(method("a.c", tier), "A1", 101.0)
    limits.check(method("a.b", tier), "A1", 160.0)


POST = method("chat.postMessage", "special")


def test_messages_one_a_second_in_each_channel_after_a_burst() -> None:
    limits = Limits()
    for _ in range(BURST):
        limits.check(POST, "A1", 100.0, channel="C1")
    with pytest.raises(TooFast) as caught:
        limits.check(POST, "A1", 100.0, channel="C1")
    assert (caught.value.retry_after, caught.value.body) == (1, {"ok": False, "error": "ratelimited"})
    limits.check(POST, "A1", 100.0, channel="C2")
    limits.check(POST, "A1", 101.0, channel="C1")
    with pytest.raises(TooFast):
        limits.check(POST, "A1", 101.5, channel="C1")


def test_a_flood_over_many_channels() -> None:
    limits = Limits()
    for number in range(POSTS_PER_MINUTE):
        limits.check(POST, "A1", 100.0, channel=f"C{number}")
    with pytest.raises(Refusal) as caught:
        limits.check(POST, "A1", 100.0, channel="C")
    assert caught.value.body == {"ok": False, "error": "rate_limited"}
    assert not isinstance(caught.value, TooFast)


def test_hooks_one_a_second() -> None:
    limits = Limits()
    for _ in range(BURST):
        limits.check_hook("/services/1", 100.0)
    with pytest.raises(TooFast):
        limits.check_hook("/services/1", 100.0)
    limits.check_hook("/services/2", 100.0)
    limits.check_hook("/services/1", 101.0)


async def test_over_http(clock: Any, call: Any) -> None:
    async with LocalSlack(clock=clock, strict_limits=True) as slack:
        for number in range(20):
            assert (await call(slack, "users.list"))[0] == 200, number
        status, headers, body = await call(slack, "users.list")
        assert (status, headers["Retry-After"], body) == (429, "60", {"ok": False, "error": "ratelimited"})
        assert slack.api_calls[-1].outcome == "ratelimited"
        await clock.advance(60)
        assert (await call(slack, "users.list"))[2]["ok"]


async def test_a_channel_is_the_same_by_id_and_by_name(clock: Any, call: Any) -> None:
    async with LocalSlack(clock=clock, strict_limits=True) as slack:
        statuses = [
            (await call(slack, "chat.postMessage", json={"channel": name, "text": "x"}))[0]
            for name in ("general", "C0GENERAL", "#general", "general", "C0GENERAL", "general")
        ]
        assert statuses == [200] * BURST + [429]
        assert len(slack.messages) == BURST


async def test_off_unless_asked_for(slack: LocalSlack, call: Any) -> None:
    for _ in range(30):
        assert (await call(slack, "users.list"))[0] == 200
