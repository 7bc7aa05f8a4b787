"""The thread: many jobs in one transaction, and each with an outcome of its own."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import InboxError, InboxFullError
from tautwire.inbox.sqlite import writer as module
from tautwire.inbox.sqlite.database import Database
from tautwire.inbox.sqlite.writer import Writer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path


class Gate:
    """A job that holds the thread until it is let go, so that others gather behind it."""

    def __init__(self) -> None:
        self.began, self._open = threading.Event(), threading.Event()

    def __call__(self, _: sqlite3.Connection) -> None:
        self.began.set()
        assert self._open.wait(10)

    def open(self) -> None:
        self._open.set()


class Watched(Database):
    """Counts what is committed."""

    commits = 0

    def connection(self) -> sqlite3.Connection:
        connection = super().connection()
        connection.set_trace_callback(self._on_statement)
        return connection

    def _on_statement(self, sql: str) -> None:
        self.commits += sql == "COMMIT"


@pytest.fixture
def database(path: Path) -> Watched:
    return Watched(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True)


@pytest_asyncio.fixture
async def writer(database: Watched) -> AsyncIterator[Writer]:
    writer = Writer(database, SYSTEM_CLOCK)
    await writer.start(lambda db: db.execute("CREATE TABLE notes (text TEXT UNIQUE)").fetchone())
    yield writer
    await writer.stop()


def note(text: str) -> Callable[[sqlite3.Connection], str]:
    def run(db: sqlite3.Connection) -> str:
        db.execute("INSERT INTO notes VALUES (?)", (text,))
        return text

    return run


def notes(db: sqlite3.Connection) -> list[str]:
    return [text for (text,) in db.execute("SELECT text FROM notes ORDER BY rowid")]


def raising(error: Exception) -> Callable[[sqlite3.Connection], None]:
    def run(_: sqlite3.Connection) -> None:
        raise error

    return run


async def behind(writer: Writer, *calls: Any) -> list[Any]:
    """The outcomes of calls that wait together."""
    gate = Gate()
    first = asyncio.ensure_future(writer.do(gate))
    await asyncio.to_thread(gate.began.wait, 10)
    tasks = [asyncio.ensure_future(call) for call in calls]
    await asyncio.sleep(0)
    gate.open()
    await first
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_waits_together_is_committed_together(writer: Writer, database: Watched) -> None:
    database.commits = 0
    texts = [str(number) for number in range(50)]
    assert await behind(writer, *(writer.do(note(text)) for text in texts)) == texts
    assert database.commits == 2
    assert await writer.do(notes) == texts


async def test_jobs_of_one_kind_are_one_call(writer: Writer) -> None:
    calls: list[list[int]] = []

    def doubled(_: sqlite3.Connection, numbers: Sequence[int]) -> list[int | InboxError]:
        calls.append(list(numbers))
        return [InboxFullError("three") if number == 3 else 2 * number for number in numbers]

    results = await behind(
        writer, writer.do_with(doubled, 1), writer.do(note("a")), writer.do_with(doubled, 3), writer.do_with(doubled, 4)
    )
    assert calls == [[1, 3, 4]]
    assert results[:2] == [2, "a"]
    assert isinstance(results[2], InboxFullError)
    assert results[3] == 8


async def test_one_transaction_is_not_for_ever(
    writer: Writer, database: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tautwire.inbox.sqlite.writer.MOST", 10)
    database.commits = 0
    await behind(writer, *(writer.do(note(str(number))) for number in range(25)))
    assert database.commits == 4


async def test_what_a_job_refuses_is_its_own(writer: Writer) -> None:
    results = await behind(
        writer, writer.do(note("a")), writer.do(raising(InboxFullError("full"))), writer.do(note("b"))
    )
    assert [type(result) for result in results] == [str, InboxFullError, str]
    assert await writer.do(notes) == ["a", "b"]


@pytest.mark.parametrize("defect", [ValueError("a defect"), sqlite3.IntegrityError("another"), None])
async def test_a_job_that_breaks_costs_no_other(writer: Writer, defect: Exception | None) -> None:
    """The transaction is undone, and the others are tried again."""
    broken = note("a") if defect is None else raising(defect)
    results = await behind(writer, writer.do(note("a")), writer.do(broken), writer.do(note("b")))
    assert results[0] == "a"
    assert isinstance(results[1], ValueError if isinstance(defect, ValueError) else InboxError)
    assert results[2] == "b"
    assert await writer.do(notes) == ["a", "b"]


async def test_a_job_that_breaks_alone(writer: Writer) -> None:
    with pytest.raises(ZeroDivisionError):
        await writer.do(lambda _: 1 / 0)
    assert await writer.do(note("a")) == "a"


async def test_a_transaction_that_sqlite_has_undone_itself(writer: Writer) -> None:
    def undo(db: sqlite3.Connection) -> None:
        db.execute("ROLLBACK")

    with pytest.raises(InboxError, match="no transaction is active"):
        await writer.do(undo)
    assert await writer.do(note("a")) == "a"


async def test_a_chore_goes_with_each_transaction_and_costs_no_job(path: Path) -> None:
    chores: list[int] = []

    def chore(_: sqlite3.Connection, jobs: int) -> None:
        chores.append(jobs)
        if len(chores) == 3:
            raise ValueError("a defect")

    database = Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True)
    writer = Writer(database, SYSTEM_CLOCK, chore)
    await writer.start(lambda db: db.execute("CREATE TABLE notes (text TEXT UNIQUE)").fetchone())
    results = await behind(writer, writer.do(note("a")), writer.do(note("b")))
    assert results == ["a", "b"]
    assert chores == [1, 1, 2]
    await writer.stop()


async def test_what_is_cancelled_is_done_all_the_same(writer: Writer) -> None:
    """Before it is begun, while it runs, and between its end and its being taken."""
    gate = Gate()
    undone: list[str | None] = []
    first = asyncio.ensure_future(writer.do(gate, undone.append))
    second = asyncio.ensure_future(writer.do(note("a"), undone.append))
    third = asyncio.ensure_future(writer.do(note("a"), undone.append))
    fourth = asyncio.ensure_future(writer.do(note("b")))
    await asyncio.to_thread(gate.began.wait, 10)
    for task in (first, second, third, fourth):
        task.cancel()
    gate.open()
    assert await writer.do(notes) == ["a", "b"]
    assert undone == [None, "a"]


async def test_what_has_come_and_was_not_taken(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled when the outcome is there, and before whoever waits for it goes on."""
    settle: Any = writer._settle
    undone: list[str] = []
    texts = ("a", "a", "b")
    tasks = [asyncio.ensure_future(writer.do(note(text), undone.append)) for text in texts]
    forgotten = asyncio.ensure_future(writer.do(note("c")))

    def settle_and_cancel(outcomes: Any) -> None:
        settle(outcomes)
        for task in (*tasks, forgotten):
            task.cancel()

    monkeypatch.setattr(writer, "_settle", settle_and_cancel)
    await asyncio.wait([*tasks, forgotten])
    assert all(task.cancelled() for task in (*tasks, forgotten))
    assert undone == ["a", "b"]


