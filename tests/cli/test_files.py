from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tautwire.cli.files import check_place, read_bytes, read_text, write_whole
from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    write_whole(str(place), "one\n")
    write_whole(str(place), "tw\xf6\n")
    assert read_text(str(place)) == "tw\xf6\n"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    place = tmp_path / "a.json"
    place.write_text("before")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(MistakeError, match=r"a\.json cannot be written: No space left on device\."):
        write_whole(str(place), "after")
    assert place.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    check_place(str(tmp_path / "new.json"))
    with pytest.raises(MistakeError, match="it is a directory"):
        check_place(str(tmp_path))
    with pytest.raises(MistakeError, match=r"there is no directory .*gone\."):
        check_place(str(tmp_path / "gone" / "new.json"))


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MistakeError, match=r"gone cannot be read: No such file or directory\."):
        read_text(str(tmp_path / "gone"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(MistakeError, match=r"binary cannot be read: it is no UTF-8 text\."):
        read_text(str(tmp_path / "binary"))


def test_what_leads_to_a_file_still_leads_there(tmp_path: Path) -> None:
    place, link = tmp_path / "a.json", tmp_path / "link"
    place.write_text("before")
    link.symlink_to(place)
    write_whole(str(link), "after")
    assert link.is_symlink()
    assert place.read_text() == "after"


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        found = pool.submit(pipe.read_text)
        write_whole(str(pipe), "hello")
        assert found.result(timeout=5) == "hello"
    assert pipe.is_fifo()


@pytest.mark.skipif(os.name != "posix", reason="has no such modes")
def test_only_its_owner_reads_a_new_file(tmp_path: Path) -> None:
    place = tmp_path / "a.json"
    write_whole(str(place), "one")
    assert place.stat().st_mode & 0o777 == 0o600
    place.chmod(0o644)
    write_whole(str(place), "two")
    assert place.stat().st_mode & 0o777 == 0o644


def test_what_is_too_large(tmp_path: Path) -> None:
    place = tmp_path / "a"
    place.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(MistakeError, match=r"a is too large: this takes 1 MiB at most\."):
        read_bytes(str(place), 2**20)
    assert len(read_bytes(str(place), 2**20 + 1)) == 2**20 + 1
