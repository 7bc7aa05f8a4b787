from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.manifest import Manifest

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


def names(answer: dict[str, Any]) -> list[str]:
    return [each.get("name", each["id"]) for each in answer["channels"]]


def test_a_list_has_public_channels_and_says_which_one_is_in(ask: Any) -> None:
    answer = ask("conversations.list")
    assert names(answer) == ["general", "random", "dev"]
    assert [each["is_member"] for each in answer["channels"]] == [True, True, False]
    assert [each["num_members"] for each in answer["channels"]] == [5, 5, 2]
    assert all("last_read" not in each for each in answer["channels"])
    assert answer["response_metadata"] == {"next_cursor": ""}


def test_private_places_are_listed_for_those_who_are_in(ask: Any, ann: Any, bob: Any) -> None:
    types = "private_channel,mpim,im"
    assert names(ask("conversations.list", types=types)) == ["D0ANN"]
    assert names(ann("conversations.list", types=types)) == ["secret-plans", "D0BOB", "mpdm-ann--bob--cleo-1", "D0ANN"]
    assert names(bob("conversations.list", types=types)) == ["D0BOB", "mpdm-ann--bob--cleo-1"]


def test_a_direct_conversation_names_the_other_one(ann: Any, bob: Any) -> None:
    for who, other in ((ann, "U0BOB"), (bob, "U0ANN")):
        shape = who("conversations.info", channel="D0BOB")["channel"]
        assert (shape["is_im"], shape["user"], shape.get("name")) == (True, other, None)


def test_archived_ones_can_be_left_out(ask: Any, ann: Any, workspace: Workspace) -> None:
    assert ann("conversations.archive", channel="C0DEV")["ok"]
    assert "dev" in names(ask("conversations.list"))
    assert "dev" not in names(ask("conversations.list", exclude_archived="true"))


def test_a_list_in_pages(ask: Any, workspace: Workspace) -> None:
    for number in range(20):
        workspace.places.create(f"place-{number:02}", by=workspace.user("ann"), wall=1.0)
    pages = ask.pages("conversations.list", "channels", limit=10)
    assert [len(page) for page in pages] == [10, 10, 3]
    assert len({each["id"] for page in pages for each in page}) == 23
    assert ask.error("conversations.list", limit="many") == "invalid_limit"
    assert ask.error("conversations.list", limit=-1) == "invalid_limit"
    assert ask.error("conversations.list", types="public_channel,sofa") == "invalid_types"
    assert ask.error("conversations.list", cursor="sofa") == "invalid_cursor"


def test_what_somebody_is_in(ask: Any, ann: Any) -> None:
    assert names(ask("users.conversations")) == ["general", "random"]
    assert names(ann("users.conversations", user="U0CLEO", types="public_channel,private_channel,im,mpim")) == [
        "general",
        "random",
        "secret-plans",
        "mpdm-ann--bob--cleo-1",
    ]
    assert names(ask("users.conversations", user="U0CLEO", types="private_channel")) == []
    assert ask.error("users.conversations", user="nobody") == "user_not_found"


def test_info(ask: Any, ann: Any) -> None:
    shape = ask("conversations.info", channel="C0GENERAL")["channel"]
    assert (shape["name"], shape["is_general"], shape["is_channel"], shape["is_private"]) == (
        "general",
        True,
        True,
        False,
    )
    assert "num_members" not in shape
    assert shape["last_read"] == "0000000000.000000"
    assert ask("conversations.info", channel="C0GENERAL", include_num_members="1")["channel"]["num_members"] == 5
    assert ask("conversations.info", channel="C0GENERAL", include_locale=True)["channel"]["locale"] == "en-US"
    assert ask("conversations.info", channel="C0DEV")["channel"]["is_member"] is False


@pytest.mark.parametrize("channel", ["C0SECRET", "D0BOB", "G0TRIO", "nowhere", "", "general", "#general"])
def test_what_one_may_not_see_is_not_there_and_names_are_no_ids(ask: Any, channel: str) -> None:
    for method in ("conversations.info", "conversations.history", "conversations.members", "conversations.join"):
        assert ask(method, channel=channel) == {"ok": False, "error": "channel_not_found"}


def test_a_missing_channel_is_a_wrong_argument_but_an_empty_one_is_not_found(ask: Any) -> None:
    assert ask("conversations.info") == {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {"messages": ["[ERROR] missing required field: channel"]},
    }
    assert ask("conversations.info", channel={"id": "C0DEV"})["response_metadata"] == {
        "messages": ["[ERROR] must provide a string [json-pointer:/channel]"]
    }


def test_create_and_rename(ask: Any, workspace: Workspace) -> None:
    shape = ask("conversations.create", name="plans", is_private="true")["channel"]
    assert (shape["name"], shape["is_private"], shape["is_group"], shape["creator"]) == (
        "plans",
        True,
        True,
        "U0LOCALBOT",
    )
    renamed = ask("conversations.rename", channel=shape["id"], name="plots")["channel"]
    assert (renamed["name"], renamed["previous_names"]) == ("plots", ["plans"])
    assert ask.error("conversations.rename", channel="C0DEV", name="x") == "not_in_channel"
    assert ask.error("conversations.rename", channel="C0GENERAL", name="x") == "not_authorized"
    assert ask.error("conversations.rename", channel="D0ANN", name="x") == "method_not_supported_for_channel_type"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("", "invalid_name_required"),
        ("dev", "name_taken"),
        ("x" * 81, "invalid_name_maxlength"),
        ("Dev", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("#a", "invalid_name_specials"),
        ("--_", "invalid_name_punctuation"),
    ],
)
def test_names_that_slack_would_not_have(ask: Any, name: str, error: str) -> None:
    assert ask.error("conversations.create", name=name) == error