async def test_what_is_patient_shares_the_next_commit(
    writer: Writer, database: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 10.0)
    writer.commits.append(10.0)
    before = database.commits
    patient = asyncio.ensure_future(writer.do_with(module._each, note("a"), is_patient=True))
    await asyncio.sleep(0.02)  # Time in which it could have been done.
    assert database.commits == before
    await asyncio.gather(patient, writer.do(note("b")))
    assert database.commits == before + 1


async def test_a_turn_of_the_loop_is_one_commit(writer: Writer, database: Watched) -> None:
    before = database.commits
    await asyncio.gather(*(writer.do(note(str(number))) for number in range(100)))
    assert database.commits == before + 1


async def test_more_than_a_commit_takes_is_done_in_some(
    writer: Writer, database: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 10)
    before = database.commits
    await asyncio.gather(*(writer.do(note(str(number))) for number in range(25)))
    assert database.commits == before + 3


async def test_outcomes_are_told_in_turns_and_those_that_somebody_waits_for_first(writer: Writer) -> None:
    told: list[str] = []
    turns = 0

    async def one(text: str, *, is_patient: bool) -> None:
        await writer.do_with(module._each, note(text), is_patient=is_patient)
        told.append(text)

    async def count() -> None:
        nonlocal turns
        while len(told) < 2 * module.AT_ONCE:
            turns += bool(told)
            await asyncio.sleep(0)

    patient = [one(f"p{number}", is_patient=True) for number in range(module.AT_ONCE)]
    prompt = [one(f"q{number}", is_patient=False) for number in range(module.AT_ONCE)]
    await asyncio.gather(count(), *patient, *prompt)
    assert [text[0] for text in told] == ["q"] * module.AT_ONCE + ["p"] * module.AT_ONCE
    assert turns >= 1


