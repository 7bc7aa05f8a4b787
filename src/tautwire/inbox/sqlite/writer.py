"""One connection on one thread: jobs go in, and all that are waiting are committed together.

A commit with `synchronous=FULL` waits for the disk. Ten puts that arrive during one commit share the next one, so the
disk's latency bounds how soon a put is safe, and not how many there can be. What nobody's ack waits for is patient: it
does not begin a commit of its own while somebody else may be about to, who would have to wait for its end.

What is asked for in one turn of the loop is handed over at the end of it, in one go: each job by itself would wake the
thread, and the two would wrestle for Python's lock instead of working.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import threading
from collections import deque
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar

from tautwire.errors import InboxError
from tautwire.inbox.sqlite.troubles import concerns_the_disk, is_damage, worded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tautwire.clock import Clock
    from tautwire.inbox.sqlite.database import Database

__all__ = ["Kind", "Writer"]

A = TypeVar("A")
R = TypeVar("R")

#: Jobs in one transaction, at most: the first one is not to wait for ever for the last.
MOST: Final = 500

#: Jobs that are told their outcome in one turn of the loop.
AT_ONCE: Final = 20

#: Seconds that what is patient waits for company, at most. No longer than the last commit took, or a fast disk would be
#: waited for by nobody but the patient.
PATIENCE: Final = 0.005

#: What many jobs of one kind are done by: for each argument a result, or the `InboxError` that is its own.
Kind: TypeAlias = "Callable[[sqlite3.Connection, Sequence[A]], Sequence[R | InboxError]]"


@dataclass(slots=True, eq=False)
class _Job(Generic[A, R]):
    kind: Kind[A, R]
    argument: A
    future: asyncio.Future[R]
    #: Gets a result that nobody waits for any more.
    undo: Callable[[R], None] | None = None
    is_patient: bool = False

    def forget(self, result: R) -> None:
        if self.undo is not None:
            self.undo(result)

    def settle(self, outcome: R | Exception) -> None:
        if isinstance(outcome, Exception):
            if not self.future.cancelled():
                self.future.set_exception(outcome)
        elif self.future.cancelled():
            self.forget(outcome)
        else:
            self.future.set_result(outcome)


_Outcomes: TypeAlias = "list[tuple[_Job[Any, Any], Any]]"


class Writer:
    """The thread and its queue.

    Args:
        database: opened, used and closed on the thread.
        clock: to measure commits with.
        chore: runs in each transaction, after its jobs, whose number it gets.
    """

    def __init__(
        self, database: Database, clock: Clock, chore: Callable[[sqlite3.Connection, int], object] | None = None
    ) -> None:
        #: Seconds that the last commits took. For the thread.
        self.commits: deque[float] = deque(maxlen=1000)
        self._database, self._clock, self._chore = database, clock, chore
        #: What was handed over, in turns of the loop; nothing comes after `None`.
        self._turns: SimpleQueue[Sequence[_Job[Any, Any]] | None] = SimpleQueue()
        #: What was asked for in this turn.
        self._asked: list[_Job[Any, Any]] = []
        #: For the thread: what was handed over and has not been begun.
        self._due: deque[_Job[Any, Any]] = deque()
        self._is_over = False
        #: What has been done, and not been told yet.
        self._untold: deque[tuple[_Job[Any, Any], Any]] = deque()
        self._thread: threading.Thread | None = None
        self._loop = asyncio.get_running_loop()
        #: Whether jobs can be given to it.
        self.is_taking = False
        self._damage: BaseException | None = None

    async def start(self, prepare: Callable[[sqlite3.Connection], R], *, is_look: bool = False) -> R:
        """Open the database and run the first job, as by `look` or `do`.

        What either raises is raised here, and no thread is left.
        """
        job: _Job[Any, R] = _Job(_looks if is_look else _each, prepare, self._loop.create_future())
        self._thread = threading.Thread(target=self._run, args=(job,), name="tautwire-inbox", daemon=True)
        self._thread.start()
        self.is_taking = True
        try:
            return await job.future
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Do what was asked for, close the database, and end the thread. Any number of times, on any loop."""
        if self.is_taking:
            self.is_taking = False
            self._hand_over()
            self._turns.put(None)
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join)
        while self._untold and asyncio.get_running_loop() is self._loop:
            self._tell_some()

    async def do(self, run: Callable[[sqlite3.Connection], R], undo: Callable[[R], None] | None = None) -> R:
        """Run a job; see `do_with`. What it raises that is no `InboxError` fails the transaction."""
        return await self.do_with(_each, run, undo)

    async def do_with(
        self,
        kind: Kind[A, R],
        argument: A,
        undo: Callable[[R], None] | None = None,
        *,
        is_patient: bool = False,
    ) -> R:
        """Run a job within the next transaction; returns once that is committed, and synced.

        Jobs of one `kind` are run by one call. The order of jobs that wait together is nobody's promise. A job that
        `is_patient` waits for others to share a commit with, for some milliseconds.

        Being cancelled does not stop the job; `undo` is called with its result then, on the loop.
        When a transaction fails, it is undone, and its jobs are tried one by one, so that none suffers for another;
        unless it is the disk that fails.
        """
        if not self.is_taking:
            raise InboxError("the inbox is not open")
        if asyncio.get_running_loop() is not self._loop:
            raise InboxError("the inbox was opened on another event loop: use it there, one object for each loop")
        job: _Job[A, R] = _Job(kind, argument, self._loop.create_future(), undo, is_patient)
        self._ask(job)
        try:
            return await job.future
        except asyncio.CancelledError:
            # It had come in, and was not taken.
            if not job.future.cancelled() and job.future.exception() is None:
                job.forget(job.future.result())
            raise

    async def look(self, run: Callable[[sqlite3.Connection], R]) -> R:
        """Run a job that only reads. Among its like, and without a chore, it keeps no other connection from writing."""
        return await self.do_with(_looks, run)

    def post(self, run: Callable[[sqlite3.Connection], object], then: Callable[[], None]) -> None:
        """Run a job that nobody waits for; `then` is called afterwards, on the loop. Not when the end has begun."""
        if self.is_taking:
            job: _Job[Any, object] = _Job(_each, run, self._loop.create_future())
            job.future.add_done_callback(lambda future: then() if future.exception() is None else None)
            self._ask(job)

    def _ask(self, job: _Job[Any, Any]) -> None:
        self._asked.append(job)
        if len(self._asked) == 1:
            self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._asked:
            asked, self._asked = self._asked, []
            self._turns.put(asked)

    # On the thread

    def _run(self, first: _Job[Any, Any]) -> None:
        try:
            try:
                self._database.open()
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                self._tell([(first, error)])
                return
            self._work([first])
            while batch := self._batch():
                self._work(batch)
        finally:
            self._database.close()

    def _batch(self) -> list[_Job[Any, Any]]:
        """What is waiting; nothing when there will never be anything more."""
        if not self._due:
            self._fetch(None)
        patience = min(PATIENCE, self.commits[-1] if self.commits else 0.0)
        end = self._clock.monotonic() + patience
        with contextlib.suppress(Empty):
            while len(self._due) < MOST and not self._is_over:
                is_patient = patience > 0 and all(job.is_patient for job in self._due)
                self._fetch(max(0.0, end - self._clock.monotonic()) if is_patient else 0.0)
        return [self._due.popleft() for _ in range(min(MOST, len(self._due)))]

    def _fetch(self, seconds: float | None) -> None:
        """Wait for what is handed over next, so long at most. Raises `Empty`."""
        if not self._is_over:
            turn = self._turns.get(timeout=seconds)
            self._is_over = turn is None
            self._due.extend(turn or ())

    def _work(self, jobs: list[_Job[Any, Any]]) -> None:
        try:
            outcomes = self._transact(jobs, self._chore)
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            if len(jobs) == 1 or isinstance(error, InboxError) or concerns_the_disk(error):
                outcomes = [(job, error) for job in jobs]
            else:
                outcomes = [self._alone(job) for job in jobs]
        self._tell(outcomes)

    def _alone(self, job: _Job[Any, Any]) -> tuple[_Job[Any, Any], Any]:
        try:
            return self._transact([job])[0]
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            return job, error

    def _transact(
        self, jobs: list[_Job[Any, Any]], chore: Callable[[sqlite3.Connection, int], object] | None = None
    ) -> _Outcomes:
        if self._damage is not None:
            raise self._damage
        connection = self._database.connection()
        try:
            is_look = chore is None and all(job.kind is _looks for job in jobs)
            connection.execute("BEGIN" if is_look else "BEGIN IMMEDIATE")
            outcomes = _outcomes(connection, jobs)
            if chore is not None:
                chore(connection, len(jobs))
            began = self._clock.monotonic()
            connection.execute("COMMIT")
        except BaseException as error:
            self._clean_up(connection, error)
            raise
        self.commits.append(self._clock.monotonic() - began)
        return outcomes

    def _clean_up(self, connection: sqlite3.Connection, error: BaseException) -> None:
        """Undo what was begun; with the disk in doubt, let the next transaction begin with a new connection."""
        if is_damage(error):
            self._damage = error
            self._database.mark_damaged()
            self._database.let_be()
            return
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:  # There was nothing to undo, or SQLite has done it; the first error is the one to tell.
            self._database.drop()
        if concerns_the_disk(error):
            self._database.drop()

    def _tell(self, outcomes: _Outcomes) -> None:
        path = self._database.path
        told = [(job, worded(each, path) if isinstance(each, Exception) else each) for job, each in outcomes]
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            self._loop.call_soon_threadsafe(self._settle, sorted(told, key=_patience))

    # On the loop

    def _settle(self, outcomes: _Outcomes) -> None:
        is_alone = not self._untold
        self._untold.extend(outcomes)
        if is_alone:
            self._tell_turn()

    def _tell_turn(self) -> None:
        """Tell some in this turn of the loop, and the others in the next ones.

        Whoever hears of a put sends an ack, which lets Slack send more. Between the turns the loop reads that, and the
        thread has something to commit while the loop is busy with the rest: else one would always wait for the other.
        """
        self._tell_some()
        if self._untold:
            self._loop.call_soon(self._tell_turn)

    def _tell_some(self) -> None:
        for _ in range(min(AT_ONCE, len(self._untold))):
            job, outcome = self._untold.popleft()
            job.settle(outcome)


def _each(db: sqlite3.Connection, runs: Sequence[Callable[[sqlite3.Connection], R]]) -> list[R | InboxError]:
    """The kind of jobs that have nothing in common."""
    return [_one(db, run) for run in runs]


def _looks(db: sqlite3.Connection, runs: Sequence[Callable[[sqlite3.Connection], R]]) -> list[R | InboxError]:
    """The kind of those that only read."""
    return _each(db, runs)


def _one(db: sqlite3.Connection, run: Callable[[sqlite3.Connection], R]) -> R | InboxError:
    try:
        return run(db)
    except InboxError as error:
        return error


def _outcomes(db: sqlite3.Connection, jobs: list[_Job[Any, Any]]) -> _Outcomes:
    kinds: dict[Kind[Any, Any], list[_Job[Any, Any]]] = {}
    for job in jobs:
        kinds.setdefault(job.kind, []).append(job)
    return [
        outcome
        for kind, alike in kinds.items()
        for outcome in zip(alike, kind(db, [job.argument for job in alike]), strict=True)
    ]


def _patience(outcome: tuple[_Job[Any, Any], Any]) -> bool:
    return outcome[0].is_patient
