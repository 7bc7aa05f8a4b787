from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.methods import METHODS
from tautwire.local.manifest import Manifest
from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import Channel, Message, Workspace

FAMILY = (
    "chat.postMessage",
    "chat.postEphemeral",
    "chat.meMessage",
    "chat.update",
    "chat.delete",
    "chat.getPermalink",
    "chat.unfurl",
)
DIVIDER = {"type": "divider"}
BAD_BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
REASONS = [
    "failed to match all allowed schemas [json-pointer:/blocks/0/text]",
    "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
]


@pytest.fixture
def general(workspace: Workspace) -> Channel:
    return workspace.channel("general")


@pytest.fixture
def say(workspace: Workspace, general: Channel) -> Callable[..., Message]:
    """Ann says something in the general channel."""

    def do(text: str = "hello", **more: Any) -> Message:
        ann = workspace.user("ann")
        return workspace.talk.post(general, Content(text=text, **more), by=ann, wall=1_795_000_000.0)

    return do


@pytest.fixture
def quiet(workspace: Workspace) -> str:
    """The id of an archived channel that the bot is in."""
    channel = workspace.channel("random")
    workspace.places.archive(channel, by=workspace.user("ann"), wall=1_795_000_000.0)
    return channel.id


# chat.postMessage


def test_post_message(ask: Any, workspace: Workspace) -> None:
    answer = ask("chat.postMessage", channel="C0GENERAL", text="hi", blocks=[DIVIDER])
    message = answer["message"]
    assert set(answer) == {"ok", "channel", "ts", "message"}
    assert (answer["channel"], answer["ts"]) == ("C0GENERAL", message["ts"])
    assert message["text"] == "hi"
    assert message["blocks"] == [DIVIDER | {"block_id": message["blocks"][0]["block_id"]}]
    assert set(message) >= {"user", "type", "bot_id", "app_id", "team", "bot_profile"}
    assert (message["user"], message["bot_id"]) == ("U0LOCALBOT", "B0LOCALBOT")
    assert workspace.channel("general").messages[answer["ts"]].text == "hi"


@pytest.mark.parametrize(
    ("name", "channel"), [("general", "C0GENERAL"), ("#general", "C0GENERAL"), ("U0ANN", "D0ANN"), ("D0ANN", "D0ANN")]
)
def test_a_place_by_id_by_name_or_by_person(ask: Any, name: str, channel: str) -> None:
    assert ask("chat.postMessage", channel=name, text="hi")["channel"] == channel


def test_a_reply_and_its_broadcast(ask: Any, say: Any) -> None:
    parent = say()
    reply = ask("chat.postMessage", channel="C0GENERAL", text="a", thread_ts=parent.ts)["message"]
    assert (reply["thread_ts"], reply["parent_user_id"]) == (parent.ts, "U0ANN")
    assert "subtype" not in reply
    given = {"text": "b", "thread_ts": reply["ts"], "reply_broadcast": "1"}
    loud = ask("chat.postMessage", channel="C0GENERAL", **given)["message"]
    assert (loud["subtype"], loud["thread_ts"]) == ("thread_broadcast", parent.ts)
    assert (loud["root"]["ts"], loud["root"]["reply_count"]) == (parent.ts, 2)


def test_a_thread_that_nobody_has_begun(ask: Any) -> None:
    answer = ask("chat.postMessage", channel="C0GENERAL", text="a", thread_ts="1700000000.000001")
    assert answer["message"]["thread_ts"] == "1700000000.000001"


def test_metadata_is_kept(ask: Any) -> None:
    metadata = {"event_type": "deployed", "event_payload": {"to": "production"}}
    answer = ask("chat.postMessage", channel="C0GENERAL", text="a", metadata=json.dumps(metadata))
    assert answer["message"]["metadata"] == metadata


def test_a_long_text_is_cut_with_a_warning(ask: Any) -> None:
    body = ask("chat.postMessage", channel="C0GENERAL", text="x" * 40_001)
    assert len(body["message"]["text"]) == 40_000
    assert body["warning"] == "message_truncated"
    assert body["response_metadata"] == {"warnings": ["message_truncated"]}


