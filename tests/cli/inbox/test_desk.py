"""What goes wrong before anything is done: one sentence each, and what to do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.cli import inboxes
from tautwire.errors import ConfigurationError, InboxUnavailableError
from tautwire.inbox.api import Record, Recovery
from tautwire.inbox.memory import MemoryInbox, Shelf
from tautwire.inbox.sqlite import database, schema

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS = ("status", "list", "show 1", "replay 1", "replay --all", "bury 1", "purge dead --yes", "export")
every_command = pytest.mark.parametrize("command", COMMANDS)


def test_it_has_to_be_said_which(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TAUTWIRE_INBOX")
    result = run("status")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222.\n",
    )


@every_command
def test_a_file_that_is_not_there_is_not_made(failed: Any, path: Path, command: str) -> None:
    code, said = failed(*command.split())
    assert (code, said) == (2, f"There is no inbox at {path}: the client that is to have it makes it.")
    assert list(path.parent.iterdir()) == []


def test_what_is_no_inbox_is_left_alone(failed: Any, path: Path) -> None:
    path.mkdir()
    assert failed("status")[1].endswith("is a folder: name a file in it.")
    path.rmdir()
    path.touch()
    assert failed("status") == (2, f"{path} is empty: no client has opened it yet.")
    path.write_text("Dear diary, " * 100)
    assert failed("status")[1].endswith("Move it aside, or name another file.")
    assert path.read_text() == "Dear diary, " * 100
    path.unlink()
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE cats (name TEXT)")
    db.close()
    assert "is a database of something else" in failed("purge", "dead", "--yes")[1]
    assert failed("status", "--inbox", path / "x.db")[1].endswith("make it, or name another one.")


def test_a_damaged_one(fill: Any, failed: Any, path: Path) -> None:
    fill(50)
    content = bytearray(path.read_bytes())
    content[4096 * 4 : 4096 * 12] = b"x" * 4096 * 8
    path.write_bytes(content)
    code, said = failed("list")
    assert code == 2
    assert "is damaged (" in said
    assert path.read_bytes() == content


def test_one_of_the_future(fill: Any, failed: Any, path: Path) -> None:
    fill(1)
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    db.close()
    code, said = failed("list")
    assert code == 2
    assert said.endswith(": upgrade.")


def test_one_that_somebody_else_may_read(fill: Any, failed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    monkeypatch.setattr("os.access", lambda *_: False)
    code, said = failed("list")
    assert code == 2
    assert said.endswith("is read-only for this user.")


def test_one_that_another_program_keeps_locked(
    fill: Any, failed: Any, done: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(1)
    monkeypatch.setattr(database, "_VISITORS_PATIENCE", 0.0)
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    assert failed("replay", "--all") == (1, f"Another program keeps {path} locked.")
    assert "dead" in done("status")
    db.close()


class Away(MemoryInbox):
    async def open(self) -> Recovery:
        raise InboxUnavailableError("no NATS server answers at nats://one:4222")


@every_command
def test_a_broker_that_is_away(run: Any, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setattr(inboxes, "inbox_at", lambda *_, **__: Away())
    result = run(*command.split(), "--inbox", "nats://user:secret@one:4222")
    assert (result.exit_code, result.stderr) == (1, "Error: No NATS server answers at nats://one:4222.\n")


def test_one_that_cannot_be_like_this(failed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(MemoryInbox):
        async def open(self) -> Recovery:
            raise ConfigurationError("the stream forgets after an hour: give it a day")

    monkeypatch.setattr(inboxes, "inbox_at", lambda *_, **__: Wrong())
    assert failed("status") == (2, "The stream forgets after an hour: give it a day.")


def test_a_missing_extra(failed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tautwire.inbox.jetstream", None)
    code, said = failed("status", "--inbox", "nats://user:secret@one:4222")
    assert code == 2
    assert said == 'An inbox on NATS needs an extra: pip install "tautwire[nats]".'


def test_no_password_is_shown(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inboxes, "inbox_at", lambda *_, **__: MemoryInbox())
    address = "nats://user:s3/cr@t@one:4222, tls://t0ken@two:4222/x?secret#secret"
    shown = run("status", "--inbox", address).stdout
    assert "inbox    nats://one:4222,tls://two:4222\n" in shown


def test_only_the_protocol_is_asked_for(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same commands on another store."""
    shelf = Shelf()
    monkeypatch.setattr(inboxes, "inbox_at", lambda *_, **__: Store(shelf))
    result = run("bury", 1, 2)
    assert (result.exit_code, result.stdout) == (0, "2 records buried.\n")
    assert run("replay", 1).stdout == "1 record replayed.\n"
    assert run("list").stdout.splitlines()[1].startswith("2 ")
    assert "state     stored" in run("show", 1).stdout
    assert run("export").stdout.count("\n") == 1
    assert run("purge", "dead", "--yes").stdout == "1 record purged.\n"
    assert run("replay", "--all").stdout == "0 records replayed.\n"
    assert "waiting  1\n" in run("status").stdout


class Store(MemoryInbox):
    """The reference, on a shelf that outlives it."""

    def __init__(self, shelf: Shelf) -> None:
        super().__init__(shelf=shelf)

    async def open(self) -> Recovery:
        found = await super().open()
        for number in (1, 2):
            record = Record(key=f"k{number}", type="events_api", envelope_id="e", payload=b"{}")
            self.shelf.duplicates -= (await self.put(record)).is_duplicate
        return found


def test_it_starts_without_what_it_does_not_need() -> None:
    """Neither a client's network library nor a store, until one is asked for."""
    program = "import sys; from tautwire.cli import main\ntry: main()\nfinally: print(*sys.modules)"
    command = [sys.executable, "-c", program, "inbox", "--help"]
    loaded = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    names = set(loaded.split())
    assert "tautwire.cli.inbox.exporting" in names
    assert not names & {"aiohttp", "msgspec", "nats", "tautwire.inbox.sqlite", "tautwire.inbox.jetstream"}


def test_an_old_terminal_gets_what_it_can_show(fill: Any, path: Path) -> None:
    fill(1, error="ValueError: h\u00e9llo \u65e5\u672c")
    command = [sys.executable, "-m", "tautwire", "inbox", "list", "--inbox", str(path)]
    environ = os.environ | {"PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, capture_output=True, timeout=60, check=True, env=environ)
    assert done.stdout.endswith(b"ValueError: h\xe9llo ??\n")
