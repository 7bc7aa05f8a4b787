import pytest
from app import make_app

from tautwire.bolt import AsyncSocketModeHandler


@pytest.fixture
def tautwire_slack_options():
    # What the app is sent and what it may do is in the manifest that Slack has, too.
    return {"manifests": ["manifest.yaml"], "strict_scopes": True}


@pytest.fixture
async def slack(tautwire_slack, tautwire_redirect):
    """A local Slack of the test's own, with the app connected."""
    handler = AsyncSocketModeHandler(make_app())
    await handler.connect_async()
    await tautwire_slack.wait_connections()
    yield tautwire_slack
    await handler.close_async()


@pytest.fixture
def ann(slack):
    return slack.user("ann")


@pytest.fixture
def bob(slack):
    return slack.user("bob")


@pytest.fixture
async def ticket(slack, ann):
    """A message with a ticket that ann has filed."""
    await ann.command("/ticket")
    await ann.submits(await ann.modal(), {"title": "The printer is on fire", "priority": "high"})
    message = await slack.channel("general").next_message(from_="bot")
    return await message.until(lambda message: message.blocks)
