"""Through the records of a state, some at a time; and which of them are meant."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from tautwire.cli.numbers import length
from tautwire.inbox.api import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from tautwire.inbox.api import Inbox, Stored

__all__ = ["Chosen", "choices", "length_option", "pages"]

F = TypeVar("F", bound="Callable[..., Any]")

#: Records of the first page, and of a later one at most.
_FIRST: Final = 50
_MOST: Final = 500
#: Bytes of payloads that a page should have: they come with their records, and are in memory together.
_BYTES: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which records are meant: of these types (any, without), and of an age that lies between two."""

    types: frozenset[str]
    at_least: float
    at_most: float
    now: float

    @property
    def is_any(self) -> bool:
        """Whether all are."""
        return not self.types and math.isinf(self.at_least) and math.isinf(self.at_most)

    def __call__(self, stored: Stored) -> bool:
        """Whether this one is. Its age is counted from its end, or from when it was stored while it has none."""
        since = stored.at if stored.state in {State.DONE, State.DEAD} else stored.stored_at
        is_of_age = self.at_least <= self.now - since <= self.at_most
        return is_of_age and (not self.types or stored.record.type in self.types)


async def pages(inbox: Inbox, state: State, *, after: str = "") -> AsyncIterator[Sequence[Stored]]:
    """All records in a state that come behind the one with the id `after`, in pages that fit into memory."""
    limit = _FIRST
    while page := await inbox.list(state, limit=limit, after=after):
        after = page[-1].id
        size = sum(len(stored.record.payload) for stored in page)
        limit = max(1, min(_MOST, _BYTES * len(page) // max(1, size)))
        yield page


def choices(function: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--type`, `--older-than` and `--newer-than`; they arrive as `types`, `at_least` and `at_most`."""
    for option in (
        length_option("--newer-than", "at_most", default=math.inf, help="Of that age at most."),
        length_option(
            "--older-than",
            "at_least",
            default=-math.inf,
            help="Of that age at least: 30m, 12h, 7d. It counts from when a record ended; "
            "if it has not, from when it was stored.",
        ),
        click.option(
            "--type", "types", multiple=True, metavar="TYPE", help="Of this type, such as events_api; again for more."
        ),
    ):
        function = option(function)
    return function


def length_option(name: str, arrives_as: str, *, default: float | None, help: str) -> Callable[[F], F]:  # noqa: A002
    """An option that takes a length of time."""

    def read(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
        return default if value is None else length(value)

    return click.option(name, arrives_as, callback=read, metavar="TIME", help=help)
