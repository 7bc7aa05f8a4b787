"""Whether the servers sync each write: the one setting that the promise rests on and that no client is told.

It is on a server's monitoring endpoint, which is for those who operate it. Nothing else is asked there.
"""

from __future__ import annotations

import asyncio
import json
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UNSEEN", "checked_monitors", "sync_notices"]

_SECONDS: Final = 3.0
_MOST_BYTES: Final = 4 << 20
_BILLION: Final = 1_000_000_000
_ADVICE: Final = "put `sync_interval: always` into the jetstream block of its configuration"

UNSEEN: Final = (
    "whether NATS has written to its disk what it confirms cannot be seen from here: put `sync_interval: always` into"
    " the jetstream block of each server's configuration, and give the inbox the servers' monitoring addresses"
    ' (monitor="http://host:8222") to have that looked at'
)


def checked_monitors(monitor: str | Sequence[str]) -> tuple[str, ...]:
    """The addresses.

    Raises:
        ConfigurationError: one that cannot be.
    """
    texts = monitor.split(",") if isinstance(monitor, str) else list(monitor)
    addresses = tuple(text.strip().rstrip("/") for text in texts if text.strip())
    for address in addresses:
        try:
            parts = urlsplit(address)
            is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            is_good = False
        if not is_good or parts.username or parts.password:
            raise ConfigurationError("the monitoring address of a NATS server looks like http://host:8222")
    return addresses


async def sync_notices(addresses: Sequence[str]) -> list[str]:
    """Sentences about servers that do not sync each write, or cannot be asked."""
    if not addresses:
        return [UNSEEN]
    found = await asyncio.gather(*(_about(address) for address in addresses))
    return [notice for notice in found if notice]


async def _about(address: str) -> str:
    try:
        async with asyncio.timeout(_SECONDS):
            config = json.loads(await _get(address))["jetstream"]["config"]
    except (OSError, TimeoutError, ValueError, KeyError, TypeError, asyncio.IncompleteReadError):
        return f"the monitoring address {address} does not tell how its server writes to its disk; {_ADVICE}"
    if config.get("sync_always"):
        return ""
    seconds = int(config.get("sync_interval", 0)) / _BILLION
    return (
        f"the NATS server at {address} syncs its disk only every {seconds:g} s, and a power cut may lose what was acked"
        f" before: {_ADVICE}"
    )


async def _get(address: str) -> bytes:
    parts = urlsplit(address)
    is_tls = parts.scheme == "https"
    context = ssl.create_default_context() if is_tls else None
    host, port = str(parts.hostname), parts.port or (443 if is_tls else 80)
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        writer.write(f"GET {parts.path}/varz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
        answer = await reader.read(_MOST_BYTES)
        while more := await reader.read(_MOST_BYTES - len(answer)):
            answer += more
    finally:
        writer.transport.abort()
    return answer.partition(b"\r\n\r\n")[2]