def test_what_is_wrong_with_blocks_is_said_twice(ask: Any) -> None:
    body = ask("chat.postMessage", channel="C0GENERAL", blocks=BAD_BLOCKS)
    assert body == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": REASONS,
        "response_metadata": {"messages": [f"[ERROR] {each}" for each in REASONS]},
    }


# chat.postEphemeral and chat.meMessage


def test_post_ephemeral(ask: Any, workspace: Workspace) -> None:
    answer = ask("chat.postEphemeral", channel="general", user="U0ANN", text="psst", thread_ts="1700000000.000001")
    assert set(answer) == {"ok", "message_ts"}
    shown = workspace.answers.ephemerals[answer["message_ts"]]
    assert (shown.seen_by, shown.text, shown.thread_ts) == ("U0ANN", "psst", "1700000000.000001")
    assert workspace.channel("general").messages == {}


def test_me_message(ask: Any, workspace: Workspace) -> None:
    answer = ask("chat.meMessage", channel="general", text="dances")
    assert set(answer) == {"ok", "channel", "ts"}
    assert workspace.channel("general").messages[answer["ts"]].subtype == "me_message"


# chat.update and chat.delete


def test_update(ask: Any, workspace: Workspace) -> None:
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a", blocks=[DIVIDER])["ts"]
    answer = ask("chat.update", channel="C0GENERAL", ts=ts, text="b")
    assert (answer["channel"], answer["ts"], answer["text"]) == ("C0GENERAL", ts, "b")
    assert answer["message"]["edited"]["user"] == "U0LOCALBOT"
    assert [each["type"] for each in answer["message"]["blocks"]] == ["rich_text"]
    assert workspace.channel("general").messages[ts].blocks == []


def test_an_update_with_blocks_is_not_marked_as_edited(ask: Any) -> None:
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"]
    message = ask("chat.update", channel="C0GENERAL", ts=ts, text="b", blocks=[DIVIDER])["message"]
    assert (message["text"], message["blocks"][0]["type"]) == ("b", "divider")
    assert "edited" not in message


def test_update_keeps_what_it_does_not_name(ask: Any) -> None:
    metadata = {"event_type": "a", "event_payload": {}}
    given = {"text": "a", "attachments": [{"text": "b"}], "metadata": metadata}
    ts = ask("chat.postMessage", channel="C0GENERAL", **given)["ts"]
    message = ask("chat.update", channel="C0GENERAL", ts=ts, text="c")["message"]
    assert (message["attachments"][0]["text"], message["metadata"]) == ("b", metadata)
    message = ask("chat.update", channel="C0GENERAL", ts=ts, attachments=[], metadata={})["message"]
    assert (message["text"], message.get("attachments"), message.get("metadata")) == ("c", None, None)


def test_update_with_a_file(ask: Any, workspace: Workspace, general: Channel) -> None:
    bot = workspace.core.bot_user(workspace.app)
    share = workspace.uploads.share(general, "a.txt", b"abc", by=bot, wall=1_795_000_000.0)
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"]
    answer = ask("chat.update", channel="C0GENERAL", ts=ts, text="b", file_ids=share.file_ids)
    assert [each["name"] for each in answer["message"]["files"]] == ["a.txt"]
    assert workspace.core.files[share.file_ids[0]].shares == {"C0GENERAL": [share.ts, ts]}


def test_a_reply_is_broadcast_after_the_fact(ask: Any, say: Any) -> None:
    parent = say()
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a", thread_ts=parent.ts)["ts"]
    message = ask("chat.update", channel="C0GENERAL", ts=ts, reply_broadcast=True)["message"]
    assert (message["subtype"], message["text"]) == ("thread_broadcast", "a")


def test_delete(ask: Any, workspace: Workspace) -> None:
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"]
    assert ask("chat.delete", channel="C0GENERAL", ts=ts) == {"ok": True, "channel": "C0GENERAL", "ts": ts}
    assert workspace.channel("general").messages == {}


def test_an_admin_deletes_what_others_have_said(ann: Any, bob: Any, ask: Any) -> None:
    ts = ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"]
    assert bob.error("chat.delete", channel="C0GENERAL", ts=ts) == "cant_delete_message"
    assert ann("chat.delete", channel="C0GENERAL", ts=ts)["ok"]


# chat.getPermalink


