"""What is the same in every store. Pure."""

from __future__ import annotations

from typing import Final

from tautwire.errors import ConfigurationError
from tautwire.inbox.api import Mode, Record, State

__all__ = [
    "KEEP_SECONDS",
    "LEASE_SECONDS",
    "MAX_WAITING",
    "NOT_ACKED",
    "PURGED",
    "checked",
    "has_to_be_ended",
    "is_positive",
    "may_be_handled_again",
]

#: A handler that lives extends its lease; this is how long the record of a dead one waits, where the store does not
#: know of the death by itself.
LEASE_SECONDS: Final = 60.0
#: How long the key of a record that has ended is kept: Slack's last retry was seen 368 s after the first delivery,
#: and a day is what a person needs who stops the app over night.
KEEP_SECONDS: Final = 86_400.0
#: Records that have not ended; ten minutes of a very busy app, which is as long as Slack goes on trying.
MAX_WAITING: Final = 100_000

#: Why a record is dead whose owner is gone.
NOT_ACKED: Final = "its owner was gone before it was acked"
#: What stands in the place of the error of a dead record that was purged before its key may go.
PURGED: Final = "purged"


def checked(record: Record, owner: str) -> None:
    """Raises `ValueError` for what no store can keep its promise for."""
    if not record.key:
        raise ValueError("a record needs a key")
    if record.mode is Mode.NEVER and not owner:
        raise ValueError("a record that is never handled again has to be handled now: name its owner")
    if record.mode is Mode.NEVER and record.group:
        raise ValueError("a record that is never handled again cannot wait for others: leave its group out")


def may_be_handled_again(mode: Mode, *, is_acked: bool) -> bool:
    """Whether a record is stored again that its owner no longer handles; otherwise it is dead."""
    return mode is Mode.AGAIN or (mode is Mode.ONCE_ACKED and is_acked)


def has_to_be_ended(state: State) -> None:
    """Raises `ValueError` for a state that cannot be purged."""
    if state not in {State.DONE, State.DEAD}:
        raise ValueError(f"records that are {state.value} cannot be purged, only those that are done or dead")


def is_positive(**numbers: float) -> None:
    """Raises `ConfigurationError` for an option that is not above 0."""
    for name, number in numbers.items():
        if not number > 0:
            raise ConfigurationError(f"{name} is {number!r}; it must be above 0")
