"""The safety properties as checks, and for each a broken dispatcher that its check has to notice."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.delivery import dispatcher as module
from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.key import dedupe_key
from tautwire.delivery.policy import AckPolicy
from tautwire.delivery.window import Window
from tautwire.protocol import codec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.delivery.key import Key
    from tautwire.protocol.messages import Envelope

    Check = Callable[[Any], Awaitable[None]]

Make = Any  # the fixture `bench` of conftest


async def never(_: object) -> None:
    await asyncio.Event().wait()


def fail(_: object) -> None:
    raise ZeroDivisionError


async def check_link(it: Any) -> None:
    it.link()
    it.listeners = [it.ack]
    await it.take("e1")
    assert [link.acked for link in it.links] == [["e1"], []]


async def check_reroute(it: Any) -> None:
    it.links[0].is_open = False
    it.link()
    it.listeners = [it.ack]
    await it.take("e1")
    assert it.links[1].acked == ["e1"]


async def check_release(it: Any) -> None:
    it.listeners = [fail]
    await it.take("e1")
    it.listeners = [it.ack]
    await it.take("e2", retry=1)
    assert (it.handled, it.links[0].acked) == (["e1", "e2"], ["e2"])


async def check_no_cover(it: Any) -> None:
    it.listeners = [fail]
    await it.take("e1")
    await it.time.move(3)
    assert it.links[0].sent == []


async def check_no_cover_of_a_broken_handler(it: Any) -> None:
    it.unguarded = fail
    await it.take("e1")
    await it.time.move(3)
    assert it.links[0].sent == []


async def check_once(it: Any) -> None:
    it.listeners = [it.ack]
    await it.take("e1")
    await it.take("e2", retry=1)
    assert it.handled == ["e1"]


async def check_once_while_it_runs(it: Any) -> None:
    it.listeners = [never]
    await it.take("e1")
    await it.take("e2", retry=1)
    assert it.handled == ["e1"]


async def check_all_are_acked(it: Any) -> None:
    it.listeners = [it.ack]
    await it.take("e1")
    await it.take("e2", retry=1)
    await it.time.turn()
    assert it.links[0].acked == ["e1", "e2"]


async def check_strangers(it: Any) -> None:
    it.listeners = [it.ack]
    await it.take("e1")
    await it.take("e2", team_id="T2")
    assert it.handled == ["e1", "e2"]


async def check_retries(it: Any) -> None:
    await it.take("e1", retry=1)
    assert it.handled == ["e1"]


async def check_side_by_side(it: Any) -> None:
    it.listeners = [never]
    await it.take("e1")
    it.listeners = [it.ack]
    await it.take("e2", event_id="Ev2")
    assert it.links[0].acked == ["e2"]


async def check_bound(it: Any) -> None:
    it.listeners = [never]
    while it.dispatcher.has_room and it.dispatcher.received < 2000:
        await it.take(f"e{it.dispatcher.received}", event_id=f"Ev{it.dispatcher.received}")
    assert it.dispatcher.running == 1000


async def check_oversize(it: Any) -> None:
    with contextlib.suppress(ValueError):
        it.listeners = [never]
        await it.take("e1")
        await it.dispatcher.ack("e1", {"text": "x" * 30_000})
    await it.dispatcher.ack("e1")
    assert it.links[0].acked == ["e1"]


async def check_failed_ack(it: Any) -> None:
    it.listeners = [never]
    it.links[0].trouble = RuntimeError("a defect")
    await it.take("e1")
    with contextlib.suppress(RuntimeError):
        await it.dispatcher.ack("e1")
    await it.dispatcher.ack("e1")
    assert it.links[0].acked == ["e1"]


async def check_refusal(it: Any) -> None:
    await it.dispatcher.drain(0)
    await it.take("e1")
    assert (it.handled, it.links[0].sent) == ([], [])


async def check_end(it: Any) -> None:
    it.listeners = [never]
    await it.take("e1")
    await it.dispatcher.drain(1)
    assert it.dispatcher.running == 0


async def check_empty(it: Any) -> None:
    await it.take("e1", kind="slash_commands")
    await it.time.move(3.1)
    assert it.is_empty


# What could be wrong.


class AcksOnTheNewest(Dispatcher):
    async def _send(self, receipt: Any, reply: str, pending: Any) -> bool:
        await self._elsewhere(reply, within=1)
        return True


class AcksOnTheDeliveringOnly(Dispatcher):
    async def _send(self, receipt: Any, reply: str, pending: Any) -> bool:
        await receipt.send(reply)
        return False


class KeysOnArrival(Dispatcher):
    def take(self, received: Any) -> None:
        super().take(received)
        self._window.add(dedupe_key(received.envelope), self._clock.monotonic())


class KeysOnCompletion(Dispatcher):
    def take(self, received: Any) -> None:
        self._ledger._by_key.clear()
        super().take(received)


class NeverRemembers(Dispatcher):
    async def _ack(self, pending: Any, reply: str, *, is_automatic: bool) -> None:
        await super()._ack(pending, reply, is_automatic=is_automatic)
        self._window = Window()


class DropsDuplicates(Dispatcher):
    def _on_duplicate(self, received: Any, twin: Any) -> None:
        pass


class DropsRetries(Dispatcher):
    def take(self, received: Any) -> None:
        if not received.envelope.retry_attempt:
            super().take(received)


class CoversUp(AckPolicy):
    def acks_itself(self, type_: str, *, has_failed: bool) -> bool:
        return True


class TrustsItsHandler(Dispatcher):
    def _on_handled(self, pending: Any, task: Any) -> None:
        pending.is_running = False
        self._ledger.settle(pending)


class OneAfterTheOther(Dispatcher):
    def _spawn(self, coroutine: Any) -> Any:
        before = list(self._tasks._running)

        async def later() -> None:
            if before:
                await asyncio.wait(before)
            await coroutine

        try:
            return super()._spawn(later())
        finally:
            asyncio.get_running_loop().call_later(10, coroutine.close)


class Unbounded(Dispatcher):
    has_room = True


class ClaimsFirst(Dispatcher):
    async def ack(self, envelope_id: str, payload: Any = None) -> None:
        pending = self._ledger.find(envelope_id)
        assert pending is not None
        if pending.reply is None:
            pending.reply = "claimed"
            await self._ack(pending, codec.encode_reply(envelope_id, payload), is_automatic=False)


class KeepsItsClaim(Dispatcher):
    async def _ack(self, pending: Any, reply: str, *, is_automatic: bool) -> None:
        try:
            await super()._ack(pending, reply, is_automatic=is_automatic)
        finally:
            pending.reply = reply


class TakesOn(Dispatcher):
    def refuse(self) -> None:
        pass


class OnlyWaits(Dispatcher):
    async def drain(self, seconds: float) -> None:
        self.refuse()
        await self._tasks.join(seconds)


class NeverSweeps(Dispatcher):
    def _sweep_soon(self) -> None:
        pass


def by_envelope(envelope: Envelope) -> Key:
    return (envelope.envelope_id,)


def by_event_alone(envelope: Envelope) -> Key:
    return dedupe_key(envelope)[3:]


CHECKS: dict[str, tuple[Check, list[Any]]] = {
    "the ack goes to the link that delivered": (check_link, [AcksOnTheNewest]),
    "or to the newest": (check_reroute, [AcksOnTheDeliveringOnly]),
    "a failure frees the key": (check_release, [KeysOnArrival, DropsRetries]),
    "a failure is not covered up": (check_no_cover, [CoversUp]),
    "nor is a broken handler": (check_no_cover_of_a_broken_handler, [TrustsItsHandler]),
    "an event is handled once": (check_once, [by_envelope, NeverRemembers]),
    "also while it runs": (check_once_while_it_runs, [by_envelope, KeysOnCompletion]),
    "and acked each time": (check_all_are_acked, [DropsDuplicates]),
    "another's event is another": (check_strangers, [by_event_alone]),
    "a retry may be the first": (check_retries, [DropsRetries]),
    "nobody waits for a slow one": (check_side_by_side, [OneAfterTheOther]),
    "listeners are bounded": (check_bound, [Unbounded]),
    "too large is not acked": (check_oversize, [ClaimsFirst]),
    "a failed ack can be repeated": (check_failed_ack, [KeepsItsClaim]),
    "a drain takes nothing": (check_refusal, [TakesOn]),
    "and ends": (check_end, [OnlyWaits]),
    "nothing stays for ever": (check_empty, [NeverSweeps]),
}


async def run(it: Any, check: Check) -> None:
    """Check, and clean up whatever a broken dispatcher leaves."""
    try:
        await check(it)
    finally:
        await it.dispatcher._tasks.cancel()
        await it.dispatcher._chores.cancel()


@pytest.mark.parametrize("check", [check for check, _ in CHECKS.values()], ids=CHECKS.keys())
async def test_the_dispatcher_is_safe(bench: Make, check: Check) -> None:
    await run(bench(), check)


@pytest.mark.parametrize(
    ("check", "flaw"),
    [(check, flaw) for check, flaws in CHECKS.values() for flaw in flaws],
    ids=[f"{name}: {flaw.__name__}" for name, (_, flaws) in CHECKS.items() for flaw in flaws],
)
async def test_a_broken_one_is_noticed(bench: Make, check: Check, flaw: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    it = bench(**broken(flaw, monkeypatch))
    with pytest.raises(AssertionError):
        await run(it, check)


def broken(flaw: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    if flaw is CoversUp:
        return {"policy": CoversUp()}
    if isinstance(flaw, type):
        return {"kind": flaw}
    monkeypatch.setattr(module, "dedupe_key", flaw)
    return {}
