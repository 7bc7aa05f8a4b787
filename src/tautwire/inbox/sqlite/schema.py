"""The tables, and how an older file becomes a newer one.

`records` has one row for each record, and `payloads` its payload, apart: what is erased leaves whole pages free, and a
million rows of records that are done stay small. A row's `state` is one of

- `stored`: it may be handled, from `at` on; with an `owner`, whose lease has run out and nobody else has taken it
- `queued`: it waits behind another one of its line; each line has one row at most that is `stored` or `leased`
- `held`: it waits for its ack, until `at`
- `leased`: to `owner`, until `at`
- `done`, `dead`: since `at`

`counts` is kept by triggers, so that it is right whoever writes: to count a million rows for each put is out of the
question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.errors import InboxError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["APPLICATION_ID", "PAGE", "VERSION", "migrate", "verify"]

#: Marks the file as an inbox of this library: "taut" in ASCII.
APPLICATION_ID: Final = 0x74617574

#: Bytes of a page, in every file.
PAGE: Final = 4096

#: One step from each version to the next, the first one from an empty file. What was released is never changed.
_STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """
        CREATE TABLE records (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            key TEXT NOT NULL UNIQUE,
            type TEXT NOT NULL,
            envelope_id TEXT NOT NULL,
            mode TEXT NOT NULL,
            line TEXT NOT NULL,
            state TEXT NOT NULL,
            attempt INTEGER NOT NULL DEFAULT 0,
            fence INTEGER NOT NULL DEFAULT 0,
            owner TEXT NOT NULL DEFAULT '',
            is_acked INTEGER NOT NULL DEFAULT 0,
            stored_at REAL NOT NULL,
            at REAL NOT NULL,
            delay REAL NOT NULL DEFAULT 0,
            error TEXT NOT NULL DEFAULT ''
        )
        """,
        "CREATE TABLE payloads (number INTEGER PRIMARY KEY, payload BLOB NOT NULL)",
        "CREATE TABLE counts (state TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID",
        """
        INSERT INTO counts VALUES ('stored', 0), ('queued', 0), ('held', 0), ('leased', 0), ('done', 0), ('dead', 0),
            ('ever stored', 0), ('ever duplicate', 0), ('ever retried', 0)
        """,
        "CREATE INDEX ready ON records (at, number) WHERE state = 'stored'",
        "CREATE INDEX leases ON records (at) WHERE state IN ('leased', 'held')",
        "CREATE UNIQUE INDEX heads ON records (line) WHERE line <> '' AND state IN ('stored', 'leased')",
        "CREATE INDEX tails ON records (line, number) WHERE state = 'queued'",
        "CREATE INDEX alive ON records (number) WHERE state NOT IN ('done', 'dead')",
        "CREATE INDEX dead ON records (number) WHERE state = 'dead'",
        "CREATE INDEX done ON records (at) WHERE state = 'done'",
        """
        CREATE TRIGGER arrives AFTER INSERT ON records BEGIN
            UPDATE counts SET number = number + 1 WHERE state IN (new.state, 'ever stored');
        END
        """,
        """
        CREATE TRIGGER moves AFTER UPDATE OF state ON records WHEN old.state <> new.state BEGIN
            UPDATE counts SET number = number + CASE state WHEN new.state THEN 1 ELSE -1 END
                WHERE state IN (old.state, new.state);
        END
        """,
        """
        CREATE TRIGGER leaves AFTER DELETE ON records BEGIN
            UPDATE counts SET number = number - 1 WHERE state = old.state;
            DELETE FROM payloads WHERE number = old.number;
        END
        """,
    ),
)
VERSION: Final = len(_STEPS)


def verify(db: sqlite3.Connection) -> int:
    """The version of the file, 0 for an empty one. Raises `InboxError` for what is no inbox, or one from the future."""
    (application_id,) = db.execute("PRAGMA application_id").fetchone()
    (version,) = db.execute("PRAGMA user_version").fetchone()
    (tables,) = db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application_id != APPLICATION_ID and (tables or application_id or version):
        raise InboxError("this file is a database of something else; give the inbox a file of its own")
    if version > VERSION:
        raise InboxError(
            f"this inbox was made by a newer tautwire (its format is {version}, this one knows {VERSION}): upgrade"
        )
    return int(version)


def migrate(db: sqlite3.Connection, version: int) -> None:
    """Bring the file from `version` to `VERSION`, each step in a transaction of its own."""
    for number in range(version, VERSION):
        db.execute("BEGIN IMMEDIATE")
        for statement in _STEPS[number]:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {number + 1}")
        db.execute("COMMIT")
