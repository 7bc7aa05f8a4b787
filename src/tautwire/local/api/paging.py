"""Cursors: long lists in pages, as Slack cuts them."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.local.api.method import Call

__all__ = ["MOST", "Page", "page"]

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


def page(call: Call, items: Sequence[Any], keys: Sequence[str], *, usual: int = 100, most: int = MOST) -> Page:
    """The page of `items` that the call asks for.

    `keys` are the ids of the items, in the same order: a cursor names the item that comes next, so that it holds while
    others are added or removed. Refuses a `limit` below one (`invalid_limit`) and a cursor that is none of ours.
    """
    limit = call.integer("limit", usual, error="invalid_limit") or usual
    if limit < 1:
        raise Refusal("invalid_limit")
    start = _start(call.text("cursor"), keys)
    end = start + min(limit, most)
    following = _encode(keys[end]) if end < len(items) else ""
    return Page(list(items[start:end]), {"response_metadata": {"next_cursor": following}})


def _start(cursor: str, keys: Sequence[str]) -> int:
    if not cursor:
        return 0
    try:
        name, _, key = base64.b64decode(cursor, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise Refusal("invalid_cursor") from None
    if name != "next" or key not in keys:
        raise Refusal("invalid_cursor")
    return list(keys).index(key)


def _encode(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()
