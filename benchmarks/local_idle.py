"""What idle connections cost the local Slack: a server in a process of its own, clients here, its memory in between.

    python benchmarks/local_idle.py --connections 1000

The server counts its resident memory before anybody comes, with everybody connected and pinged once, and again with
everybody gone. Clients are bare sockets: what they cost is not the question.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tautwire.local import LocalSlack

_STATUS = Path("/proc/self/status")
_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
#: Handshakes under way at the same time; a listening socket's queue holds about as many.
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Cost:
    """Resident bytes of the server's process."""

    connections: int
    alone: int
    connected: int
    afterwards: int

    @property
    def each(self) -> float:
        """Bytes that one more connection costs."""
        return (self.connected - self.alone) / self.connections

    def __str__(self) -> str:
        mega = 1024 * 1024
        return (
            f"{self.connections} idle connections: {self.connected / mega:.1f} MiB resident, of which "
            f"{self.alone / mega:.1f} without any; {self.each / 1024:.1f} KiB each; "
            f"{self.afterwards / mega:.1f} MiB when they are gone"
        )


def resident() -> int:
    """Bytes of this process in memory; where the system does not say, the most there ever were."""
    if _STATUS.exists():
        for line in _STATUS.read_text("ascii", "replace").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def allow_sockets(count: int) -> None:
    """Raise this process's limit of open files, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + 100
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


async def serve(count: int) -> None:
    """The server's process: one JSON line at each stage; each line on standard input calls for the next."""
    async with LocalSlack(max_connections=count, ping_interval=0.5) as slack:
        alone = resident()
        print(json.dumps({"port": slack.port, "urls": [slack.websocket_url() for _ in range(count)]}), flush=True)
        await slack.wait_for(
            lambda slack: len(slack.ready) == count and all(each.counts["pongs"] for each in slack.ready), timeout=300
        )
        connected = resident()
        print(json.dumps({"alone": alone, "connected": connected}), flush=True)
        await slack.wait_for(lambda slack: not slack.sessions, timeout=300)
        print(json.dumps({"afterwards": resident()}), flush=True)


async def connect(port: int, url: str) -> asyncio.StreamWriter:
    """A client that answers one ping and then leaves everything where it is."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(_HANDSHAKE.format(path=url.split(str(port), 1)[1], port=port).encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    if not answer.startswith(b"HTTP/1.1 101"):
        raise ConnectionError(answer.decode("latin-1").splitlines()[0])
    size = (await reader.readexactly(2))[1]
    await reader.readexactly(int.from_bytes(await reader.readexactly(2)) if size == 126 else size)
    writer.write(b"\x8a\x80\0\0\0\0")
    return writer


async def measure(count: int) -> Cost:
    """Start a server, connect `count` clients, ask it what that costs."""
    allow_sockets(count)
    server = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", str(count), stdout=subprocess.PIPE, limit=64 * 1024 * 1024
    )
    assert server.stdout is not None
    writers: list[asyncio.StreamWriter] = []
    try:
        start = json.loads(await server.stdout.readline())
        for first in range(0, count, _AT_ONCE):
            urls = start["urls"][first : first + _AT_ONCE]
            writers += await asyncio.gather(*(connect(start["port"], url) for url in urls))
        costs = json.loads(await server.stdout.readline())
        for writer in writers:
            writer.close()
        costs |= json.loads(await server.stdout.readline())
        await server.wait()
    finally:
        for writer in writers:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)
        with contextlib.suppress(ProcessLookupError):
            server.kill()
        await server.wait()
    return Cost(count, costs["alone"], costs["connected"], costs["afterwards"])


def main() -> None:
    parser = argparse.ArgumentParser(description="What idle connections cost the local Slack.")
    parser.add_argument("--connections", type=int, default=1000, help="how many (1000)")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        allow_sockets(given.serve)
        asyncio.run(serve(given.serve))
    else:
        print(asyncio.run(measure(given.connections)))


if __name__ == "__main__":
    main()
