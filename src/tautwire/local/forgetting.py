"""Records that do not grow for ever: they forget their oldest, an eighth at a time, so that each entry costs the same.

A local Slack may run for days. What a test looks at is the latest, and is always there.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Recent", "forget", "is_over"]

T = TypeVar("T")


class Recent(list[T]):
    """A list of the latest `limit` things that were appended, or up to an eighth more."""

    def __init__(self, limit: int, items: Iterable[T] = ()) -> None:
        super().__init__(items)
        self.limit = limit

    def append(self, item: T) -> None:
        """Add the latest; the oldest may have to go."""
        super().append(item)
        if is_over(len(self), self.limit):
            del self[: len(self) - self.limit]


def forget(known: dict[Any, Any], limit: int) -> None:
    """Take out of `known` what came into it first, when it is by an eighth larger than `limit`."""
    if is_over(len(known), limit):
        # Not one by one: to find the first key of a dict takes as long as many were taken out before it.
        for key in list(islice(known, len(known) - limit)):
            del known[key]


def is_over(size: int, limit: int) -> bool:
    """Whether it is time to forget something."""
    return size > limit + limit // 8
