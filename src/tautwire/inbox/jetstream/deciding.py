"""What is to be done with a message that the broker has delivered. Pure."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from tautwire.inbox.api import Mode, State
from tautwire.inbox.rules import may_be_handled_again

if TYPE_CHECKING:
    from tautwire.inbox.jetstream.notes import Life, Meta

__all__ = ["Step", "is_delayed", "next_step", "turn_delay"]

#: The part of a lease by which clocks may differ: a lease is over when this much of it is left.
_TOLERANCE: Final = 0.05

#: Seconds that one waits for its turn before it is delivered again, should nobody say that it has come.
_TURN: Final = 0.25
_LONGEST_TURN: Final = 8.0
#: Those that wait are looked at again so many times a second, all together, that there is time for the others; but each
#: after so many seconds at the latest.
_TURNS: Final = 250.0
_LONGEST_OF_MANY: Final = 60.0


class Step(Enum):
    """What comes next for a message."""

    #: It may be leased now (in a group: if it is the first).
    CLAIM = "claim"
    #: Its time has not come.
    PARK = "park"
    #: It was handled, or is a copy of one that was.
    DROP = "drop"
    #: Nobody may handle it again: it has to be noted as dead.
    BURY = "bury"
    #: It is noted as dead, and its dead letter may be missing.
    FINISH = "finish"


def next_step(meta: Meta, life: Life, *, now: float, lease_seconds: float) -> tuple[Step, float]:
    """The step, and the seconds to wait where it is to wait."""
    if life.is_over or life.state is State.DONE:
        return Step.DROP, 0.0
    if life.state is State.DEAD:
        return Step.FINISH, 0.0
    is_leased = life.state is State.LEASED
    waits_for_ack = not is_leased and not may_be_handled_again(meta.mode, is_acked=life.is_acked)
    rest = life.at - now
    if rest > (_TOLERANCE * lease_seconds if is_leased or waits_for_ack else 0.0):
        return Step.PARK, rest
    if not may_be_handled_again(meta.mode, is_acked=life.is_acked):
        return Step.BURY, 0.0
    return Step.CLAIM, 0.0


def is_delayed(meta: Meta, life: Life, now: float) -> bool:
    """Whether a stored record waits for its time or its ack, and not for a worker."""
    return life.at > now or (meta.mode is Mode.ONCE_ACKED and not life.is_acked)


def turn_delay(deliveries: int, waiting: int = 0) -> float:
    """Seconds until one is looked at again that waits for its turn, after so many deliveries, with so many others."""
    alone = min(_LONGEST_TURN, _TURN * 2 ** min(deliveries - 1, 10))
    return float(max(alone, min(_LONGEST_OF_MANY, waiting / _TURNS)))
