from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


def test_members_in_pages(ask: Any, workspace: Workspace) -> None:
    everybody = list(workspace.channel("general").members)
    assert ask.pages("conversations.members", "members", channel="C0GENERAL", limit=2) == [
        everybody[:2],
        everybody[2:4],
        everybody[4:],
    ]
    assert ask.error("conversations.members", channel="C0GENERAL", cursor="bm9wZTp4") == "invalid_cursor"


def test_join_once_and_again(ask: Any, workspace: Workspace) -> None:
    first = ask("conversations.join", channel="C0DEV")
    assert (first["ok"], first["channel"]["is_member"], "warning" in first) == (True, True, False)
    again = ask("conversations.join", channel="C0DEV")
    assert (again["warning"], again["response_metadata"]) == (
        "already_in_channel",
        {"warnings": ["already_in_channel"]},
    )
    assert ask.error("conversations.join", channel="D0ANN") == "method_not_supported_for_channel_type"
    workspace.channel("dev").is_archived = True
    assert ask.error("conversations.join", channel="C0DEV") == "is_archived"


def test_leave(ask: Any, ann: Any) -> None:
    assert ask("conversations.leave", channel="C0RANDOM") == {"ok": True}
    assert ask("conversations.leave", channel="C0RANDOM") == {"ok": True, "not_in_channel": True}
    assert ask.error("conversations.leave", channel="C0GENERAL") == "cant_leave_general"
    alone = ann("conversations.create", name="alone")["channel"]["id"]
    assert ann.error("conversations.leave", channel=alone) == "last_member"


def test_invite_one(ann: Any, workspace: Workspace) -> None:
    answer = ann("conversations.invite", channel="C0SECRET", users="U0BOB")
    assert answer["channel"]["id"] == "C0SECRET"
    assert "U0BOB" in workspace.channels["C0SECRET"].members
    assert ann("conversations.invite", channel="C0SECRET", users="U0BOB") == {
        "ok": False,
        "error": "already_in_channel",
        "errors": [{"user": "U0BOB", "ok": False, "error": "already_in_channel"}],
    }


def test_invite_several_all_or_none_unless_forced(ann: Any, workspace: Workspace) -> None:
    users = "U0BOB,U0ANN,nobody"
    answer = ann("conversations.invite", channel="C0SECRET", users=users)
    assert [each["error"] for each in answer["errors"]] == ["cant_invite_self", "user_not_found"]
    assert "U0BOB" not in workspace.channels["C0SECRET"].members
    answer = ann("conversations.invite", channel="C0SECRET", users=users, force="true")
    assert (answer["ok"], [each["user"] for each in answer["errors"]]) == (True, ["U0ANN", "nobody"])
    assert "U0BOB" in workspace.channels["C0SECRET"].members


def test_invitations_that_cannot_be(ask: Any, ann: Any, workspace: Workspace) -> None:
    assert ask.error("conversations.invite", channel="C0DEV", users="U0CLEO") == "not_in_channel"
    assert ask.error("conversations.invite", channel="C0GENERAL") == "no_user"
    assert ask.error("conversations.invite", channel="C0GENERAL", users=",") == "no_user"
    assert ann.error("conversations.invite", channel="D0BOB", users="U0CLEO") == "method_not_supported_for_channel_type"
    workspace.user("cleo").is_deleted = True
    assert ann.error("conversations.invite", channel="C0DEV", users="U0CLEO") == "user_is_disabled"
    workspace.channel("dev").is_archived = True
    assert ann.error("conversations.invite", channel="C0DEV", users="U0DAN") == "is_archived"


def test_kick(ann: Any, ask: Any, workspace: Workspace) -> None:
    assert ann("conversations.kick", channel="C0DEV", user="U0BOB") == {"ok": True, "errors": {}}
    assert ann.error("conversations.kick", channel="C0DEV", user="U0BOB") == "not_in_channel"
    assert ann.error("conversations.kick", channel="C0DEV", user="U0ANN") == "cant_kick_self"
    assert ann.error("conversations.kick", channel="C0DEV", user="nobody") == "user_not_found"
    assert ann.error("conversations.kick", channel="C0DEV") == "user_not_found"
    assert ann.error("conversations.kick", channel="C0GENERAL", user="U0BOB") == "cant_kick_from_general"
    assert list(workspace.channel("dev").members) == ["U0ANN"]


def test_open_a_conversation_of_two(ask: Any) -> None:
    fresh = ask("conversations.open", users="U0BOB")
    assert set(fresh) == {"ok", "channel"}
    assert set(fresh["channel"]) == {"id"}
    again = ask("conversations.open", users=["U0BOB"], return_im="true")
    assert (again["no_op"], again["already_open"]) == (True, True)
    assert (again["channel"]["id"], again["channel"]["user"]) == (fresh["channel"]["id"], "U0BOB")


def test_open_one_of_several_in_any_order(ask: Any, workspace: Workspace) -> None:
    one = ask("conversations.open", users="U0BOB,U0CLEO")["channel"]["id"]
    assert ask("conversations.open", users="U0CLEO, U0BOB")["channel"]["id"] == one
    assert workspace.channels[one].kind == "mpim"


def test_close_and_open_again(ask: Any) -> None:
    assert ask("conversations.close", channel="D0ANN") == {"ok": True}
    assert ask("conversations.close", channel="D0ANN") == {"ok": True, "no_op": True, "already_closed": True}
    assert "no_op" not in ask("conversations.open", channel="D0ANN")
    assert ask("conversations.open", channel="D0ANN")["already_open"]
    assert ask.error("conversations.close", channel="C0GENERAL") == "method_not_supported_for_channel_type"


def test_conversations_that_cannot_be_opened(ask: Any, workspace: Workspace) -> None:
    assert ask.error("conversations.open") == "users_list_not_supplied"
    assert ask.error("conversations.open", users="nobody") == "user_not_found"
    assert ask.error("conversations.open", users=",".join(["U0ANN"] * 9)) == "too_many_users"
    assert ask.error("conversations.open", channel="C0GENERAL") == "method_not_supported_for_channel_type"
    assert ask.error("conversations.open", channel="D0BOB") == "channel_not_found"
    before = set(workspace.channels)
    assert ask.error("conversations.open", users="U0BOB", prevent_creation=True) == "channel_not_found"
    assert set(workspace.channels) == before
    workspace.user("bob").is_deleted = True
    assert ask.error("conversations.open", users="U0BOB") == "user_disabled"
