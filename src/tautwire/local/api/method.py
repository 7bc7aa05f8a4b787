"""What a Web API method is: its arguments, its errors, who may call it, and how often."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

from tautwire.local.api.call import Call, complaint, warn

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace.keys import TokenKind
    from tautwire.local.workspace.model import ChannelKind, Json

__all__ = [
    "SHARED_ERRORS",
    "Argument",
    "Call",
    "Family",
    "Method",
    "Tier",
    "complaint",
    "optional",
    "required",
    "warn",
]

#: Slack's rate limit classes: 1, 20, 50 and 100 calls a minute; `special` ones have rules of their own.
Tier = Literal[1, 2, 3, 4, "special"]
ArgumentKind = Literal["text", "integer", "flag", "list", "json"]
#: The kind of place that a scope is about, by the scope's first word.
_PLACES: Final[dict[str, ChannelKind]] = {"channels": "channel", "groups": "group", "mpim": "mpim", "im": "im"}

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

    `user_scopes` are those of a person's token. `takes_json` is false for those that read forms and queries only:
    Slack's specification of 2021 says which, and what is reported of JSON sent to them confirms it (their arguments
    count as not given: kortix-ai/suna#6616, langgenius/dify-official-plugins#3573). `note` says what differs here
    from Slack.
    """

    name: str
    run: Callable[[Call], Json]
    arguments: tuple[Argument, ...] = ()
    errors: frozenset[str] = frozenset()
    tokens: frozenset[TokenKind] = frozenset({"bot", "user"})
    scopes: tuple[str, ...] = ()
    user_scopes: tuple[str, ...] = ()
    tier: Tier = 3
    takes_json: bool = True
    is_paged: bool = False
    note: str = ""

    def scopes_of(self, token: TokenKind, kind: ChannelKind | None = None) -> tuple[str, ...]:
        """The scopes that a token of this kind can have for it; with `kind`, those for that kind of place."""
        scopes = self.user_scopes if token == "user" else self.scopes  # noqa: S105 - a kind of token
        return scopes if kind is None else tuple(each for each in scopes if _PLACES.get(each.partition(":")[0]) == kind)

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
        user_scopes: str | None = None,
        tier: Tier = 3,
        takes_json: bool = True,
        is_paged: bool = False,
        note: str = "",
    ) -> Callable[[Callable[[Call], Json]], Callable[[Call], Json]]:
        """Enter the decorated function as `name`. `errors` and `scopes` are words with blanks between them.

        Without `user_scopes` a person's token needs the same ones as a bot's.
        """

        def enter(run: Callable[[Call], Json]) -> Callable[[Call], Json]:
            self.methods[name] = Method(
                name=name,
                run=run,
                arguments=(*arguments, *((optional("cursor"), optional("limit", "integer")) if is_paged else ())),
                errors=frozenset(errors.split()) | (frozenset({"invalid_cursor"}) if is_paged else frozenset()),
                tokens=frozenset(tokens),
                scopes=tuple(scopes.split()),
                user_scopes=tuple((scopes if user_scopes is None else user_scopes).split()),
                tier=tier,
                takes_json=takes_json,
                is_paged=is_paged,
                note=note,
            )
            return run

        return enter
