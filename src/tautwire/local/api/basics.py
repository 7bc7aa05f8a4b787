"""What is about the caller and the workspace: `api.*`, `apps.*`, `auth.*`, `bots.*`, `team.*`, `emoji.*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional
from tautwire.local.api.paging import page
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import Json

__all__ = ["family"]

family: Final = Family()


@family.method("api.test", optional("error"), tokens=(), tier=4)
def api_test(call: Call) -> Json:
    """Echo the arguments; `error` makes it fail with that code."""
    if "error" in call.args:
        raise Refusal(call.text("error"), args=call.args)
    return {"args": call.args} if call.args else {}


@family.method(
    "apps.connections.open",
    tokens=("app",),
    scopes="connections:write",
    errors="forbidden_team insecure_request missing_args",
    tier=3,
    note="Slack's pages disagree on the tier: 1 until 2025, 3 since.",
)
def apps_connections_open(call: Call) -> Json:
    """A fresh WebSocket URL with a single-use ticket."""
    return {"url": call.open_url(call.app)}


@family.method("auth.test", tokens=("app", "bot", "user"), tier="special")
def auth_test(call: Call) -> Json:
    """Who the token is."""
    team, key = call.workspace.team, call.key
    answer: Json = {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": call.user.name,
        "team_id": team.id,
        "user_id": call.user.id,
        "is_enterprise_install": False,
    }
    if key is not None and key.kind == "app":
        return answer | {"app_name": call.app.identity.app_name, "app_id": call.app.id}
    return answer | ({"bot_id": call.user.bot_id} if call.user.is_bot else {})


@family.method(
    "auth.teams.list",
    optional("include_icon", "flag"),
    errors="invalid_limit",
    tier=2,
    takes_json=False,
    is_paged=True,
)
def auth_teams_list(call: Call) -> Json:
    """The workspaces that the token works in: this one."""
    team = call.workspace.team
    icon = {"icon": shapes.team(call.workspace.core)["icon"]} if call.flag("include_icon") else {}
    part = page(call, [{"id": team.id, "name": team.name, **icon}], [team.id], word="team")
    return {"teams": part.items, **part.metadata}


@family.method(
    "bots.info", optional("bot"), optional("team_id"), scopes="users:read", errors="bot_not_found", takes_json=False
)
def bots_info(call: Call) -> Json:
    """Facts about a bot, by its `B…` id."""
    wanted = call.text("bot") or call.app.identity.bot_id
    for app in call.workspace.apps.values():
        if app.identity.bot_id == wanted:
            return {"bot": shapes.bot(app, updated=call.workspace.core.bot_user(app).updated)}
    raise Refusal("bot_not_found")


@family.method(
    "team.info",
    optional("team"),
    optional("domain"),
    scopes="team:read",
    errors="team_not_found",
    takes_json=False,
)
def team_info(call: Call) -> Json:
    """Facts about the workspace."""
    here = call.workspace.team
    if (call.text("team") or here.id) != here.id or (call.text("domain") or here.domain) != here.domain:
        raise Refusal("team_not_found")
    return {"team": shapes.team(call.workspace.core)}


@family.method("emoji.list", optional("include_categories", "flag"), scopes="emoji:read", tier=2, takes_json=False)
def emoji_list(call: Call) -> Json:
    """Custom emoji, by name."""
    answer: Json = {"emoji": dict(call.workspace.core.emoji), "cache_ts": f"{call.wall:.6f}"}
    return answer | ({"categories": [], "categories_version": "0"} if call.flag("include_categories") else {})
