"""A journal as a file: JSON lines, a header and then one entry each.

The header is `{"format": "tautwire journal", "version": 1, …}`. A reader takes files of its own version and of older
ones; keys that it does not know, it passes over, so a new key alone makes no new version.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import msgspec

from tautwire.errors import ConfigurationError
from tautwire.local.journal.entry import Entry, Kind
from tautwire.local.journal.masking import mask_text
from tautwire.local.journal.packing import pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["FORMAT", "VERSION", "Recording", "gap", "header", "line", "read", "to_lines", "write"]

FORMAT: Final = "tautwire journal"
VERSION: Final = 1

_NO_LIMIT: Final = 1 << 62


class _Title(msgspec.Struct):
    format: str
    version: int


class _Header(_Title):
    entries: int = 0
    dropped: int = 0
    names: dict[str, str] = msgspec.field(default_factory=dict)


class _Line(msgspec.Struct, omit_defaults=True):
    number: int
    at: float
    kind: Kind
    app_id: str = ""
    subject: str = ""
    envelope_id: str = ""
    connection: str = ""
    chain: int = 0
    data: msgspec.Raw = msgspec.Raw(b"{}")
    words: str = ""


class _Gap(msgspec.Struct):
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A journal that was read back. `dropped` entries had to go before it was written.

    `notice` is a sentence for people when the file's end is missing, else empty; the entries up to there are good.
    """

    entries: tuple[Entry, ...]
    dropped: int = 0
    names: dict[str, str] = field(default_factory=dict)
    notice: str = ""


_ENCODER: Final = msgspec.json.Encoder()
_TITLES: Final = msgspec.json.Decoder(_Title)
_HEADERS: Final = msgspec.json.Decoder(_Header)
_LINES: Final = msgspec.json.Decoder(_Line)
_GAPS: Final = msgspec.json.Decoder(_Gap)


def to_lines(entries: Sequence[Entry], *, dropped: int = 0, names: Mapping[str, str] | None = None) -> Iterator[str]:
    """The header and each entry, without line ends."""
    yield header(entries=len(entries), dropped=dropped, names=names)
    for entry in entries:
        yield line(entry)


def header(*, entries: int = 0, dropped: int = 0, names: Mapping[str, str] | None = None) -> str:
    """The first line of a file that will have so many entries; 0 for one that is still being written."""
    # An id is no key of Slack's JSON: `C0SECRET` is a channel.
    shown = {known: mask_text(name) for known, name in (names or {}).items()}
    return _ENCODER.encode(_Header(FORMAT, VERSION, entries, dropped, shown)).decode()


def line(entry: Entry, *, words: str = "") -> str:
    """One entry, and what it is in words, for those who show it; a reader passes over them."""
    found = _Line(
        entry.number,
        entry.at,
        entry.kind,
        entry.app_id,
        entry.subject,
        entry.envelope_id,
        entry.connection,
        entry.chain,
        msgspec.Raw(entry.raw),
        words,
    )
    return _ENCODER.encode(found).decode()


def gap(missed: int) -> str:
    """Instead of entries that were gone before whoever writes along had them; a reader counts them as dropped."""
    return _ENCODER.encode(_Gap(missed)).decode()


def write(texts: Iterable[str], target: str | Path | TextIO) -> int:
    """Write lines to a file, or to something that takes text; how many entries they were."""
    if isinstance(target, (str, os.PathLike)):
        with Path(target).open("w", encoding="utf-8", newline="\n") as file:
            return write(texts, file)
    count = 0
    for count, text in enumerate(texts):  # noqa: B007 - the last count is the answer
        target.write(text + "\n")
    return count


def read(source: str | Path | Iterable[str]) -> Recording:
    """A journal from a file (its path) or from lines. What is in it is masked again, whoever has written it.

    `ConfigurationError`, one sentence, when it cannot be opened, is no journal, is one of a newer version, or is
    damaged before its end.
    """
    if not isinstance(source, (str, os.PathLike)):
        return _read(iter(source), "this")
    name = Path(source).name
    try:
        # A file that ends within a character is to be read up to there: the escaped byte breaks that line alone.
        with Path(source).open(encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            return _read(file, name)
    except OSError as error:
        raise ConfigurationError(f"{name} cannot be read: {error.strerror or type(error).__name__}") from None


def _read(texts: Iterator[str], name: str) -> Recording:
    title = _title(next(texts, ""), name)
    entries: list[Entry] = []
    broken, dropped = 0, title.dropped
    for number, text in enumerate(texts, start=2):
        if broken:
            raise ConfigurationError(f"{name} is damaged: line {broken} is no entry of a journal")
        entry = _entry(text)
        if entry is not None:
            entries.append(entry)
        elif missed := _missed(text):
            dropped += missed
        elif text.strip():
            broken = number
    notice = _notice(name, broken, len(entries), title.entries)
    return Recording(entries=tuple(entries), dropped=dropped, names=title.names, notice=notice)


def _notice(name: str, broken: int, found: int, promised: int) -> str:
    if not broken and found >= promised:
        return ""
    where = f"in the middle of line {broken}" if broken else "before its last entry"
    return f"{name} ends {where}; what stands before that is kept, {found} of {max(promised, found)} entries"


def _title(text: str, name: str) -> _Header:
    try:
        title = _TITLES.decode(text)
        if title.format == FORMAT and title.version <= VERSION:
            return _HEADERS.decode(text)
    except (ValueError, RecursionError):
        title = None
    if title is None or title.format != FORMAT:
        raise ConfigurationError(f"{name} is no journal of the local Slack: its first line is not that of one")
    raise ConfigurationError(
        f"{name} is a journal of version {title.version}, this tautwire reads up to {VERSION}: use a newer one"
    )


def _missed(text: str) -> int:
    try:
        return _GAPS.decode(text).missed
    except (ValueError, RecursionError):
        return 0


def _entry(text: str) -> Entry | None:
    try:
        line = _LINES.decode(text)
    except (ValueError, RecursionError):
        return None
    raw = bytes(line.data)
    if not raw.startswith(b"{"):
        return None
    return Entry(
        line.number,
        line.at,
        line.kind,
        line.app_id,
        mask_text(line.subject),
        pack(raw, _NO_LIMIT),
        mask_text(line.envelope_id),
        line.connection,
        line.chain,
    )
