from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.methods import METHODS
from tautwire.local.manifest import Manifest

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.local.workspace import Workspace

CLIENT = {"client_id": "4012345678.5012345671", "client_secret": "local-client-secret-1"}


def manifest(**scopes: list[str]) -> Manifest:
    return Manifest.from_dict({
        "display_information": {"name": "Second"},
        "features": {"bot_user": {"display_name": "second"}},
        "oauth_config": {"scopes": scopes},
    })  # fmt: skip


def test_a_code_for_tokens(ask: Any, workspace: Workspace) -> None:
    app = workspace.install(manifest(bot=["chat:write", "commands"], user=["search:read"]))
    code = workspace.grants.code(app.id, "U0BOB", ask.wall)
    client = {"client_id": app.client_id, "client_secret": app.client_secret}
    assert ask("oauth.v2.access", code=code, **client) == {
        "ok": True,
        "app_id": app.id,
        "authed_user": {
            "id": "U0BOB",
            "scope": "search:read",
            "access_token": workspace.user_token(app, workspace.user("bob")),
            "token_type": "user",
        },
        "access_token": app.bot_token,
        "token_type": "bot",
        "scope": "chat:write,commands",
        "bot_user_id": app.identity.bot_user_id,
        "team": {"id": "T0LOCAL01", "name": "Acme"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def test_an_app_may_be_for_people_or_for_bots_alone(ask: Any, workspace: Workspace) -> None:
    for scopes, absent, person in (
        ({"user": ["search:read"]}, {"access_token", "bot_user_id"}, {"id", "scope", "access_token", "token_type"}),
        ({"bot": ["chat:write"]}, {"incoming_webhook"}, {"id"}),
    ):
        app = workspace.install(manifest(**scopes))
        code = workspace.grants.code(app.id, "U0BOB", ask.wall)
        answer = ask("oauth.v2.access", code=code, client_id=app.client_id, client_secret=app.client_secret)
        assert not absent & answer.keys()
        assert answer["authed_user"].keys() == person


@pytest.mark.parametrize(
    ("chosen", "channel", "name"),
    [("", "C0GENERAL", "#general"), ("C0DEV", "C0DEV", "#dev"), ("D0ANN", "D0ANN", "directmessage")],
)
def test_a_webhook_comes_with_its_scope(chosen: str, channel: str, name: str, ask: Any, workspace: Workspace) -> None:
    app = workspace.install(manifest(bot=["incoming-webhook"]))
    code = workspace.grants.code(app.id, "U0BOB", ask.wall, channel_id=chosen)
    answer = ask("oauth.v2.access", code=code, client_id=app.client_id, client_secret=app.client_secret)
    webhook = answer["incoming_webhook"]
    path = webhook["url"].removeprefix("http://127.0.0.1:1")
    assert workspace.grants.webhooks[path].channel_id == channel
    assert (webhook["channel_id"], webhook["channel"]) == (channel, name)
    assert webhook["configuration_url"].startswith("https://acme.slack.com/services/B")


async def test_the_client_by_http_basic(still: LocalSlack, clock: Any, call: Any) -> None:
    secret = base64.b64encode(":".join(CLIENT.values()).encode()).decode()
    code = still.workspace.grants.code(
        still.workspace.app.id, "U0ANN", clock.monotonic(), redirect_uri="https://x.test"
    )
    data = {"code": code, "redirect_uri": "https://x.test"}
    body = (await call(still, "oauth.v2.access", "", data=data, headers={"Authorization": f"Basic {secret}"}))[2]
    assert body["access_token"] == still.bot_token
    assert (await call(still, "auth.test", body["authed_user"]["access_token"]))[2]["user_id"] == "U0ANN"


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"client_id": "1.2"}, "invalid_client_id"),
    ({"client_id": ""}, "invalid_client_id"),
    ({"client_secret": "guessed"}, "bad_client_secret"),
    ({"code": "1.2"}, "invalid_code"),
    ({"code": "{old}"}, "invalid_code"),
    ({"code": "{theirs}"}, "invalid_code"),
    ({"code": "{used}"}, "code_already_used"),
    ({"code": "{redirected}"}, "bad_redirect_uri"),
    ({"code": "{redirected}", "redirect_uri": "https://y.test"}, "bad_redirect_uri"),
    ({"grant_type": "password"}, "invalid_grant_type"),
    ({"grant_type": "refresh_token", "refresh_token": "xoxe-1"}, "invalid_refresh_token"),
]


@pytest.mark.parametrize(("given", "error"), REFUSED)
def test_what_is_refused(given: dict[str, Any], error: str, ask: Any, workspace: Workspace) -> None:
    grants, app = workspace.grants, workspace.app
    old = grants.code(app.id, "U0ANN", ask.wall)
    ask.wall += 601
    other = workspace.install(manifest(bot=["chat:write"]))
    known = {
        "{old}": old,
        "{used}": grants.code(app.id, "U0ANN", ask.wall),
        "{theirs}": grants.code(other.id, "U0ANN", ask.wall),
        "{redirected}": grants.code(app.id, "U0ANN", ask.wall, redirect_uri="https://x.test"),
    }
    assert ask("oauth.v2.access", code=known["{used}"], **CLIENT)["ok"]
    args = CLIENT | {name: known.get(value, value) for name, value in given.items()}
    assert ask.error("oauth.v2.access", **args) == error


def test_every_declared_error_is_provoked_above() -> None:
    assert {error for _, error in REFUSED} == METHODS["oauth.v2.access"].errors


# auth.revoke


async def test_a_revoked_token_counts_no_more(slack: LocalSlack, call: Any) -> None:
    workspace = slack.workspace
    person = workspace.user_token(workspace.app, workspace.user("ann"))
    for token, error in ((slack.bot_token, "account_inactive"), (person, "token_revoked")):
        assert (await call(slack, "auth.revoke", token, data={"test": "1"}))[2] == {"ok": True, "revoked": False}
        assert (await call(slack, "auth.revoke", token))[2] == {"ok": True, "revoked": True}
        assert (await call(slack, "auth.test", token))[2]["error"] == error
    assert (await call(slack, "apps.connections.open", slack.app_token))[2]["ok"]


async def test_until_the_app_is_installed_again(still: LocalSlack, clock: Any, call: Any) -> None:
    assert (await call(still, "auth.revoke"))[2]["revoked"]
    code = still.workspace.grants.code(still.workspace.app.id, "U0ANN", clock.monotonic())
    token = (await call(still, "oauth.v2.access", "", data={"code": code} | CLIENT))[2]["access_token"]
    assert (await call(still, "auth.test", token))[2]["ok"]
