from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any

from tautwire.local.manifest import Manifest

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


def test_everybody_at_once(ask: Any, workspace: Workspace) -> None:
    answer = ask("users.list")
    assert [each["id"] for each in answer["members"]] == list(workspace.users)
    assert answer["response_metadata"] == {"next_cursor": ""}
    assert answer["cache_ts"] == int(ask.wall)
    bot = answer["members"][-1]
    assert (bot["is_bot"], bot["profile"]["bot_id"]) == (True, "B0LOCALBOT")


def test_a_thousand_users_in_pages(ask: Any, workspace: Workspace) -> None:
    for number in range(1000):
        workspace.people.add(f"user{number}", wall=1.0)
    before = perf_counter()
    pages = ask.pages("users.list", "members", limit=100)
    took = perf_counter() - before
    assert [each["id"] for page in pages for each in page] == list(workspace.users)
    assert [len(page) for page in pages] == [100] * 10 + [6]
    assert took < 2.0
    assert len(ask("users.list", limit=5000)["members"]) == 1000
    assert len(ask("users.list")["members"]) == 1000
    assert ask.error("users.list", limit="-1") == "invalid_limit"
    assert ask.error("users.list", cursor="x") == "invalid_cursor"


def test_info(ask: Any) -> None:
    user = ask("users.info", user="U0ANN", include_locale=True)["user"]
    assert (user["name"], user["real_name"], user["is_admin"], user["locale"]) == ("ann", "Ann Ode", True, "en-US")
    assert (user["profile"]["first_name"], user["profile"]["email"]) == ("Ann", "ann@acme.test")
    for wrong in ({"user": "nobody"}, {"user": "ann"}, {"user": ""}, {}):
        assert ask.error("users.info", **wrong) == "user_not_found"


def test_by_email(ask: Any, workspace: Workspace) -> None:
    assert ask("users.lookupByEmail", email="BOB@acme.test")["user"]["id"] == "U0BOB"
    assert ask.error("users.lookupByEmail", email="nobody@acme.test") == "users_not_found"
    assert ask.error("users.lookupByEmail") == "users_not_found"
    workspace.user("bob").is_deleted = True
    assert ask.error("users.lookupByEmail", email="bob@acme.test") == "users_not_found"


def test_an_address_needs_a_scope_of_its_own(ask: Any, workspace: Workspace) -> None:
    def bot(*scopes: str) -> Any:
        manifest = {
            "display_information": {"name": "Strict"},
            "features": {"bot_user": {"display_name": "strict"}},
            "oauth_config": {"scopes": {"bot": list(scopes)}},
        }
        return type(ask)(workspace, workspace.install(Manifest.from_dict(manifest)).bot_token, is_strict=True)

    without = bot("users:read", "users.profile:read")
    assert "email" not in without("users.info", user="U0ANN")["user"]["profile"]
    assert "email" not in without("users.profile.get", user="U0ANN")["profile"]
    assert without.error("users.lookupByEmail", email="bob@acme.test") == "missing_scope"
    assert bot("users:read", "users:read.email")("users.info", user="U0ANN")["user"]["profile"]["email"]


def test_profiles(ask: Any, ann: Any, bob: Any) -> None:
    assert ask("users.profile.get", user="U0BOB")["profile"]["display_name"] == "bob"
    assert ask("users.profile.get")["profile"]["bot_id"] == "B0LOCALBOT"
    assert ask.error("users.profile.get", user="nobody") == "user_not_found"
    profile = {"status_text": "away", "status_emoji": ":tea:", "fields": {}}
    assert bob("users.profile.set", profile=profile)["profile"]["status_text"] == "away"
    assert bob("users.profile.set", profile='{"title": "Lead"}')["profile"]["title"] == "Lead"
    assert bob("users.profile.set", name="title", value="Chief")["profile"]["title"] == "Chief"
    assert ann("users.profile.set", user="U0BOB", name="title", value="None")["profile"]["title"] == "None"


def test_profiles_that_slack_would_not_have(ann: Any, bob: Any) -> None:
    too_many = {str(number): "" for number in range(51)}
    wrongs: list[dict[str, Any]] = [{}, {"profile": "{"}, {"profile": []}, {"profile": too_many}]
    for wrong in wrongs:
        assert bob.error("users.profile.set", **wrong) == "invalid_profile"
    assert bob.error("users.profile.set", user="U0ANN", name="title", value="x") == "not_admin"
    assert bob.error("users.profile.set", name="status_text", value="x" * 101) == "too_long"
    assert bob.error("users.profile.set", name="email", value="Ann@acme.test") == "email_taken"
    assert bob("users.profile.set", name="email", value="bob@acme.test")["ok"]


def test_presence(ask: Any, bob: Any) -> None:
    assert ask("users.getPresence", user="U0BOB") == {"ok": True, "presence": "active"}
    assert bob("users.setPresence", presence="away") == {"ok": True}
    assert ask("users.getPresence", user="U0BOB")["presence"] == "away"
    own = bob("users.getPresence")
    assert (own["presence"], own["online"], own["manual_away"], own["connection_count"]) == ("away", False, True, 0)
    assert bob("users.setPresence", presence="auto") == {"ok": True}
    assert bob("users.getPresence")["online"] is True
    assert bob.error("users.setPresence", presence="asleep") == "invalid_presence"
    assert bob.error("users.setPresence") == "invalid_presence"


def test_identity(bob: Any) -> None:
    answer = bob("users.identity")
    assert answer["user"] == {"id": "U0BOB", "name": "Bob Ell", "email": "bob@acme.test"}
    assert answer["team"] == {"id": "T0LOCAL01", "name": "Acme"}
