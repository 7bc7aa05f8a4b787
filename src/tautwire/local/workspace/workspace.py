"""One team with its people, places and apps: all families of the workspace under one roof."""

from __future__ import annotations

import re
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final

from tautwire.local.manifest import ANYTHING
from tautwire.local.tokens import LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN
from tautwire.local.workspace.answers import Answers
from tautwire.local.workspace.core import Core, Ids
from tautwire.local.workspace.grants import Grants
from tautwire.local.workspace.keys import Key
from tautwire.local.workspace.marks import Marks
from tautwire.local.workspace.model import App, Channel, Identity, Team, User
from tautwire.local.workspace.people import People
from tautwire.local.workspace.places import Places
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.schedule import Schedule
from tautwire.local.workspace.screens import Screens
from tautwire.local.workspace.seed import plant
from tautwire.local.workspace.talk import Talk
from tautwire.local.workspace.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tautwire.local.manifest import AppManifest
    from tautwire.local.workspace.changes import Change

__all__ = ["Workspace"]

_FOUNDED: Final = 1_790_000_000.0


class Workspace:
    """Everything that outlives one request, and the rules for changing it.

    The families do the work: `people`, `places` (channels), `talk` (messages), `schedule` (messages that wait), `marks`
    (reactions, pins), `screens` (views), `uploads` (files), `grants` (triggers, response URLs), `answers` (what comes
    by them). What Slack would refuse raises `Refusal`. What has happened waits in `take_changes()`. Nothing here knows
    the time: `wall` is epoch seconds, `now` monotonic ones.
    """

    def __init__(self, random: Random | None = None, *, team: Team | None = None, is_planted: bool = True) -> None:
        self.ids = Ids(random or Random(0))  # noqa: S311 - repeatable on purpose
        self.core = Core(ids=self.ids, team=team or Team())
        self.people = People(self.core)
        self.places = Places(self.core)
        self.talk = Talk(self.core)
        self.schedule = Schedule(self.core, self.talk)
        self.marks = Marks(self.core)
        self.screens = Screens(self.core)
        self.uploads = Uploads(self.core, self.talk)
        self.grants = Grants(self.core)
        self.answers = Answers(self.core, self.talk, self.screens, self.grants)
        self._keys: dict[str, Key] = {}
        self._revoked: set[str] = set()
        if is_planted:
            plant(self.core)

    def __repr__(self) -> str:
        said = sum(len(channel.messages) for channel in self.channels.values())
        return f"<workspace {self.team.name}: {len(self.users)} users, {len(self.channels)} channels, {said} messages>"

    # What there is

    @property
    def team(self) -> Team:
        """The workspace's name."""
        return self.core.team

    @property
    def apps(self) -> dict[str, App]:
        """Installed apps by id, in order of installation."""
        return self.core.apps

    @property
    def users(self) -> dict[str, User]:
        """People and bots by id."""
        return self.core.users

    @property
    def channels(self) -> dict[str, Channel]:
        """Channels and direct conversations by id."""
        return self.core.channels

    @property
    def app(self) -> App:
        """The first app."""
        return next(iter(self.core.apps.values()))

    @property
    def me(self) -> Identity:
        """Who the first app is."""
        return self.app.identity

    def take_changes(self) -> list[Change]:
        """What has happened since this was last asked, in order; the outbox is empty then."""
        taken, self.core.outbox = self.core.outbox, []
        return taken

    @property
    def names(self) -> dict[str, str]:
        """What people call everybody and every channel, by id: `ann`, `#general`."""
        people = {user.id: user.name for user in self.users.values()}
        return people | {each.id: f"#{each.name}" for each in self.channels.values() if not each.is_direct}

    # Apps and tokens

    def install(
        self,
        permissions: AppManifest = ANYTHING,
        *,
        app_token: str = "",
        bot_token: str = "",
        wall: float = _FOUNDED,
    ) -> App:
        """Install an app: its bot joins the public seed channels, and its tokens work from now on.

        The first app has the well-known ids and tokens of the local Slack; further ones are numbered.
        """
        number = next(each for each in count(len(self.apps) + 1) if f"A0LOCAL{each:02d}" not in self.apps)
        identity = self._identity(permissions, number)
        app = App(
            identity=identity,
            app_token=app_token or (LOCAL_APP_TOKEN if number == 1 else f"xapp-1-{identity.app_id}-local-app"),
            bot_token=bot_token or (LOCAL_BOT_TOKEN if number == 1 else f"xoxb-local-bot-{number}"),
            client_id=f"4012345678.{5_012_345_670 + number}",
            client_secret=f"local-client-secret-{number}",
            permissions=permissions,
        )
        self.apps[app.id] = app
        bot = self.people.add_bot(app, wall=wall)
        for name in ("general", "random"):
            channel = self.core.find_channel(name)
            if channel is not None:
                channel.members[bot.id] = None
        self._keys[app.app_token] = Key("app", app, bot)
        self._keys[app.bot_token] = Key("bot", app, bot)
        if number == 1 and "U0ANN" in self.users and "D0ANN" not in self.channels:
            self.channels["D0ANN"] = Channel(
                "D0ANN", "directmessage", "im", creator="U0ANN", members={"U0ANN": None, bot.id: None}
            )
        return app

    def _identity(self, permissions: AppManifest, number: int) -> Identity:
        suffix = "" if number == 1 else str(number)
        app_name = permissions.app_name or f"Local Bot{' ' + suffix if suffix else ''}"
        name = re.sub(r"[^a-z0-9._-]+", "", (permissions.bot_name or "localbot" + suffix).lower().replace(" ", "-"))
        taken = self.core.find_user(name) is not None
        return Identity(
            app_id=f"A0LOCAL{number:02d}",
            app_name=app_name,
            bot_id=f"B0LOCALBOT{suffix}",
            bot_user_id=f"U0LOCALBOT{suffix}",
            bot_user_name=f"{name}{number}" if taken or not name else name,
            team_id=self.team.id,
            team_name=self.team.name,
            team_domain=self.team.domain,
        )

    def adopt(self, app: App, user_tokens: Mapping[str, User], *, revoked: Iterable[str] = ()) -> None:
        """Take in an app that was installed before, just as it was; its bot user has to be there."""
        self.apps[app.id] = app
        bot = self.core.bot_user(app)
        self._keys |= {app.app_token: Key("app", app, bot), app.bot_token: Key("bot", app, bot)}
        self._keys |= {token: Key("user", app, user) for token, user in user_tokens.items()}
        self._revoked |= set(revoked)

    @property
    def keys(self) -> Mapping[str, Key]:
        """What each token stands for, those included that count no more."""
        return self._keys

    def is_revoked(self, token: str) -> bool:
        """Whether a token counts no more."""
        return token in self._revoked

    def key(self, token: str) -> Key | None:
        """What `token` stands for here. Refuses a revoked one: `account_inactive`, a person's `token_revoked`."""
        key = self._keys.get(token)
        if key is not None and token in self._revoked:
            raise Refusal("token_revoked" if key.kind == "user" else "account_inactive")
        return key

    def revoke(self, key: Key) -> None:
        """Make its token worthless, until the app is installed again."""
        self._revoked |= {token for token, known in self._keys.items() if known == key}

    def restore(self, token: str) -> str:
        """Let a token count again, as after another installation; returns it."""
        self._revoked.discard(token)
        return token

    def user_token(self, app: App, user: User) -> str:
        """The token with which `app` acts as `user`; the same one each time."""
        number = list(self.apps).index(app.id) + 1
        token = f"xoxp-local-{user.name}" + ("" if number == 1 else f"-{number}")
        self._keys.setdefault(token, Key("user", app, user))
        return token

    # Lookups that everybody needs

    def user(self, name: str) -> User:
        """By id or name. Raises `Refusal("user_not_found")`."""
        return self.core.user(name)

    def channel(self, name: str, viewer: User | None = None) -> Channel:
        """By id or name. Raises `Refusal("channel_not_found")`, with a `viewer` also for what they may not see."""
        return self.core.channel(name, viewer)

    def direct(self, one: User, other: User, *, wall: float = _FOUNDED) -> Channel:
        """The direct conversation of two people, opened when needed."""
        return self.places.open_direct([other], by=one, wall=wall)[0]
