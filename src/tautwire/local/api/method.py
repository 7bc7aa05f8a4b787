"""What a Web API method is: its arguments, its errors, who may call it; and one call of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.faults import Faults
    from tautwire.local.workspace import Channel, Message, Workspace
    from tautwire.local.workspace.keys import Key, TokenKind
    from tautwire.local.workspace.model import App, Json, User

__all__ = ["SHARED_ERRORS", "Argument", "Call", "Family", "Method", "Tier", "optional", "required"]

#: Slack's rate limit classes: 1, 20, 50 and 100 calls a minute; `special` ones have rules of their own.
Tier = Literal[1, 2, 3, 4, "special"]
ArgumentKind = Literal["text", "integer", "flag", "list", "json"]
Run = "Callable[[Call], Json]"

#: What any method may answer (docs.slack.dev, the table under chat.postMessage).
SHARED_ERRORS: Final = frozenset(
    word
    for line in (
        "not_authed invalid_auth account_inactive token_revoked token_expired not_allowed_token_type",
        "missing_scope no_permission access_denied accesslimited org_login_required ekm_access_denied",
        "enterprise_is_restricted team_access_not_granted team_added_to_org two_factor_setup_required",
        "method_deprecated deprecated_endpoint invalid_arguments invalid_arg_name invalid_array_arg",
        "invalid_charset invalid_form_data invalid_post_type missing_post_type request_timeout ratelimited",
        "service_unavailable internal_error fatal_error invalid_json json_not_object unknown_method",
    )
    for word in line.split()
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument. `missing` is the error code for a required one that is not there."""

    name: str
    kind: ArgumentKind = "text"
    is_required: bool = False
    missing: str = "invalid_arguments"


def required(name: str, kind: ArgumentKind = "text", *, missing: str = "invalid_arguments") -> Argument:
    """An argument that has to be there."""
    return Argument(name, kind, is_required=True, missing=missing)


def optional(name: str, kind: ArgumentKind = "text") -> Argument:
    """An argument that may be there."""
    return Argument(name, kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method. `scopes` are those of a bot token, of which any one is enough; none: every token may.

    `takes_json` is false for those that Slack documents for forms and queries only.
    """

    name: str
    run: Callable[[Call], Json]
    arguments: tuple[Argument, ...] = ()
    errors: frozenset[str] = frozenset()
    tokens: frozenset[TokenKind] = frozenset({"bot", "user"})
    scopes: tuple[str, ...] = ()
    tier: Tier = 3
    takes_json: bool = True
    is_paged: bool = False

    @property
    def summary(self) -> str:
        """Its docstring's first line."""
        return (self.run.__doc__ or "").strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Family:
    """The methods of one module."""

    methods: dict[str, Method] = field(default_factory=dict)

    def method(
        self,
        name: str,
        *arguments: Argument,
        errors: str = "",
        tokens: tuple[TokenKind, ...] = ("bot", "user"),
        scopes: str = "",
        tier: Tier = 3,
        takes_json: bool = True,
        is_paged: bool = False,
    ) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
        """Enter the decorated function as `name`. `errors` and `scopes` are words with blanks between them."""

        def enter(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
            self.methods[name] = Method(
                name=name,
                run=run,
                arguments=(*arguments, *((optional("cursor"), optional("limit", "integer")) if is_paged else ())),
                errors=frozenset(errors.split()) | (frozenset({"invalid_cursor"}) if is_paged else frozenset()),
                tokens=frozenset(tokens),
                scopes=tuple(scopes.split()),
                tier=tier,
                takes_json=takes_json,
                is_paged=is_paged,
            )
            return run

        return enter


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: who asks for what, and the workspace that it is about.

    `wall` is epoch seconds, `now` monotonic ones. `base_url` is where this local Slack answers, without a slash at
    the end; `open_url` mints a WebSocket URL for an app. `basic` is what came by HTTP Basic (client id and secret).
    """

    method: str
    args: Json
    workspace: Workspace
    key: Key | None
    wall: float
    now: float
    base_url: str
    open_url: Callable[[App], str]
    faults: Faults
    basic: tuple[str, str] = ("", "")

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
            raise self.wrong(error, f"must be an integer: {name}") from None

    def names(self, name: str) -> list[str]:
        """A list, as an array, as a JSON array in text, or as words with commas between them."""
        value = self.args.get(name)
        if isinstance(value, str) and value.startswith("["):
            value = self.structure(name)
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
            given = json.loads(value)
            # A lone surrogate in it could not be sent back.
            json.dumps(given, ensure_ascii=False).encode()
        except (ValueError, RecursionError):
            raise Refusal(error or f"invalid_{name}") from None
        return given

    def channel(self, name: str = "channel") -> Channel:
        """The channel that an argument names, as far as the caller may see it."""
        return self.workspace.channel(self.text(name), self.user)

    def message(self, channel: Channel, name: str) -> Message:
        """The message that an argument names by its `ts`."""
        return self.workspace.talk.find(channel, self.text(name))

    def wrong(self, error: str, *messages: str) -> Refusal:
        """A refusal with Slack's `response_metadata.messages`."""
        return Refusal(error, response_metadata={"messages": [f"[ERROR] {each}" for each in messages]})

    def check_arguments(self, method: Method) -> None:
        """Refuse when a required argument is missing."""
        for argument in method.arguments:
            if argument.is_required and self.args.get(argument.name) in (None, ""):
                if argument.missing == "invalid_arguments":
                    raise self.wrong("invalid_arguments", f"missing required field: {argument.name}")
                raise Refusal(argument.missing)
