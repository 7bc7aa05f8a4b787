"""What a real manifest lets an app hear."""

from __future__ import annotations

from typing import Any

from hearing import WALL, Town
from tautwire.local.manifest import manifest_from


def manifest(*events: str, scopes: list[str], domains: list[str] | None = None) -> dict[str, Any]:
    features: dict[str, Any] = {"bot_user": {"display_name": "listener"}}
    if domains:
        features["unfurl_domains"] = domains
    return {
        "display_information": {"name": "Listener"},
        "features": features,
        "oauth_config": {"scopes": {"bot": scopes}},
        "settings": {"event_subscriptions": {"bot_events": list(events)}, "socket_mode_enabled": True},
    }


def test_messages_by_the_kind_of_place_and_other_events_by_their_scope(town: Town) -> None:
    heard = ["app_mention", "message.channels", "member_joined_channel", "reaction_added", "link_shared"]
    scopes = ["app_mentions:read", "channels:history", "channels:read", "reactions:read", "links:read"]
    app = town.workspace.install(manifest_from(manifest(*heard, scopes=scopes, domains=["example.com"])))
    bot = town.bot_of(app)
    town.secret.members[bot.id] = None
    for place in (town.general, town.secret):
        said = town.says(f"<@{bot.id}> https://example.com https://other.test", place)
        town.workspace.marks.react(place, said, "eyes", by=town.ann)
    guest = town.workspace.people.add("guest", wall=WALL)
    town.workspace.places.invite(town.secret, guest, by=town.ann, wall=WALL)
    by_place: dict[str, list[str]] = {}
    for event in town.heard(app):
        inner = event.inner
        place_id = inner["item"]["channel"] if "item" in inner else inner["channel"]
        by_place.setdefault(place_id, []).append(event.type)
    assert by_place == {
        "C0GENERAL": ["message", "app_mention", "link_shared", "reaction_added", "member_joined_channel"],
        "C0SECRET": ["app_mention", "link_shared", "reaction_added"],
    }
