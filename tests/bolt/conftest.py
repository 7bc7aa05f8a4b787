"""An unmodified `AsyncApp`, with slack_sdk's Web client, beside the local Slack."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tautwire.bolt import AsyncSocketModeHandler
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    """Three seconds for an ack, as Slack gives; retries follow a thousand times as fast."""
    async with LocalSlack(seed=seed, time_scale=0.001) as local:
        yield local


@pytest.fixture
async def hasty(seed: int) -> AsyncIterator[LocalSlack]:
    """A Slack that gives up on an ack after half a second."""
    async with LocalSlack(seed=seed, time_scale=0.001, deadline=0.5) as local:
        yield local


@pytest.fixture
def make_app() -> Callable[..., AsyncApp]:
    def make(slack: LocalSlack, **options: Any) -> AsyncApp:
        return AsyncApp(client=AsyncWebClient(slack.bot_token, base_url=slack.api_url), **options)

    return make


@pytest.fixture
def app(slack: LocalSlack, make_app: Callable[..., AsyncApp]) -> AsyncApp:
    return make_app(slack)


@pytest.fixture
def serving() -> Callable[..., AbstractAsyncContextManager[AsyncSocketModeHandler]]:
    """Run an app on the local Slack for the time of an `async with`."""

    @asynccontextmanager
    async def serve(slack: LocalSlack, app: AsyncApp, **options: Any) -> AsyncIterator[AsyncSocketModeHandler]:
        handler = AsyncSocketModeHandler(app, slack.app_token, **options)
        await handler.connect_async()
        try:
            await slack.wait_connections(1)
            yield handler
        finally:
            await handler.close_async()

    return serve
