"""A workspace as one JSON document: `save` and `dumps` write it, `loading` reads it again.

All that lasts is in it: people, apps with their tokens and manifests, channels with their messages and threads, files,
open views, scheduled messages, and the counters. What would be over by the time that it is read again is not: triggers,
response URLs, OAuth codes, uploads that are not complete, messages that only one person sees, and what belongs to a
channel that is gone. Nor are envelopes, which are the ledger's.
"""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from tautwire.local.workspace.model import Note
from tautwire.local.workspace.saved import (
    FORMAT,
    VERSION,
    SavedApp,
    SavedChannel,
    SavedCounters,
    SavedFile,
    SavedMessage,
    SavedNote,
    SavedPin,
    SavedScheduled,
    SavedTeam,
    SavedUser,
    SavedView,
    SavedWebhook,
    SavedWorkspace,
)

if TYPE_CHECKING:
    from tautwire.local.workspace.model import App, Channel, File, Json, Message, Scheduled, User, View
    from tautwire.local.workspace.workspace import Workspace

__all__ = ["dumps", "save"]


def save(workspace: Workspace) -> Json:
    """The document as plain data. It carries the tokens: local ones, which count nowhere else."""
    core = workspace.core
    saved = SavedWorkspace(
        team=SavedTeam(**_same(core.team, SavedTeam)),
        users=[_user(each, workspace) for each in core.users.values()],
        apps=[_app(each, workspace) for each in core.apps.values()],
        channels=[_channel(each, workspace) for each in core.channels.values()],
        files=[_file(each) for each in core.files.values() if each.is_complete],
        views=[_view(each) for each in core.views.values() if each.is_open],
        scheduled=[_scheduled(each) for each in core.scheduled.values() if each.channel_id in core.channels],
        emoji=dict(core.emoji),
        counters=SavedCounters(serial=core.ids.serial, draws=core.ids.draws, last_ts=core.ids.last_ts),
    )
    document: Json = {"format": FORMAT, "version": VERSION} | msgspec.to_builtins(saved)
    return document


def dumps(workspace: Workspace) -> str:
    """The document as text, to be read by people, too."""
    return json.dumps(save(workspace), indent=2, ensure_ascii=False) + "\n"


def _same(record: Any, form: type[msgspec.Struct]) -> dict[str, Any]:
    """What a record and its form have in common by name, as far as it is not what the form has by itself.

    msgspec leaves a default out when it is the same object, and an equal one would be written.
    """
    usual = _usual(form)
    common = {each.name: getattr(record, each.name) for each in fields(record) if each.name in usual}
    return {name: value for name, value in common.items() if value != usual[name]}


@cache
def _usual(form: type[msgspec.Struct]) -> dict[str, Any]:
    return {each.name: each.default for each in msgspec.structs.fields(form)}


def _user(user: User, workspace: Workspace) -> SavedUser:
    given = _same(user, SavedUser)
    usual = usual_profile(user.name, workspace.team.email_domain)
    return SavedUser(**given | {name: None for name, value in usual.items() if given[name] == value})


def usual_profile(name: str, email_domain: str) -> dict[str, str]:
    """What is made of somebody's name."""
    return {"real_name": name.capitalize(), "display_name": name, "email": f"{name}@{email_domain}"}


def _app(app: App, workspace: Workspace) -> SavedApp:
    me, permissions = app.identity, app.permissions.to_dict()
    tokens = {token: key for token, key in workspace.keys.items() if key.app is app}
    hooks = (each for each in workspace.grants.webhooks.values() if each.app_id == app.id)
    return SavedApp(
        id=app.id,
        name=me.app_name,
        manifest=permissions,
        bot_id=me.bot_id,
        bot_user=me.bot_user_id,
        app_token=app.app_token,
        bot_token=app.bot_token,
        client_id=app.client_id,
        client_secret=app.client_secret,
        verification=me.verification,
        user_tokens={token: key.user.id for token, key in tokens.items() if key.kind == "user"},
        revoked=[token for token in tokens if workspace.is_revoked(token)],
        webhooks=[
            SavedWebhook(channel=each.channel_id, path=each.path)
            for each in hooks
            if each.channel_id in workspace.channels
        ],
    )


def _channel(channel: Channel, workspace: Workspace) -> SavedChannel:
    given = _same(channel, SavedChannel) | {
        "members": list(channel.members),
        "closed_by": list(channel.closed_by),
        "topic": _note(channel.topic),
        "purpose": _note(channel.purpose),
        "messages": [_message(each, workspace) for each in channel.messages.values()],
        "pins": [SavedPin(ts=ts, user=pin.user_id, created=pin.created) for ts, pin in channel.pins.items()],
        "is_general": None if channel.is_general is (channel.name == "general") else channel.is_general,
    }
    return SavedChannel(**given)


def _note(note: Note) -> SavedNote | str:
    return "" if note == Note() else SavedNote(value=note.value, creator=note.creator, last_set=note.last_set)


def _message(said: Message, workspace: Workspace) -> SavedMessage:
    author = workspace.users.get(said.user_id)
    given = _same(said, SavedMessage) | {"user": said.user_id, "files": list(said.file_ids)}
    given["reactions"] = {name: list(people) for name, people in said.reactions.items()}
    if author is not None and (said.app_id, said.bot_id) == (author.app_id, author.bot_id):
        given |= {"app_id": None, "bot_id": None}
    return SavedMessage(**given)


def _file(file: File) -> SavedFile:
    return SavedFile(**_same(file, SavedFile) | {"user": file.user_id})


def _view(view: View) -> SavedView:
    return SavedView(**_same(view, SavedView) | {"app": view.app_id, "user": view.user_id})


def _scheduled(each: Scheduled) -> SavedScheduled:
    content = {name: value for name, value in each.content.items() if value not in (None, "", False)}
    given = _same(each, SavedScheduled) | {"channel": each.channel_id, "user": each.user_id, "content": content}
    return SavedScheduled(**given)
