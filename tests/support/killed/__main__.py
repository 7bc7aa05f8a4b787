"""The nursery's own process: one child for each line of its standard input."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from killed import Life
from killed.child import live, say


def main() -> None:
    for line in sys.stdin:
        life = Life(**json.loads(line))
        pid = os.fork()
        if pid == 0:
            say("born", os.getpid())
            asyncio.run(live(life))
            os._exit(0)
        _, status = os.waitpid(pid, 0)
        say("gone", os.waitstatus_to_exitcode(status))


main()
