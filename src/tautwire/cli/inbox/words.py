"""How an inbox is told of to people: ages, sizes, tables that fit. Pure."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import tzinfo

__all__ = ["age", "bytes_", "clipped", "count", "moment", "printable", "table"]

_UNITS: Final = ((2 * 86_400, 86_400, "d"), (2 * 3600, 3600, "h"), (120, 60, "min"), (0, 1, "s"))
_SIZES: Final = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
#: What stands between two columns, and how narrow the last one may become.
_BETWEEN: Final = "  "
_NARROWEST: Final = 12


def age(seconds: float) -> str:
    """A length of time in one unit: `42 s`, `3 min`, `30 h`, `12 d`. What lies ahead by a clock that differs is 0."""
    seconds = max(0.0, seconds)
    return next(f"{int(seconds // unit)} {name}" for least, unit, name in _UNITS if seconds >= least)


def bytes_(size: float) -> str:
    """`512 bytes`, `2.3 kB`, `47.4 MB`."""
    return next((f"{size / unit:.1f} {name}" for unit, name in _SIZES if size >= unit), f"{size:.0f} bytes")


def count(number: int, one: str, more: str) -> str:
    """`1 record`, `1,234 records`."""
    return f"{number:,} {one if number == 1 else more}"


def moment(at: float, zone: tzinfo | None = None) -> str:
    """Date and time, here or in `zone`, with the zone's distance from UTC."""
    try:
        return f"{datetime.fromtimestamp(at, UTC).astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
    except (ValueError, OverflowError, OSError):
        return "at no time"


def printable(text: str) -> str:
    """`text` without what could move a terminal's cursor, or turn the direction of what follows."""
    return text if text.isprintable() else "".join(map(_visible, text))


def _visible(char: str) -> str:
    if char.isprintable() or char == "\N{ZERO WIDTH JOINER}":
        return char
    return " " if char in "\t\n\r" else "·"


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], width: int | None = None) -> list[str]:
    """Aligned columns. In `width` the last one is cut; where that is too narrow, those before it are left out."""
    known: list[list[str]] = [list(heads), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(map(_width, column)) for column in zip(*known, strict=True)]
    if width is not None:
        while len(widths) > 2 and _room(widths, width) < min(_NARROWEST, widths[-1]):
            del widths[-2]
            for row in known:
                del row[-2]
        widths[-1] = max(1, min(widths[-1], _room(widths, width)))
    return [
        _BETWEEN.join(_padded(clipped(cell, room), room) for cell, room in zip(row, widths, strict=True)).rstrip()
        for row in known
    ]


def _room(widths: Sequence[int], width: int) -> int:
    """What is left for the last column."""
    return width - sum(widths[:-1]) - len(_BETWEEN) * (len(widths) - 1)


def clipped(text: str, width: int) -> str:
    """`text`, with `…` where it is cut to fit."""
    if _width(text) <= width:
        return text
    while text and _width(text) >= width:
        text = text[:-1]
    return f"{text}…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _width(text: str) -> int:
    """Columns on a terminal: Chinese, Japanese and Korean take two each, an accent of its own takes none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(char) else 1 + (unicodedata.east_asian_width(char) in "WF") for char in text)
