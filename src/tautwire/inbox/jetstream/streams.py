"""The streams and consumers themselves: made if they are not there, looked at if they are, and measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import InboxError
from tautwire.inbox.jetstream.broker import NO_JETSTREAM, ApiError
from tautwire.inbox.jetstream.checking import about_consumer, about_stream
from tautwire.inbox.jetstream.rooms import epoch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.clock import Clock
    from tautwire.inbox.jetstream.broker import Broker
    from tautwire.inbox.jetstream.checking import Finding
    from tautwire.inbox.jetstream.moment import Moment
    from tautwire.inbox.jetstream.settings import Settings

__all__ = ["Sizes", "Streams"]

_NO_STREAM: Final = 10059
_NO_CONSUMER: Final = 10014
_NOT_CLUSTERED: Final = 10074
_NO_PEERS: Final = 10005
#: Seconds that making a stream may take: a cluster elects a leader for it.
_MAKE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What the streams hold."""

    work: int
    notes: int
    dead: int
    last_dead: int
    bound: int
    bytes: int
    details: Mapping[str, float] = field(default_factory=dict)


class Streams:
    """Those of one inbox."""

    def __init__(self, broker: Broker, settings: Settings, clock: Clock, moment: Moment) -> None:
        self._broker, self._settings, self._clock, self._moment = broker, settings, clock, moment

    async def ready(self, *, is_visitor: bool) -> list[str]:
        """Make what is not there, and look at what is; sentences about what should be better.

        Raises:
            InboxError: what is there cannot keep the promise, or nothing is there for a visitor.
        """
        found: list[Finding] = []
        for wanted in self._settings.streams():
            there = await self._info(wanted["name"])
            if there is None:
                if is_visitor:
                    raise InboxError(f"there is no inbox named {self._settings.names.name!r} on this NATS")
                there = await self._make(f"STREAM.CREATE.{wanted['name']}", wanted)
            found += about_stream(there, wanted)
        for wanted in self._settings.consumers():
            found += await self._consumer(wanted, is_visitor=is_visitor)
        for each in found:
            if each.is_fatal and not is_visitor:
                raise InboxError(each.text)
        return [each.text for each in found]

    async def tend(self) -> None:
        """Hear what time it is, for clocks drift, and make the consumers anew if somebody has deleted them.

        Nothing goes with a consumer: what is leased is known from its note, and the rest comes again.
        """
        await self._info(self._settings.names.state_stream)
        for wanted in self._settings.consumers():
            await self._consumer(wanted, is_visitor=False)

    async def _consumer(self, wanted: dict[str, Any], *, is_visitor: bool) -> list[Finding]:
        stream, name = self._settings.names.work_stream, wanted["durable_name"]
        try:
            there = await self._broker.api(f"CONSUMER.INFO.{stream}.{name}")
        except ApiError as error:
            if error.code != _NO_CONSUMER:
                raise
            if is_visitor:
                return []
            body = {"stream_name": stream, "config": wanted, "action": "create"}
            there = await self._make(f"CONSUMER.CREATE.{stream}.{name}.{wanted['filter_subject']}", body)
        return list(about_consumer(there, wanted))

    async def _make(self, what: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._broker.api(what, body, _MAKE_SECONDS)
        except ApiError as error:
            raise InboxError(_told(error, self._settings.replicas)) from None

    async def _info(self, stream: str, subjects: str = "") -> dict[str, Any] | None:
        asked = self._clock.monotonic()
        try:
            found = await self._broker.api(f"STREAM.INFO.{stream}", {"subjects_filter": subjects} if subjects else None)
        except ApiError as error:
            if error.code in NO_JETSTREAM:
                raise InboxError("this NATS has no JetStream: switch it on, for this account, too") from None
            if error.code != _NO_STREAM:
                raise
            return None
        self._moment.heard(epoch(found["ts"]), asked=asked)
        return found

    async def sizes(self) -> Sizes:
        """As of now."""
        names = self._settings.names
        found: list[dict[str, Any]] = []
        for stream in (names.work_stream, names.state_stream, names.dead_stream):
            info = await self._info(stream, names.count if stream == names.state_stream else "")
            if info is None:
                raise InboxError(f"the stream {stream} is gone")
            found.append(info)
        work, notes, dead = (each["state"] for each in found)
        return Sizes(
            work=work["messages"],
            notes=notes["messages"] - len(notes.get("subjects") or {}),
            dead=dead["messages"],
            last_dead=dead["last_seq"],
            bound=max(0, found[0]["config"]["max_msgs"]),
            bytes=sum(each["state"]["bytes"] for each in found),
            details={"connections_lost": float(self._broker.losses)},
        )


def _told(error: ApiError, replicas: int) -> str:
    if error.code in {_NOT_CLUSTERED, _NO_PEERS}:
        return (
            f"this NATS cannot keep {replicas} copies: it needs a cluster of as many servers with JetStream, or"
            " replicas=1, with which everything is lost that a single disk loses"
        )
    return f"the inbox cannot be made; {error}"
