from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_faults(done: Any, failed: Any, slack: LocalSlack) -> None:
    assert await done("fault", "list") == "No fault is in force.\n"
    added = await done("fault", "add", "api", "ratelimited", "retry_after=1.5", "count=1", "match=chat.*")
    assert added == "1  api/ratelimited  match=chat.* count=1 retry_after=1.5  0 hit(s)\n"
    (rule,) = slack.faults.rules
    assert (rule.fault.retry_after, rule.fault.count) == (1.5, 1)
    await done("fault", "add", "ping", "missing", "count:=null")
    assert len((await done("fault", "list")).splitlines()) == 2
    slack.faults.decide("api", "chat.postMessage")
    assert "1 hit(s), spent" in await done("fault", "list")
    assert await done("fault", "remove", "2") == "1 fault(s) removed\n"
    assert await failed("fault", "remove", "2") == (2, "there is no fault 2, but 1.")
    assert await done("fault", "remove") == "1 fault(s) removed\n"
    assert await failed("fault", "add", "envelope", "late", "delay=x") == (
        2,
        "'delay' of a fault is a number of seconds, not 'x'.",
    )


async def test_storms(done: Any, failed: Any) -> None:
    said = await done("storm", "--seed", "3", "--for", "30s")
    assert said.endswith(" fault(s) in 30 s (seed 3)\n")
    assert await done("storm", "--seed", "3", "--for", "0.5m") == said
    assert (await failed("storm", "--for", "x"))[0] == 2
    assert (await failed("storm", "--without", "sun"))[0] == 2


async def test_connections(done: Any, app: Any, slack: LocalSlack) -> None:
    assert await done("half-open", "--app", "A0LOCAL01") == "1 connection(s) are dead, and do not know\n"
    assert await done("refresh") == "0 connection(s) are being replaced\n"
    assert await done("drop", "--how", "close") == "1 connection(s) lost\n"
    assert await done("drop") == "0 connection(s) lost\n"


async def test_socket_mode(done: Any, slack: LocalSlack) -> None:
    assert await done("socket-mode", "off") == "Socket Mode is off\n"
    assert not slack.line().is_socket_mode_on
    assert await done("socket-mode", "on", "--app", "A0LOCAL01") == "Socket Mode is on\n"
    assert slack.line().is_socket_mode_on


async def test_time_that_passes(done: Any, failed: Any, slack: LocalSlack) -> None:
    before = slack.line().exchange.clock.wall()
    assert await done("advance", "1h30m") == "5400 s have passed\n"
    assert slack.line().exchange.clock.wall() - before > 5399
    assert (await failed("advance", "tomorrow"))[0] == 2
