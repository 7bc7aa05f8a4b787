"""Driving a local Slack from Python: people, places, what was sent, and sending it again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tautwire.errors import ConfigurationError
from tautwire.local.actors import Person, Place
from tautwire.local.actors.stage import check_profile, refused
from tautwire.local.environment import program_environment
from tautwire.local.socket.ledger import Delivery
from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.local.journal import Journal
    from tautwire.local.socket.ledger import Ledger
    from tautwire.local.socket.line import Line
    from tautwire.local.staging import OwnStage
    from tautwire.local.workspace import App, Workspace

__all__ = ["Driver"]


class Driver:
    """What a test asks a local Slack for. The same name gives the same object each time."""

    workspace: Workspace
    ledger: Ledger
    journal: Journal
    app_token: str
    bot_token: str
    _stage: OwnStage
    _people: dict[str, Person]
    _places: dict[str, Place]

    def line(self, app_id: str | None = None) -> Line:
        """The Socket Mode of an app."""
        raise NotImplementedError

    @property
    def api_url(self) -> str:
        """Where the Web API is."""
        raise NotImplementedError

    # Who and where

    def user(self, name: str) -> Person:
        """A person, by name or id. `ConfigurationError` names who there is."""
        found = self.workspace.core.find_user(name)
        if found is None:
            names = ", ".join(each.name for each in self.workspace.users.values() if not each.is_bot)
            raise ConfigurationError(f"there is nobody called {name!r}, but {names}; slack.add_user makes somebody new")
        return self._people.setdefault(found.id, Person(self._stage, found))

    def add_user(self, name: str, **profile: str) -> Person:
        """Somebody new in the workspace; apps that want to know are told."""
        if self.workspace.core.find_user(name) is not None:
            raise ConfigurationError(f"there is a {name!r} already")
        check_profile(profile)
        with self._stage.acted(name, "joins the workspace"):
            self.workspace.people.add(name, wall=self._stage.clock.wall(), **profile)
            self._stage.settle()
        return self.user(name)

    def channel(self, name: str) -> Place:
        """A channel by name or id. For a direct conversation ask `direct`."""
        found = self.workspace.core.find_channel(name)
        if found is None:
            names = ", ".join(each.name for each in self.workspace.channels.values() if not each.is_direct)
            raise ConfigurationError(f"there is no channel {name!r}, but {names}")
        return self._places.setdefault(found.id, Place(self._stage, found))

    def direct(self, one: str, *others: str) -> Place:
        """The direct conversation of these people (or bots), opened when needed; of one, with the first app's bot."""
        core, wall = self.workspace.core, self._stage.clock.wall()
        first = self.user(one).record
        people = [self.user(each).record for each in others] or [core.bot_user(self.workspace.app)]
        try:
            channel, _ = self.workspace.places.open_direct(people, by=first, wall=wall)
        except Refusal as refusal:
            names = ", ".join(each.name for each in people)
            raise refused(first, f"open a direct conversation with {names}", refusal.error) from None
        self._stage.settle()
        return self._places.setdefault(channel.id, Place(self._stage, channel))

    @property
    def bot(self) -> Person:
        """The first app's bot user: `slack.bot.mention`, `slack.bot.name`."""
        return self.user(self.workspace.me.bot_user_id)

    @property
    def apps(self) -> list[App]:
        """Installed apps, with their tokens."""
        return list(self.workspace.apps.values())

    # What was said

    def conversation(self, *, limit: int = 200, width: int = 120) -> str:
        """The last `limit` lines of what people and apps said and did, at most `width` characters each."""
        return self.journal.conversation(limit=limit, width=width)

    def deliveries(self, subject: str = "") -> list[Delivery]:
        """What was sent to apps, in order, and what became of it; of one event type, command or interaction."""
        return [each for each in self.ledger.entries if subject in ("", each.subject, each.type)]

    # What can be done

    def environment(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """`os.environ`, or `environ`, for a program that is to use this Slack.

        Its tokens and address are there under the names that apps read by custom, and slack_sdk, in Python programs,
        uses them without any change: `subprocess.Popen([sys.executable, "app.py"], env=slack.environment())`.
        """
        return program_environment(self, os.environ if environ is None else environ)

    def resend(self, delivery: Delivery, *, same_id: bool = False) -> Delivery:
        """Send something once more, as a new delivery; with `same_id` under the envelope id that it had."""
        again = Delivery(
            delivery.type,
            delivery.subject,
            delivery.event_id,
            delivery.payload,
            delivery.accepts,
            self._stage.clock.monotonic(),
            app_id=delivery.app_id,
            context=delivery.context,
        )
        return self.line(delivery.app_id).dispatch(again, envelope_id=delivery.envelope_id if same_id else None)
