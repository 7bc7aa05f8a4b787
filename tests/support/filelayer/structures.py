"""SQLite's structures, as https://sqlite.org/c3ref/vfs.html and io_methods.html have them. Pointers are numbers."""
# ruff: noqa: N815 - the names are SQLite's

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, c_char_p, c_int, c_int64, c_void_p
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["IoMethods", "OpenFile", "Vfs", "callback"]


class OpenFile(ctypes.Structure):
    """What every open file begins with."""

    _fields_: ClassVar = [("pMethods", c_void_p)]
    pMethods: Any


class IoMethods(ctypes.Structure):
    """What can be done with an open file."""

    _fields_: ClassVar = [
        ("iVersion", c_int),
        ("xClose", c_void_p),
        ("xRead", c_void_p),
        ("xWrite", CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)),
        ("xTruncate", CFUNCTYPE(c_int, c_void_p, c_int64)),
        ("xSync", CFUNCTYPE(c_int, c_void_p, c_int)),
        *(
            (name, c_void_p)
            for name in (
                "xFileSize",
                "xLock",
                "xUnlock",
                "xCheckReservedLock",
                "xFileControl",
                "xSectorSize",
                "xDeviceCharacteristics",
                "xShmMap",
                "xShmLock",
                "xShmBarrier",
                "xShmUnmap",
                "xFetch",
                "xUnfetch",
            )
        ),
    ]
    xWrite: Any
    xTruncate: Any
    xSync: Any


class Vfs(ctypes.Structure):
    """What can be done with names."""

    _fields_: ClassVar = [
        ("iVersion", c_int),
        ("szOsFile", c_int),
        ("mxPathname", c_int),
        ("pNext", c_void_p),
        ("zName", c_char_p),
        ("pAppData", c_void_p),
        ("xOpen", CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, c_void_p)),
        ("xDelete", CFUNCTYPE(c_int, c_void_p, c_void_p, c_int)),
        *(
            (name, c_void_p)
            for name in (
                "xAccess",
                "xFullPathname",
                "xDlOpen",
                "xDlError",
                "xDlSym",
                "xDlClose",
                "xRandomness",
                "xSleep",
                "xCurrentTime",
                "xGetLastError",
                "xCurrentTimeInt64",
                "xSetSystemCall",
                "xGetSystemCall",
                "xNextSystemCall",
            )
        ),
    ]
    zName: Any
    xOpen: Any
    xDelete: Any


def callback(structure: type[ctypes.Structure], name: str, function: Callable[..., int]) -> Any:
    """`function` as what this field of the structure takes."""
    kind: Any = {each[0]: each[1] for each in structure._fields_}[name]
    return kind(function)
