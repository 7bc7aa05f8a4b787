"""What the local Slack's Web API has in common with Slack's, as a document made from the registry."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from tautwire.local.api.limits import BURST, PER_MINUTE, POSTS_PER_MINUTE
from tautwire.local.api.method import SHARED_ERRORS
from tautwire.local.api.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.api.method import Argument, Method

__all__ = ["document"]

_HEAD: Final = """\
# The local Slack's Web API

<!-- Made from the code by scripts/generate_parity.py. Do not edit. -->

These are the methods that the local Slack knows: {count} of them. Any other answers `unknown_method`, as at Slack, and
is reported: a warning in the log, once for each method, and a count. Arguments come as JSON, as a form (with arrays and
objects as JSON text), as multipart, in the query, or in several of these; a token comes in the header or in a form.
GET and POST will do.

How to read the tables:

- **Bold** arguments are required. One that is missing is `invalid_arguments`, unless an error stands behind it; one
  that is there and empty is looked for, and not found.
- Scopes are a bot's, and behind a slash those of a person's token, where they differ. Any one of them is enough, but
  `channels:…`, `groups:…`, `im:…` and `mpim:…` are each for their own kind of conversation. They count when the local
  Slack is strict about scopes; otherwise nothing is refused for a scope. `app` marks methods for app-level tokens,
  `person` those for a person's token alone, `none` those that need no scope, `no token` those that need no token.
- Tiers are Slack's: so many calls a minute for each method and app ({tiers}; {special} for most special ones).
  They count when the local Slack is strict about limits; then they are the most in any sixty seconds, and the answer is
  HTTP 429 with `Retry-After`. `chat.postMessage` may be called once a second in each channel, {burst} times in a burst,
  and {posts} times a minute in all, then it answers `rate_limited`.
- JSON says whether a JSON body is read. Where it is not, its arguments count as not given: Slack does the same with
  them, and says no more about it.
- Errors are those that Slack's pages name for the method, and that the local Slack knows. A fault can bring about any
  of them: `Fault(where="api", kind="error", match="chat.*", error="restricted_action")`.

Any method can answer the errors that Slack's methods have in common: {shared}.
"""

_TABLE: Final = """
## {family}

| Method | Arguments | Scopes | Tier | JSON | Errors | What differs |
|---|---|---|---|---|---|---|
"""


def document(methods: Iterable[Method] = METHODS.values()) -> str:
    """The document, in Markdown."""
    known = sorted(methods, key=lambda each: each.name)
    parts = [_head(len(known))]
    for family, members in groupby(known, key=lambda each: each.name.partition(".")[0]):
        parts.append(_TABLE.format(family=family))
        parts.extend(_row(each) for each in members)
    return "".join(parts)


def _head(count: int) -> str:
    return _HEAD.format(
        count=count,
        tiers=", ".join(f"tier {tier}: {most}" for tier, most in PER_MINUTE.items() if tier != "special"),
        special=PER_MINUTE["special"],
        burst=BURST,
        posts=POSTS_PER_MINUTE,
        shared=", ".join(f"`{error}`" for error in sorted(SHARED_ERRORS)),
    )


def _row(method: Method) -> str:
    cells = (
        f"`{method.name}`<br>{_text(method.summary)}",
        ", ".join(_argument(each) for each in method.arguments) or "none",
        _scopes(method),
        str(method.tier),
        "yes" if method.takes_json else "no",
        ", ".join(f"`{error}`" for error in sorted(method.errors)) or "none",
        _text(method.note) or "none",
    )
    return f"| {' | '.join(cells)} |\n"


def _argument(argument: Argument) -> str:
    name = f"`{argument.name}`"
    if not argument.is_required:
        return name
    return f"**{name}**" + ("" if argument.missing == "invalid_arguments" else f" (`{argument.missing}`)")


def _scopes(method: Method) -> str:
    if not method.tokens:
        return "no token"
    if method.tokens == {"app"}:
        return f"app: {_words(method.scopes)}"
    if method.tokens == {"user"}:
        return f"person: {_words(method.user_scopes)}"
    own, theirs = _words(method.scopes), _words(method.user_scopes)
    return own if own == theirs else f"{own} / {theirs}"


def _words(scopes: Iterable[str]) -> str:
    return ", ".join(f"`{scope}`" for scope in scopes) or "none"


def _text(words: str) -> str:
    """A sentence for a cell: with a capital and a full stop, and without a bar that would end the cell."""
    sentence = words.strip().replace("|", "\\|")
    if not sentence:
        return ""
    return sentence[0].upper() + sentence[1:] + ("" if sentence.endswith((".", "!", "?")) else ".")
