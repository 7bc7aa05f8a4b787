"""What an inbox costs a client: events a second and CPU per event, with the inbox and in memory, one after the other.

    python benchmarks/inbox_delivery.py --folder . --rounds 5

Slack's side is a process of its own: the local Slack, or, with `--bare`, a WebSocket that does as little as it can, so
that nothing but the client is measured. It keeps a window of un-acked events full, or sends at a steady pace. The file
is made in a folder of its own, which should be on the disk that is meant. With `--waiting`, so many records are in the
file before the client starts, and how long that takes is told.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

from aiohttp import web

from inbox import fill
from tautwire import AsyncWebClient, SocketModeClient, SocketModeResponse, SqliteInbox, facts
from tautwire.local import LocalSlack
from tautwire.local.tokens import LOCAL_APP_TOKEN

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Bytes of an event's text: a message event of Slack's has 1 to 3 KB.
SIZE = 1_500


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds of one run; `cpu_per_event` are those of the client's process."""

    per_second: float
    cpu_per_event: float
    p50: float
    p99: float
    worst: float


# Slack's side, in a process of its own.


def envelope(number: int) -> str:
    event = {"type": "message", "channel": "C0GENERAL", "user": "U0ANN", "ts": f"{number}.0001", "text": "x" * SIZE}
    payload = {"type": "event_callback", "event_id": f"Ev{number:09X}", "api_app_id": "A0", "team_id": "T0"}
    return json.dumps(
        {
            "type": "events_api",
            "envelope_id": f"0b1e2c3d-{number:012d}",
            "payload": payload | {"event": event},
            "accepts_response_payload": False,
            "retry_attempt": 0,
            "retry_reason": "",
        }
    )


