"""What a test asks a local Slack for: people, places, apps, what was sent, and sending it again."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest

from scripted import Scripted, scripted
from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[Scripted]:
    async with scripted(slack) as program:
        yield program


async def test_people(slack: LocalSlack) -> None:
    ann = slack.user("ann")
    assert ann is slack.user("@ann") is slack.user("U0ANN")
    assert (ann.name, ann.id, ann.mention, repr(ann)) == ("ann", "U0ANN", "<@U0ANN>", "<ann>")
    with pytest.raises(ConfigurationError, match=r"nobody called 'eve', but .*ann, bob, .*; slack.add_user makes"):
        slack.user("eve")


async def test_somebody_new(slack: LocalSlack, app: Scripted) -> None:
    eve = slack.add_user("eve", title="Tester")
    await slack.settled()
    assert (eve.record.title, slack.user("eve")) == ("Tester", eve)
    assert app.said("team_join")[0]["event"]["user"]["id"] == eve.id
    assert "eve" in slack.channel("general").members
    assert (await eve.says("hello")).author is eve.record
    with pytest.raises(ConfigurationError, match="there is a 'eve' already"):
        slack.add_user("eve")
    with pytest.raises(ConfigurationError, match="'shoe_size' is nothing that a profile has; it has real_name, "):
        slack.add_user("mallory", shoe_size="44")


async def test_places(slack: LocalSlack) -> None:
    dev = slack.channel("dev")
    assert dev is slack.channel("#dev") is slack.channel("C0DEV")
    assert slack.channel("D0ANN") is slack.direct("ann")
    with pytest.raises(
        ConfigurationError, match="there is no channel 'nowhere', but general, random, dev, secret-plans"
    ):
        slack.channel("nowhere")


async def test_direct_conversations(slack: LocalSlack) -> None:
    two, three = slack.direct("ann", "bob"), slack.direct("ann", "bob", "cleo")
    assert (two.id, three.id) == ("D0BOB", "G0TRIO")
    new = slack.direct("cleo", "dan")
    assert (new.members, slack.direct("dan", "cleo")) == (["cleo", "dan"], new)
    assert slack.direct("bob").members == ["bob", "localbot"]
    with pytest.raises(ConfigurationError, match=r"nobody called 'eve'"):
        slack.direct("ann", "eve")
    slack.user("bob").record.is_deleted = True
    with pytest.raises(ActionRefusedError, match="ann cannot open a direct conversation with bob: user_disabled"):
        slack.direct("ann", "bob")


async def test_apps(seed: int) -> None:
    names = [{"display_information": {"name": name}} for name in ("First", "Second")]
    async with LocalSlack(seed=seed, manifests=names) as slack:
        assert [app.identity.app_name for app in slack.apps] == ["First", "Second"]
        assert slack.bot.id == slack.apps[0].identity.bot_user_id


async def test_what_was_sent_and_sending_it_again(slack: LocalSlack, app: Scripted) -> None:
    ann = slack.user("ann")
    await ann.says("@localbot hi")
    await ann.command("/deploy api")
    assert [each.subject for each in slack.deliveries()] == ["message", "app_mention", "/deploy"]
    assert slack.deliveries("events_api") == slack.deliveries()[:2]
    (command,) = slack.deliveries("/deploy")

    app.answers["/deploy"] = {"text": "again"}
    again = slack.resend(command)
    await slack.settled()
    assert (again.payload, again.answer) == (command.payload, {"text": "again"})
    assert again.envelope_id != command.envelope_id
    assert (await ann.next_ephemeral()).text == "again"
    same = slack.resend(command, same_id=True)
    await slack.settled()
    assert same.envelope_id == command.envelope_id
    assert len(app.said("/deploy")) == 3


async def test_the_conversation(slack: LocalSlack, app: Scripted) -> None:
    await slack.user("ann").says("one")
    await app.call("chat.postMessage", channel="general", text="two")
    told = slack.conversation()
    assert "ann in #general: one" in told
    assert 'bot: chat.postMessage general "two"' in told
    lines = slack.conversation(limit=1, width=40).splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("… ")
    assert max(map(len, lines)) <= 40


async def test_a_program_finds_it_by_its_environment(slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "of-somebody")
    assert slack.environment()["SLACK_BOT_TOKEN"] == slack.bot_token
    assert slack.environment({"PATH": "x"})["PATH"] == "x"
    show = "import os, slack_sdk; print(slack_sdk.WebClient(os.environ['SLACK_BOT_TOKEN']).auth_test()['user'])"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", show, env=slack.environment(os.environ), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert out.split() == [b"localbot"]
