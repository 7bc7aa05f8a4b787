"""The Web API, one small function per method, in one table. No HTTP here: arguments in, Slack's JSON out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.socket import frames
from tautwire.local.workspace import TriggerVerdict

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.local.workspace import Workspace

__all__ = ["METHODS", "Method", "Office", "Refusal"]

Json = dict[str, Any]

#: Characters of a message's text; Slack cuts there and says so.
MAX_TEXT: Final = 40_000


class Refusal(Exception):  # noqa: N818 - it is an answer of Slack's, not a failure of this program
    """`{"ok": false, "error": …}`, with whatever else the answer carries."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.body: Json = {"ok": False, "error": error, **more}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What the methods work with. `open_url` mints a WebSocket URL for the host that the caller used."""

    workspace: Workspace
    clock: Clock
    open_url: Callable[[], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method's function, the kind of token it wants (`app`, `bot`, `any`, `none`) and the scopes it asks for."""

    run: Callable[[Office, Json], Json]
    token: str = "bot"  # noqa: S105 - a kind, not a token
    scopes: str = ""


def api_test(_office: Office, args: Json) -> Json:
    """Echo the arguments; `error` makes it fail with that code."""
    if "error" in args:
        raise Refusal(str(args["error"]), args=args)
    return {"args": args} if args else {}


def apps_connections_open(office: Office, _args: Json) -> Json:
    """A fresh WebSocket URL with a single-use ticket."""
    return {"url": office.open_url()}


def auth_test(office: Office, _args: Json) -> Json:
    """Who the token is."""
    me = office.workspace.me
    return {
        "url": f"https://{me.team_domain}.slack.com/",
        "team": me.team_name,
        "user": me.bot_user_name,
        "team_id": me.team_id,
        "user_id": me.bot_user_id,
        "bot_id": me.bot_id,
        "is_enterprise_install": False,
    }


def chat_post_message(office: Office, args: Json) -> Json:
    """Say something in a channel, as the bot."""
    workspace, me = office.workspace, office.workspace.me
    channel = workspace.channel(str(args.get("channel", "")))
    if channel is None:
        raise Refusal("channel_not_found")
    text = str(args.get("text") or args.get("markdown_text") or "")
    blocks, attachments = structure(args, "blocks"), structure(args, "attachments")
    if not text and not blocks and not attachments:
        raise Refusal("no_text")
    ts = workspace.ts(office.clock.wall())
    message: Json = {
        "user": me.bot_user_id,
        "type": "message",
        "ts": ts,
        "bot_id": me.bot_id,
        "app_id": me.app_id,
        "text": text[:MAX_TEXT],
        "team": me.team_id,
        "bot_profile": _bot_profile(office),
    }
    given = {"blocks": blocks, "attachments": attachments, "thread_ts": args.get("thread_ts")}
    message |= {key: value for key, value in given.items() if value}
    workspace.said(channel).append(message)
    answer: Json = {"channel": channel.id, "ts": ts, "message": message}
    return warn(answer, "message_truncated") if len(text) > MAX_TEXT else answer


def views_open(office: Office, args: Json) -> Json:
    """Show a modal; the `trigger_id` serves once, within 3 s."""
    workspace = office.workspace
    given = structure(args, "view")
    if not isinstance(given, dict):
        raise Refusal("invalid_arguments", response_metadata={"messages": ["[ERROR] missing required field: view"]})
    verdict = workspace.pull_trigger(str(args.get("trigger_id", "")), office.clock.monotonic())
    if verdict is not TriggerVerdict.VALID:
        raise Refusal(verdict.value)
    view_hash = f"{int(office.clock.wall())}.{workspace.random.getrandbits(32):08x}"
    shown = frames.view(workspace.me, given, view_id=workspace.view_id(), view_hash=view_hash)
    return {"view": workspace.store_view(shown)}


def structure(args: Json, name: str) -> Any:
    """An array or object argument; a form carries it as JSON text."""
    value = args.get(name)
    if not isinstance(value, str) or not value:
        return value
    try:
        given = json.loads(value)
        # A lone surrogate in it could not be sent back.
        json.dumps(given, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Refusal(f"invalid_{name}") from None
    return given


def warn(answer: Json, *warnings: str) -> Json:
    """`answer` with Slack's two ways of warning."""
    return {**answer, "warning": ",".join(warnings), "response_metadata": {"warnings": list(warnings)}}


def _bot_profile(office: Office) -> Json:
    me = office.workspace.me
    return {
        "id": me.bot_id,
        "app_id": me.app_id,
        "name": me.app_name,
        "deleted": False,
        "updated": 1_790_000_000,
        "team_id": me.team_id,
    }


METHODS: Final[dict[str, Method]] = {
    "api.test": Method(run=api_test, token="none"),  # noqa: S106 - a kind, not a token
    "apps.connections.open": Method(run=apps_connections_open, token="app", scopes="connections:write"),  # noqa: S106
    "auth.test": Method(run=auth_test, token="any"),  # noqa: S106
    "chat.postMessage": Method(run=chat_post_message, scopes="chat:write"),
    "views.open": Method(run=views_open),
}
