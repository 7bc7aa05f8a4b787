"""From a document to a workspace: one that was saved, or one that somebody has written by hand.

    {
      "users": ["ann", {"name": "bob", "is_admin": true}],
      "channels": ["general", {"name": "ops", "kind": "group", "members": ["ann", "bob"], "messages": [
        {"user": "ann", "text": "Hello", "replies": [{"user": "bob", "text": "Hi"}]}
      ]}]
    }

`saved` says what may stand where, and what is made up for what does not; docs/local-seed.md shows more. Every mistake
raises one `ConfigurationError` that says where it is, and what to do.
"""

from __future__ import annotations

import json
import mimetypes
import re
from pathlib import PurePosixPath
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec

from tautwire.errors import ConfigurationError
from tautwire.local import sendable
from tautwire.local.manifest import ANYTHING, Manifest, Permissive
from tautwire.local.tokens import is_real
from tautwire.local.workspace.grants import Webhook
from tautwire.local.workspace.loading_places import add_messages, add_places, add_scheduled, add_views, settle_places
from tautwire.local.workspace.model import App, File, Identity, Team, User
from tautwire.local.workspace.planting import Planting
from tautwire.local.workspace.saved import FORMAT, VERSION, SavedUser, SavedWorkspace
from tautwire.local.workspace.saving import usual_profile
from tautwire.local.workspace.seed import SLACKBOT_ID, plant_people, slackbot
from tautwire.local.workspace.workspace import Workspace

if TYPE_CHECKING:
    from tautwire.local.manifest import AppManifest
    from tautwire.local.workspace.saved import SavedApp, SavedFile

__all__ = ["load", "loads"]

#: Python's own table: what a machine has added to it would be another on every other machine.
_TYPES: Final = mimetypes.MimeTypes()
_WHERE: Final = re.compile(r"(?s)(.*?)(?: - at `\$\.?(.*)`)?")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(.*)`")
_QUOTED: Final = re.compile(r"`([^`]*)`")
_PLAIN: Final = {
    "array": "a list",
    "object": "an object",
    "str": "text",
    "int": "a whole number",
    "bool": "true or false",
}
_MISSING: Final = re.compile(r"Object missing required field `(.*)`")


def loads(text: str, name: str = "seed", *, seed: int = 0) -> Workspace:
    """`load` from text."""
    try:
        data = sendable.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"{name}: {where}: this is not JSON: {_lower(error.msg)}") from None
    except UnicodeEncodeError:
        raise ConfigurationError(f"{name}: there is half of a character in it, a lone surrogate") from None
    except ValueError as error:
        raise ConfigurationError(f"{name}: this cannot be read: {error}") from None
    return load(data, name, seed=seed)


def load(data: object, name: str = "seed", *, seed: int = 0) -> Workspace:
    """The workspace that a document describes; `name` is what errors call it.

    `seed` and the document's counters decide every random choice from now on, so that ids and secrets go on from where
    they were, and none comes twice.
    """
    document = _document(data, name)
    counters = document.counters
    random = Random(f"{seed}:{counters.serial}:{counters.draws}:{counters.last_ts}")  # noqa: S311 - repeatable on purpose
    team = Team(**msgspec.structs.asdict(document.team))
    at = Planting(Workspace(random, team=team, is_planted=False), name)
    at.workspace.ids.serial = max(at.workspace.ids.serial, counters.serial)
    at.workspace.ids.draws = counters.draws
    if counters.last_ts:
        at.saw("counters.last_ts", counters.last_ts)
    _add_users(at, document)
    rows = add_places(at, document)
    for number, each in enumerate(document.apps):
        _add_app(at, f"apps[{number}]", each)
    settle_places(at, rows)
    for number, file in enumerate(document.files):
        _add_file(at, f"files[{number}]", file)
    add_messages(at, rows)
    add_views(at, document)
    add_scheduled(at, document)
    at.workspace.core.emoji.update(document.emoji)
    at.workspace.take_changes()
    return at.workspace


def _document(data: object, name: str) -> SavedWorkspace:
    try:
        document = msgspec.convert(data, SavedWorkspace)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"{name}: {_sentence(str(error))}") from None
    if document.format != FORMAT:
        raise ConfigurationError(f"{name}: format: it says {document.format!r}, and a workspace's is {FORMAT!r}")
    if not 1 <= document.version <= VERSION:
        raise ConfigurationError(f"{name}: version: it is {document.version}, and this program reads {VERSION}")
    return document


def _sentence(complaint: str) -> str:
    """msgspec's complaint, with the place first."""
    found = _WHERE.fullmatch(complaint)
    words, where = (found[1], found[2] or "the document") if found else (complaint, "the document")
    for pattern, better in ((_UNKNOWN, "there is no key {!r} here"), (_MISSING, "{!r} is missing")):
        unknown = pattern.fullmatch(words)
        if unknown:
            return f"{where}: {better.format(unknown[1])}"
    return f"{where}: {_lower(_QUOTED.sub(_plain, words))}"


