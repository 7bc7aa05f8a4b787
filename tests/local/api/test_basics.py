from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


def test_auth_test_by_kind_of_token(ask: Any, ann: Any, workspace: Workspace) -> None:
    assert (ask("auth.test")["bot_id"], ask("auth.test")["user_id"]) == ("B0LOCALBOT", "U0LOCALBOT")
    assert (ann("auth.test")["user"], "bot_id" in ann("auth.test")) == ("ann", False)
    app = type(ask)(workspace, workspace.app.app_token)
    assert app("auth.test")["app_id"] == "A0LOCAL01"


def test_an_app_names_its_own_bot(ask: Any, workspace: Workspace) -> None:
    other = workspace.install()
    assert ask("bots.info")["bot"]["id"] == "B0LOCALBOT"
    bot = ask("bots.info", bot=other.identity.bot_id)["bot"]
    assert (bot["app_id"], bot["user_id"], bot["deleted"]) == (other.id, other.identity.bot_user_id, False)
    assert ask.error("bots.info", bot="B1") == "bot_not_found"


def test_team_info(ask: Any) -> None:
    assert ask("team.info")["team"]["name"] == "Acme"
    assert ask("team.info", team="T0LOCAL01", domain="acme")["ok"]
    assert ask.error("team.info", team="T1") == "team_not_found"
    assert ask.error("team.info", domain="other") == "team_not_found"


def test_the_teams_of_a_token(ask: Any) -> None:
    assert ask("auth.teams.list")["teams"] == [{"id": "T0LOCAL01", "name": "Acme"}]
    assert "icon" in ask("auth.teams.list", include_icon=True)["teams"][0]


def test_emoji(ask: Any, workspace: Workspace) -> None:
    workspace.core.emoji["shipit"] = "https://emoji.test/shipit.png"
    assert ask("emoji.list")["emoji"] == {"shipit": "https://emoji.test/shipit.png"}
    assert ask("emoji.list", include_categories="1")["categories"] == []


def test_what_there_is_none_of(ask: Any) -> None:
    assert ask("usergroups.list")["usergroups"] == []
    assert ask.error("usergroups.users.list", usergroup="S1") == "no_such_subteam"
    assert ask("bookmarks.list", channel_id="C0GENERAL")["bookmarks"] == []
    assert ask.error("bookmarks.list", channel_id="C0SECRET") == "channel_not_found"
    assert ask("dnd.info")["dnd_enabled"] is False
    assert ask.error("dnd.info", user="nobody") == "user_not_found"
    assert set(ask("dnd.teamInfo", users="U0ANN,U0BOB,nobody")["users"]) == {"U0ANN", "U0BOB"}
    assert ask("team.profile.get")["profile"] == {"fields": [], "sections": []}