def test_get_permalink(ask: Any, say: Any) -> None:
    parent = say()
    reply = say("x", thread_ts=parent.ts)
    address = "https://acme.slack.com/archives/C0GENERAL/p" + parent.ts.replace(".", "")
    assert ask("chat.getPermalink", channel="C0GENERAL", message_ts=parent.ts) == {
        "ok": True,
        "channel": "C0GENERAL",
        "permalink": address,
    }
    link = ask("chat.getPermalink", channel="C0GENERAL", message_ts=reply.ts)["permalink"]
    assert link.endswith(f"?thread_ts={parent.ts}&cid=C0GENERAL")


# chat.unfurl

URL = "https://x.test/a?b=1&c=2"


def test_unfurl(ask: Any, say: Any) -> None:
    said = say(f"see <{URL}>")
    assert ask("chat.unfurl", channel="C0GENERAL", ts=said.ts, unfurls=json.dumps({URL: {"text": "A"}})) == {"ok": True}
    (shown,) = said.attachments
    assert (shown["text"], shown["from_url"], shown["is_app_unfurl"], shown["id"]) == ("A", URL, True, 1)
    assert said.edited_ts == ""
    assert ask("chat.unfurl", channel="C0GENERAL", ts=said.ts, unfurls={URL: {"blocks": [DIVIDER]}})["ok"]
    (shown,) = said.attachments
    assert "text" not in shown
    assert shown["blocks"][0]["block_id"]


def test_unfurl_by_what_link_shared_called_it(ask: Any, say: Any) -> None:
    said = say(f"see <{URL}>")
    known = {"unfurl_id": f"C0GENERAL.{said.ts}.abcdef", "source": "conversations_history"}
    assert ask("chat.unfurl", unfurls={URL: {"text": "A"}}, **known)["ok"]
    assert said.attachments[0]["text"] == "A"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"user_auth_required": "1"}, "Local Bot asks you to sign in"),
        ({"user_auth_url": "https://x.test/in"}, "Local Bot asks you to sign in: <https://x.test/in>"),
        ({"user_auth_url": "https://x.test/in", "user_auth_message": "Sign in!"}, "Sign in!"),
    ],
)
def test_unfurl_asks_the_author_to_sign_in(
    given: dict[str, str], words: str, ask: Any, say: Any, workspace: Workspace
) -> None:
    said = say(f"see <{URL}>")
    assert ask("chat.unfurl", channel="C0GENERAL", ts=said.ts, user_auth_blocks=json.dumps([DIVIDER]), **given)["ok"]
    (shown,) = workspace.answers.ephemerals.values()
    assert (shown.seen_by, shown.text, shown.blocks[0]["type"]) == ("U0ANN", words, "divider")
    assert said.attachments == []


# What is refused

