from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tautwire.cli.local.recording import recorded
from tautwire.cli.mistakes import MistakeError
from tautwire.local.journal import Journal, read


async def test_it_is_written_while_it_grows(tmp_path: Path) -> None:
    journal, path = Journal(), tmp_path / "j.jsonl"
    async with recorded(journal, str(path)):
        for number in range(3):
            journal.control("note", {"number": number})
        for _ in range(20):
            await asyncio.sleep(0)
        assert len(path.read_text("utf-8").splitlines()) == 4
        journal.control("note", {"number": 3})
    assert read(path).entries == tuple(journal)
    assert journal.is_closed
    assert path.stat().st_mode & 0o077 == 0


async def test_what_came_too_fast_is_counted(tmp_path: Path) -> None:
    journal, path = Journal(limit=2), tmp_path / "j.jsonl"
    async with recorded(journal, str(path)):
        for number in range(5):
            journal.control("note", {"number": number})
    recording = read(path)
    assert (len(recording.entries), recording.dropped) == (2, 3)


async def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(MistakeError, match=r"j cannot be written: No such file or directory\."):
        async with recorded(Journal(), str(tmp_path / "gone" / "j")):
            pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
async def test_a_full_disk_is_told_at_the_end() -> None:
    journal = Journal()
    with pytest.raises(MistakeError, match=r"full cannot be written: No space left on device\."):
        async with recorded(journal, "/dev/full"):
            journal.control("note")
