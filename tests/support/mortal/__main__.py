"""The nursery's own process: one client for each line of its standard input."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
import traceback

from mortal import Life
from mortal.client import live


def say(what: str, number: int) -> None:
    os.write(1, f"{what} {number}\n".encode())


def be(life: Life) -> None:
    """The whole of a client's process."""
    code = 1
    try:
        asyncio.run(live(life))
        code = 0
    except BaseException:  # noqa: BLE001  whatever it is, this process ends here
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        life = Life(**json.loads(line))
        began = time.monotonic()
        pid = os.fork()
        if pid == 0:
            be(life)
        say("born", pid)
        if life.kill_after is not None:
            time.sleep(max(0.0, began + life.kill_after - time.monotonic()))
            os.kill(pid, signal.SIGKILL)  # One that has ended by itself is still there to be waited for.
        _, status = os.waitpid(pid, 0)
        say("gone", os.waitstatus_to_exitcode(status))


main()
