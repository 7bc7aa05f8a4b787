"""Previews of links: from what an app says of them to a message's attachments. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tautwire.local.workspace.blocks import in_attachments
from tautwire.local.workspace.content import refused
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import App, Json, Message

__all__ = ["unfurled"]


def unfurled(said: Message, unfurls: Any, app: App) -> list[Json]:
    """The attachments of `said` once `app` has shown its links; a second time changes what the first has shown.

    `unfurls` maps URLs to attachments. Refuses with `invalid_unfurls_format`, `cannot_parse_attachment`,
    `cannot_unfurl_url` (a domain that is not the app's), `cannot_unfurl_message` (the message has no such link).
    """
    if not isinstance(unfurls, dict):
        raise Refusal("invalid_unfurls_format")
    found = in_attachments(list(unfurls.values()), "/unfurls")
    if found:
        raise refused("cannot_parse_attachment", found)
    for url in unfurls:
        _check(said, url, app)
    kept = [each for each in said.attachments if each.get("app_unfurl_url") not in unfurls]
    return [*kept, *(_attachment(url, given, app) for url, given in unfurls.items())]


def _check(said: Message, url: str, app: App) -> None:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    if not host or not app.permissions.unfurls(host):
        raise Refusal("cannot_unfurl_url")
    words = said.text + json.dumps(said.blocks, ensure_ascii=False)
    if url not in words and url.replace("&", "&amp;") not in words:
        raise Refusal("cannot_unfurl_message")


def _attachment(url: str, given: Json, app: App) -> Json:
    me = app.identity
    return {
        **given,
        "from_url": url,
        "app_unfurl_url": url,
        "is_app_unfurl": True,
        "app_id": me.app_id,
        "bot_id": me.bot_id,
    }
