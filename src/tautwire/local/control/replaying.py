"""A local Slack as the stage of a replay: where its ids come from, and where its deliveries go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.local.actors import context as contexts
from tautwire.local.socket.ledger import Delivery

if TYPE_CHECKING:
    from tautwire.local.app import LocalSlack
    from tautwire.local.journal.replay import Repeat

__all__ = ["Again"]

Json = dict[str, Any]


class Again:
    """`replay.Fresh` and `replay.Stage` over one local Slack.

    A trigger or response URL is fresh from the moment at which its delivery goes out, however long the plan was.
    """

    def __init__(self, slack: LocalSlack) -> None:
        self._slack, self._workspace = slack, slack.workspace
        self.clock = slack.line().exchange.clock

    # New ids

    def envelope_id(self) -> str:
        """See `Fresh`."""
        return self._workspace.ids.uuid()

    def event_id(self) -> str:
        """See `Fresh`."""
        return self._workspace.ids.of("Ev")

    def trigger_id(self, app_id: str) -> str:
        """See `Fresh`; whose it is turns out when it is sent."""
        return self._workspace.grants.trigger(app_id, "", self.clock.monotonic())

    def response_url(self, kind: str, channel_id: str, app_id: str) -> str:
        """See `Fresh`; whose it is turns out when it is sent."""
        path = self._workspace.grants.response_url(kind, app_id, "", channel_id, self.clock.monotonic())
        return self._slack.base_url + path

    def verification(self, app_id: str) -> str:
        """See `Fresh`."""
        return self._workspace.apps[app_id].identity.verification

    # On its way

    def send(self, repeat: Repeat) -> Delivery:
        """See `Stage`. `ConfigurationError` for an app that is not here."""
        line = self._slack.line(repeat.app_id)
        self._hand_over(repeat.payload)
        delivery = Delivery(
            repeat.type,
            repeat.subject,
            repeat.event_id,
            repeat.payload,
            repeat.accepts,
            self.clock.monotonic(),
            context=self._context(repeat),
        )
        return line.dispatch(delivery, envelope_id=repeat.envelope_id)

    def _hand_over(self, payload: Json) -> None:
        """From now on, whoever is named in the payload has clicked."""
        grants, now, user_id = self._workspace.grants, self.clock.monotonic(), _user(payload)
        trigger = grants.triggers.get(str(payload.get("trigger_id")))
        if trigger is not None:
            trigger.issued_at, trigger.user_id = now, user_id
        url = str(payload.get("response_url") or "").removeprefix(self._slack.base_url)
        answerable = grants.response_urls.get(url)
        if answerable is not None:
            answerable.issued_at, answerable.user_id = now, user_id
            container = payload.get("container")
            if isinstance(container, dict):
                answerable.message_ts = str(container.get("message_ts") or "")
                answerable.is_ephemeral = container.get("is_ephemeral") is True

    def _context(self, repeat: Repeat) -> object:
        """Where an answer in the ack belongs, if it is about somebody and something that is there."""
        payload = repeat.payload
        if repeat.type != "slash_commands":
            return None
        user_id, channel_id = _user(payload), str(payload.get("channel_id"))
        if user_id not in self._workspace.users or channel_id not in self._workspace.channels:
            return None
        return contexts.Command(repeat.app_id, user_id, channel_id)


def _user(payload: Json) -> str:
    user = payload.get("user")
    found = user.get("id") if isinstance(user, dict) else payload.get("user_id")
    return found if isinstance(found, str) else ""
