"""Commands on inboxes in files, whether another process works with them or not."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tautwire.cli.program import program
from tautwire.inbox.api import Record, State
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    Work = Callable[[SqliteInbox], Awaitable[Any]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def owner(path: Path) -> Callable[[Work], Any]:
    """Does something as the client that has the inbox, which ends then."""

    def do(work: Work, **options: Any) -> Any:
        async def within() -> Any:
            async with SqliteInbox(path, **options) as inbox:
                return await work(inbox)

        return asyncio.run(within())

    return do


@pytest.fixture
def fill(owner: Any) -> Callable[..., None]:
    """So many dead records, the ids of which are 1, 2, 3 …, and some that wait behind them."""

    def do(dead: int, waiting: int = 0, *, payload: bytes = b'{"text": "hush"}', error: str = "ValueError: no") -> None:
        async def work(inbox: SqliteInbox) -> None:
            for start in range(0, dead + waiting, 1000):
                numbers = range(start, min(start + 1000, dead + waiting))
                await asyncio.gather(*(inbox.put(_record(number, payload)) for number in numbers))
            ids = [stored.id for stored in await inbox.list(State.STORED, limit=dead)]
            assert await inbox.give_up(ids, error=error) == dead

        owner(work, max_waiting=dead + waiting + 1)

    return do


def _record(number: int, payload: bytes) -> Record:
    return Record(key=f"A1/T1/Ev{number}", type="events_api", envelope_id=f"e-{number}", payload=payload)


@pytest.fixture
def run(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`tautwire inbox …` on that file."""
    monkeypatch.setenv("TAUTWIRE_INBOX", str(path))
    return lambda *args: CliRunner().invoke(program, ["inbox", *map(str, args)])


@pytest.fixture
def done(run: Any) -> Callable[..., str]:
    """The same; what it says, once it went well."""

    def do(*args: object) -> str:
        result = run(*args)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return str(result.stdout)

    return do


@pytest.fixture
def told(done: Any) -> Callable[..., list[Any]]:
    """The same with `--json`; the lines of it."""
    return lambda *args: [json.loads(line) for line in done(*args, "--json").splitlines()]


@pytest.fixture
def failed(run: Any) -> Callable[..., tuple[int, str]]:
    """The exit code and the sentence, which is one, of what went wrong."""

    def do(*args: object) -> tuple[int, str]:
        result = run(*args)
        assert result.stderr.startswith("Error: "), result.output
        assert result.stderr.endswith(".\n")
        assert result.stderr.count("\n") == 1
        return result.exit_code, result.stderr.removeprefix("Error: ").rstrip("\n")

    return do


@pytest.fixture
def terminal(path: Path) -> Callable[..., tuple[int, str]]:
    """`tautwire inbox …` on a terminal of so many columns, with `keys` typed; its exit code, and what it shows."""
    pty = pytest.importorskip("pty")

    def do(*args: object, columns: int = 80, keys: str = "") -> tuple[int, str]:
        ours, theirs = pty.openpty()
        environ = os.environ | {"TAUTWIRE_INBOX": str(path), "COLUMNS": str(columns), "TERM": "xterm"}
        command = [sys.executable, "-m", "tautwire", "inbox", *map(str, args)]
        with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ) as process:
            os.close(theirs)
            os.write(ours, keys.encode())
            shown = b""
            while chunk := _read(ours):
                shown += chunk
            os.close(ours)
            return process.wait(60), shown.decode().replace("\r\n", "\n")

    return do


def _read(file: int) -> bytes:
    try:
        return os.read(file, 4096)
    except OSError:  # What Linux says of a terminal that nobody has open any more.
        return b""
