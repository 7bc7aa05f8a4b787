"""A journal that is written to a file while it grows."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from tautwire.cli.files import unwritable, write_new
from tautwire.local.journal import Missed, lines

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import TextIO

    from tautwire.local.journal import Journal

__all__ = ["recorded"]


@asynccontextmanager
async def recorded(journal: Journal, path: str) -> AsyncIterator[None]:
    """For the time of the block, each entry of `journal` ends up in the file `path`; the block closes the journal.

    Raises:
        MistakeError: it cannot be written; at the end of the block, if that turned out meanwhile.
    """
    try:
        file = write_new(path)
    except OSError as error:
        raise unwritable(path, error) from None
    task = asyncio.create_task(_write(journal, file), name="local-slack-recorder")
    try:
        yield
    finally:
        journal.close()
        trouble = await _end(task, file)
        if trouble is not None:
            raise unwritable(path, trouble) from None


async def _end(task: asyncio.Task[None], file: TextIO) -> OSError | None:
    """Have everything written, and say what prevents it."""
    found = None
    try:
        await task
    except OSError as error:
        found = error
    try:
        file.close()
    except OSError as error:
        found = found or error
    return found


async def _write(journal: Journal, file: TextIO) -> None:
    file.write(f"{lines.header(names=journal.names)}\n")
    async for found in journal.follow():
        text = lines.gap(found.count) if isinstance(found, Missed) else lines.line(found)
        file.write(f"{text}\n")
        if isinstance(found, Missed) or found.number == journal.last:
            file.flush()
