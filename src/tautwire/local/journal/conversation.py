"""A journal as people read it: who said what, what was delivered, what the app did. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tautwire.local.journal.masking import mask_text
from tautwire.local.journal.wording import Words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

    from tautwire.local.journal.entry import Entry

__all__ = ["conversation"]


def conversation(
    entries: Sequence[Entry],
    *,
    names: Mapping[str, str] | None = None,
    limit: int = 200,
    width: int = 120,
    details: bool = False,
    zone: tzinfo | None = None,
    dropped: int = 0,
) -> str:
    """The last `limit` lines, none longer than `width` characters, with a first one that counts what is not shown.

    Frames, changes and envelopes' good ends are left out, unless `details`. `names` is what people call the ids.
    Times are this machine's local ones, or those of `zone`. `dropped` entries were there before these. Nothing in it
    can move a terminal's cursor.
    """
    words = Words(names or {}, details=details, with_app=len({entry.app_id for entry in entries} - {""}) > 1)
    told = [entry for entry in entries if words.has_one_for(entry)]
    hidden = max(0, len(told) - limit)
    lines = [f"{_clock(entry.at, zone)} {words.line(entry)}" for entry in told[hidden:]]
    if dropped:
        lines.insert(0, f"… {dropped} entries before these were dropped")
    if hidden:
        lines.insert(0, f"… {hidden} lines before these")
    return "\n".join(_fit(line, width) for line in map(mask_text, lines))


def _clock(at: float, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # a file may claim any time
        return "--:--:--.---"
    return f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}"


def _fit(line: str, width: int) -> str:
    """On one line, printable, and not too long."""
    shown = "".join(char if char.isprintable() else _visible(char) for char in line)
    return shown if len(shown) <= width else shown[: max(0, width - 1)] + "…"


def _visible(char: str) -> str:
    if char in "\n\r\t":
        return "⏎" if char != "\t" else " "
    return char if char == "\N{ZERO WIDTH JOINER}" else "·"
