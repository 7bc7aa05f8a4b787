"""What an app may use once, or for a while: triggers, response URLs, OAuth codes, webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.local.forgetting import forget
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import Json

__all__ = ["Code", "Grants", "ResponseUrl", "Trigger", "Webhook"]

#: Slack's numbers: a trigger_id serves once, within 3 s; a response_url five times, within 30 minutes; a code ten.
TRIGGER_SECONDS: Final = 3.0
RESPONSE_URL_SECONDS: Final = 1800.0
RESPONSE_URL_USES: Final = 5
CODE_SECONDS: Final = 600.0
#: So many are known; one that is forgotten was never there. No person clicks that often in three seconds, or half an
#: hour.
MOST_SHORT_LIVED: Final = 10_000
MOST_RESPONSE_URLS: Final = 50_000


@dataclass(slots=True)
class Trigger:
    """Whose click it was, and for which app; `view_id` when it happened in a view. `issued_at` is monotonic."""

    app_id: str
    user_id: str
    issued_at: float
    view_id: str = ""
    is_used: bool = False


@dataclass(slots=True)
class ResponseUrl:
    """Where an app may still answer, and what it has answered so far.

    `message_ts` names the message that a click was in, or else the first that came by this URL: what can be replaced.
    """

    path: str
    app_id: str
    user_id: str
    channel_id: str
    issued_at: float
    message_ts: str = ""
    is_ephemeral: bool = False
    received: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An incoming webhook: what is posted to `path` appears in the channel in the app's name."""

    path: str
    app_id: str
    channel_id: str


@dataclass(slots=True)
class Code:
    """An OAuth code: who has installed which app, and the channel chosen for its webhook, if any."""

    app_id: str
    user_id: str
    issued_at: float
    redirect_uri: str = ""
    channel_id: str = ""
    is_used: bool = False


class Grants:
    """What has been handed out, the latest of each kind. All times are monotonic seconds."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.triggers: dict[str, Trigger] = {}
        self.response_urls: dict[str, ResponseUrl] = {}
        self.webhooks: dict[str, Webhook] = {}
        self._codes: dict[str, Code] = {}

    def trigger(self, app_id: str, user_id: str, now: float, *, view_id: str = "") -> str:
        """A fresh `trigger_id`, in Slack's shape."""
        value = f"{self._core.ids.next()}.4012345678.{self._core.ids.secret()}"
        self.triggers[value] = Trigger(app_id, user_id, now, view_id)
        forget(self.triggers, MOST_SHORT_LIVED)
        return value

    def pull(self, value: str, app_id: str, now: float) -> Trigger:
        """Use a `trigger_id`, once and in time."""
        trigger = self.triggers.get(value)
        if trigger is None or trigger.app_id != app_id:
            raise Refusal("invalid_trigger_id")
        if trigger.is_used:
            raise Refusal("exchanged_trigger_id")
        if now - trigger.issued_at > TRIGGER_SECONDS:
            raise Refusal("expired_trigger_id")
        trigger.is_used = True
        return trigger

    def response_url(
        self,
        kind: str,
        app_id: str,
        user_id: str,
        channel_id: str,
        now: float,
        *,
        message_ts: str = "",
        is_ephemeral: bool = False,
    ) -> str:
        """The path of a fresh `response_url`; `kind` is `commands`, `actions`, `app` or `app-actions`."""
        path = f"/{kind}/{self._core.team.id}/{self._core.ids.next()}/{self._core.ids.secret(96)}"
        self.response_urls[path] = ResponseUrl(path, app_id, user_id, channel_id, now, message_ts, is_ephemeral)
        forget(self.response_urls, MOST_RESPONSE_URLS)
        return path

    def answer(self, path: str, body: Json, now: float) -> ResponseUrl:
        """Use a `response_url` once more."""
        url = self.response_urls.get(path)
        if url is None:
            raise Refusal("no_team")
        if now - url.issued_at > RESPONSE_URL_SECONDS:
            raise Refusal("expired_url")
        if len(url.received) >= RESPONSE_URL_USES:
            raise Refusal("used_url")
        url.received.append(body)
        return url

    def webhook(self, app_id: str, channel_id: str) -> Webhook:
        """An incoming webhook for a channel."""
        path = f"/services/{self._core.team.id}/B{self._core.ids.next():X}/{self._core.ids.secret(96)}"
        webhook = Webhook(path, app_id, channel_id)
        self.webhooks[path] = webhook
        return webhook

    def code(self, app_id: str, user_id: str, now: float, *, redirect_uri: str = "", channel_id: str = "") -> str:
        """An OAuth code, as the redirect after an installation carries it.

        `channel_id` is the place that the person has chosen for an incoming webhook.
        """
        value = f"{self._core.ids.next()}.{self._core.ids.secret()}"
        self._codes[value] = Code(app_id, user_id, now, redirect_uri, channel_id)
        forget(self._codes, MOST_SHORT_LIVED)
        return value

    def exchange(self, value: str, app_id: str, redirect_uri: str, now: float) -> Code:
        """Use an OAuth code, once, within ten minutes."""
        code = self._codes.get(value)
        if code is None or code.app_id != app_id or now - code.issued_at > CODE_SECONDS:
            raise Refusal("invalid_code")
        if code.is_used:
            raise Refusal("code_already_used")
        if code.redirect_uri and redirect_uri != code.redirect_uri:
            raise Refusal("bad_redirect_uri")
        code.is_used = True
        return code
