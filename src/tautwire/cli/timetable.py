"""What is sent when, and what goes wrong when. Pure and seeded: the same numbers give the same run, for any client.

The storm's programme fills thirty seconds: three drops among five refreshes, and in the middle a half-open connection,
which a client that pings every five seconds takes ten to notice. In a longer run the storm comes again after a good
minute of peace: the time after which a polite client takes its connection for stable, forgets about waiting between
two attempts, and may open ten connections again.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from random import Random
from typing import TYPE_CHECKING, Final

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PRESETS", "Kind", "Sending", "Strike", "Timetable", "Trouble", "parse_faults", "timetable"]


class Kind(enum.Enum):
    """What a person does in the workspace. The value is the envelope's type."""

    EVENT = "events_api"
    COMMAND = "slash_commands"
    CLICK = "interactive"


class Trouble(enum.Enum):
    """What goes wrong. `RATE_LIMIT` is a refresh whose first `apps.connections.open` is answered with 429."""

    REFRESH = "refresh"
    DROP = "drop"
    HALF_OPEN = "half-open"
    RATE_LIMIT = "rate-limit"

    @property
    def is_refresh(self) -> bool:
        """Whether Slack announces it, so that nothing need be lost."""
        return self in (Trouble.REFRESH, Trouble.RATE_LIMIT)


@dataclass(frozen=True, slots=True)
class Sending:
    """One envelope, `at` seconds after the start. `number` tells it from the others."""

    at: float
    kind: Kind
    number: int


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault, `at` seconds after the start.

    A drop ends TCP by `how` (`close`, `fin`, `rst`). A refresh gives `grace` seconds between Slack's warning and its
    request, where Slack itself gives about ten.
    """

    at: float
    trouble: Trouble
    how: str = ""
    grace: float = 0.0


@dataclass(frozen=True, slots=True)
class Timetable:
    """A whole run, in order."""

    seconds: float
    sendings: tuple[Sending, ...]
    strikes: tuple[Strike, ...]

    def steps(self) -> list[Sending | Strike]:
        """Everything in the order in which it happens."""
        return sorted((*self.sendings, *self.strikes), key=lambda step: step.at)


#: Seconds from the beginning of one storm to the next; each lasts thirty.
CYCLE: Final = 95.0

_PROGRAMME: Final = (
    Strike(0.8, Trouble.DROP, how="rst"),
    Strike(1.4, Trouble.REFRESH, grace=0.5),
    # Losses in a row make a polite client wait: up to one second this time, up to two the next.
    Strike(2.4, Trouble.DROP, how="fin"),
    Strike(3.9, Trouble.REFRESH, grace=0.5),
    Strike(4.9, Trouble.DROP, how="close"),
    Strike(7.4, Trouble.REFRESH, grace=0.5),
    Strike(8.4, Trouble.REFRESH, grace=0.5),
    Strike(11.5, Trouble.HALF_OPEN),
    # And up to four when it is told that it asks too often.
    Strike(24.0, Trouble.RATE_LIMIT, grace=5.4),
)

#: Nothing goes wrong any more in the last seconds.
_CALM_END: Final = 1.0

#: Of ten people five write, three type a command, two click.
_MIX: Final = (Kind.EVENT,) * 5 + (Kind.COMMAND,) * 3 + (Kind.CLICK,) * 2

PRESETS: Final[dict[str, frozenset[Trouble]]] = {
    "none": frozenset(),
    "mild": frozenset({Trouble.REFRESH, Trouble.DROP}),
    "storm": frozenset(Trouble),
}


def parse_faults(text: str) -> frozenset[Trouble]:
    """The faults that `text` names: a preset, or names of faults with commas between them.

    Raises:
        ConfigurationError: it names something else; the text says what there is.
    """
    known = {trouble.value: frozenset({trouble}) for trouble in Trouble} | PRESETS
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in known:
            raise ConfigurationError(f"there is no fault {name!r}: choose from {', '.join(PRESETS)}; or a list of "
                                     f"{', '.join(trouble.value for trouble in Trouble)}")  # fmt: skip
    return frozenset().union(*(known[name] for name in names))


def timetable(seconds: float, rate: float, faults: frozenset[Trouble], seed: int) -> Timetable:
    """A run of `seconds` with on average `rate` envelopes a second, at random moments, and `faults`."""
    random = Random(seed)  # noqa: S311 - repeatable on purpose
    return Timetable(seconds, tuple(_sendings(seconds, rate, random)), tuple(_strikes(seconds, faults)))


def _sendings(seconds: float, rate: float, random: Random) -> Iterator[Sending]:
    at, number = random.expovariate(rate), 0
    while at < seconds:
        number += 1
        yield Sending(at, random.choice(_MIX), number)
        at += random.expovariate(rate)


def _strikes(seconds: float, faults: frozenset[Trouble]) -> Iterator[Strike]:
    begin = 0.0
    while begin < seconds:
        for strike in _PROGRAMME:
            if strike.trouble in faults and begin + strike.at <= seconds - _CALM_END:
                yield replace(strike, at=begin + strike.at)
        begin += CYCLE
