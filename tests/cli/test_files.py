from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tautwire.cli.files import check_place, read_text, write_whole
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
