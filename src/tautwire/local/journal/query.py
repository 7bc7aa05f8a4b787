"""What somebody looks for in a journal. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import islice
from typing import TYPE_CHECKING

from tautwire.errors import ConfigurationError
from tautwire.local.journal.entry import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tautwire.local.journal.entry import Entry

__all__ = ["Query"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """All of it has to fit; what is left empty fits everything.

    `kind` is one or several kinds or patterns of kinds (`"frame.*"`), `subject` a shell pattern. `text` occurs in the
    subject, or in the JSON as it is written or as it reads, in capitals or not. Numbers are above `since` and not
    above `until`. `ConfigurationError` for a kind that no entry can be of.
    """

    kind: str | Collection[str] = ()
    app_id: str = ""
    subject: str = ""
    text: str = ""
    envelope_id: str = ""
    connection: str = ""
    chain: int = 0
    since: int = 0
    until: int | None = None
    _kinds: frozenset[Kind] = field(init=False, repr=False, compare=False)
    _needles: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _is_ascii: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        patterns = (self.kind,) if isinstance(self.kind, str) else tuple(self.kind)
        object.__setattr__(self, "_kinds", frozenset(kind for one in patterns if one for kind in _kinds_like(one)))
        needle = self.text.casefold()
        object.__setattr__(self, "_is_ascii", needle.isascii())
        object.__setattr__(self, "_needles", (needle, json.dumps(needle, ensure_ascii=False)[1:-1]) if needle else ())

    def fits(self, entry: Entry) -> bool:
        """Whether `entry` is what is looked for."""
        return (
            (not self._kinds or entry.kind in self._kinds)
            and entry.number > self.since
            and (self.until is None or entry.number <= self.until)
            and self.app_id in ("", entry.app_id)
            and self.envelope_id in ("", entry.envelope_id)
            and self.connection in ("", entry.connection)
            and self.chain in (0, entry.chain)
            and (not self.subject or fnmatchcase(entry.subject, self.subject))
            and (not self._needles or self._is_in(entry))
        )

    def select(self, entries: Iterable[Entry], *, limit: int | None = None, latest: bool = False) -> list[Entry]:
        """What fits, oldest first: all of it, the first `limit`, or with `latest` the last `limit`."""
        found = (entry for entry in entries if self.fits(entry))
        if limit is None:
            return list(found)
        if latest:
            every = list(found)
            return every[max(0, len(every) - limit) :]
        return list(islice(found, limit))

    def _is_in(self, entry: Entry) -> bool:
        read, written = self._needles
        if read in entry.subject.casefold():
            return True
        # Bytes know capitals of ASCII only, and are six times as fast.
        text = entry.raw.lower().decode() if self._is_ascii else entry.raw.decode().casefold()
        return read in text or written in text


def _kinds_like(pattern: str) -> list[Kind]:
    found = [kind for kind in Kind if fnmatchcase(kind, pattern)]
    if not found:
        raise ConfigurationError(f"no entry is of kind {pattern!r}; choose from {', '.join(Kind)}")
    return found