class Slack:
    """Sends what it is told to on the newest connection, and says how soon the acks came."""

    def __init__(self) -> None:
        self._socket: web.WebSocketResponse | None = None
        self._came = asyncio.Event()
        self._sent: dict[str, float] = {}
        self._waits: list[float] = []
        self._number = 0
        self._room = asyncio.Event()

    async def open(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True, "url": f"ws://127.0.0.1:{request.url.port}/link"})

    async def link(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        info = {"type": "hello", "num_connections": 1, "connection_info": {"app_id": "A0"}}
        await socket.send_str(json.dumps(info))
        self._socket = socket
        self._came.set()
        async for message in socket:
            began = self._sent.pop(json.loads(message.data)["envelope_id"])
            self._waits.append(perf_counter() - began)
            self._room.set()
        self._came.clear()
        return socket

    async def _send(self) -> None:
        assert self._socket is not None
        self._number += 1
        self._sent[f"0b1e2c3d-{self._number:012d}"] = perf_counter()
        await self._socket.send_str(envelope(self._number))

    async def _until(self, most: int) -> None:
        while len(self._sent) > most:
            self._room.clear()
            await self._room.wait()

    async def perform(self, events: int, window: int, pace: float) -> dict[str, Any]:
        """So many events, with a full window, or, with a pace, so many a second."""
        await self._came.wait()
        self._waits.clear()
        began = perf_counter()
        for place in range(events):
            if pace:
                await asyncio.sleep(max(0.0, began + place / pace - perf_counter()))
            else:
                await self._until(window - 1)
            await self._send()
        await self._until(0)
        seconds, waits = perf_counter() - began, sorted(self._waits)
        return {"seconds": seconds, "p50": waits[events // 2], "p99": waits[events * 99 // 100], "worst": waits[-1]}


class Local:
    """The same with the local Slack."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    async def perform(self, events: int, window: int, pace: float) -> dict[str, Any]:
        slack = self._slack
        await slack.wait_for(lambda slack: slack.ready)
        began, sent = perf_counter(), []
        for place in range(events):
            if pace:
                await asyncio.sleep(max(0.0, began + place / pace - perf_counter()))
            elif slack.ledger.in_flight >= window:
                await slack.wait_for(lambda slack: slack.ledger.in_flight < window)
            sent.append(slack.send_event("message", text="x" * SIZE))
        await slack.settled()
        seconds = perf_counter() - began
        waits = sorted(each.attempts[-1].latency or 0.0 for each in sent)
        return {"seconds": seconds, "p50": waits[events // 2], "p99": waits[events * 99 // 100], "worst": waits[-1]}


async def obey(slack: Slack | Local, port: int) -> None:
    """An order on each line of standard input; what came of it on a line of standard output."""
    print(port, flush=True)
    while line := await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(await slack.perform(**json.loads(line))), flush=True)


async def be_slack(kind: str) -> None:
    if kind == "local":
        async with LocalSlack() as local:
            await obey(Local(local), local.port)
        return
    slack, app = Slack(), web.Application()
    app.router.add_post("/api/apps.connections.open", slack.open)
    app.router.add_get("/link", slack.link)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await obey(slack, runner.addresses[0][1])
    await runner.cleanup()


class Far:
    """Slack's side, seen from here."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process, self.port = process, port

    async def perform(self, events: int, *, window: int = 100, pace: float = 0.0) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"events": events, "window": window, "pace": pace}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        result: dict[str, Any] = json.loads(await self._process.stdout.readline())
        return result


@contextlib.asynccontextmanager
async def far(kind: str) -> AsyncIterator[Far]:
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, __file__, "--be-slack", kind)
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Far(process, int(await process.stdout.readline()))
    finally:
        process.stdin.close()
        await process.wait()


# The client's.


class Handled:
    """An observer that counts what has been handled to its end."""

    def __init__(self) -> None:
        self.count = 0
        self._goal, self._reached = 0, asyncio.Event()

    def __call__(self, fact: Any) -> None:
        if isinstance(fact, facts.Handled):
            self.count += 1
            if self.count == self._goal:
                self._reached.set()

    async def until(self, count: int) -> None:
        self._goal, self._reached = count, asyncio.Event()
        if self.count < count:
            await self._reached.wait()


@contextlib.asynccontextmanager
async def client(slack: Far, path: Path | None, handled: Handled) -> AsyncIterator[SocketModeClient]:
    """Connected; in memory without a path."""
    async with AsyncWebClient(base_url=f"http://127.0.0.1:{slack.port}/api/") as web_client:
        inbox = SqliteInbox(path, max_waiting=10**9, max_bytes=1 << 40) if path else None
        made = SocketModeClient(LOCAL_APP_TOKEN, web_client=web_client, inbox=inbox, observers=[handled])
        made.socket_mode_request_listeners.append(listen)
        try:
            yield made
        finally:
            await made.close()


async def listen(client: Any, request: Any) -> None:
    await client.send_socket_mode_response(SocketModeResponse(request.envelope_id))


async def run(slack: Far, path: Path | None, events: int, *, pace: float = 0.0) -> Run:
    handled = Handled()
    async with client(slack, path, handled) as made:
        await made.connect()
        await made.wait_until_ready(5)
        await slack.perform(200)  # What is done for the first time is slow.
        cpu = process_time()
        told = await slack.perform(events, pace=pace)
        if path is not None:
            await handled.until(200 + events)
        cpu = process_time() - cpu
    return Run(events / told["seconds"], cpu / events, told["p50"], told["p99"], told["worst"])


async def start(slack: Far, path: Path, waiting: int) -> dict[str, float]:
    """How long a client takes to be connected with a file in which so much waits, and to be through with it."""
    async with SqliteInbox(path, max_waiting=10**9, max_bytes=1 << 40):
        pass
    fill(path, 0, waiting, payload=envelope(0).encode())
    handled, began = Handled(), perf_counter()
    async with client(slack, path, handled) as made:
        await made.connect()
        connected = perf_counter() - began
        await handled.until(1)
        first = perf_counter() - began
        told = await slack.perform(500, pace=500)  # What comes in meanwhile is acked as ever.
        await handled.until(waiting)
        through = perf_counter() - began
    return {
        "waiting": waiting,
        "connected_seconds": connected,
        "first_handled_seconds": first,
        "through_seconds": through,
        "ack_p99_meanwhile": told["p99"],
    }


def summed(memory: list[Run], durable: list[Run]) -> dict[str, float]:
    """Medians; a ratio is that of neighbours, which had the same machine to themselves."""
    pairs = list(zip(memory, durable, strict=True))
    return {
        "memory_per_second": median(each.per_second for each in memory),
        "inbox_per_second": median(each.per_second for each in durable),
        "rate_ratio": median(b.per_second / a.per_second for a, b in pairs),
        "memory_cpu_per_event": median(each.cpu_per_event for each in memory),
        "inbox_cpu_per_event": median(each.cpu_per_event for each in durable),
        "cpu_ratio": median(b.cpu_per_event / a.cpu_per_event for a, b in pairs),
        "inbox_ack_p99_in_window": median(each.p99 for each in durable),
    }


async def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    memory: list[Run] = []
    durable: list[Run] = []
    found: dict[str, Any] = {}
    async with far("bare" if options.bare else "local") as slack:
        for number in range(options.rounds):
            memory.append(await run(slack, None, options.events))
            durable.append(await run(slack, folder / f"{number}.db", options.events))
        if options.rounds:
            found |= summed(memory, durable)
        if options.seconds:
            paced = await run(slack, folder / "paced.db", options.pace * options.seconds, pace=options.pace)
            found |= {f"pace_{name}": value for name, value in asdict(paced).items()}
        if options.waiting:
            found |= await start(slack, folder / "waiting.db", options.waiting)
    return found


def parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, help="where the files are made; a temporary folder otherwise")
    parser.add_argument("--rounds", type=int, default=5, help="pairs of runs, in memory and with the inbox")
    parser.add_argument("--events", type=int, default=5_000, help="events of each run")
    parser.add_argument("--pace", type=int, default=500, help="events a second, afterwards")
    parser.add_argument("--seconds", type=int, default=20, help="how long at that pace")
    parser.add_argument("--waiting", type=int, default=0, help="records that wait when a client starts, at the end")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    parser.add_argument("--bare", action="store_true", help="a bare WebSocket in the place of the local Slack")
    parser.add_argument("--be-slack", default="", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> None:
    options = parsed(arguments)
    if options.be_slack:
        asyncio.run(be_slack(options.be_slack))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = asyncio.run(measured(Path(folder), options))
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"{name:24} {value:,.6f}" if isinstance(value, float) else f"{name:24} {value:,}")


if __name__ == "__main__":
    main(sys.argv[1:])
