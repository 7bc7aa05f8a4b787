"""Gateways and workers on real NATS servers, each a process, that are killed and stopped while a local Slack sends.

The parts are those of `mortal`, which does the same to one client after the other: the nursery that forks, the journal,
the flow, Slack's side of the oracle. What is new is that many live at the same time, that their inbox is elsewhere, and
that it dies, too.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["COULD_NOT_OPEN", "LEASE_SECONDS", "Life"]

#: Short, so that the leases of the dead end within the time of a test; longer than most elections, so that not all do.
LEASE_SECONDS = 5.0

#: The exit code of a process that found no broker. Like any supervisor, whoever started it starts it again.
COULD_NOT_OPEN = 7


@dataclass(frozen=True, kw_only=True)
class Life:
    """One process, a `gateway` or a `worker`. The rest is as in `mortal.Life`; `flaw` as in `scattered.broken`."""

    role: str
    api_url: str
    app_token: str
    bot_token: str
    servers: list[str]
    replicas: int
    journal: str
    number: int
    seed: int
    kill_after: float | None = None
    close_after: float | None = None
    slow: float = 1.0
    lease_seconds: float = LEASE_SECONDS
    flaw: str = ""
    #: Where processes with a flaw keep what they believe to know.
    folder: str = ""
