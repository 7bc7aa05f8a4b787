"""A client in a storm of every fault that the local Slack knows, and afterwards."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import LocalSlack, State
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.socket_mode.response import SocketModeResponse
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@asynccontextmanager
async def listening(slack: LocalSlack, heard: set[str]) -> AsyncIterator[SocketModeClient]:
    async with AsyncWebClient(slack.bot_token, slack.api_url) as web:
        client = SocketModeClient(slack.app_token, web_client=web, ping_interval=0.5)

        async def answer(client: Any, request: Any) -> None:
            heard.add(request.payload.get("event_id", ""))
            await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))

        client.socket_mode_request_listeners.append(answer)
        try:
            await client.connect()
            yield client
        finally:
            await client.close()


@pytest.mark.parametrize("storm", [2, 11])
async def test_who_lives_through_a_storm_hears_what_comes_after_it(storm: int) -> None:
    heard: set[str] = set()
    async with LocalSlack(seed=storm, time_scale=0.05) as slack, listening(slack, heard):
        weather = slack.storm(seed=storm, seconds=3, intensity=15)
        gusts, during = len(weather.storm.plan()), []
        for number in range(gusts):
            await slack.wait_for(lambda _, so_many=number: len(weather.performed) > so_many)  # type: ignore[misc]
            during.append(slack.send_event())
        await weather.over()
        assert sum(done.hits for done in weather.performed) > 0

        await slack.wait_for(lambda slack: slack.ready)
        after = slack.send_event()
        await slack.wait_for(lambda _: after.state is State.ACKED, timeout=60)
        await slack.wait_for(lambda _: all(each.is_settled for each in during), timeout=60)
        assert after.event_id in heard
        # What Slack counts as acked has been heard; what it sent to a dead connection four times may be lost.
        assert {each.event_id for each in during if each.state is State.ACKED} <= heard