def _plain(quoted: re.Match[str]) -> str:
    return " or ".join(_PLAIN.get(word, word) for word in quoted[1].split(" | "))


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]


# People


def _add_users(at: Planting, document: SavedWorkspace) -> None:
    if document.users is None:
        plant_people(at.workspace.core)
        for user in list(at.workspace.users.values()):
            at.know_user("users", user)
        return
    given = [SavedUser(name=each) if isinstance(each, str) else each for each in document.users]
    if all(each.id != SLACKBOT_ID for each in given):
        at.know_user("users", slackbot())
    for number, each in enumerate(given):
        where = f"users[{number}]"
        user_id = at.claim(f"{where}.id", each.id, "U", at.workspace.users)
        usual = usual_profile(each.name, at.workspace.team.email_domain)
        plain = msgspec.structs.asdict(each)
        filled = {name: usual[name] for name in usual if plain[name] is None}
        at.know_user(where, User(**plain | filled | {"id": user_id}))


# Apps


def _add_app(at: Planting, where: str, given: SavedApp) -> None:
    _check_tokens(at, where, given)
    permissions = _permissions(at, where, given)
    if given.id:
        app = _adopt(at, where, given, permissions)
    else:
        app = at.workspace.install(permissions, app_token=given.app_token, bot_token=given.bot_token)
        at.know_user(where, at.workspace.core.bot_user(app))
    grants = at.workspace.grants
    for number, hook in enumerate(given.webhooks):
        place = at.place(f"{where}.webhooks[{number}].channel", hook.channel)
        if hook.path:
            grants.webhooks[hook.path] = Webhook(hook.path, app.id, place.id)
        else:
            grants.webhook(app.id, place.id)


def _check_tokens(at: Planting, where: str, given: SavedApp) -> None:
    tokens = [given.app_token, given.bot_token, *given.user_tokens]
    if any(is_real(token) for token in tokens):
        at.wrong(where, "a token has the shape of a real Slack token; the local Slack takes made-up ones")
    if any(token and (token in at.workspace.keys or tokens.count(token) > 1) for token in tokens):
        at.wrong(where, "one of its tokens is another one's, too")


def _permissions(at: Planting, where: str, given: SavedApp) -> AppManifest:
    if given.manifest is not None:
        return Manifest.from_dict(given.manifest, f"{at.name}: {where}.manifest")
    return ANYTHING if given.id or not given.name else Permissive(app_name=given.name, bot_name=given.name)


def _adopt(at: Planting, where: str, given: SavedApp, permissions: AppManifest) -> App:
    if given.id in at.workspace.apps:
        at.wrong(f"{where}.id", f"the id {given.id!r} comes twice")
    missing = [name for name in ("bot_id", "bot_user", "app_token", "bot_token") if not getattr(given, name)]
    if missing:
        at.wrong(where, f"an app with an id of its own has {missing[0]!r}, too; without an id all of it is made up")
    bot, team = at.who(f"{where}.bot_user", given.bot_user), at.workspace.team
    if (bot.app_id, bot.bot_id) != (given.id, given.bot_id):
        at.wrong(f"{where}.bot_user", f"{bot.name!r} is not this app's bot: its app_id and bot_id are others")
    identity = Identity(
        app_id=given.id,
        app_name=given.name,
        bot_id=given.bot_id,
        bot_user_id=bot.id,
        bot_user_name=bot.name,
        team_id=team.id,
        team_name=team.name,
        team_domain=team.domain,
        verification=given.verification,
    )
    app = App(
        identity=identity,
        app_token=given.app_token,
        bot_token=given.bot_token,
        client_id=given.client_id,
        client_secret=given.client_secret,
        permissions=permissions,
    )
    people = {token: at.who(f"{where}.user_tokens", name) for token, name in given.user_tokens.items()}
    at.workspace.adopt(app, people, revoked=given.revoked)
    return app


# Files


def _add_file(at: Planting, where: str, given: SavedFile) -> None:
    if given.content and given.text:
        at.wrong(where, "a file has content or a text, not both")
    content = given.content or given.text.encode()
    suffix = PurePosixPath(given.name).suffix.removeprefix(".").lower()
    at.know_file(
        File(
            id=at.claim(f"{where}.id", given.id, "F", at.workspace.core.files),
            name=given.name,
            user_id=at.who(f"{where}.user", given.user).id,
            created=given.created,
            size=len(content),
            alt_text=given.alt_text,
            snippet_type=given.snippet_type,
            content=content,
            is_uploaded=True,
            is_complete=True,
            title=given.name if given.title is None else given.title,
            mimetype=given.mimetype or _TYPES.guess_type(f"file.{suffix}")[0] or "application/octet-stream",
            filetype=given.filetype or given.snippet_type or suffix or "binary",
        )
    )
