"""The two things a client asks before it has a connection: the Web API for a URL, and the network for a handshake."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from tautwire.engine.transport import Connection, Dialer, Endpoint
from tautwire.errors import FATAL_API_ERRORS, DialError, HandshakeRefusedError, SlackRequestError

if TYPE_CHECKING:
    from random import Random

    from simulated.oracle import Oracle
    from simulated.slack import Slack
    from simulated.world import World

__all__ = ["FakeApiError", "Network", "WebApi"]

_FATAL: Final = sorted(FATAL_API_ERRORS)
_TRANSIENT: Final = ("internal_error", "service_unavailable", "fatal_error", "request_timeout", "nobody_knows")


def _finish(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


class _Answer(dict[str, Any]):
    def __init__(self, code: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        super().__init__(ok=False, error=code)
        self.status_code = status
        self.headers = headers or {}


class FakeApiError(Exception):
    """Shaped like slack_sdk's: `response` reads like a dict and has `status_code` and `headers`."""

    def __init__(self, answer: _Answer) -> None:
        super().__init__("the request to the Slack API failed")
        self.response = answer


class _Outside:
    def __init__(self, world: World, slack: Slack, oracle: Oracle, chance: Random) -> None:
        self._world = world
        self._slack = slack
        self._oracle = oracle
        self._chance = chance

    async def _wait(self, seconds: float) -> None:
        done = asyncio.get_running_loop().create_future()
        self._world.after(seconds, _finish, done)
        await done

    def _draw(self, weights: dict[str, float]) -> str:
        pick = self._chance.random()
        for kind, share in weights.items():
            pick -= share
            if pick < 0:
                return kind
        return ""


class WebApi(_Outside):
    """A Web client that knows one method."""

    base_url = "https://slack.com/api/"
    ssl = None

    def __init__(self, world: World, slack: Slack, oracle: Oracle, chance: Random) -> None:
        super().__init__(world, slack, oracle, chance)
        #: What every call is answered with from now on, if anything.
        self.verdict: str | None = None
        self._tickets = 0

    async def apps_connections_open(self, *, app_token: str) -> dict[str, Any]:
        assert app_token.startswith("xapp-")
        self._oracle.on_dial()
        try:
            return await self._answer()
        except Exception as error:
            self._oracle.on_dial_failed(f"the API: {error!r}")
            raise
        except asyncio.CancelledError:
            self._oracle.on_dial_cancelled("the API")
            raise

    async def _answer(self) -> dict[str, Any]:
        kind = self._draw(self._slack.weather.api)
        if kind == "hang":
            await self._wait(self._chance.choice([9.5, 11.0, 500.0]))
        else:
            await self._wait(self._chance.uniform(2.0, 8.0) if kind == "slow" else self._chance.uniform(0.02, 0.5))
        if self.verdict is not None:
            code = self._chance.choice(_FATAL) if self.verdict == "fatal" else self.verdict
            self._oracle.on_fatal(code)
            raise FakeApiError(_Answer(code))
        match kind:
            case "limited":
                self._limit()
            case "error":
                raise FakeApiError(_Answer(self._chance.choice(_TRANSIENT), self._chance.choice([200, 500, 408])))
            case "html":
                raise SlackRequestError("HTML instead of JSON", status=self._chance.choice([200, 502]))
            case "crash":
                raise self._chance.choice([OSError("no route"), ValueError("what"), KeyError("ok")])
            case "no_url":
                self._oracle.on_dial_failed("the API: no url")
                return {"ok": True}
        self._tickets += 1
        return {"ok": True, "url": f"wss://wss-primary.slack.com/link/?ticket={self._tickets}&app_id=1"}

    def _limit(self) -> None:
        after = self._chance.choice([None, 1, 5, 20, 45])
        self._oracle.on_rate_limit(30.0 if after is None else float(after))
        headers = {} if after is None else {"Retry-After": str(after)}
        raise FakeApiError(_Answer("ratelimited", 429, headers))


class Network(_Outside, Dialer):
    """Dials. A ticket is good for one handshake."""

    def __init__(self, world: World, slack: Slack, oracle: Oracle, chance: Random) -> None:
        super().__init__(world, slack, oracle, chance)
        self._used: set[str] = set()

    async def __call__(self, endpoint: Endpoint) -> Connection:
        url = endpoint.url.reveal()
        if url in self._used:
            self._oracle.blame("ticket", f"{url} was dialled twice")
        self._used.add(url)
        try:
            return await self._shake_hands()
        except DialError as error:
            self._oracle.on_dial_failed(f"the handshake: {error}")
            raise
        except asyncio.CancelledError:
            self._oracle.on_dial_cancelled("the handshake")
            raise

    async def _shake_hands(self) -> Connection:
        kind = self._draw(self._slack.weather.handshake)
        if kind == "hang":
            await self._wait(self._chance.choice([9.8, 12.0, 500.0]))
        else:
            await self._wait(self._chance.uniform(2.0, 9.0) if kind == "slow" else self._chance.uniform(0.02, 0.3))
        if kind == "refused":
            raise DialError("connection refused")
        if kind == "conflict":
            raise HandshakeRefusedError("no", status=self._chance.choice([408, 409, 503, 401, 404]))
        wire = self._slack.accept()
        self._oracle.on_open(wire)
        return wire
