"""One fault: what goes wrong, where, to whom, how often. Pure, and told apart from every mistake in writing one."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

from tautwire.errors import ConfigurationError
from tautwire.local.faults.kinds import ENDINGS, KINDS
from tautwire.local.faults.malformed import FORMS

__all__ = ["Fault"]

#: What every kind heeds; everything else is a particular, see `KINDS`.
_GENERAL: Final = ("where", "kind", "match", "probability", "count", "after")
#: A connection's queue holds no more than twice this.
_LARGEST: Final = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One rule.

    `where` and `kind` are names from `KINDS`; `match` is a shell pattern for the subject. Of the occasions that fit,
    the first `after` pass unharmed, then each is hit with `probability`, `count` times in all (`None`: for ever).

    The rest are particulars, each heeded by some kinds and refused by the others: `delay` in seconds, `status` (HTTP),
    `error` (Slack's code), `retry_after` in seconds (`None`: no such header), `how` a connection is dropped (a name
    from `ENDINGS`), `form` of a malformed frame (a name from `FORMS`), `reason` of a disconnect message (any word),
    `size` in bytes.

    Raises:
        ConfigurationError: it could never happen, or not as it is written; one sentence says why.
    """

    where: str
    kind: str
    match: str = "*"
    probability: float = 1.0
    count: int | None = None
    after: int = 0
    delay: float = 0.0
    status: int = 500
    error: str = "internal_error"
    retry_after: float | None = None
    how: str = "rst"
    form: str = "not_json"
    reason: str = "refresh_requested"
    size: int = 20 * 1024 * 1024

    def __post_init__(self) -> None:
        for name, (is_right, sort) in _SORTS.items():
            value = getattr(self, name)
            if not is_right(value):
                raise ConfigurationError(f"{name!r} of a fault is {sort}, not {value!r}")
        heeded = self._heeded()
        for name, value in self._unusual().items():
            if name not in _GENERAL and name not in heeded:
                takes = f"takes {', '.join(heeded)}" if heeded else "takes no particulars"
                raise ConfigurationError(f"{self.kind!r} at {self.where!r} {takes}; {name!r} ({value!r}) means nothing")

    def _heeded(self) -> tuple[str, ...]:
        kinds = KINDS.get(self.where)
        if kinds is None:
            raise ConfigurationError(f"no fault happens at {self.where!r}; choose from {', '.join(KINDS)}")
        if self.kind not in kinds:
            raise ConfigurationError(f"{self.where!r} knows no {self.kind!r}; choose from {', '.join(kinds)}")
        return kinds[self.kind]

    def _unusual(self) -> dict[str, Any]:
        named = {field.name: field.default for field in fields(self)}
        return {name: getattr(self, name) for name, usual in named.items() if getattr(self, name) != usual}

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold; `where`, `kind`, and whatever is not as usual. `from_dict` gives it back."""
        return self._unusual()

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> Self:
        """A fault from the outside, e.g. from JSON.

        Raises:
            ConfigurationError: see the class; also for fields that there are not, and for the two that have to be.
        """
        if not isinstance(given, Mapping):
            raise ConfigurationError(f"a fault is an object with 'where' and 'kind', not {given!r}")
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                raise ConfigurationError(f"a fault has no {name!r}; it has {', '.join(known)}")
        for name in ("where", "kind"):
            if name not in given:
                raise ConfigurationError(f"a fault needs {name!r}; it has {', '.join(given) or 'nothing at all'}")
        return cls(**given)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _is_whole(value: object, least: int, most: float = math.inf) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_number(value: object, most: float = sys.float_info.max) -> bool:
    # Neither infinity nor "not a number" is within the bounds.
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most


#: Each field, when it is right, and what it is, for whoever got it wrong.
_SORTS: Final[dict[str, tuple[Callable[[object], bool], str]]] = {
    "where": (_is_text, "a word"),
    "kind": (_is_text, "a word"),
    "match": (_is_text, "a pattern"),
    "probability": (lambda value: _is_number(value, 1), "a number from 0 to 1"),
    "count": (lambda value: value is None or _is_whole(value, 1), "a whole number from 1 on"),
    "after": (lambda value: _is_whole(value, 0), "a whole number from 0 on"),
    "delay": (_is_number, "a number of seconds"),
    "status": (lambda value: _is_whole(value, 200, 599), "an HTTP status from 200 to 599"),
    "error": (_is_text, "one of Slack's error codes"),
    "retry_after": (lambda value: value is None or _is_number(value), "a number of seconds"),
    "how": (lambda value: value in ENDINGS, f"one of {', '.join(ENDINGS)}"),
    "form": (lambda value: _is_text(value) and value in FORMS, f"one of {', '.join(FORMS)}"),
    "reason": (_is_text, "a word"),
    "size": (lambda value: _is_whole(value, 1, _LARGEST), f"a number of bytes up to {_LARGEST}"),
}
