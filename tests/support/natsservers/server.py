"""One server."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sysconfig
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Self

    from natsservers.security import Tls

__all__ = ["NotReadyError", "Server", "until"]

#: Seconds between two looks; a server on an idle machine is ready after a tenth of a second.
_LOOK: Final = 0.02
#: Seconds that one question to the monitoring endpoint may take; a server that is stopped never answers.
_ANSWER: Final = 2.0

_READY: Final = 20.0


class NotReadyError(AssertionError):
    """A server, or a cluster, did not come to the state that was waited for. The text ends with its last log lines."""


async def until(condition: Callable[[], Awaitable[Any]], seconds: float, what: Callable[[], str]) -> Any:
    """Wait until the condition is true, and return what it came to."""
    ends = time.monotonic() + seconds
    while not (value := await condition()):
        if time.monotonic() > ends:
            raise NotReadyError(f"not within {seconds:g} s: {what()}")
        await asyncio.sleep(_LOOK)
    return value


class Server:
    """A server with JetStream.

    `config` is text for its configuration file, as `natsservers.security` makes it for users and keys.
    `sync_interval="always"` syncs each write before it is confirmed.

    `template` is a whole configuration file instead, as an operator has it, for a node of a cluster; only addresses and
    folders are exchanged. `NATS_NAME` is in the server's environment.
    """

    def __init__(
        self,
        *,
        name: str = "one",
        config: str = "",
        sync_interval: str | None = None,
        tls: Tls | None = None,
        jetstream: bool = True,
        template: Path | None = None,
    ) -> None:
        self.name = name
        self._template = template
        self._config = config
        self._sync_interval = sync_interval
        self._tls = tls
        self._jetstream = jetstream
        self._cluster = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: list[socket.socket] = []
        self._directory: Path | None = None

    async def __aenter__(self) -> Self:
        try:
            self.prepare()
            self.launch()
            await self.ready()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    # Where it is.

    @property
    def port(self) -> int:
        """Where clients connect."""
        return self._port(0)

    @property
    def route_port(self) -> int:
        """Where the other servers of its cluster connect."""
        return self._port(2)

    @property
    def url(self) -> str:
        """What a client is given."""
        # A certificate is for a name.
        return f"nats://127.0.0.1:{self.port}" if self._tls is None else f"tls://localhost:{self.port}"

    @property
    def urls(self) -> list[str]:
        """As `Cluster.urls`: just its own."""
        return [self.url]

    @property
    def monitor(self) -> str:
        """The monitoring endpoint: `/healthz`, `/jsz`, `/varz`, `/connz`, …"""
        return f"http://127.0.0.1:{self._port(1)}"

    @property
    def store(self) -> Path:
        """Where JetStream keeps its files."""
        return self.directory / "store"

    @property
    def directory(self) -> Path:
        """Where everything is that belongs to this server alone; gone after the block."""
        assert self._directory is not None, "the server was not entered"
        return self._directory

    @property
    def log(self) -> str:
        """What it has logged, over all its lives."""
        path = self.directory / "log"
        return path.read_text() if path.exists() else ""

    @property
    def is_running(self) -> bool:
        """Whether its process is there, stopped or not."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process is not None, "the server does not run"
        return self._process.pid

    # What can be done to it.

    def kill(self) -> None:
        """`kill -9`; back when it is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """SIGSTOP: it is there, and answers nobody; back when each of its threads has stopped."""
        os.kill(self.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        """SIGCONT."""
        os.kill(self.pid, signal.SIGCONT)

    async def terminate(self, seconds: float = 20.0) -> None:
        """SIGTERM: it goes in good order."""
        assert self._process is not None, "the server does not run"
        self._process.terminate()
        await until(self._is_gone, seconds, self.last_lines)
        self._process = None

    async def restart(self, seconds: float = _READY) -> None:
        """On the same ports and store, after a kill where it still runs; back when it is ready."""
        self.launch()
        await self.ready(seconds)

    def launch(self) -> None:
        """As `restart`, without waiting."""
        self.kill()
        # Where the wheel has put it: the environment need not be activated.
        binary = shutil.which("nats-server", path=sysconfig.get_path("scripts")) or shutil.which("nats-server")
        assert binary, "there is no nats-server; it comes with the extra test"
        command = [*_dies_with_us(), binary, "--config", str(self._write_config())]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | {"NATS_NAME": self.name},
            )

    async def ready(self, seconds: float = _READY) -> None:
        """Back when it serves clients, and JetStream works (in a cluster: has caught up with the meta leader)."""
        await until(self.is_healthy, seconds, self.last_lines)

    async def is_healthy(self) -> bool:
        """Whether it says so itself."""
        if self._process is not None and self._process.poll() is not None:
            raise NotReadyError(f"it ended with {self._process.returncode}: {self.last_lines()}")
        return (await self.ask("/healthz")).get("status") == "ok"

    async def ask(self, path: str) -> dict[str, Any]:
        """What the monitoring endpoint says; empty when it says nothing."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            async with asyncio.timeout(_ANSWER):
                body = await _get("127.0.0.1", self._port(1), path)
            found = json.loads(body)
            return found if isinstance(found, dict) else {}
        return {}

    async def leader_of(self, stream: str) -> str:
        """The name of the server that leads a stream, as far as this server knows; empty when it does not."""
        for account in (await self.ask("/jsz?accounts=true&streams=true")).get("account_details") or ():
            for each in account.get("stream_detail") or ():
                if each["name"] == stream:
                    return str((each.get("cluster") or {}).get("leader") or "")
        return ""

    def last_lines(self) -> str:
        """What it has logged last, its answers to us left out."""
        lines = [line for line in self.log.splitlines() if "Healthcheck failed" not in line]
        return f"{self.name}\n" + "\n".join(lines[-20:])

    # Its beginning and end.

    def prepare(self, cluster: str = "") -> None:
        """Take ports and a directory; `cluster` is the name of the one that it is of."""
        self._cluster = cluster
        self._directory = Path(tempfile.mkdtemp(prefix="nats-"))
        self._ports = [_held_port() for _ in range(3)]
        self.route_to([])

    def route_to(self, others: Sequence[Server]) -> None:
        """Say which servers the others of its cluster are."""
        self._routes = [f"nats://127.0.0.1:{other.route_port}" for other in others]

    def close(self) -> None:
        """Leave nothing."""
        self.kill()
        for port in self._ports:
            port.close()
        self._ports = []
        if self._directory is not None:
            shutil.rmtree(self._directory)
            self._directory = None

    def _port(self, place: int) -> int:
        return int(self._ports[place].getsockname()[1])

    def _write_config(self) -> Path:
        path = self.directory / "nats.conf"
        path.write_text(self._own_config() if self._template is None else self._exchanged(self._template.read_text()))
        return path

    def _exchanged(self, text: str) -> str:
        exchanges = (
            ("listen: 0.0.0.0:4222", f"listen: 127.0.0.1:{self.port}"),
            ("http: 0.0.0.0:8222", f"http: 127.0.0.1:{self._port(1)}"),
            ("listen: 0.0.0.0:6222", f"listen: 127.0.0.1:{self.route_port}"),
            ("nats://n1:6222, nats://n2:6222, nats://n3:6222", ", ".join(self._routes)),
            ("store_dir: /data", f"store_dir: {json.dumps(str(self.store))}"),
        )
        for old, new in exchanges:
            assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        return text

    def _own_config(self) -> str:
        lines = [
            f"server_name: {self.name}",
            f"listen: 127.0.0.1:{self.port}",
            f"http: 127.0.0.1:{self._port(1)}",
        ]
        if self._jetstream:
            sync = f", sync_interval: {self._sync_interval}" if self._sync_interval else ""
            lines.append(f"jetstream {{ store_dir: {json.dumps(str(self.store))}{sync} }}")
        if self._cluster:
            routes = ", ".join(self._routes)
            where = f"listen: 127.0.0.1:{self.route_port}, routes: [{routes}]"
            lines.append(f"cluster {{ name: {self._cluster}, {where}, pool_size: -1 }}")
        if self._tls is not None:
            lines.append(self._tls.config(self.directory))
        return "\n".join([*lines, self._config, ""])

    async def _is_gone(self) -> bool:
        return self._process is None or self._process.poll() is not None


def _dies_with_us() -> list[str]:
    """What the kernel is told, where it can be: that this process must not outlive its parent."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


def _held_port() -> socket.socket:
    """A port of ours: bound and never listened on, so that the system gives it to nobody while its server is down.

    The server may listen on it all the same, since both say SO_REUSEADDR.
    """
    held = socket.socket()
    try:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
    except BaseException:
        held.close()
        raise
    return held


async def _get(host: str, port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = await reader.read()
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    return answer.partition(b"\r\n\r\n")[2]