def test_archive_and_back(ask: Any, ann: Any) -> None:
    assert ask.error("conversations.archive", channel="C0GENERAL") == "cant_archive_general"
    assert ask.error("conversations.archive", channel="C0DEV") == "not_in_channel"
    assert ann("conversations.archive", channel="C0DEV") == {"ok": True}
    assert ann.error("conversations.archive", channel="C0DEV") == "already_archived"
    assert ann.error("conversations.rename", channel="C0DEV", name="x") == "is_archived"
    assert ann("conversations.unarchive", channel="C0DEV") == {"ok": True}
    assert ann.error("conversations.unarchive", channel="C0DEV") == "not_archived"


@pytest.mark.parametrize(("method", "what"), [("setTopic", "topic"), ("setPurpose", "purpose")])
def test_topic_and_purpose(ask: Any, method: str, what: str) -> None:
    name = f"conversations.{method}"
    shape = ask(name, channel="C0GENERAL", **{what: "Tea"})["channel"]
    assert shape[what] == {"value": "Tea", "creator": "U0LOCALBOT", "last_set": int(ask.wall)}
    assert ask(name, channel="C0GENERAL", **{what: ""})["channel"][what]["value"] == ""
    assert ask.error(name, channel="C0GENERAL", **{what: "x" * 251}) == "too_long"
    assert ask.error(name, channel="C0GENERAL") == "invalid_arguments"
    assert ask.error(name, channel="C0DEV", **{what: "Tea"}) == "not_in_channel"
    assert ask.error(name, channel="D0ANN", **{what: "Tea"}) == "method_not_supported_for_channel_type"


def granted(**scopes: tuple[str, ...]) -> Manifest:
    return Manifest.from_dict(
        {
            "display_information": {"name": "Strict"},
            "features": {"bot_user": {"display_name": "strict"}},
            "oauth_config": {"scopes": {whose: list(names) for whose, names in scopes.items()}},
        }
    )


def strict(ask: Any, workspace: Workspace, *scopes: str) -> Any:
    app = workspace.install(granted(bot=scopes))
    return type(ask)(workspace, app.bot_token, is_strict=True)


@pytest.mark.parametrize(
    ("scopes", "method", "args", "needed"),
    [
        ([], "conversations.list", {}, "channels:read,groups:read,mpim:read,im:read"),
        (["groups:read"], "conversations.list", {}, "channels:read"),
        (["channels:read"], "conversations.list", {"types": "public_channel,private_channel"}, "groups:read"),
        (["im:read"], "conversations.list", {"types": "im"}, None),
        (["channels:read"], "conversations.info", {"channel": "C0GENERAL"}, None),
        (["im:read"], "conversations.info", {"channel": "C0GENERAL"}, "channels:read"),
        (["im:history"], "conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
        (["channels:history"], "conversations.history", {"channel": "C0GENERAL"}, None),
        (["channels:manage"], "conversations.create", {"name": "a"}, None),
        (["channels:manage"], "conversations.create", {"name": "a", "is_private": True}, "groups:write"),
        (["channels:write.topic"], "conversations.setTopic", {"channel": "C0GENERAL", "topic": "t"}, None),
        (["groups:write"], "conversations.setTopic", {"channel": "C0GENERAL", "topic": "t"},
         "channels:manage,channels:write.topic"),
        (["im:write"], "conversations.open", {"users": "U0BOB"}, None),
        (["im:write"], "conversations.open", {"users": "U0BOB,U0ANN"}, "mpim:write"),
        ([], "users.info", {"user": "U0BOB"}, "users:read"),
        ([], "auth.test", {}, None),
    ],
)  # fmt: skip
def test_strict_scopes_depend_on_the_kind_of_place(
    ask: Any, workspace: Workspace, scopes: list[str], method: str, args: dict[str, Any], needed: str | None
) -> None:
    answer = strict(ask, workspace, *scopes)(method, **args)
    if needed is None:
        assert answer["ok"]
    else:
        assert answer == {"ok": False, "error": "missing_scope", "needed": needed, "provided": ",".join(scopes)}


def test_a_person_needs_the_scopes_of_a_person(ask: Any, workspace: Workspace) -> None:
    app = workspace.install(granted(user=("channels:write",)))
    person = type(ask)(workspace, workspace.user_token(app, workspace.user("bob")), is_strict=True)
    assert person("conversations.create", name="a")["ok"]
    bot = type(ask)(workspace, app.bot_token, is_strict=True)
    assert bot.error("conversations.create", name="b") == "missing_scope"


@pytest.mark.parametrize(
    ("method", "args", "error"),
    [
        ("conversations.list", {"types": "["}, "invalid_types"),
        ("conversations.open", {"users": "["}, "invalid_arguments"),
        ("files.list", {"types": "[["}, "invalid_arguments"),
        ("dnd.teamInfo", {"users": '["'}, "invalid_arguments"),
    ],
)
def test_a_list_that_begins_like_json_and_is_none(ask: Any, method: str, args: dict[str, str], error: str) -> None:
    assert ask.error(method, **args) == error
