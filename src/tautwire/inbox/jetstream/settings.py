"""How streams and consumers have to be for the promise to hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tautwire.inbox.jetstream.names import HELD, WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tautwire.inbox.jetstream.names import Names

__all__ = ["DUPLICATES_SECONDS", "OLDEST_SERVER", "Settings"]

#: TTLs of messages came with 2.11, conditions on a whole line with 2.12.
OLDEST_SERVER: Final = (2, 12)
#: Seconds for which the server itself knows each key. It keeps them in memory, and forgets them when all servers
#: restart: more than an hour would cost memory for what the notes know for a day.
DUPLICATES_SECONDS: Final = 3_600.0
#: Fetches that may wait at a consumer at the same time.
_MAX_WAITING: Final = 4_096
_BILLION: Final = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is wanted."""

    names: Names
    replicas: int
    max_waiting: int
    max_bytes: int
    lease_seconds: float

    def streams(self) -> Iterator[dict[str, Any]]:
        """The streams, as they are created."""
        names = self.names
        common = {
            "storage": "file",
            "discard": "new",
            "num_replicas": self.replicas,
            "allow_direct": True,
            "max_age": 0,
        }
        yield {
            **common,
            "name": names.work_stream,
            "subjects": [names.work("*", "*"), names.held("*")],
            "retention": "workqueue",
            "max_msgs": self.max_waiting,
            "max_bytes": self.max_bytes,
            "duplicate_window": int(DUPLICATES_SECONDS * _BILLION),
        }
        yield {
            **common,
            "name": names.state_stream,
            "subjects": [names.state("*"), names.count],
            "retention": "limits",
            "max_msgs_per_subject": 1,
            "allow_msg_ttl": True,
        }
        yield {**common, "name": names.dead_stream, "subjects": [names.dead("*")], "retention": "limits"}

    def consumers(self) -> Iterator[dict[str, Any]]:
        """The consumers of the work stream, as they are created."""
        for name, subject in ((WORKERS, self.names.work("*", "*")), (HELD, self.names.held("*"))):
            yield {
                "durable_name": name,
                "filter_subject": subject,
                "deliver_policy": "all",
                "ack_policy": "explicit",
                "ack_wait": int(self.lease_seconds * _BILLION),
                "max_deliver": -1,
                # Those that wait for their retry or their turn were delivered, too.
                "max_ack_pending": max(self.max_waiting, 1_000),
                "max_waiting": _MAX_WAITING,
            }
