"""What users write: listeners that are quick, slow, late, broken, or strange."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ClientClosedError, MessageTooLargeError, NotConnectedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from random import Random

    from simulated.oracle import Oracle

__all__ = ["USERS_OWN", "Listeners"]

#: What a user's own task is called; it is the user's to end.
USERS_OWN: Final = "the user's own"

_KINDS: Final = {
    "quick": 12, "slow": 3, "late": 1.5, "hung": 0.4, "raises": 1, "raises after": 1, "never": 1, "twice": 1,
    "spawns": 2, "cancels itself": 0.5, "too large": 0.5, "stubborn": 0.3, "closes": 0.03,
}  # fmt: skip

_BLOCKING: Final = ("hung", "stubborn")


class Listeners:
    """One request listener that behaves differently each time."""

    def __init__(self, chance: Random, oracle: Oracle, close: Callable[[], Awaitable[None]]) -> None:
        self.spawned: set[asyncio.Task[None]] = set()
        #: Whether faults are over: a listener that blocks is one, because what it holds up is not read.
        self.is_calm = False
        self._chance = chance
        self._oracle = oracle
        self._close = close

    async def __call__(self, client: Any, request: Any) -> None:
        self._oracle.on_listener(request.envelope_id)
        kind = self._chance.choices(list(_KINDS), list(_KINDS.values()))[0]
        if self.is_calm and kind in _BLOCKING:
            kind = "slow"
        self._oracle.note("behaves", request.envelope_id, kind)
        await getattr(self, "_" + kind.replace(" ", "_"))(client, {"envelope_id": request.envelope_id})

    async def _quick(self, client: Any, reply: dict[str, Any]) -> None:
        await client.send_socket_mode_response(reply)

    async def _slow(self, client: Any, reply: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(0.1, 2.4))
        await client.send_socket_mode_response(reply)

    async def _late(self, client: Any, reply: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(2.5, 8.0))
        await client.send_socket_mode_response(reply)

    async def _hung(self, client: Any, reply: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(10.0, 60.0))

    async def _raises(self, client: Any, reply: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.choice([0.0, 1.0, 2.9, 4.0]))
        raise RuntimeError("a listener's own fault")

    async def _raises_after(self, client: Any, reply: dict[str, Any]) -> None:
        await client.send_socket_mode_response(reply)
        raise RuntimeError("a listener's own fault")

    async def _never(self, client: Any, reply: dict[str, Any]) -> None:
        return

    async def _twice(self, client: Any, reply: dict[str, Any]) -> None:
        await client.send_socket_mode_response(reply)
        await asyncio.sleep(self._chance.uniform(0.0, 1.0))
        await client.send_socket_mode_response(reply)

    async def _spawns(self, client: Any, reply: dict[str, Any]) -> None:
        task = asyncio.create_task(self._later(client, reply), name=USERS_OWN)
        self.spawned.add(task)
        task.add_done_callback(self.spawned.discard)

    async def _later(self, client: Any, reply: dict[str, Any]) -> None:
        await asyncio.sleep(self._chance.uniform(0.0, 5.0))
        try:
            await client.send_socket_mode_response(reply)
        except (NotConnectedError, ClientClosedError):
            self._oracle.note("user", "could not ack", reply["envelope_id"])

    async def _cancels_itself(self, client: Any, reply: dict[str, Any]) -> None:
        raise asyncio.CancelledError

    async def _too_large(self, client: Any, reply: dict[str, Any]) -> None:
        try:
            await client.send_socket_mode_response(reply | {"payload": {"text": "x" * 21_000}})
        except MessageTooLargeError:
            await client.send_socket_mode_response(reply)

    async def _stubborn(self, client: Any, reply: dict[str, Any]) -> None:
        await client.send_socket_mode_response(reply)
        try:
            await asyncio.sleep(30.0)
        except asyncio.CancelledError:
            await asyncio.sleep(0.5)

    async def _closes(self, client: Any, reply: dict[str, Any]) -> None:
        await client.send_socket_mode_response(reply)
        await self._close()
