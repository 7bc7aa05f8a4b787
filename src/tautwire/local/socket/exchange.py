"""What the Socket Mode lines of all apps share: one clock, one ledger, one source of chance, one set of rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, get_args

from tautwire.errors import ConfigurationError
from tautwire.local.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.faults import Faults
    from tautwire.local.socket.ledger import Attempt, Delivery, Ledger
    from tautwire.local.switches import Switches
    from tautwire.local.timers import Timers

__all__ = ["Exchange", "WhileAway"]

#: What becomes of events while nobody of the app is connected: retried on Slack's schedule, gone, or kept until
#: somebody is ready.
WhileAway = Literal["retry", "lose", "replay"]
_WAYS: Final = get_args(WhileAway)


def _nothing(*_: object) -> None:
    """For who does not want to be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """All of it. Seconds, unless said otherwise; `time_scale` shortens Slack's own timetables and nothing else.

    `answered` is told of every attempt that was acked in time, its payload in `attempt.payload`; `failed` of every
    command or interaction that was given up, with its `user_error` set. Both are called after the ledger knows, and
    before anybody who waits looks again.
    """

    clock: Clock
    timers: Timers
    random: Random
    ledger: Ledger
    faults: Faults
    switches: Switches
    bell: Bell
    new_id: Callable[[], str]
    journal: Journal = field(default_factory=Journal)
    deadline: float = 3.0
    time_scale: float = 1.0
    ping_interval: float = 10.0
    connection_time: float = 18060
    max_connections: int = 10
    ghost_seconds: float = 0.0
    while_away: WhileAway = "retry"
    answered: Callable[[Delivery, Attempt], None] = _nothing
    failed: Callable[[Delivery], None] = _nothing

    def __post_init__(self) -> None:
        if self.while_away not in _WAYS:
            raise ConfigurationError(f"while nobody is there, choose {', '.join(_WAYS)}, not {self.while_away!r}")
