"""`link_shared`."""

from __future__ import annotations

import pytest

from hearing import Town, types
from tautwire.local.workspace import Content

WALL = 1_795_000_000.0


def test_links_word_for_word(town: Town) -> None:
    app = town.install("link_shared", domains=["example.com", "other.test"])
    said = town.says(
        "see <https://example.com/1>, https://deep.example.com:8443/2?a=1&amp;b=2. "
        "<http://OTHER.test|that> and <https://example.com/1|again>, "
        "not https://example.com.evil.test/ <mailto:a@b.test>"
    )
    (event,) = town.heard(app)
    assert (event.type, event.inner) == (
        "link_shared",
        {
            "type": "link_shared",
            "user": "U0ANN",
            "channel": "C0GENERAL",
            "message_ts": said.ts,
            "links": [
                {"url": "https://example.com/1", "domain": "example.com"},
                {"url": "https://deep.example.com:8443/2?a=1&b=2", "domain": "example.com"},
                {"url": "http://OTHER.test", "domain": "other.test"},
            ],
            "source": "conversations_history",
            "unfurl_id": event.inner["unfurl_id"],
            "is_bot_user_member": True,
            "user_locale": "en-US",
            "event_ts": event.inner["event_ts"],
        },
    )
    channel, seconds, micros, digest = event.inner["unfurl_id"].split(".")
    assert (channel, f"{seconds}.{micros}", len(digest)) == ("C0GENERAL", said.ts, 64)


def test_each_app_has_unfurl_ids_of_its_own(town: Town) -> None:
    one, two = town.install("link_shared"), town.install("link_shared")
    town.says("https://example.com")
    changes = town.workspace.core.outbox[:]
    (first,) = town.heard(one)
    town.workspace.core.outbox.extend(changes)
    (second,) = town.heard(two)
    assert first.inner["unfurl_id"] != second.inner["unfurl_id"]


def test_a_link_in_a_thread(town: Town) -> None:
    app, parent = town.install("link_shared"), town.says("question")
    town.says("https://example.com", thread_ts=parent.ts)
    (event,) = town.heard(app)
    assert event.inner["thread_ts"] == parent.ts


def test_only_for_the_apps_own_domains(town: Town) -> None:
    every, mine, none = (
        town.install("link_shared"),
        town.install("link_shared", domains=["example.com"]),
        town.install("link_shared", domains=[]),
    )
    town.says("https://example.org https://notexample.com http://[::1")
    assert town.heard_by(every, mine, none) == [["link_shared"], [], []]


def test_a_star_names_the_host(town: Town) -> None:
    app = town.install("link_shared")
    town.says("https://a.example.org/x")
    (event,) = town.heard(app)
    assert event.inner["links"] == [{"url": "https://a.example.org/x", "domain": "a.example.org"}]


def test_public_channels_are_for_everybody_private_ones_for_members(town: Town) -> None:
    app = town.install("link_shared")
    town.says("https://example.com", town.dev)
    (event,) = town.heard(app)
    assert event.inner["is_bot_user_member"] is False
    for place in (town.secret, town.workspace.channels["D0BOB"]):
        town.says("https://example.com", place)
    assert town.heard(app) == []
    town.secret.members[town.bot_of(app).id] = None
    town.says("https://example.com", town.secret)
    assert types(town.heard(app)) == ["link_shared"]


def test_not_for_what_the_app_itself_says(town: Town) -> None:
    app = town.install("link_shared")
    town.says("https://example.com", by=town.bot_of(app))
    town.workspace.talk.post(town.general, Content(text="https://example.com"), by=town.ann, wall=WALL, app=app)
    assert town.heard(app) == []
    town.says("https://example.com", by=town.bot)
    assert types(town.heard(app)) == ["link_shared"]


@pytest.mark.parametrize("text", ["no link", "example.com", "<@U0BOB>", ""])
def test_no_links(town: Town, text: str) -> None:
    app = town.install("link_shared")
    town.says(text, attachments=[{"text": "x"}])
    assert town.heard(app) == []


def test_slacks_own_lines_are_no_links(town: Town) -> None:
    app = town.install("link_shared")
    town.workspace.places.set_topic(town.general, "https://example.com", by=town.ann, wall=WALL)
    assert town.heard(app) == []
