"""The protocol of an inbox: where an envelope is kept from before its ack until it is done or dead.

    put ──► stored ──► leased ──► done
              ▲          │ ├────► dead ── replay ──► stored
              └─ retry ──┘ └─ the owner is gone: stored again

What every store guarantees:

1. When `put` comes back, the record survives the death of the process and of the machine, as far as the store's own
   medium does; it can be acked now. When `put` raises, nothing may be acked. The record may be there all the same: a
   commit whose outcome nobody learned. Then it is handled, and Slack's retry meets its key.
2. A key is stored once within the store's window (24 h from then on, or longer), also when the record is long done,
   also after a restart. The key goes in with the payload, never on completion; a second `put` says that it is one.
3. A stored record is leased to one owner at a time. A lease that is neither extended nor settled in time ends; so does
   one whose owner has died. Then the record is leased to another, or is dead where its `Mode` says so. Nothing that was
   stored is forgotten.
4. Fencing: `extend`, `done`, `retry`, `release` and `bury` are refused with `LeaseLostError` once the record has gone
   to somebody else, or has ended; a store may refuse them from the lease's end on, and one that can tell does not, so
   that a machine which has slept does not do its work twice. The fence of a lease is a number that no other lease of
   the record has, also not after a replay.
5. Of the records of one `group` at most one is leased at a time, the oldest that has not ended; one that waits for its
   retry holds up those behind it.
6. A record that has failed for good is dead, not lost: it keeps its payload until a person purges it, and can be
   replayed.
7. Cancelling a call breaks nothing. A cancelled `put` may have stored its record; what a cancelled `put` or `claim` had
   leased goes back, like a lease that is released, at the lease's end at the latest.

What none promises: order, but within a group; and exactly once: a handler whose `done` was not stored runs again.

All times are epoch seconds, because they have to survive a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

__all__ = ["Inbox", "Lease", "Mode", "Placed", "Record", "Recovery", "State", "Stats", "Stored"]


class Mode(Enum):
    """What becomes of a record whose owner has died, has let go of it, or has failed."""

    #: It is handled again, until it is done or given up. Events.
    AGAIN = "again"
    #: Once it was acked, like `AGAIN`; before that it is dead, for its person has seen an error. Commands, clicks.
    ONCE_ACKED = "once acked"
    #: It is dead: its answer belonged into an ack that nobody waits for any more. Submissions, suggestions.
    NEVER = "never"


class State(Enum):
    """Where a record is in its life."""

    #: It waits: for an owner, for its retry, for its turn in its group, or (`ONCE_ACKED`) for its ack.
    STORED = "stored"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One envelope as it is stored. `group` names what is to be handled one after the other; `""` for nothing."""

    key: str
    type: str
    envelope_id: str
    payload: bytes
    mode: Mode = Mode.AGAIN
    group: str = ""

    def __repr__(self) -> str:
        return f"<record of {self.type} {self.envelope_id}, {len(self.payload)} bytes>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to handle a record until `until`.

    `attempt` counts the handlings that were begun since the record was stored or replayed, from one; those that ended
    with the death of their owner count, those that were released do not (a store that cannot tell counts them, too).
    It is the dispatcher's to say how many are enough. `fence` is what tells this lease from every other one.
    """

    id: str
    record: Record
    owner: str
    attempt: int
    fence: int
    until: float
    stored_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What `put` did. `id` names the record for `acked`, also when it was there before.

    `lease` is there when the record is to be handled at once, by the owner that was named.
    """

    id: str
    is_duplicate: bool = False
    lease: Lease | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record as a person looks at it. `error` is what ended the last attempt, redacted by whoever gave it.

    `id` names it while it is in this state; what is erased when done shows an empty payload.
    """

    id: str
    record: Record
    state: State
    attempt: int
    stored_at: float
    #: When it may be handled (`STORED`), when its lease ends (`LEASED`), when it ended (`DONE`, `DEAD`).
    at: float
    owner: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """What `open` found: records that wait, leases of dead owners that were freed, and those that are dead for it.

    `notices` are sentences for a person, about something that was put right and should be looked at.
    """

    waiting: int = 0
    freed: int = 0
    buried: int = 0
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The counts as of now, and the numbers to alert on. A store leaves at 0 what it cannot know."""

    #: To be handled as soon as somebody has time, those behind another of their group included.
    waiting: int = 0
    #: To be handled later: they wait for their retry, or for their ack.
    delayed: int = 0
    leased: int = 0
    done: int = 0
    dead: int = 0
    #: Seconds since the oldest record was stored that has not ended.
    oldest: float = 0.0
    #: How many records may wait, be delayed and be leased together; 0 for any number.
    bound: int = 0
    #: Since the store was made: records, second puts of a key, retries.
    stored: int = 0
    duplicates: int = 0
    retried: int = 0
    #: Bytes on the store's medium.
    size: int = 0
    #: Seconds that the slowest of the last 1,000 commits took.
    commit_seconds: float = 0.0
    #: What only this store has, by name.
    details: Mapping[str, float] = field(default_factory=dict)


