"""How many envelopes one core of the local Slack takes: in its ledger, through its broker, over the wire.

    python benchmarks/local_ledger.py --envelopes 100000

Each is an event that is sent once and acked once. `ledger` only writes down; `broker` routes, words the envelope and
reads the ack as well, with connections that are not there; `wire` is all of it with WebSockets on loopback, where the
clients are a process of their own and only the server's time counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass

from tautwire.local import Attempt, Delivery, Ledger, LocalSlack

_HANDSHAKE = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
_ENVELOPE = re.compile(rb'"envelope_id":"([0-9a-f-]{36})"')
#: Envelopes that are under way at a time.
_WINDOW = 1000
_CONNECTIONS = 4


@dataclass(frozen=True, slots=True)
class Rate:
    """So many envelopes in so many seconds of one processor's time."""

    name: str
    envelopes: int
    seconds: float

    @property
    def a_second(self) -> float:
        """Envelopes per second of processor time."""
        return self.envelopes / self.seconds if self.seconds else float("inf")

    def __str__(self) -> str:
        each = 1e6 * self.seconds / self.envelopes
        return f"{self.name}: {self.envelopes} envelopes, {self.a_second:,.0f} a second on one core, {each:.1f} µs each"


class Nobody:
    """A connection that takes envelopes and puts them nowhere."""

    takes_envelopes = True

    def __init__(self, name: str, app_id: str) -> None:
        self.id, self.app_id = name, app_id

    def post(self, text: bytes) -> bool:
        return bool(text)

    def raw(self, data: bytes) -> None: ...

    def drop(self, how: str) -> None: ...

    def half_open(self) -> None: ...

    def stall(self, seconds: float) -> None: ...


def ledger(count: int) -> Rate:
    """Enter, send and ack, in the books alone."""
    book = Ledger()
    began = time.process_time()
    for number in range(count):
        name = str(number)
        delivery = Delivery("events_api", "message", name, {}, False, 0.0)
        book.open(delivery)
        book.attempt(delivery, Attempt(0, name, "c1", 0.0, 3.0))
        book.ack(name, "c1", None, 0.1)
    spent = time.process_time() - began
    assert book.summary().acked_in_time == count
    return Rate("ledger", count, spent)


async def broker(count: int) -> Rate:
    """Everything but the sockets."""
    async with LocalSlack(deadline=60) as slack:
        line = slack.line()
        for number in range(_CONNECTIONS):
            line.broker.registry.register(Nobody(f"n{number}", line.app_id))
        endpoint = Nobody("n0", line.app_id)
        began = time.process_time()
        for number in range(count):
            delivery = slack.send_event("message", text="hello", channel="C0GENERAL")
            line.broker.heard(endpoint, f'{{"envelope_id":"{delivery.envelope_id}"}}')
            if number % _WINDOW == 0:
                await asyncio.sleep(0)
        spent = time.process_time() - began
        assert slack.ledger.summary().acked_in_time == count
        return Rate("broker", count, spent)


async def serve(count: int) -> None:
    """The server's process: sends `count` events, never more than the window under way, and says what that took."""
    async with LocalSlack(deadline=60) as slack:
        print(
            json.dumps({"port": slack.port, "urls": [slack.websocket_url() for _ in range(_CONNECTIONS)]}), flush=True
        )
        await slack.wait_connections(_CONNECTIONS)
        began, sent = time.process_time(), 0
        while sent < count:
            room = min(_WINDOW, count - sent)
            for _ in range(room):
                slack.send_event("message", text="hello", channel="C0GENERAL")
            sent += room
            await slack.wait_for(lambda slack: slack.ledger.in_flight < _WINDOW // 2, timeout=60)
        await slack.settled(timeout=60)
        spent = time.process_time() - began
        print(json.dumps({"spent": spent, "acked": slack.ledger.summary().acked_in_time}), flush=True)


async def ack_everything(port: int, url: str) -> None:
    """A client that knows just enough of WebSockets to ack what looks like an envelope."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(_HANDSHAKE.format(path=url.split(str(port), 1)[1], port=port).encode())
    await reader.readuntil(b"\r\n\r\n")
    rest = b""
    try:
        while data := await reader.read(262_144):
            rest, acks = rest + data, []
            end = 0
            for found in _ENVELOPE.finditer(rest):
                acks.append(b'\x81\xb6\0\0\0\0{"envelope_id":"' + found[1] + b'"}')
                end = found.end()
            rest = rest[max(end, len(rest) - 64) :]
            writer.write(b"".join(acks))
    except ConnectionError:
        pass
    finally:
        writer.close()


async def wire(count: int) -> Rate:
    """All of it."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", str(count), stdout=subprocess.PIPE
    )
    assert server.stdout is not None
    clients: list[asyncio.Task[None]] = []
    try:
        start = json.loads(await server.stdout.readline())
        clients = [asyncio.create_task(ack_everything(start["port"], url)) for url in start["urls"]]
        told = json.loads(await server.stdout.readline())
        assert told["acked"] == count
        await server.wait()
        await asyncio.gather(*clients)
    finally:
        if server.returncode is None:
            server.kill()
            await server.wait()
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
    return Rate("wire", count, told["spent"])


def main() -> None:
    parser = argparse.ArgumentParser(description="How many envelopes one core of the local Slack takes.")
    parser.add_argument("--envelopes", type=int, default=100_000, help="how many (100000)")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        asyncio.run(serve(given.serve))
        return
    print(ledger(given.envelopes))
    print(asyncio.run(broker(given.envelopes)))
    print(asyncio.run(wire(given.envelopes)))


if __name__ == "__main__":
    main()
