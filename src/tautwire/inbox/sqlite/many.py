"""Many rows in one statement.

SQLite is fast, and Python's lock is not: around each step of a statement the thread lets go of it, and has to win it
back from an event loop that may be busy for milliseconds. One statement for eighty rows costs that once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["filled", "pieces"]

T = TypeVar("T")

#: Rows of twelve values stay below the 999 values that SQLite before 3.32 takes.
PIECE: Final = 80


def pieces(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """`rows`, as many at a time as one statement takes."""
    for start in range(0, len(rows), PIECE):
        yield rows[start : start + PIECE]


def filled(statement: str, rows: int, row: str = "?") -> str:
    """`statement` with the places for so many rows where it has `...`."""
    return statement.replace("...", ", ".join([row] * rows))