class Inbox(Protocol):
    """A store. One object, one event loop; `async with` opens and closes it.

    Every method but `open` and `close` raises `InboxError` when the inbox is not open, and `InboxUnavailableError` when
    it cannot do its work now (disk full, no broker).
    """

    @property
    def lease_seconds(self) -> float:
        """How long a lease lasts that nobody extends. Extend at a third of it."""

    async def __aenter__(self) -> Self:
        """See `open`."""

    async def __aexit__(self, *_: object) -> None:
        """See `close`."""

    async def open(self) -> Recovery:
        """Make ready, and recover what owners have left that are dead for certain.

        Raises:
            InboxLockedError: another process has it, and this store is for one.
            InboxError: it cannot be used like this; the message says what to change.
        """

    async def close(self) -> None:
        """Finish what was asked for, and let go of everything. Any number of times."""

    # For the receiver

    async def put(self, record: Record, *, owner: str = "") -> Placed:
        """Store a record; one commit. With `owner` it is leased to that one at once, unless its group is busy.

        A store on a broker may leave the lease to `claim`; never that of a `NEVER` record, which nobody else may have.
        Without a lease, an `ONCE_ACKED` record waits until it is `acked`; after `lease_seconds` without it is dead.

        Raises:
            ValueError: a record without a key; a `NEVER` record without an owner, or with a group: it cannot wait.
            InboxFullError: the bound that was set is reached.
            InboxUnavailableError: the store cannot write now.
        """

    async def acked(self, which: str) -> None:
        """Its envelope was acked: from now on an `ONCE_ACKED` record is handled whatever happens.

        The others need no such word. Nothing happens for one that has ended, and for an unknown id.
        """

    # For the dispatcher

    async def claim(self, owner: str, *, limit: int = 1, wait: float = 0.0) -> Sequence[Lease]:
        """Lease up to `limit` records whose time has come, those first that are due longest.

        Waits up to `wait` seconds for the first one; empty when there is none then.
        """

    async def extend(self, lease: Lease) -> Lease:
        """Keep it for `lease_seconds` from now. Raises `LeaseLostError`."""

    async def done(self, lease: Lease) -> None:
        """It was handled. Raises `LeaseLostError`."""

    async def retry(self, lease: Lease, *, delay: float, error: str) -> None:
        """It failed, and may be handled again in `delay` seconds; it is dead if its `Mode` forbids that.

        Raises `LeaseLostError`.
        """

    async def release(self, lease: Lease) -> None:
        """It was not handled to its end, by no fault of its own (a shutdown): as if the owner had died, but at once.

        Raises `LeaseLostError`.
        """

    async def bury(self, lease: Lease, *, error: str) -> None:
        """It failed for good. Raises `LeaseLostError`."""

    # For people

    async def stats(self) -> Stats:
        """The counts as of now."""

    async def list(self, state: State, *, limit: int = 50, after: str = "") -> Sequence[Stored]:
        """Records in a state in the order in which they were stored; `after` is the last id of the page before.

        A store on a broker may list what has ended in the order in which it ended.
        Payloads come with them, so many in one go make everybody else wait.
        """

    async def show(self, which: str) -> Stored | None:
        """One record, by the id that `list` has for it."""

    async def replay(self, ids: Sequence[str] | None = None) -> int:
        """Dead records are stored again, with all their attempts before them, and as `AGAIN`: a person wants it.

        Without ids all that are dead now. Returns how many it was.
        """

    async def give_up(self, ids: Sequence[str], *, error: str) -> int:
        """Stored records are dead, because a person says so; leased ones are left alone. Returns how many it was."""

    async def purge(self, state: State, *, older_than: float = 0.0) -> int:
        """Erase `DONE` or `DEAD` records that ended more than `older_than` seconds ago. Returns how many it was.

        Their keys stay for the store's window; until then they may be seen as `DONE`.

        Raises:
            ValueError: another state; what has not ended can be given up, and then purged.
        """
