"""What is saved comes back as it was, and goes on from there."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from dataclasses import fields
from random import Random
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.manifest import Manifest
from tautwire.local.workspace import Content, Refusal, Workspace
from tautwire.local.workspace.grants import Trigger
from tautwire.local.workspace.loading import load, loads
from tautwire.local.workspace.model import Channel, File, Message, Scheduled, User, View
from tautwire.local.workspace.saved import (
    SavedChannel,
    SavedFile,
    SavedMessage,
    SavedScheduled,
    SavedUser,
    SavedView,
    SavedWorkspace,
)
from tautwire.local.workspace.saving import dumps, save
from tautwire.local.workspace.seed import crowd

if TYPE_CHECKING:
    from collections.abc import Callable

MANIFEST: dict[str, object] = {
    "display_information": {"name": "Deploy"},
    "features": {
        "bot_user": {"display_name": "deploy"},
        "slash_commands": [{"command": "/deploy", "description": "d"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
}
MODAL = {"type": "modal", "title": {"type": "plain_text", "text": "T"}, "blocks": [{"type": "divider"}]}
HOME = {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "hé"}}]}


class Life:
    """A workspace in which things happen at random; what Slack would refuse just does not happen."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.workspace = Workspace(Random(seed))
        self.workspace.install()
        self.wall = 1_795_000_000.0
        self.ids: set[str] = set()

    def happen(self, what: str) -> None:
        self.wall += self.random.random() * 100
        with suppress(Refusal):
            getattr(self, what)()

    def one(self, many: Any) -> Any:
        return self.random.choice(list(many))

    @property
    def user(self) -> User:
        found = self.one(self.workspace.users.values())
        assert isinstance(found, User)
        return found

    @property
    def place(self) -> Channel:
        found = self.one(list(self.workspace.channels.values())[:9])
        assert isinstance(found, Channel)
        return found

    def member(self, place: Channel) -> User:
        if not place.members or self.random.random() < 0.1:
            return self.user
        return self.workspace.users[self.one(place.members)]

    @property
    def word(self) -> str:
        return f"w{self.random.getrandbits(20)}-é😀"

    def said(self) -> tuple[Channel, Message]:
        place = self.place
        if not place.messages:
            raise Refusal("message_not_found")
        return place, self.one(place.messages.values())

    def adds(self) -> None:
        self.workspace.people.add(self.one(["eve", "fay", "gus"]), wall=self.wall, title=self.word)

    def changes(self) -> None:
        what = {"status_text": self.word, "real_name": self.word, "is_deleted": self.random.random() < 0.2}
        self.workspace.people.change(self.user, wall=self.wall, **what)

    def creates(self) -> None:
        name = f"place-{self.random.getrandbits(10)}"
        is_private = self.random.random() < 0.5
        self.workspace.places.create(name, by=self.user, wall=self.wall, is_private=is_private)

    def settles(self) -> None:
        places, place = self.workspace.places, self.place
        user = self.member(place)
        doings: list[Callable[[], object]] = [
            lambda: places.join(place, self.user, wall=self.wall),
            lambda: places.leave(place, user, wall=self.wall),
            lambda: places.set_topic(place, self.word, by=user, wall=self.wall),
            lambda: places.set_purpose(place, "", by=user, wall=self.wall),
            lambda: places.rename(place, f"name-{self.random.getrandbits(10)}", by=user, wall=self.wall),
            lambda: places.archive(place, by=user, wall=self.wall),
            lambda: places.unarchive(place, by=user, wall=self.wall),
            lambda: places.open_direct([self.user, self.user], by=user, wall=self.wall),
            lambda: places.close_direct(place, by=user),
            lambda: places.delete(place, by=user),
            lambda: places.mark(place, self.one([*place.messages, "1795000000.000000"]), by=user),
        ]
        self.one(doings)()

    def posts(self) -> None:
        place = self.place
        by, parent = self.member(place), self.one(["", *place.messages])
        content = Content(
            text=self.word,
            thread_ts=parent,
            is_broadcast=self.random.random() < 0.3,
            blocks=self.one([None, [{"type": "divider"}]]),
            metadata=self.one([None, {"event_type": "e", "event_payload": {"a": [1, None, 0.5]}}]),
            subtype=self.one(["", "me_message"]),
        )
        self.workspace.talk.post(place, content, by=by, wall=self.wall, app=self.one([None, self.workspace.app]))

    def edits(self) -> None:
        place, message = self.said()
        talk, by = self.workspace.talk, self.workspace.users[message.user_id]
        talk.edit(place, message.ts, Content(text=self.word), by=by, wall=self.wall)

    def deletes(self) -> None:
        place, message = self.said()
        self.workspace.talk.remove(place, message)

    def marks(self) -> None:
        place, message = self.said()
        if self.random.random() < 0.5:
            self.workspace.marks.react(place, message, self.one(["eyes", "+1"]), by=self.member(place))
        else:
            self.workspace.marks.pin(place, message, by=self.member(place), wall=self.wall)

    def shares(self) -> None:
        content = bytes(self.random.getrandbits(8) for _ in range(self.random.randrange(1, 50)))
        place, name = self.place, self.one(["a.txt", "b.png", "c"])
        self.workspace.uploads.share(place, name, content, by=self.member(place), wall=self.wall)

    def uploads(self) -> None:
        self.workspace.uploads.ask("half.txt", 3, by=self.user, wall=self.wall)

    def opens(self) -> None:
        screens, app, user = self.workspace.screens, self.one(self.workspace.apps.values()), self.user
        trigger = Trigger(app.id, user.id, self.wall)
        view = self.one([screens.open, screens.push])(app, trigger, dict(MODAL), wall=self.wall)
        view.values = {"b": {"a": {"type": "plain_text_input", "value": self.word}}}
        if self.random.random() < 0.5:
            screens.close(view)

    def publishes(self) -> None:
        self.workspace.screens.publish(self.one(self.workspace.apps.values()), self.user, dict(HOME), wall=self.wall)

    def schedules(self) -> None:
        post_at = int(self.wall) + self.random.randrange(1, 9999)
        content = Content(text=self.word, blocks=self.one([None, [{"type": "divider"}]]))
        place = self.place
        self.workspace.schedule.add(place, content, post_at, by=self.member(place), wall=self.wall)

    def installs(self) -> None:
        manifest = self.one([None, MANIFEST])
        app = self.workspace.install(*([] if manifest is None else [Manifest.from_dict(manifest)]))
        token = self.workspace.user_token(app, self.user)
        key = self.workspace.key(token)
        assert key is not None
        if self.random.random() < 0.3:
            self.workspace.revoke(key)
        self.workspace.grants.webhook(app.id, self.place.id)

    def draws(self) -> None:
        self.workspace.core.emoji[f"e{self.random.getrandbits(4)}"] = "https://emoji.test/e.png"


