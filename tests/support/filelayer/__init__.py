"""A layer between SQLite and its files that sees each write and each sync, can refuse them, and knows what a power cut
would leave.

SQLite's own interface to the system (a VFS, https://sqlite.org/vfs.html), patched through ctypes: no compiler, no root,
and the very SQLite that the standard library uses. Works where that is a shared library, which `library()` finds out.
"""

from __future__ import annotations

import ctypes
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelayer.structures import IoMethods, OpenFile, Vfs, callback

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

__all__ = ["Cut", "Layer", "Step", "library", "watched"]

MAPS = Path("/proc/self/maps")
SECTOR = 512


@dataclass(frozen=True, slots=True)
class Step:
    """One call: `write` (`data` at `offset`), `truncate` (to `offset`), `sync`, `delete`; `folder` syncs that."""

    what: str
    path: str
    offset: int = 0
    data: bytes = b""


@dataclass(slots=True)
class Layer:
    """What was done so far, and what is refused."""

    steps: list[Step] = field(default_factory=list)
    #: Asked before each step is done; a result code of SQLite's other than 0 is its answer instead.
    verdict: Callable[[Step], int] = lambda step: 0
    _paths: dict[int, str] = field(default_factory=dict)
    _methods: dict[int, IoMethods] = field(default_factory=dict)
    _kept: list[Any] = field(default_factory=list)

    def sync_folder(self) -> None:
        """The names in the folder are on the disk."""
        self.steps.append(Step("folder", ""))

    def _decide(self, step: Step) -> int:
        code = self.verdict(step)
        if code == 0:
            self.steps.append(step)
        return code

    def _patched(self, address: int) -> IoMethods:
        """The methods at `address`, with ours before those that change files."""
        if address in self._methods:
            return self._methods[address]
        theirs = IoMethods.from_address(address)
        ours = IoMethods()
        ctypes.pointer(ours)[0] = theirs

        def write(file: int, data: int, size: int, offset: int) -> int:
            step = Step("write", self._paths[file], offset, ctypes.string_at(data, size))
            return self._decide(step) or int(theirs.xWrite(file, data, size, offset))

        def truncate(file: int, size: int) -> int:
            return self._decide(Step("truncate", self._paths[file], size)) or int(theirs.xTruncate(file, size))

        def sync(file: int, flags: int) -> int:
            return self._decide(Step("sync", self._paths[file])) or int(theirs.xSync(file, flags))

        ours.xWrite, ours.xTruncate, ours.xSync = (
            callback(IoMethods, name, function)
            for name, function in (("xWrite", write), ("xTruncate", truncate), ("xSync", sync))
        )
        self._methods[address] = ours
        return ours

    def over(self, below: Vfs) -> Vfs:
        """`below` with this before it."""
        ours = Vfs()
        ctypes.pointer(ours)[0] = below
        name = b"layer"
        ours.zName = name

        def open_(_: int, path: int, file: int, flags: int, out: int) -> int:
            code = int(below.xOpen(ctypes.addressof(below), path, file, flags, out))
            opened = OpenFile.from_address(file)
            if code == 0 and opened.pMethods:
                self._paths[file] = ctypes.string_at(path).decode() if path else ""
                opened.pMethods = ctypes.addressof(self._patched(opened.pMethods))
            return code

        def delete(_: int, path: int, syncs: int) -> int:
            step = Step("delete", ctypes.string_at(path).decode())
            code = self._decide(step) or int(below.xDelete(ctypes.addressof(below), path, syncs))
            if code == 0 and syncs:
                self.sync_folder()
            return code

        ours.xOpen, ours.xDelete = callback(Vfs, "xOpen", open_), callback(Vfs, "xDelete", delete)
        self._kept += [name, ours, below]
        return ours


class Cut:
    """What is on the disk when the power fails after some steps.

    What was synced is there. Of what was written since, each part may have reached the disk or not, in any order, and
    the last one in part. A file that was deleted may be there again, as long as its folder was not synced; one that was
    made is certain once it was synced itself, since SQLite syncs the folder then.
    """

    def __init__(self, steps: list[Step]) -> None:
        self.durable: dict[str, bytearray] = {}
        self._pending: dict[str, list[Step]] = {}
        for step in steps:
            if step.what == "folder":
                self._forget_deleted()
            elif step.what == "sync":
                self._sync(step.path)
            else:
                self._pending.setdefault(step.path, []).append(step)

    def _sync(self, path: str) -> None:
        content = self.durable.get(path, bytearray())
        for step in self._pending.pop(path, []):
            content = _apply(content, step)
        self.durable[path] = content

    def _forget_deleted(self) -> None:
        for path, pending in self._pending.items():
            deletes = [place for place, step in enumerate(pending) if step.what == "delete"]
            if deletes:
                self.durable.pop(path, None)
                del pending[: deletes[-1] + 1]

    def left(self, chance: random.Random, share: float) -> dict[str, bytes]:
        """The files, with about this share of what was not synced."""
        files: dict[str, bytes] = {}
        for path in {**self.durable, **self._pending}:
            content = bytearray(self.durable.get(path, b""))
            exists = path in self.durable
            for step in self._pending.get(path, []):
                if chance.random() < share:
                    content = _apply(content, _torn(step, chance))
                    exists = step.what != "delete"
            if exists:
                files[path] = bytes(content)
        return files


def _apply(content: bytearray, step: Step) -> bytearray:
    if step.what == "delete":
        return bytearray()
    content.extend(bytes(max(0, step.offset - len(content))))
    if step.what == "truncate":
        return content[: step.offset]
    content[step.offset : step.offset + len(step.data)] = step.data
    return content


def _torn(step: Step, chance: random.Random) -> Step:
    """Now and then not all of its sectors."""
    if step.what != "write" or chance.random() < 0.8:
        return step
    sectors = chance.randrange(len(step.data) // SECTOR + 1)
    return Step(step.what, step.path, step.offset, step.data[: sectors * SECTOR])


def library() -> ctypes.CDLL | None:
    """The SQLite of the standard library; `None` where it cannot be reached from here."""
    sqlite3.connect(":memory:").close()
    if not MAPS.exists():
        return None
    names = {line.split()[-1] for line in MAPS.read_text().splitlines() if "/libsqlite3" in line}
    return ctypes.CDLL(names.pop()) if len(names) == 1 else None


@contextmanager
def watched(sqlite: ctypes.CDLL) -> Iterator[Layer]:
    """Every connection that is opened meanwhile goes through the layer."""
    sqlite.sqlite3_vfs_find.restype = ctypes.c_void_p
    sqlite.sqlite3_vfs_register.argtypes = [ctypes.c_void_p, ctypes.c_int]
    sqlite.sqlite3_vfs_unregister.argtypes = [ctypes.c_void_p]
    below = Vfs.from_address(sqlite.sqlite3_vfs_find(None))
    layer = Layer()
    ours = layer.over(below)
    sqlite.sqlite3_vfs_register(ctypes.addressof(ours), 1)
    try:
        yield layer
    finally:
        sqlite.sqlite3_vfs_unregister(ctypes.addressof(ours))
        sqlite.sqlite3_vfs_register(ctypes.addressof(below), 1)
