"""Cursors: long lists in pages, as Slack cuts them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.local.api.method import Call

__all__ = ["MOST", "Page", "cursor_for", "cursor_of", "limit_of", "page"]

#: The most that one page holds, whatever `limit` says.
MOST: Final = 1000


class Page(NamedTuple):
    """A part of a list, and what the answer says about the rest."""

    items: list[Any]
    metadata: dict[str, Any]

    @property
    def has_more(self) -> bool:
        """Whether there is another page."""
        return bool(self.metadata["response_metadata"]["next_cursor"])


def page(
    call: Call,
    items: Sequence[Any],
    keys: Sequence[str],
    *,
    usual: int = 100,
    most: int = MOST,
    word: str = "next",
    error: str = "invalid_limit",
) -> Page:
    """The page of `items` that the call asks for.

    `keys` are the ids of the items, in the same order: a cursor names the item that comes next, so that it holds while
    others are added or removed; `word` tells one list's cursors from another's. Refuses a `limit` below one (with
    `error`) and a cursor that is none of this list's.
    """
    limit = limit_of(call, usual=usual, most=most, error=error)
    start = _start(cursor_of(call, word), keys)
    end = start + limit
    following = cursor_for(word, keys[end]) if end < len(items) else ""
    return Page(list(items[start:end]), {"response_metadata": {"next_cursor": following}})


def limit_of(call: Call, *, usual: int, most: int = MOST, error: str = "invalid_limit") -> int:
    """How many the call asks for: `usual` when it does not say, or says 0, and never more than `most`."""
    limit = call.integer("limit", usual, error=error) or usual
    if limit < 0:
        raise Refusal(error)
    return min(limit, most)


def cursor_of(call: Call, word: str) -> str:
    """What the call's cursor names, `""` without one. Raises `Refusal("invalid_cursor")` for one of another list."""
    cursor = call.text("cursor")
    if not cursor:
        return ""
    try:
        name, _, key = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Refusal("invalid_cursor") from None
    if name != word or not key:
        raise Refusal("invalid_cursor")
    return key


def cursor_for(word: str, key: str) -> str:
    """A cursor that names what comes next."""
    return base64.b64encode(f"{word}:{key}".encode()).decode()


def _start(key: str, keys: Sequence[str]) -> int:
    if not key:
        return 0
    try:
        return keys.index(key)
    except ValueError:
        raise Refusal("invalid_cursor") from None
