"""One call of a Web API method: who asks for what, and the workspace that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tautwire.local.sendable import loads
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.api.method import Argument, Method
    from tautwire.local.faults import Faults
    from tautwire.local.workspace import Channel, Message, Workspace
    from tautwire.local.workspace.keys import Key
    from tautwire.local.workspace.model import App, ChannelKind, Json, User

__all__ = ["Call", "complaint", "warn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call.

    `wall` is epoch seconds, `now` monotonic ones. `base_url` is where this local Slack answers, without a slash at
    the end; `open_url` mints a WebSocket URL for an app. `basic` is what came by HTTP Basic (client id and secret).
    """

    method: Method
    args: Json
    workspace: Workspace
    key: Key | None
    wall: float
    now: float
    base_url: str
    open_url: Callable[[App], str]
    faults: Faults
    basic: tuple[str, str] = ("", "")
    is_strict_about_scopes: bool = False

    # Who asks

    @property
    def app(self) -> App:
        """The app whose token it is."""
        return self._known.app

    @property
    def user(self) -> User:
        """Who acts: the bot, or the person whose token it is."""
        return self._known.user

    @property
    def _known(self) -> Key:
        if self.key is None:
            raise Refusal("not_authed")
        return self.key

    def may(self, scope: str) -> bool:
        """Whether the token has `scope`; always, unless this local Slack is strict about scopes."""
        return not self.is_strict_about_scopes or self._known.has_scope(scope)

    def check_scopes(self, kind: ChannelKind | None = None) -> None:
        """Refuse with `missing_scope` when the token has none of the method's scopes, or none for a kind of place.

        `conversations.*` needs another scope for each kind: `channels:…`, `groups:…`, `im:…`, `mpim:…`.
        """
        if self.key is None or self.key.kind == "app":
            return
        needed = self.method.scopes_of(self.key.kind, kind)
        if needed and not any(self.may(scope) for scope in needed):
            raise Refusal("missing_scope", needed=",".join(needed), provided=",".join(self.key.scopes))

    # What for

    def text(self, name: str, default: str = "") -> str:
        """A text argument; numbers are taken as they are written."""
        value = self.args.get(name)
        if value is None or isinstance(value, dict | list):
            return default
        return str(value)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A yes or no, in any of the spellings that clients use: `1`, `true`, `True`, and JSON's own."""
        value = self.args.get(name)
        if value is None or value == "":
            return default
        return str(value).lower() in ("1", "true", "yes", "on", "t")

    def integer(self, name: str, default: int, *, error: str = "invalid_arguments") -> int:
        """A whole number."""
        value = self.args.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise self.wrong(error, f"must be an integer [json-pointer:/{name}]") from None

    def names(self, name: str) -> list[str]:
        """A list, as an array, as a JSON array in text, or as words with commas between them."""
        value = self.args.get(name)
        if isinstance(value, str) and value.startswith("["):
            own = f"invalid_{name}"
            value = self.structure(name, error=own if own in self.method.errors else "invalid_arguments")
        if isinstance(value, list):
            return [str(each) for each in value]
        return [each.strip() for each in str(value or "").split(",") if each.strip()]

    def structure(self, name: str, *, error: str = "") -> Any:
        """An array or object; a form carries it as JSON text. `None` when it is not there."""
        value = self.args.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return loads(value)
        except ValueError:
            raise Refusal(error or f"invalid_{name}") from None

    def channel(self, name: str = "channel") -> Channel:
        """The channel that an argument gives by id or name, as far as the caller may see it and has the scope for it.

        Only `chat.postMessage` and its like take names.
        """
        found = self.workspace.channel(self.text(name), self.user)
        self.check_scopes(found.kind)
        return found

    def conversation(self, name: str = "channel") -> Channel:
        """The same by id alone."""
        if self.text(name) not in self.workspace.channels:
            raise Refusal("channel_not_found")
        return self.channel(name)

    def person(self, name: str = "user") -> User:
        """The user whose id an argument gives; the caller when it is not there."""
        if self.args.get(name) is None:
            return self.user
        return self.someone(self.text(name))

    def someone(self, user_id: str) -> User:
        """A user by id. Raises `Refusal("user_not_found")`."""
        found = self.workspace.users.get(user_id)
        if found is None:
            raise Refusal("user_not_found")
        return found

    def message(self, channel: Channel, name: str) -> Message:
        """The message that an argument names by its `ts`."""
        return self.workspace.talk.find(channel, self.text(name))

    def wrong(self, error: str, *messages: str) -> Refusal:
        """A refusal with Slack's `response_metadata.messages`."""
        return complaint(error, *messages)

    def check_arguments(self) -> None:
        """Refuse when a required argument is missing, or is of the wrong kind.

        An empty one is there: Slack looks for what it names, and does not find it (measured by brekkylab/backlot#84).
        """
        problems: list[str] = []
        for argument in self.method.arguments:
            value = self.args.get(argument.name)
            if argument.is_required and value is None:
                if argument.missing != "invalid_arguments":
                    raise Refusal(argument.missing)
                problems.append(f"missing required field: {argument.name}")
            elif not _fits(argument, value):
                problems.append(f"must provide a string [json-pointer:/{argument.name}]")
        if problems:
            raise complaint("invalid_arguments", *problems)


def _fits(argument: Argument, value: Any) -> bool:
    """Whether a value can be what the argument is; only JSON can get that wrong."""
    return argument.kind in ("list", "json") or not isinstance(value, dict | list)


def complaint(error: str, *messages: str) -> Refusal:
    """A refusal that says what is wrong, in `response_metadata.messages`."""
    return Refusal(error, response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})


def warn(answer: Json, *warnings: str) -> Json:
    """`answer` with Slack's two ways of warning, behind those that it has."""
    metadata = answer.get("response_metadata", {})
    every = [*metadata.get("warnings", ()), *warnings]
    return {**answer, "warning": ",".join(every), "response_metadata": {**metadata, "warnings": every}}
