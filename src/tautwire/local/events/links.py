"""`link_shared`: a message with addresses in a domain that an app unfurls.

No app is told of its own messages. It need not be a member of a public channel for this (`is_bot_user_member` says
whether it is). A registered domain stands for its subdomains too, whatever the port: the event's page shows
`yet.another-example.com` under `another-example.com`. `*` is the local Slack's own and stands for every domain.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tautwire.local.events.messages import is_spoken
from tautwire.local.workspace import rich_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.local.events.event import Ear, Event
    from tautwire.local.workspace.changes import MessagePosted
    from tautwire.local.workspace.model import App, Channel, Json, Message

__all__ = ["shared"]


def shared(change: MessagePosted, ear: Ear) -> Iterator[Event]:
    """The links of a new message that concern this app."""
    place, said = change.channel, change.message
    if not ear.sees(place) or not is_spoken(said) or said.app_id == ear.app.id:
        return
    links = list(_links(said.text, ear.app))
    if not links:
        return
    inner = {
        "user": said.user_id,
        "channel": place.id,
        "message_ts": said.ts,
        **({"thread_ts": said.thread_ts} if said.is_reply else {}),
        "links": links,
        "source": "conversations_history",
        "unfurl_id": _unfurl_id(place, said, ear.app),
        "is_bot_user_member": ear.is_in(place),
        "user_locale": "en-US",
    }
    yield from ear.hear("link_shared", inner, place)


def _links(text: str, app: App) -> Iterator[Json]:
    for url in rich_text.links(text):
        host = _host(url)
        domain = next((each for each in app.permissions.unfurl_domains if _is_under(host, each)), "")
        if domain:
            yield {"url": url, "domain": host if domain == "*" else domain}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_under(host: str, domain: str) -> bool:
    return bool(host) and (domain == "*" or host == domain.lower() or host.endswith(f".{domain.lower()}"))


def _unfurl_id(place: Channel, said: Message, app: App) -> str:
    """Channel and message, to be read from it again, and a digest of the app's own."""
    digest = hashlib.sha256(f"{app.id} {place.id} {said.ts}".encode()).hexdigest()
    return f"{place.id}.{said.ts}.{digest}"
