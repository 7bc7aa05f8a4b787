"""Workspaces that somebody has written by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.workspace import Workspace
from tautwire.local.workspace.loading import load, loads
from tautwire.local.workspace.saving import save

DOC = Path(__file__).parents[3] / "docs" / "local-seed.md"


VIEW = {"id": "V1", "app": "A1", "user": "ann", "kind": "home", "given": {}, "hash": "", "root_id": "V1"}


def said(workspace: Workspace, place: str) -> list[str]:
    return [message.text for message in workspace.channel(place).messages.values()]


def test_nothing_is_acme() -> None:
    workspace = load({})
    assert save(workspace) | {"counters": 0} == save(Workspace()) | {"counters": 0}
    assert workspace.user("ann").id == "U0ANN"


def test_people_alone_have_the_usual_channels() -> None:
    workspace = load({"users": ["eve", {"name": "fay", "is_deleted": True}]})
    assert [user.name for user in workspace.users.values()] == ["slackbot", "eve", "fay"]
    assert {place.name: list(place.members) for place in workspace.channels.values()} == {
        "general": [workspace.user("eve").id],
        "random": [workspace.user("eve").id],
    }
    eve = workspace.user("eve")
    assert (eve.real_name, eve.display_name, eve.email) == ("Eve", "eve", "eve@acme.test")
    assert re.fullmatch(r"U[0-9A-F]{11}", eve.id)
    assert workspace.channel("general").is_general


def test_channels_alone_are_for_acmes_people() -> None:
    workspace = load({"channels": ["cakes", {"name": "plots", "kind": "group", "creator": "bob"}]})
    assert len(workspace.channel("cakes").members) == 4
    assert list(workspace.channel("plots").members) == ["U0BOB"]
    assert (workspace.channel("plots").creator, workspace.channel("plots").is_private) == ("U0BOB", True)


def test_the_example_in_the_docs() -> None:
    [example] = re.findall(r"^```json\n(.*?)^```", DOC.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    workspace = loads(example, "seed.json")
    assert (workspace.team.name, workspace.user("bob").email) == ("Bakery", "bob@acme.test")
    assert [app.identity.app_name for app in workspace.apps.values()] == ["Oven Bot", "Deploy"]
    ops = workspace.channel("ops")
    assert [workspace.users[each].name for each in ops.members] == ["ann", "bob", "deploy"]
    assert said(workspace, "ops") == ["Is the oven hot?", "It is.", "The recipe:"]
    parent, *replies = ops.messages.values()
    assert ops.threads == {parent.ts: [each.ts for each in replies]}
    assert (parent.reactions, list(ops.pins)) == ({"fire": [workspace.user("bob").id]}, [parent.ts])
    [file] = workspace.core.files.values()
    assert (file.content, file.mimetype, file.shares) == (
        b"Flour, water, salt.",
        "text/plain",
        {ops.id: [replies[1].ts]},
    )
    assert (ops.topic.value, ops.topic.creator) == ("Who has the pager?", workspace.user("ann").id)
    [hook] = workspace.grants.webhooks.values()
    assert hook.channel_id == ops.id
    [direct] = [place for place in workspace.channels.values() if place.kind == "im"]
    assert (direct.name, direct.id[0]) == ("directmessage", "D")
    assert save(load(save(workspace))) == save(workspace)


def test_the_mistake_in_the_docs() -> None:
    document = {"users": ["ann", "bob", "old-timer"], "channels": ["general", {"name": "ops", "members": ["bod"]}]}
    with pytest.raises(ConfigurationError) as caught:
        load(document, "seed.json")
    assert f"`{caught.value}`" in DOC.read_text("utf-8").replace("\n", " ")


async def test_a_local_slack_starts_from_it(call: Any) -> None:
    workspace = load({"users": [f"u{number}" for number in range(600)]})
    async with LocalSlack(workspace=workspace) as slack:
        answer = (await call(slack, "users.list", data={"limit": "1000"}))[2]
        assert len(answer["members"]) == 602


def test_times_are_made_in_order_and_after_those_that_are_given() -> None:
    messages = [
        {"user": "ann", "text": "b"},
        {"user": "ann", "text": "a", "ts": "1795000000.000100"},
        {"user": "ann", "text": "c", "replies": [{"user": "bob", "text": "d"}]},
    ]
    workspace = load({"channels": [{"name": "general", "messages": messages}]})
    stamps = list(workspace.channel("general").messages)
    assert said(workspace, "general") == ["a", "b", "c", "d"]
    assert stamps == sorted(stamps)
    assert stamps[0] == "1795000000.000100"
    assert workspace.ids.ts(0.0) > stamps[-1]


def test_ids_that_are_made_are_new() -> None:
    taken = Workspace().ids.of("U")
    workspace = load({"users": [{"name": "eve", "id": taken}, "fay"]})
    assert workspace.user("fay").id > taken


def test_a_bot_speaks_as_its_app() -> None:
    messages = [{"user": "localbot", "text": "x"}]
    workspace = load({"apps": [{}], "channels": [{"name": "general", "messages": messages}]})
    [message] = workspace.channel("general").messages.values()
    assert (message.app_id, message.bot_id) == (workspace.app.id, workspace.me.bot_id)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "the document: expected an object, got a list"),
        ({"usres": []}, "the document: there is no key 'usres' here"),
        ({"format": "other"}, "format: it says 'other', and a workspace's is 'tautwire-workspace'"),
        ({"version": 2}, "version: it is 2, and this program reads 1"),
        ({"version": "1"}, "version: expected a whole number, got text"),
        ({"users": 3}, "users: expected a list or null, got a whole number"),
        ({"users": [3]}, "users[0]: expected text or an object, got a whole number"),
        ({"users": [{}]}, "users[0]: 'name' is missing"),
        ({"users": [{"name": ""}]}, "users[0]: a name is missing"),
        ({"users": [{"name": "a", "is_admin": 1}]}, "users[0].is_admin: expected true or false, got a whole number"),
        ({"users": [{"name": "a", "nmae": 1}]}, "users[0]: there is no key 'nmae' here"),
        ({"users": ["a", "a"]}, "users[1]: the name 'a' comes twice"),
        ({"users": [{"name": "a", "id": "U1"}, {"name": "b", "id": "U1"}]}, "users[1].id: the id 'U1' comes twice"),
        ({"users": [{"name": "a", "id": "a"}]},
         "users[0].id: 'a' is no id: those are capitals and digits, such as 'U0ANN'"),
        ({"channels": [{"name": "Ops"}]}, "channels[0].name: Slack would say invalid_name_specials to 'Ops'"),
        ({"channels": [""]}, "channels[0].name: Slack would say invalid_name_required to ''"),
        ({"channels": ["a", "a"]}, "channels[1].name: the name 'a' comes twice"),
        ({"channels": [{"name": "a", "kind": "sofa"}]}, "channels[0].kind: invalid enum value 'sofa'"),
        ({"channels": [{"kind": "im", "members": []}]}, "channels[0].members: there are 0, and an im has 1 to 2"),
        ({"channels": [{"kind": "mpim", "members": ["ann"]}]},
         "channels[0].members: there are 1, and an mpim has 3 to 9"),
        ({"channels": [{"name": "a", "members": ["eve"]}]},
         "channels[0].members: there is no user 'eve'; known are slackbot, ann, bob, cleo, dan"),
        ({"channels": [{"name": "a", "messages": [{"text": "x"}]}]}, "channels[0].messages[0]: 'user' is missing"),
        ({"channels": [{"name": "a", "messages": [{"user": "ann", "ts": "now"}]}]},
         "channels[0].messages[0].ts: 'now' is no ts, such as '1795000000.000100'"),
        ({"channels": [{"name": "a", "messages": [{"user": "ann", "ts": "1.000000"}] * 2}]},
         "channels[0].messages[1].ts: '1.000000' comes twice in this channel"),
        ({"channels": [{"name": "a", "messages": [{"user": "ann", "replies": [{"user": "eve"}]}]}]},
         "channels[0].messages[0].replies[0].user: there is no user 'eve'; known are slackbot, ann, bob, cleo, dan"),
        ({"channels": [{"name": "a", "messages": [{"user": "ann", "files": ["x"]}]}]},
         "channels[0].messages[0].files: there is no file 'x', or more than one"),
        ({"channels": [{"name": "a", "pins": [{"ts": "1.000000", "user": "ann", "created": 1}]}]},
         "channels[0].pins[0].ts: there is no message '1.000000' in this channel"),
        ({"apps": [{"id": "A1"}]},
         "apps[0]: an app with an id of its own has 'bot_id', too; without an id all of it is made up"),
        ({"apps": [{"manifest": {}}]}, None),
        ({"apps": [{"webhooks": [{"channel": "sofa"}]}]},
         ("apps[0].webhooks[0].channel: there is no channel 'sofa'; "
          "known are general, random, dev, secret-plans, D0BOB, G0TRIO")),
        ({"apps": [{"bot_token": "xoxb-1"}, {"bot_token": "xoxb-1"}]},
         "apps[1]: one of its tokens is another one's, too"),
        ({"files": [{"name": "a", "user": "ann", "content": "%"}]},
         "files[0].content: invalid base64 encoded string"),
        ({"files": [{"name": "a", "user": "ann", "content": "YQ==", "text": "a"}]},
         "files[0]: a file has content or a text, not both"),
        ({"views": [VIEW]},
         "views[0].app: there is no app 'A1'; none is known here"),
        ({"scheduled": [{"channel": "general", "user": "ann", "post_at": 1, "content": {"txt": "x"}}]},
         "scheduled[0].content: a message has no 'txt'"),
        ({"counters": {"last_ts": "x"}}, "counters.last_ts: 'x' is no ts, such as '1795000000.000100'"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_that_says_where(document: Any, sentence: str | None) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(document, "seed.json")
    assert "\n" not in str(caught.value)
    if sentence is None:
        assert str(caught.value).startswith("seed.json: apps[0].manifest: ")
    else:
        assert str(caught.value) == f"seed.json: {sentence}"


def test_long_lists_of_names_are_cut() -> None:
    with pytest.raises(ConfigurationError, match=r"known are slackbot, u0, .*, u10 and others$"):
        load({"users": [f"u{number}" for number in range(99)], "channels": [{"name": "a", "members": ["x"]}]})


@pytest.mark.parametrize("where", ["app_token", "bot_token", "user_tokens"])
def test_a_real_token_is_refused_and_not_repeated(where: str) -> None:
    token = "xoxb-" + "4012345678-5012345678901-" + "AbCdEfGhIjKlMnOpQrStUvWx"
    with pytest.raises(ConfigurationError, match="real Slack token") as caught:
        load({"apps": [{where: {token: "ann"} if where == "user_tokens" else token}]})
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{\n "users": ]', "s.json: line 2, column 11: this is not JSON: expecting value"),
        ("", "s.json: line 1, column 1: this is not JSON: expecting value"),
        ('{"users": NaN}', "s.json: this cannot be read: NaN is no JSON"),
        ('{"version": 1e999}', "s.json: this cannot be read: no number is that large"),
        ('{"users": ["\\ud800"]}', "s.json: there is half of a character in it, a lone surrogate"),
        ("[" * 100_000, "s.json: this cannot be read: nested too deeply"),
    ],
)
def test_what_is_no_json(text: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        loads(text, "s.json")
    assert str(caught.value) == sentence


def test_an_app_that_is_somebody_elses_bot() -> None:
    document = save(load({"apps": [{}]}))
    document["apps"][0]["bot_user"] = "ann"
    with pytest.raises(ConfigurationError, match=r"apps\[0\].bot_user: 'ann' is not this app's bot"):
        load(document)
    document = save(load({"apps": [{}]}))
    document["apps"].append(dict(document["apps"][0], app_token="xapp-x", bot_token="xoxb-x"))
    with pytest.raises(ConfigurationError, match=r"apps\[1\].id: the id 'A0LOCAL01' comes twice"):
        load(document)


def test_a_file_may_be_named_when_no_other_is_called_so() -> None:
    files = [{"name": "a", "user": "ann", "text": "1"}, {"name": "a", "user": "ann", "text": "2"}]
    message = {"user": "ann", "files": ["a"]}
    document = {"files": files[:1], "channels": [{"name": "x", "messages": [message]}]}
    assert load(json.loads(json.dumps(document))).core.files
    with pytest.raises(ConfigurationError, match="or more than one"):
        load(document | {"files": files})