DEEDS = sorted(
    {name for name in vars(Life) if not name.startswith("_")}
    - {"happen", "member", "one", "user", "place", "word", "said"}
)
LIVES = st.tuples(st.integers(0, 2**32), st.lists(st.sampled_from(DEEDS), max_size=60))


def lived(seed: int, deeds: list[str]) -> Workspace:
    life = Life(seed)
    for deed in deeds:
        life.happen(deed)
    return life.workspace


def made(workspace: Workspace, count: int = 20) -> list[str]:
    """What the workspace would make next."""
    ids = workspace.ids
    return [each for _ in range(count) for each in (ids.of("X"), ids.uuid(), ids.secret(), ids.ts(0.0))]


@given(LIVES)
def test_what_is_saved_comes_back_as_it_was(life: tuple[int, list[str]]) -> None:
    workspace = lived(*life)
    before = save(workspace)
    again = load(before)
    assert save(again) == before
    assert save(loads(dumps(again))) == before
    assert again.take_changes() == []


@given(LIVES)
def test_and_is_what_people_and_apps_knew(life: tuple[int, list[str]]) -> None:
    workspace = lived(*life)
    again = load(save(workspace))
    for place in workspace.channels.values():
        other = again.channels[place.id]
        assert list(other.messages) == list(place.messages)
        assert {ts: found for ts, found in other.threads.items() if found} == {
            ts: found for ts, found in place.threads.items() if found
        }
        assert list(other.members) == list(place.members)
    for user in workspace.users.values():
        assert [each.id for each in again.screens.stack(again.user(user.id))] == [
            each.id for each in workspace.screens.stack(user)
        ]
    assert {key: view.id for key, view in again.screens.homes.items()} == {
        key: view.id for key, view in workspace.screens.homes.items()
    }
    assert again.keys.keys() == workspace.keys.keys()
    assert again.grants.webhooks == {
        path: hook for path, hook in workspace.grants.webhooks.items() if hook.channel_id in workspace.channels
    }
    assert [each.permissions.to_dict() for each in again.apps.values()] == [
        each.permissions.to_dict() for each in workspace.apps.values()
    ]


@given(LIVES)
def test_nothing_that_is_made_later_was_there_before(life: tuple[int, list[str]]) -> None:
    workspace = lived(*life)
    first = load(save(workspace))
    used = set(made(first))
    second = load(save(first))
    assert used.isdisjoint(made(second))
    assert used.isdisjoint(made(workspace, 0))
    text = dumps(workspace)
    assert not [each for each in used if each in text]


def test_lives_are_eventful() -> None:
    life = Life(0)
    for _ in range(50):
        for deed in DEEDS:
            life.happen(deed)
    core = life.workspace.core
    said = [message for place in core.channels.values() for message in place.messages.values()]
    assert len(said) > 20
    assert all((core.apps, core.files, core.views, core.scheduled, core.emoji, life.workspace.grants.webhooks))
    assert any(message.reactions for message in said)
    assert any(message.is_reply for message in said)
    assert any(message.edited_ts for message in said)
    assert any(message.subtype == "tombstone" for message in said)
    assert any(place.pins for place in core.channels.values())
    assert any(place.closed_by or place.is_archived for place in core.channels.values())
    assert any(life.workspace.is_revoked(token) for token in life.workspace.keys)
    assert save(load(save(life.workspace))) == save(life.workspace)


