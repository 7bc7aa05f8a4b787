"""People and bots: who there is, and how they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.changes import MemberJoined, UserChanged, UserJoined
from tautwire.local.workspace.model import User
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App

__all__ = ["People"]

_PROFILE: Final = frozenset({"real_name", "display_name", "email", "title", "tz", "tz_offset"})
_STATUS: Final = frozenset({"status_text", "status_emoji"})
_ACCOUNT: Final = frozenset({"is_admin", "is_owner", "is_restricted", "is_deleted", "presence", "name"})


class People:
    """The users of a workspace."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def add(self, name: str, *, wall: float, user_id: str = "", **profile: Any) -> User:
        """Somebody new; joins the general channel on the spot, as everybody does."""
        if self._core.find_user(name) is not None:
            raise Refusal("name_taken")
        given = {
            "real_name": name.capitalize(),
            "display_name": name,
            "email": f"{name}@{self._core.team.email_domain}",
        }
        user = User(user_id or self._core.ids.of("U"), name, updated=int(wall), **(given | profile))
        self._core.users[user.id] = user
        self._core.happened(UserJoined(user))
        for channel in self._core.channels.values():
            if channel.is_general:
                channel.members[user.id] = None
                self._core.happened(MemberJoined(user, channel))
        return user

    def add_bot(self, app: App, *, wall: float) -> User:
        """The bot user of a newly installed app."""
        me = app.identity
        bot = User(me.bot_user_id, me.bot_user_name, me.app_name, app_id=me.app_id, bot_id=me.bot_id, updated=int(wall))
        self._core.users[bot.id] = bot
        return bot

    def change(self, user: User, *, wall: float, **what: Any) -> None:
        """Change parts of a profile, a status, or an account."""
        unknown = what.keys() - _PROFILE - _STATUS - _ACCOUNT
        if unknown:
            raise Refusal("invalid_profile")
        for name, value in what.items():
            setattr(user, name, value)
        user.updated = int(wall)
        if what.keys() - {"presence"}:
            kind = "status" if what.keys() <= _STATUS else "account" if what.keys() <= _ACCOUNT else "profile"
            self._core.happened(UserChanged(user, kind))  # type: ignore[arg-type]  # one of the three words

    def by_email(self, email: str) -> User:
        """By mail address. Raises `Refusal("users_not_found")`."""
        for user in self._core.users.values():
            if user.email and user.email.lower() == email.lower() and not user.is_deleted:
                return user
        raise Refusal("users_not_found")
