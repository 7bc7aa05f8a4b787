"""A storm performed: what the timetable says happens when it says so, and then there is calm."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack, Storm


async def test_every_gust_comes_at_its_time(still: LocalSlack, clock: Any, seed: int) -> None:
    weather = still.storm(seed=seed, seconds=60)
    plan = Storm(seed=seed, seconds=60).plan()
    began = clock.now
    for gust in plan:
        await clock.advance(began + gust.at - clock.now)
        assert gust in [done.gust for done in weather.performed]
    assert [done.gust for done in weather.performed] == list(plan)
    assert [weather.is_over] == [False]
    await clock.advance(began + 60 - clock.now)
    assert weather.is_over
    await weather.over()
    assert still.faults.rules == ()
    assert repr(weather) == f"<storm of seed {seed}, over, {len(plan)} fault(s) so far>"


async def test_a_rule_is_in_force_for_its_time_and_no_longer(still: LocalSlack, clock: Any, seed: int) -> None:
    gusts = [gust for gust in Storm(seed=seed, seconds=30).plan() if gust.fault.where != "connection"]
    still.storm(seed=seed, seconds=30)
    began = clock.now
    # Looked at between two thousandths of a second, where nothing ever begins or ends.
    for tenth in range(300):
        passed = tenth / 10 + 0.0005
        await clock.advance(began + passed - clock.now)
        expected = [gust.fault for gust in gusts if gust.at < passed < gust.at + gust.lasts]
        assert [rule.fault for rule in still.faults.rules] == expected


async def test_the_record_can_be_read_back(slack: LocalSlack, dial: Any) -> None:
    async with dial(slack):
        weather = slack.storm(seed=5, seconds=0.2, intensity=1000, without=("handshake", "api", "hello", "frame"))
        slack.send_event()
        await weather.over()
        told = json.loads(json.dumps([done.to_dict() for done in weather.performed]))
        assert [each["at"] for each in told] == sorted(each["at"] for each in told)
        assert {"c1"} in [set(each["struck"]) for each in told]
        assert any(each["hits"] for each in told)
        assert not any(each["fault"]["where"] == "api" for each in told)


async def test_a_storm_can_be_stopped(still: LocalSlack, clock: Any) -> None:
    weather = still.storm(seed=1, seconds=600, intensity=10)
    await clock.advance(20)
    before = len(weather.performed)
    assert before > 20
    assert still.faults.rules
    weather.stop()
    weather.stop()
    await clock.advance(600)
    assert (len(weather.performed), len(still.faults.rules), weather.is_over) == (before, 0, True)


async def test_faults_that_were_there_before_stay(still: LocalSlack, clock: Any) -> None:
    from tautwire.local import Fault

    rule = still.inject(Fault(where="pong", kind="missing"))
    still.storm(seed=1, seconds=5)
    await clock.advance(5)
    assert still.faults.rules == (rule,)


async def test_what_is_no_storm(slack: LocalSlack) -> None:
    with pytest.raises(ConfigurationError):
        slack.storm(seconds=0)
