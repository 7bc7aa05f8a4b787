"""`oauth.v2.access` and `auth.revoke`: how an app gets a token, and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api.method import Call, Family, optional
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.grants import Code
    from tautwire.local.workspace.model import App, Json

__all__ = ["family"]

family: Final = Family()


@family.method(
    "oauth.v2.access",
    optional("client_id"),
    optional("client_secret"),
    optional("code"),
    optional("redirect_uri"),
    optional("grant_type"),
    optional("refresh_token"),
    optional("code_verifier"),
    tokens=(),
    errors="""invalid_client_id bad_client_secret invalid_code code_already_used bad_redirect_uri invalid_grant_type
        invalid_refresh_token""",
    tier="special",
    takes_json=False,
    note="tokens do not rotate, so that there is no refresh token to be taken",
)
def access(call: Call) -> Json:
    """Tokens for an OAuth code. The client's id and secret come by HTTP Basic or as arguments."""
    app = _client(call)
    grant = call.text("grant_type", "authorization_code")
    if grant == "refresh_token":
        raise Refusal("invalid_refresh_token")
    if grant != "authorization_code":
        raise Refusal("invalid_grant_type")
    code = call.workspace.grants.exchange(call.text("code"), app.id, call.text("redirect_uri"), call.now)
    team = call.workspace.team
    return {
        "app_id": app.id,
        "authed_user": _person(call, app, code),
        **_bot(call, app),
        "team": {"id": team.id, "name": team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        **_webhook(call, app, code),
    }


def _client(call: Call) -> App:
    name, password = call.basic if any(call.basic) else (call.text("client_id"), call.text("client_secret"))
    for app in call.workspace.apps.values():
        if app.client_id == name:
            if app.client_secret != password:
                raise Refusal("bad_client_secret")
            return app
    raise Refusal("invalid_client_id")


def _bot(call: Call, app: App) -> Json:
    if not app.permissions.bot_scopes:
        return {}
    return {
        "access_token": call.workspace.restore(app.bot_token),
        "token_type": "bot",
        "scope": ",".join(app.permissions.bot_scopes),
        "bot_user_id": app.identity.bot_user_id,
    }


def _person(call: Call, app: App, code: Code) -> Json:
    if not app.permissions.user_scopes:
        return {"id": code.user_id}
    token = call.workspace.user_token(app, call.workspace.users[code.user_id])
    return {
        "id": code.user_id,
        "scope": ",".join(app.permissions.user_scopes),
        "access_token": call.workspace.restore(token),
        "token_type": "user",
    }


def _webhook(call: Call, app: App, code: Code) -> Json:
    """One for the channel that was chosen during the installation, when the app asks for one."""
    place = call.workspace.channels.get(code.channel_id) or call.workspace.core.find_channel("general")
    if "incoming-webhook" not in app.permissions.bot_scopes or place is None:
        return {}
    webhook = call.workspace.grants.webhook(app.id, place.id)
    number = webhook.path.split("/")[3]
    return {
        "incoming_webhook": {
            "channel": place.name if place.is_direct else f"#{place.name}",
            "channel_id": place.id,
            "configuration_url": f"https://{call.workspace.team.domain}.slack.com/services/{number}",
            "url": call.base_url + webhook.path,
        }
    }


@family.method("auth.revoke", optional("test", "flag"), takes_json=False)
def revoke(call: Call) -> Json:
    """Give the token back: it counts no more. With `test` it stays."""
    is_test = call.flag("test")
    if call.key is not None and not is_test:
        call.workspace.revoke(call.key)
    return {"revoked": not is_test}
