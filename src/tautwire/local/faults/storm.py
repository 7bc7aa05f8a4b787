"""A storm: faults of every kind, mixed by a seed into a timetable. Pure: it only says what is to happen when.

The same numbers give the same storm, on every machine and every Python, byte for byte: all chance is drawn as floats
from `random.Random`, which are promised to stay the same, and used by arithmetic alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tautwire.errors import ConfigurationError
from tautwire.local.faults.fault import Fault
from tautwire.local.faults.kinds import ENDINGS, KINDS
from tautwire.local.faults.malformed import FORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["Gust", "Storm"]

#: Seconds from one fault to the next, on average, at intensity 1.
_GAP: Final = 2.0
_LONGEST: Final = 86_400.0
_STRONGEST: Final = 1000.0

_Thing = TypeVar("_Thing")


class _Dice:
    """Chance by the float."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable on purpose

    def between(self, low: float, high: float) -> float:
        """A number with three digits behind the point."""
        return round(low + (high - low) * self._random.random(), 3)

    def whole(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int((high - low + 1) * self._random.random())

    def one_of(self, things: Sequence[_Thing]) -> _Thing:
        """Any of them."""
        return things[self.whole(0, len(things) - 1)]


#: How each particular is drawn; `delay` depends on what is delayed, see `_DELAYS`. Nothing in a storm is for ever, and
#: nothing says that the app is not wanted any more: `invalid_auth` and `link_disabled` are no weather.
_PARTICULARS: Final[dict[str, Callable[[_Dice], Any]]] = {
    "how": lambda dice: dice.one_of(ENDINGS),
    "form": lambda dice: dice.one_of(tuple(FORMS)),
    "reason": lambda dice: dice.one_of(("warning", "refresh_requested", "too_many_websockets", "a_reason_to_come")),
    "size": lambda dice: dice.one_of((20_480, 65_536, 1_048_576, 5_242_880, 20_971_520)),
    "status": lambda dice: dice.one_of((408, 409, 429, 500, 502, 503, 504)),
    "error": lambda dice: dice.one_of(("internal_error", "fatal_error", "service_unavailable", "request_timeout")),
    "retry_after": lambda dice: dice.whole(1, 3),
}

#: Seconds that something may be late or last, from and to. Three are the deadline of an ack.
_DELAYS: Final[dict[str, tuple[float, float]]] = {
    "api": (0.05, 2.0),
    "upload": (0.05, 2.0),
    "handshake": (0.05, 2.0),
    "hello": (0.05, 2.0),
    "connection": (0.5, 8.0),
    "envelope": (0.05, 5.0),
    "ack": (0.05, 5.0),
    "end": (1.0, 10.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gust:
    """One fault of a storm, `at` seconds after its beginning.

    It is in force for `lasts` seconds; one at `connection` strikes at that moment, and `lasts` is 0.
    """

    at: float
    lasts: float
    fault: Fault

    def to_dict(self) -> dict[str, Any]:
        """What JSON can hold."""
        return {"at": self.at, "lasts": self.lasts, "fault": self.fault.to_dict()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """A timetable of faults for `seconds`, a fault every two seconds on average at `intensity` 1.

    `without` leaves out points (`upload`) or single kinds (`connection/half_open`). When the seconds are over, so is
    everything that the storm has brought, half-open connections aside: those stay dead until somebody ends them.

    Raises:
        ConfigurationError: a number out of bounds, or a name in `without` that there is not.
    """

    seed: int
    seconds: float = 60.0
    intensity: float = 1.0
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.seconds <= _LONGEST:
            raise ConfigurationError(f"a storm lasts up to {_LONGEST:g} seconds, not {self.seconds!r}")
        if not 0 < self.intensity <= _STRONGEST:
            raise ConfigurationError(f"a storm's intensity is up to {_STRONGEST:g}, not {self.intensity!r}")
        _check(self.without)

    def plan(self) -> tuple[Gust, ...]:
        """All of it, in order."""
        dice, kinds = _Dice(self.seed), _kinds(self.without)
        gap, gusts, at = _GAP / self.intensity, list[Gust](), 0.0
        while kinds:
            # Squared chance has a third for its mean: many come soon, some after a long lull.
            chance = dice.between(0, 1)
            at += 3 * gap * chance * chance
            if at >= self.seconds:
                break
            gust = self._gust(dice, round(at, 3), *dice.one_of(kinds))
            if gust is not None:
                gusts.append(gust)
        return tuple(gusts)

    def _gust(self, dice: _Dice, at: float, where: str, kind: str) -> Gust | None:
        """`None` when what is left of the storm is too short for it."""
        drawn = {name: _draw(dice, where, name) for name in KINDS[where][kind]}
        if where == "connection":
            fault, lasts = Fault(where=where, kind=kind, count=1, **drawn), 0.0
        else:
            chance, count, lasts = dice.between(0.2, 1.0), dice.whole(1, 5), dice.between(0.5, 8.0)
            fault = Fault(where=where, kind=kind, probability=chance, count=count, **drawn)
            lasts = round(min(lasts, self.seconds - at - fault.delay), 3)
        is_over_in_time = lasts >= 0 and round(at + lasts + fault.delay, 3) <= self.seconds
        return Gust(at=at, lasts=lasts, fault=fault) if is_over_in_time else None

    def lines(self) -> str:
        """The timetable as JSON lines, for people and for comparing."""
        return "".join(f"{json.dumps(gust.to_dict())}\n" for gust in self.plan())


def _draw(dice: _Dice, where: str, name: str) -> Any:
    return dice.between(*_DELAYS[where]) if name == "delay" else _PARTICULARS[name](dice)


def _kinds(without: Iterable[str]) -> list[tuple[str, str]]:
    return [
        (where, kind)
        for where, kinds in KINDS.items()
        for kind in kinds
        if where not in without and f"{where}/{kind}" not in without
    ]


def _check(without: Iterable[str]) -> None:
    known = {*KINDS, *(f"{where}/{kind}" for where, kinds in KINDS.items() for kind in kinds)}
    for name in without:
        if name not in known:
            raise ConfigurationError(f"no storm has {name!r} to leave out; try 'ack/late', or {', '.join(KINDS)}")