async def test_what_was_done_before_the_end_is_told_by_then(writer: Writer) -> None:
    jobs = [asyncio.ensure_future(writer.do(note(str(number)))) for number in range(5 * module.AT_ONCE)]
    await asyncio.sleep(0)
    await writer.stop()
    await asyncio.sleep(0)
    assert all(job.done() for job in jobs)


async def test_what_nobody_waits_for(writer: Writer) -> None:
    rung: list[int] = []
    writer.post(note("a"), lambda: rung.append(1))
    writer.post(note("a"), lambda: rung.append(2))
    assert await writer.do(notes) == ["a"]
    assert rung == [1]
    await writer.stop()
    writer.post(note("b"), lambda: rung.append(3))
    assert rung == [1]


async def test_it_ends_after_what_was_asked_for(path: Path, database: Watched) -> None:
    writer = Writer(database, SYSTEM_CLOCK)
    await writer.start(lambda db: db.execute("CREATE TABLE notes (text TEXT UNIQUE)").fetchone())
    jobs = [asyncio.ensure_future(writer.do(note(str(number)))) for number in range(20)]
    await asyncio.sleep(0)
    await asyncio.gather(writer.stop(), writer.stop())
    assert [await job for job in jobs] == [str(number) for number in range(20)]
    with pytest.raises(InboxError, match="is not open"):
        await writer.do(notes)
    await writer.stop()
    with sqlite3.connect(path) as db:
        assert len(notes(db)) == 20
    db.close()


async def test_a_batch_that_is_the_last(database: Watched) -> None:
    """The end may come alone, or behind others in one batch."""
    writer = Writer(database, SYSTEM_CLOCK)
    gate = Gate()
    await writer.start(lambda _: None)
    first = asyncio.ensure_future(writer.do(gate))
    await asyncio.to_thread(gate.began.wait, 10)
    last = asyncio.ensure_future(writer.do(lambda _: "last"))
    await asyncio.sleep(0)
    stopping = asyncio.ensure_future(writer.stop())
    await asyncio.sleep(0)
    gate.open()
    await asyncio.gather(first, stopping)
    assert await last == "last"


async def test_a_start_that_fails_leaves_no_thread(path: Path, database: Watched) -> None:
    writer = Writer(database, SYSTEM_CLOCK)
    with pytest.raises(ZeroDivisionError):
        await writer.start(lambda _: 1 / 0)
    assert not [thread for thread in threading.enumerate() if thread.name == "tautwire-inbox"]
    again = Writer(Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True), SYSTEM_CLOCK)
    assert await again.start(lambda _: "ready") == "ready"
    await again.stop()


async def test_never_started_it_can_be_stopped(database: Watched) -> None:
    await Writer(database, SYSTEM_CLOCK).stop()


def test_a_loop_that_has_ended_is_nobodys_any_more(path: Path) -> None:
    """Whoever forgets to close still has a file that is whole; and can close on another loop."""
    gate = Gate()

    async def forget() -> Writer:
        writer = Writer(Database(path, SYSTEM_CLOCK, is_visitor=False, keeps_damaged=True), SYSTEM_CLOCK)
        await writer.start(lambda db: db.execute("CREATE TABLE notes (text TEXT UNIQUE)").fetchone())
        task = asyncio.ensure_future(writer.do(gate))
        await asyncio.sleep(0)
        await asyncio.to_thread(gate.began.wait, 10)
        writer.post(note("a"), lambda: None)
        task.cancel()
        return writer

    writer = asyncio.run(forget())
    gate.open()
    asyncio.run(writer.stop())
    with sqlite3.connect(path) as db:
        assert notes(db) == ["a"]
    db.close()
