"""The nursery's own process: one child for each line of its standard input."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["nurse"]


def nurse(kind: type[Any], live: Callable[[Any], Awaitable[int | None]]) -> None:
    """Fork a child for each `kind` of life that is read; it lives it, and ends with the code that comes back."""
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        life = kind(**json.loads(line))
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            _be(life, live)
        _say("born", pid)
        if life.kill_after is not None:
            time.sleep(max(0.0, began + life.kill_after - time.monotonic()))
            os.kill(pid, signal.SIGKILL)  # One that has ended by itself is still there to be waited for.
        _, status = os.waitpid(pid, 0)
        _say("gone", os.waitstatus_to_exitcode(status))


def _say(what: str, number: int) -> None:
    os.write(1, f"{what} {number}\n".encode())


def _be(life: Any, live: Callable[[Any], Awaitable[int | None]]) -> None:
    """The whole of a child's process."""
    code = 1
    try:
        code = asyncio.run(_lived(life, live))
    except BaseException:  # noqa: BLE001  whatever it is, this process ends here
        traceback.print_exc()
    finally:
        os._exit(code)


async def _lived(life: Any, live: Callable[[Any], Awaitable[int | None]]) -> int:
    return await live(life) or 0
