"""Files that a command reads and writes, with one sentence for what cannot be."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["check_place", "read_bytes", "read_text", "unwritable", "write_new", "write_whole"]

#: Of a text: a workspace with its files in it has far less, and /dev/zero has more.
_LARGEST: Final = 256 * 2**20


def read_bytes(path: str, most: int) -> bytes:
    """A file of at most `most` bytes. Raises `MistakeError`."""
    try:
        with Path(path).open("rb") as file:
            found = file.read(most + 1)
    except OSError as error:
        raise MistakeError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise MistakeError(f"{path!r} is no path.") from None
    if len(found) > most:
        raise MistakeError(f"{path} is too large: this takes {most // 2**20} MiB at most.")
    return found


def read_text(path: str) -> str:
    """The text of a file. Raises `MistakeError`."""
    try:
        # As a file in text mode has it, whatever wrote its lines.
        return read_bytes(path, _LARGEST).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise MistakeError(f"{path} cannot be read: it is no UTF-8 text.") from None


def check_place(path: str) -> None:
    """Raise `MistakeError` for a path where nothing can be written later, as far as that can be seen now."""
    place = Path(path)
    if place.is_dir():
        raise MistakeError(f"{path} cannot be written: it is a directory.")
    if not place.parent.is_dir():
        raise MistakeError(f"{path} cannot be written: there is no directory {place.parent}.")


def write_whole(path: str, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile finds the old one. Raises `MistakeError`.

    What leads to a file still leads there, and what is none (a pipe, a terminal) is written to as it stands.
    """
    place = Path(os.path.realpath(path))
    try:
        if place.exists() and not place.is_file():
            with write_new(str(place)) as stream:
                stream.write(text)
        else:
            _replace(place, text)
    except OSError as error:
        raise unwritable(path, error) from None


def _replace(place: Path, text: str) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with write_new(str(beside), "x") as file:
            if place.exists():
                beside.chmod(place.stat().st_mode & 0o777)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def write_new(path: str, mode: Literal["w", "x"] = "w") -> TextIO:
    """A text file to write to. If it is new, only its owner reads it: it has tokens in it, and what people said."""
    return open(path, mode, encoding="utf-8", newline="\n", opener=_ours)


def _ours(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def unwritable(path: str, error: OSError) -> MistakeError:
    """The sentence for a file that cannot be written."""
    return MistakeError(f"{path} cannot be written: {error.strerror}.")
