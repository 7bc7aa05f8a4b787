"""Files that a command reads and writes, with one sentence for what cannot be."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from tautwire.cli.mistakes import MistakeError

__all__ = ["check_place", "read_text", "unwritable", "write_whole"]


def read_text(path: str) -> str:
    """The text of a file. Raises `MistakeError`."""
    try:
        return Path(path).read_text("utf-8")
    except OSError as error:
        raise MistakeError(f"{path} cannot be read: {error.strerror}.") from None
    except ValueError:
        raise MistakeError(f"{path} cannot be read: it is no UTF-8 text.") from None


def check_place(path: str) -> None:
    """Raise `MistakeError` for a path where nothing can be written later, as far as that can be seen now."""
    place = Path(path)
    if place.is_dir():
        raise MistakeError(f"{path} cannot be written: it is a directory.")
    if not place.parent.is_dir():
        raise MistakeError(f"{path} cannot be written: there is no directory {place.parent}.")


def write_whole(path: str, text: str) -> None:
    """Write a file whole or not at all: whoever reads it meanwhile finds the old one. Raises `MistakeError`."""
    place = Path(path)
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with beside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(place)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise unwritable(path, error) from None


def unwritable(path: str, error: OSError) -> MistakeError:
    """The sentence for a file that cannot be written."""
    return MistakeError(f"{path} cannot be written: {error.strerror}.")
