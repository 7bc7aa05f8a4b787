"""Three servers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from natsservers.server import Server, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

__all__ = ["Cluster"]


class Cluster:
    """Servers `n1`, `n2` and `n3` with JetStream; the options are those of `Server`."""

    def __init__(self, *, size: int = 3, **options: Any) -> None:
        self.servers = [Server(name=f"n{number}", **options) for number in range(1, size + 1)]

    async def __aenter__(self) -> Self:
        try:
            for server in self.servers:
                server.prepare("tests")
            for server in self.servers:
                server.route_to([other for other in self.servers if other is not server])
                server.launch()
            await self.ready()
        except BaseException:
            self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def __getitem__(self, name: str) -> Server:
        return next(server for server in self.servers if server.name == name)

    def __iter__(self) -> Iterator[Server]:
        return iter(self.servers)

    @property
    def url(self) -> str:
        """All of them in one text, separated by commas."""
        return ",".join(self.urls)

    @property
    def urls(self) -> list[str]:
        """What a client is given."""
        return [server.url for server in self.servers]

    async def ready(self, seconds: float = 30.0) -> None:
        """Back when a meta leader is elected and every server follows it."""
        await until(self._agrees, seconds, self._logs)

    async def meta_leader(self, seconds: float = 30.0) -> Server:
        """Who decides where streams are; waits for an election."""
        return self[await until(self._meta_leader, seconds, self._logs)]

    async def stream_leader(self, stream: str, seconds: float = 30.0) -> Server:
        """Who leads a stream; waits for an election."""

        async def leader() -> str:
            # One that does not answer is asked together with the others: it must not make the others wait.
            names = {name for name in await asyncio.gather(*(each.leader_of(stream) for each in self._running)) if name}
            # Who leads and is gone, or is back and does not lead any more, still does in the eyes of the others.
            name = names.pop() if len(names) == 1 else ""
            return name if name and await self[name].leader_of(stream) == name else ""

        return self[await until(leader, seconds, lambda: f"a leader of {stream}; {self._logs()}")]

    def kill(self) -> None:
        """All of them, at once."""
        for server in self.servers:
            server.kill()

    async def restart(self) -> None:
        """All of them, after a kill where they still run."""
        self.kill()
        for server in self.servers:
            server.launch()
        await self.ready()

    def close(self) -> None:
        """Leave nothing."""
        for server in self.servers:
            server.close()

    @property
    def _running(self) -> list[Server]:
        return [server for server in self.servers if server.is_running]

    async def _agrees(self) -> bool:
        healthy = await asyncio.gather(*(server.is_healthy() for server in self.servers))
        return all(healthy) and bool(await self._meta_leader())

    async def _meta_leader(self) -> str:
        said = await asyncio.gather(*(server.ask("/jsz") for server in self._running))
        names = {str(each.get("meta_cluster", {}).get("leader") or "") for each in said if each}
        return names.pop() if len(names) == 1 else ""

    def _logs(self) -> str:
        return "\n".join(server.last_lines() for server in self.servers)
