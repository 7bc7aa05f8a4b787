"""Acme, the workspace that everything starts with: a handful of people, and places to talk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.model import Channel, Note, User

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import ChannelKind

__all__ = ["plant"]

_FOUNDED: Final = 1_790_000_000
#: id, name, real name, title, whether an admin
_PEOPLE: Final = (
    ("U0ANN", "ann", "Ann Ode", "Engineer", True),
    ("U0BOB", "bob", "Bob Ell", "Support", False),
    ("U0CLEO", "cleo", "Cleo Fay", "Designer", False),
    ("U0DAN", "dan", "Dan Goh", "Guest of honour", False),
)
_EVERYBODY: Final = ("U0ANN", "U0BOB", "U0CLEO", "U0DAN")
#: id, name, kind, members, purpose
_PLACES: Final[tuple[tuple[str, str, ChannelKind, tuple[str, ...], str], ...]] = (
    ("C0GENERAL", "general", "channel", _EVERYBODY, "For everybody, about everything"),
    ("C0RANDOM", "random", "channel", _EVERYBODY, "For what belongs nowhere else"),
    ("C0DEV", "dev", "channel", ("U0ANN", "U0BOB"), "For those who build"),
    ("C0SECRET", "secret-plans", "group", ("U0ANN", "U0CLEO"), "For those who plan"),
    ("D0BOB", "directmessage", "im", ("U0ANN", "U0BOB"), ""),
    ("G0TRIO", "mpdm-ann--bob--cleo-1", "mpim", ("U0ANN", "U0BOB", "U0CLEO"), ""),
)


def plant(core: Core) -> None:
    """Put Acme's people and places into an empty workspace. No change is reported: they were always there."""
    slackbot = User("USLACKBOT", "slackbot", "Slackbot", "Slackbot", updated=_FOUNDED)
    core.users[slackbot.id] = slackbot
    for user_id, name, real_name, title, is_admin in _PEOPLE:
        email = f"{name}@{core.team.email_domain}"
        core.users[user_id] = User(
            user_id, name, real_name, name, email, title, is_admin=is_admin, is_owner=is_admin, updated=_FOUNDED
        )
    for channel_id, name, kind, members, purpose in _PLACES:
        core.channels[channel_id] = Channel(
            channel_id,
            name,
            kind,
            creator="U0ANN",
            created=_FOUNDED,
            members=dict.fromkeys(members),
            purpose=Note(purpose, "U0ANN", _FOUNDED) if purpose else Note(),
            is_general=name == "general",
        )
