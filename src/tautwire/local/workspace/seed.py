"""Acme, the workspace that everything starts with: a handful of people, and places to talk; and crowds, on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.model import Channel, Note, User

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import ChannelKind

__all__ = ["SLACKBOT_ID", "crowd", "plant", "plant_people", "plant_places", "slackbot"]

_FOUNDED: Final = 1_790_000_000
SLACKBOT_ID: Final = "USLACKBOT"
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
#: Of these names a crowd is made; sixteen of each make 256 people before the first number is needed.
_FIRST: Final = (
    *("Ada", "Ben", "Cora", "Dov", "Edna", "Finn", "Gina", "Hugo"),
    *("Iris", "Joel", "Kaya", "Liam", "Mona", "Nils", "Olga", "Paul"),
)
_LAST: Final = (
    *("Adler", "Baum", "Clay", "Dorn", "Engel", "Falk", "Grau", "Holm"),
    *("Igel", "Jung", "Kern", "Lund", "Moor", "Nord", "Opal", "Pohl"),
)


def plant(core: Core) -> None:
    """Put Acme's people and places into an empty workspace. No change is reported: they were always there."""
    plant_people(core)
    plant_places(core)


def slackbot() -> User:
    """Slack's own voice, which every workspace has."""
    return User(SLACKBOT_ID, "slackbot", "Slackbot", "Slackbot", updated=_FOUNDED)


def plant_people(core: Core) -> None:
    """Acme's people alone."""
    core.users[SLACKBOT_ID] = slackbot()
    for user_id, name, real_name, title, is_admin in _PEOPLE:
        email = f"{name}@{core.team.email_domain}"
        core.users[user_id] = User(
            user_id, name, real_name, name, email, title, is_admin=is_admin, is_owner=is_admin, updated=_FOUNDED
        )


def plant_places(core: Core) -> None:
    """Acme's channels and direct conversations, for Acme's people."""
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


def crowd(core: Core, count: int) -> list[User]:
    """So many more people, as if they had always been there, in the general channel like everybody.

    The same workspace gets the same ones: ada.adler, ada.baum and so on, numbered from the 257th.
    """
    taken = {user.name for user in core.users.values()}
    generals = [each for each in core.channels.values() if each.is_general]
    people: list[User] = []
    number = 0
    while len(people) < count:
        round_, place = divmod(number, len(_FIRST) * len(_LAST))
        first, last = _FIRST[place // len(_LAST)], _LAST[place % len(_LAST)]
        name = f"{first}.{last}{round_ + 1 if round_ else ''}".lower()
        number += 1
        if name in taken:
            continue
        user = User(
            core.ids.of("U"), name, f"{first} {last}", name, f"{name}@{core.team.email_domain}", updated=_FOUNDED
        )
        core.users[user.id] = user
        people.append(user)
        for general in generals:
            general.members[user.id] = None
    return people
