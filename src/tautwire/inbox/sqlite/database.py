"""The database of an inbox, from its lock to its last byte. Used by one thread."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError
from tautwire.inbox.sqlite import files
from tautwire.inbox.sqlite.lock import Lock
from tautwire.inbox.sqlite.schema import PAGE, VERSION, migrate, verify
from tautwire.inbox.sqlite.troubles import damage, is_damage

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.clock import Clock

__all__ = ["Database"]

#: Seconds to wait for another program that reads or writes; an answer to Slack has to be given before its three.
_PATIENCE: Final = 1.0
#: The same for a visitor, whom nobody waits for but a person.
_VISITORS_PATIENCE: Final = 5.0

#: Seconds for a look at the file on opening; 100 MB go through in that time once they are in memory.
_GLANCE: Final = 0.5
#: Steps of SQLite's machine between looks at the clock.
_OFTEN: Final = 10_000
#: What the lock says after damage was met.
_DAMAGED: Final = "damaged"

#: What has to be so, or the inbox would promise what it cannot keep. `synchronous=FULL` is 2: each commit waits for the
#: disk. `fullfsync` makes that true on macOS, where fsync alone leaves it to the disk's cache.
_REQUIRED: Final = (("journal_mode", "wal"), ("synchronous", 2), ("fullfsync", 1), ("checkpoint_fullfsync", 1))

#: `secure_delete`: what is erased is overwritten. The log is cut to 32 MB when it starts again.
_WANTED: Final = (
    ("secure_delete", "on"),
    ("cell_size_check", "on"),
    ("cache_size", -8000),
    ("temp_store", "memory"),
    ("journal_size_limit", 32 << 20),
)


class Database:
    """The file, its lock, and the one connection to it.

    A visitor takes no lock, makes no file and changes no format: it comes to look at an inbox that another one has.
    """

    def __init__(self, path: Path, clock: Clock, *, is_visitor: bool, keeps_damaged: bool) -> None:
        self.path = path
        #: Sentences for a person.
        self.notices: list[str] = []
        self._clock = clock
        self._is_visitor = is_visitor
        self._keeps_damaged = keeps_damaged
        self._lock: Lock | None = None
        self._connection: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None

    def open(self) -> None:
        """Make it ready. Raises `InboxError`, or what SQLite and the system raise; nothing is left open then."""
        try:
            self.path = files.resolve(self.path)
            if self._is_visitor:
                files.check_visited(self.path)
                self._open("")
            else:
                self._lock = Lock(self.path.with_name(self.path.name + ".lock"))
                left = self._lock.take()
                files.make_private(self.path)
                self._open(left)
                self._lock.note("")  # Not before it was looked through: whoever is killed meanwhile has not done it.
                # SQLite goes over to its log by a journal, and does not wait until that is deleted for good: were it
                # there again after a power cut, it would be taken for a reason to undo everything.
                files.sync_folder(self.path)
        except BaseException:
            self.close()
            raise

    def connection(self) -> sqlite3.Connection:
        """The connection to the file that has the name, a new one if the last one was dropped.

        Raises `InboxError` when that is not the file that was opened: what is written to one that was moved or deleted
        would be found by nobody.
        """
        if files.identity(self.path) != self._identity:
            raise InboxError(
                f"{self.path} was moved, deleted or replaced while it was in use: bring it back, or open the inbox anew"
            )
        return self._connection or self._connect()

    def mark_damaged(self) -> None:
        """Let the next opening look the whole file through, which takes too long for every one."""
        if self._lock is not None:
            self._lock.note(_DAMAGED)

    def drop(self) -> None:
        """Close the connection after an error that it may not have survived; the lock stays."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):  # What was committed is in the log.
                connection.close()

    def let_be(self) -> None:
        """Close the connection, and leave each byte of the file and of its log as it is.

        SQLite carries the log over when the last connection is closed; not while another one reads, and never for one
        that can only read.
        """
        with contextlib.suppress(sqlite3.Error):
            reader = sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True, isolation_level=None)
            try:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
                self.drop()
            finally:
                reader.close()
        self.drop()

    def close(self) -> None:
        """Let go of everything."""
        self.drop()
        if self._lock is not None:
            self._lock.release()

    def _open(self, left: str) -> None:
        try:
            self._connect()
            if not self._is_visitor:
                self._check(is_thorough=_DAMAGED in left)
        except sqlite3.DatabaseError as error:
            self.let_be()
            if not is_damage(error) or (self._is_visitor and error.sqlite_errorcode != sqlite3.SQLITE_NOTADB):
                raise
            if not files.is_inbox(self.path):
                raise InboxError(
                    f"{self.path} is no inbox, or its beginning is damaged; it was left as it is."
                    " Move it aside, or name another file"
                ) from None
            if not self._keeps_damaged or self._is_visitor:
                raise
            self._set_aside(error)
            self._connect()

    def _set_aside(self, error: sqlite3.DatabaseError) -> None:
        when = datetime.fromtimestamp(self._clock.wall(), UTC).strftime("%Y%m%dT%H%M%SZ")
        target = files.set_aside(self.path, when)
        self.notices.append(
            f"{self.path} was damaged ({error}). It was kept as {target}, and a new one was begun. What waited in it is"
            " not handled until somebody brings it back: try sqlite3's .recover"
        )
        files.make_private(self.path)

    def _connect(self) -> sqlite3.Connection:
        uri = f"{self.path.as_uri()}?mode=rw"
        patience = _VISITORS_PATIENCE if self._is_visitor else _PATIENCE
        connection = sqlite3.connect(uri, uri=True, timeout=patience, isolation_level=None)
        self._connection = connection
        try:
            version = verify(connection)
            if version < VERSION and self._is_visitor:
                raise InboxError(f"{self.path} is of an older format: the program that it belongs to has to open it")
            # Not before it is known for ours: a database of something else is left as it is.
            _set_up(connection)
            if version < VERSION:
                migrate(connection, version)
                # The file itself is to say what it is, not its log alone.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        except BaseException:
            self.let_be()
            raise
        self._identity = files.identity(self.path)
        return connection

    def _check(self, *, is_thorough: bool) -> None:
        """Look the file through, as far as half a second goes, or to its end. Raises `sqlite3.DatabaseError`."""
        connection = self._connection or self._connect()
        end = self._clock.monotonic() + (math.inf if is_thorough else _GLANCE)
        connection.set_progress_handler(lambda: self._clock.monotonic() > end, _OFTEN)
        try:
            (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            verdict = "ok"
        finally:
            connection.set_progress_handler(None, 0)
        if verdict != "ok":
            raise damage(verdict)


def _set_up(connection: sqlite3.Connection) -> None:
    for name, value in (("page_size", PAGE), *_REQUIRED, *_WANTED):
        connection.execute(f"PRAGMA {name} = {value}").fetchone()
    for name, value in _REQUIRED:
        (found,) = connection.execute(f"PRAGMA {name}").fetchone()
        if found != value:
            raise InboxError(
                f"SQLite did not take {name} = {value} here (it is {found!r}), and without it nothing would be safe;"
                " an inbox needs a local disk"
            )
