"""Reading what users give as a file: a path, bytes, text, or an open file. Never on the event loop."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import IO, Any

from tautwire.errors import ConfigurationError
from tautwire.web.arguments import FilePart

__all__ = ["FileSource", "encoded", "load_file"]

FileSource = str | bytes | os.PathLike[str] | IO[bytes] | IO[str]


async def load_file(source: Any, *, filename: str | None = None) -> FilePart:
    """The content and the name of `source`; a `str` is a path.

    The name is `filename` where given, else the file's own, else `Uploaded file`, which slack_sdk uses too. Raises
    `ConfigurationError` for anything that is no file, and `OSError` when it cannot be read.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return FilePart(filename or "Uploaded file", bytes(source))
    if isinstance(source, (str, os.PathLike)):
        path = Path(os.fsdecode(source))
        return FilePart(filename or path.name, await asyncio.to_thread(path.read_bytes))
    if callable(getattr(source, "read", None)):
        content = await asyncio.to_thread(source.read)
        return FilePart(filename or _own_name(source) or "Uploaded file", _bytes_of(content))
    raise ConfigurationError(f"a file is given as a path, bytes, or an open file, not as {type(source).__name__}")


def encoded(text: str) -> bytes:
    """`text` in UTF-8; raises `ConfigurationError` for a lone surrogate, without showing the text."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        pass
    # Outside the handler: the encoder's error holds the whole text.
    raise ConfigurationError("the file's text holds a lone surrogate; give it as bytes")


def _bytes_of(content: Any) -> bytes:
    if isinstance(content, str):
        return encoded(content)
    if isinstance(content, (bytes, bytearray)):
        return bytes(content)
    raise ConfigurationError(f"the file's read() gave {type(content).__name__} instead of bytes or text")


def _own_name(source: Any) -> str:
    name = getattr(source, "name", None)
    return Path(name).name if isinstance(name, str) else ""