LINK = {"channel": "C0GENERAL", "ts": "{linked}"}
HERE = {"channel": "C0GENERAL"}
OWN = {"channel": "C0GENERAL", "ts": "{own}"}
BAD_CONTENT: list[tuple[dict[str, Any], str]] = [
    ({}, "no_text"),
    ({"text": "", "blocks": []}, "no_text"),
    ({"blocks": BAD_BLOCKS}, "invalid_blocks"),
    ({"blocks": "{nonsense"}, "invalid_blocks_format"),
    ({"blocks": "[" * 100_000}, "invalid_blocks_format"),
    ({"blocks": '["\\ud800"]'}, "invalid_blocks_format"),
    ({"blocks": {"type": "divider"}}, "invalid_blocks_format"),
    ({"attachments": [{}] * 101}, "too_many_attachments"),
    ({"attachments": ["x"]}, "invalid_attachments"),
    ({"attachments": "x"}, "invalid_attachments"),
    ({"markdown_text": "a", "text": "b"}, "markdown_text_conflict"),
    ({"markdown_text": "a", "blocks": [DIVIDER]}, "markdown_text_conflict"),
    ({"markdown_text": "a" * 12_001}, "msg_too_long"),
]
BAD_METADATA: list[tuple[dict[str, Any], str]] = [
    ({"text": "a", "metadata": "{"}, "invalid_metadata_format"),
    ({"text": "a", "metadata": []}, "invalid_metadata_format"),
    ({"text": "a", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
]
BAD_PLACE: list[tuple[dict[str, Any], str]] = [
    ({"text": "a"}, "channel_not_found"),
    ({"channel": "nowhere", "text": "a"}, "channel_not_found"),
    ({"channel": "C0SECRET", "text": "a"}, "channel_not_found"),
    ({"channel": "{quiet}", "text": "a"}, "is_archived"),
    ({"channel": "C0DEV", "text": "a", "as": "dan"}, "not_in_channel"),
    ({"channel": "{direct}", "text": "a", "as": "shy"}, "messages_tab_disabled"),
]

REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *(("chat.postMessage", HERE | given, error) for given, error in (*BAD_CONTENT, *BAD_METADATA)),
    *(("chat.postMessage", given, error) for given, error in BAD_PLACE),
    ("chat.postMessage", {"channel": "{gone}", "text": "a"}, "channel_not_found"),
    ("chat.postMessage", {"channel": "C0DEV", "text": "a", "thread_ts": "{join}"}, "cannot_reply_to_message"),
    *(("chat.postEphemeral", HERE | {"user": "U0ANN"} | given, error) for given, error in BAD_CONTENT),
    *(("chat.postEphemeral", {"user": "U0ANN"} | given, error) for given, error in BAD_PLACE),
    ("chat.postEphemeral", HERE | {"user": "U0ANN", "text": "x" * 40_001}, "msg_too_long"),
    ("chat.postEphemeral", HERE | {"user": "U0NOBODY", "text": "a"}, "user_not_in_channel"),
    ("chat.postEphemeral", {"channel": "C0DEV", "user": "U0DAN", "text": "a"}, "user_not_in_channel"),
    ("chat.postEphemeral", HERE | {"text": "a"}, "invalid_arguments"),
    *(("chat.meMessage", given, error) for given, error in BAD_PLACE),
    ("chat.meMessage", HERE, "no_text"),
    ("chat.meMessage", HERE | {"text": ""}, "no_text"),
    ("chat.meMessage", HERE | {"text": "x" * 40_001}, "msg_too_long"),
    *(("chat.update", OWN | given, error) for given, error in (*BAD_CONTENT, *BAD_METADATA)),
    ("chat.update", {"ts": "{own}", "text": "a"}, "channel_not_found"),
    ("chat.update", {"channel": "general", "ts": "{own}", "text": "a"}, "channel_not_found"),
    ("chat.update", HERE | {"ts": "1.000001", "text": "a"}, "message_not_found"),
    ("chat.update", HERE | {"ts": "{linked}", "text": "a"}, "cant_update_message"),
    ("chat.update", {"channel": "{quiet}", "ts": "{archived}", "text": "a"}, "is_inactive"),
    ("chat.update", OWN | {"text": "x" * 4_001}, "msg_too_long"),
    ("chat.update", OWN | {"text": "a", "file_ids": "F1,F2"}, "file_not_found"),
    ("chat.update", OWN | {"reply_broadcast": "true", "text": "a"}, "no_dual_broadcast_content_update"),
    ("chat.update", OWN | {"reply_broadcast": "true"}, "cant_broadcast_message"),
    ("chat.update", HERE | {"text": "a"}, "invalid_arguments"),
    ("chat.delete", {"ts": "{own}"}, "channel_not_found"),
    ("chat.delete", HERE | {"ts": "1.000001"}, "message_not_found"),
    ("chat.delete", HERE | {"ts": "{linked}"}, "cant_delete_message"),
    ("chat.delete", {"channel": "{quiet}", "ts": "{archived}"}, "cant_delete_message"),
    ("chat.getPermalink", {"message_ts": "{own}"}, "channel_not_found"),
    ("chat.getPermalink", HERE | {"message_ts": "1.000001"}, "message_not_found"),
    ("chat.unfurl", {"ts": "{linked}", "unfurls": {}}, "missing_channel"),
    ("chat.unfurl", HERE | {"unfurls": {}}, "missing_ts"),
    ("chat.unfurl", LINK, "missing_unfurls"),
    ("chat.unfurl", {"source": "composer"}, "missing_unfurl_id"),
    ("chat.unfurl", {"unfurl_id": "C0GENERAL.1.2.3"}, "missing_source"),
    ("chat.unfurl", {"unfurl_id": "C0GENERAL.1.2.3", "source": "elsewhere"}, "invalid_source"),
    ("chat.unfurl", {"unfurl_id": "C0GENERAL.1.2.3", "source": "composer"}, "invalid_unfurl_id"),
    ("chat.unfurl", {"unfurl_id": "nonsense", "source": "conversations_history"}, "invalid_unfurl_id"),
    ("chat.unfurl", {"channel": "C0SECRET", "ts": "1.000001", "unfurls": {}}, "cannot_find_channel"),
    ("chat.unfurl", {"channel": "general", "ts": "1.000001", "unfurls": {}}, "cannot_find_channel"),
    ("chat.unfurl", HERE | {"ts": "1.000001", "unfurls": {}}, "cannot_find_message"),
    ("chat.unfurl", LINK | {"unfurls": "{"}, "invalid_unfurls_format"),
    ("chat.unfurl", LINK | {"unfurls": []}, "invalid_unfurls_format"),
    ("chat.unfurl", LINK | {"unfurls": {URL: "A"}}, "cannot_parse_attachment"),
    ("chat.unfurl", LINK | {"unfurls": {URL: {"blocks": BAD_BLOCKS}}}, "cannot_parse_attachment"),
    ("chat.unfurl", LINK | {"user_auth_required": 1, "user_auth_blocks": "["}, "cannot_parse_attachment"),
    ("chat.unfurl", LINK | {"user_auth_required": 1, "user_auth_blocks": BAD_BLOCKS}, "cannot_parse_attachment"),
    ("chat.unfurl", LINK | {"unfurls": {"nonsense": {}}}, "cannot_unfurl_url"),
    ("chat.unfurl", LINK | {"unfurls": {"https://x.test/other": {}}}, "cannot_unfurl_message"),
]


@pytest.fixture
def known(ask: Any, say: Any, workspace: Workspace) -> dict[str, str]:
    """What the refused calls are about."""
    archived = ask("chat.postMessage", channel="C0RANDOM", text="a")["ts"]
    workspace.places.archive(workspace.channel("random"), by=workspace.user("ann"), wall=1_795_000_000.0)
    dev = workspace.channel("dev")
    workspace.places.join(dev, workspace.user("cleo"), wall=1_795_000_000.0)
    gone = workspace.people.add("gone", wall=1_795_000_000.0)
    workspace.people.change(gone, wall=1_795_000_000.0, is_deleted=True)
    return {
        "own": ask("chat.postMessage", channel="C0GENERAL", text="a")["ts"],
        "linked": say(f"see <{URL}>").ts,
        "quiet": "C0RANDOM",
        "archived": archived,
        "join": next(iter(dev.messages)),
        "gone": gone.id,
    }


@pytest.mark.parametrize(("method", "given", "error"), REFUSED)
def test_what_is_refused(
    method: str, given: dict[str, Any], error: str, ask: Any, known: dict[str, str], workspace: Workspace, asker: Any
) -> None:
    who = ask
    if given.get("as") == "dan":
        who = asker(workspace.user_token(workspace.app, workspace.user("dan")))
    if given.get("as") == "shy":
        shy = workspace.install(Manifest.from_dict({
            "display_information": {"name": "Shy"},
            "features": {"bot_user": {"display_name": "shy"}, "app_home": {"messages_tab_enabled": False}},
            "oauth_config": {"scopes": {"bot": ["chat:write"]}},
        }))  # fmt: skip
        who = asker(shy.bot_token)
        known["direct"] = workspace.direct(workspace.user("ann"), workspace.core.bot_user(shy)).id
    args = {
        name: known[value.strip("{}")] if isinstance(value, str) and value.strip("{}") in known else value
        for name, value in given.items()
        if name != "as"
    }
    before = workspace.channel("general").messages.copy()
    assert who.error(method, **args) == error
    assert workspace.channel("general").messages == before


@pytest.mark.parametrize("method", FAMILY)
def test_every_declared_error_is_provoked_above(method: str) -> None:
    provoked = {error for name, _, error in REFUSED if name == method} - {"invalid_arguments"}
    assert provoked == METHODS[method].errors
