from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import Sequence

PAYLOAD = json.dumps({"text": "h\u00e9 \u2028\U0001f600", "n": [1.5, 10**30]}).encode()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "dead.jsonl"


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.split("\n") if line]


def test_payloads_go_into_a_file_of_its_owners_alone(fill: Any, done: Any, told: Any, file: Path) -> None:
    fill(120, 1, payload=PAYLOAD)
    assert done("export", "--output", file) == f"120 records in {file}\n"
    found = lines(file.read_text("utf-8"))
    assert [shape.pop("payload") for shape in found] == [json.loads(PAYLOAD)] * 120
    assert found == told("list", "--limit", 200)
    assert file.stat().st_mode & 0o777 == 0o600 or os.name != "posix"
    assert told("export", "stored", "--output", file, "--overwrite") == [{"exported": 1, "file": str(file)}]
    assert len(lines(file.read_text("utf-8"))) == 1
    assert list(file.parent.iterdir()) == [file]


def test_standard_output_without_a_file(fill: Any, done: Any) -> None:
    fill(3)
    assert [shape["id"] for shape in lines(done("export"))] == ["1", "2", "3"]
    assert [shape["id"] for shape in lines(done("export", "--output", "-", "--after", 1))] == ["2", "3"]
    assert done("export", "--older-than", "1h", "--json") == ""
    assert done("export", "leased") == ""


def test_what_is_there_is_not_overwritten_without_a_word(fill: Any, failed: Any, file: Path) -> None:
    fill(1)
    file.write_text("mine")
    assert failed("export", "--output", file) == (
        2,
        f"{file} is there already: name another file, or give --overwrite.",
    )
    assert file.read_text() == "mine"


@pytest.mark.parametrize("trouble", [FileExistsError(errno.EEXIST, "x"), OSError(errno.EPERM, "no links here")])
def test_nor_what_has_come_to_be_there(
    fill: Any, failed: Any, done: Any, file: Path, monkeypatch: pytest.MonkeyPatch, trouble: OSError
) -> None:
    fill(1)

    def hardlink_to(place: Path, _: Path) -> None:
        place.write_text("somebody else's")
        raise trouble

    with monkeypatch.context() as patch:
        patch.setattr(Path, "hardlink_to", hardlink_to)
        code, said = failed("export", "--output", file)
    assert (code, "is there already" in said) == (2, True)
    assert file.read_text() == "somebody else's"
    assert list(file.parent.iterdir()) == [file]


def test_a_disk_without_links(fill: Any, done: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)

    def hardlink_to(*_: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", hardlink_to)
    done("export", "--output", file)
    assert len(lines(file.read_text("utf-8"))) == 1
    assert list(file.parent.iterdir()) == [file]


def test_where_nothing_can_be_written(fill: Any, failed: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(1)
    assert failed("export", "--output", file.parent) == (2, f"{file.parent} cannot be written: it is a directory.")
    code, said = failed("export", "--output", file / "x")
    assert (code, "there is no directory" in said) == (2, True)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert failed("export", "--output", file) == (2, f"{file} cannot be written: No space left on device.")
    assert list(file.parent.iterdir()) == []


def test_ctrl_c_leaves_no_file(fill: Any, run: Any, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(60)
    listed = SqliteInbox.list

    async def interrupted(inbox: SqliteInbox, *args: Any, after: str = "", **more: Any) -> Sequence[Any]:
        if after:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        return await listed(inbox, *args, after=after, **more)

    monkeypatch.setattr(SqliteInbox, "list", interrupted)
    result = run("export", "--output", file)
    assert (result.exit_code, result.stdout, result.stderr) == (130, "", "Stopped: the file is not there.\n")
    assert list(file.parent.iterdir()) == []
    result = run("export")
    assert (result.exit_code, len(lines(result.stdout)), result.stderr) == (130, 50, "Stopped.\n")


@pytest.mark.skipif(os.name != "posix", reason="has no such pipes")
def test_a_pipe_is_written_to_and_stays_one(fill: Any, done: Any, file: Path) -> None:
    fill(2)
    os.mkfifo(file)
    reader = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
    done("export", "--output", file)
    assert len(lines(os.read(reader, 1 << 16).decode())) == 2
    os.close(reader)
    assert file.is_fifo()


def test_a_terminal_shows_payloads_only_where_it_is_told_to(fill: Any, terminal: Any) -> None:
    fill(1)
    code, shown = terminal("export")
    assert (code, "hush" in shown) == (2, False)
    code, shown = terminal("export", "--output", "-", columns=400)
    assert (code, "hush" in shown) == (0, True)


@pytest.mark.skipif(os.name != "posix", reason="a shell of another kind")
@pytest.mark.parametrize("what", ["export", "list --json --limit 5000", "list --limit 5000"])
def test_a_reader_that_goes_away_is_nothing_to_speak_of(fill: Any, path: Path, what: str) -> None:
    fill(2000)
    line = f'"$0" -m tautwire inbox {what} --inbox "$1" | head -n 1'
    command = ["sh", "-c", line, sys.executable, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (0, 1, "")


@pytest.mark.parametrize("end", ["", "-wal", "-shm", ".lock"])
def test_not_over_the_inbox_itself(fill: Any, failed: Any, told: Any, path: Path, end: str) -> None:
    fill(1)
    link = path.with_name("link")
    link.symlink_to(f"{path.name}{end}")
    for place in (f"{path}{end}", f"{path.parent}/./{path.name}{end}", link):
        assert failed("export", "--output", place, "--overwrite") == (
            2,
            f"{place} belongs to the inbox itself: name another file.",
        )
    assert [shape["id"] for shape in told("list")] == ["1"]