def test_the_same_document_goes_on_in_the_same_way() -> None:
    document = save(Life(1).workspace)
    assert made(load(document)) == made(load(document))
    assert made(load(document)) != made(load(document, seed=1))


def test_without_counters_it_would_repeat_itself() -> None:
    """The negative control."""

    def forget(workspace: Workspace) -> Workspace:
        return load(save(workspace) | {"counters": {}})

    first = forget(Life(1).workspace)
    used = set(made(first))
    assert not used.isdisjoint(made(forget(first)))


def test_it_is_readable_and_says_what_it_is() -> None:
    text = dumps(Life(0).workspace)
    document = json.loads(text)
    assert list(document)[:4] == ["format", "version", "team", "users"]
    assert (document["format"], document["version"]) == ("tautwire-workspace", 1)
    assert text.count("\n") > 50
    [bob] = [each for each in document["users"] if each["name"] == "bob"]
    assert bob == {"name": "bob", "id": "U0BOB", "real_name": "Bob Ell", "title": "Support"}


def test_files_are_base64() -> None:
    life = Life(0)
    life.workspace.uploads.share(
        life.workspace.channel("general"), "a.txt", b"\x00\xff", by=life.workspace.user("ann"), wall=1.0
    )
    document = save(life.workspace)
    assert base64.b64decode(document["files"][0]["content"]) == b"\x00\xff"
    assert next(iter(load(document).core.files.values())).content == b"\x00\xff"


def test_what_is_over_by_then_is_left_out() -> None:
    life = Life(0)
    workspace, ann = life.workspace, life.workspace.user("ann")
    bare = save(workspace)
    workspace.uploads.ask("half.txt", 3, by=ann, wall=1.0)
    workspace.grants.trigger(workspace.app.id, ann.id, 1.0)
    workspace.grants.response_url("commands", workspace.app.id, ann.id, "C0GENERAL", 1.0)
    workspace.grants.code(workspace.app.id, ann.id, 1.0)
    bot = workspace.core.bot_user(workspace.app)
    workspace.answers.show(workspace.channel("general"), ann, Content(text="psst"), by=bot, wall=1.0)
    view = workspace.screens.open(workspace.app, Trigger(workspace.app.id, ann.id, 1.0), dict(MODAL), wall=1.0)
    workspace.screens.close(view)
    assert save(workspace) | {"counters": None} == bare | {"counters": None}


def test_an_app_goes_on_where_it_was() -> None:
    life = Life(0)
    app = life.workspace.install(Manifest.from_dict(MANIFEST))
    again = load(save(life.workspace))
    key = again.key(app.bot_token)
    assert key is not None
    assert (key.app.identity, key.user.id) == (app.identity, app.identity.bot_user_id)
    assert key.app.permissions.has_command("deploy")
    third = again.install()
    assert third.id not in life.workspace.apps
    assert again.me == life.workspace.me


def test_a_token_that_was_given_back_stays_worthless() -> None:
    life = Life(0)
    key = life.workspace.key(life.workspace.app.bot_token)
    assert key is not None
    life.workspace.revoke(key)
    with pytest.raises(Refusal):
        load(save(life.workspace)).key(life.workspace.app.bot_token)


def test_a_big_one_is_quick() -> None:
    life = Life(0)
    crowd(life.workspace.core, 2000)
    general, ann = life.workspace.channel("general"), life.workspace.user("ann")
    for number in range(2000):
        life.workspace.talk.post(general, Content(text=str(number)), by=ann, wall=1.0)
    again = loads(dumps(life.workspace))
    assert (len(again.users), len(again.channel("general").messages)) == (2006, 2000)


#: What of a record is not written, because something else in the document says it.
SAID_OTHERWISE: dict[type, set[str]] = {
    User: set(),
    Channel: {"threads"},
    Message: {"channel_id", "user_id", "file_ids", "seen_by"},
    File: {"user_id", "size", "upload_key", "is_uploaded", "is_complete", "shares"},
    View: {"app_id", "user_id", "is_open"},
    Scheduled: {"channel_id", "user_id"},
}


@pytest.mark.parametrize(
    ("record", "form"),
    [
        (User, SavedUser),
        (Channel, SavedChannel),
        (Message, SavedMessage),
        (File, SavedFile),
        (View, SavedView),
        (Scheduled, SavedScheduled),
    ],
)
def test_nothing_of_a_record_is_forgotten(record: type, form: Any) -> None:
    names = {each.name for each in fields(record)}
    assert names - set(form.__struct_fields__) == SAID_OTHERWISE[record]


def test_nothing_of_the_core_is_forgotten() -> None:
    from tautwire.local.workspace.core import Core

    names = {each.name for each in fields(Core)}
    assert names - set(SavedWorkspace.__struct_fields__) == {"ids", "outbox"}
