"""ONE connection's state machine: what came in, or what time it is → what to do.

    AwaitingHello ──hello──▶ Ready ──disconnect, suspicion──▶ Leaving ──retire──▶ Draining ──▶ Closing ──▶ Ended
          │                    └───────────────retire──────────────────────────────▲            ▲          ▲
          └── no hello, disconnect ─────────────────────────────────────────────────────────────┴──────────┘

The server's Close frame leads from any state to Lingering, and from there, when the last ack is out, to Ended.

A link knows nothing of the other links: that a successor is wanted is all it says (`Leave`), and `plan` decides. It
reads, delivers and acks in every state but the last, because Slack goes on routing to a connection it has announced
to end. Only the first reason to leave counts, so two `disconnect` messages are one rotation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

from tautwire.protocol.effects import (
    Abort,
    Announce,
    Cause,
    Deliver,
    Departure,
    Disable,
    Effects,
    End,
    Leave,
    Note,
    Ping,
    SendClose,
)
from tautwire.protocol.liveness import Liveness, Verdict
from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Message

__all__ = [
    "ACK_WAIT",
    "CLOSE_WAIT",
    "DRAIN_WAIT",
    "HELLO_WAIT",
    "AwaitingHello",
    "Closing",
    "Draining",
    "Ended",
    "Leaving",
    "Lingering",
    "Link",
    "Ready",
    "State",
]

#: Seconds: for `hello` after the handshake; for a replaced link until the server closes; for an answer to our Close.
HELLO_WAIT: Final = 10.0
DRAIN_WAIT: Final = 30.0
CLOSE_WAIT: Final = 1.0

#: Seconds that Slack waits for an ack: what is under way when Socket Mode is switched off gets that long.
ACK_WAIT: Final = 3.0

_GOING_AWAY: Final = 1001
_NORMAL: Final = 1000


@dataclass(frozen=True, slots=True)
class AwaitingHello:
    """Open, and not yet Slack's to route to."""

    until: float


@dataclass(frozen=True, slots=True)
class Ready:
    """Has had its `hello`."""

    since: float


@dataclass(frozen=True, slots=True)
class Leaving:
    """Works, and will not for long."""

    departure: Departure
    ready_since: float


@dataclass(frozen=True, slots=True)
class Draining:
    """Replaced. Reads and acks until the server closes, `until` at the latest."""

    until: float


@dataclass(frozen=True, slots=True)
class Closing:
    """Our Close frame is out; what still comes in is read. `cause` is why we sent it."""

    until: float
    cause: Cause


@dataclass(frozen=True, slots=True)
class Lingering:
    """Their Close frame came: the end for everything but the acks of what came before it, which still go out here."""

    until: float


@dataclass(frozen=True, slots=True)
class Ended:
    """Over."""

    cause: Cause


State: TypeAlias = AwaitingHello | Ready | Leaving | Draining | Closing | Lingering | Ended


_DEPARTURES: Final = {
    DisconnectReason.WARNING: Departure.WARNING,
    DisconnectReason.REFRESH_REQUESTED: Departure.REFRESH_REQUESTED,
    DisconnectReason.OTHER: Departure.OTHER,
}


class Link:
    """One connection from its handshake to its end. `now` is always monotonic seconds, given by the caller."""

    def __init__(self, ping_interval: float, now: float) -> None:
        self.state: State = AwaitingHello(now + HELLO_WAIT)
        self.liveness = Liveness(ping_interval, now)

    def __repr__(self) -> str:
        return f"Link({self.state!r})"

    @property
    def is_open(self) -> bool:
        """Whether a reply can be sent here: after our Close frame none may follow it."""
        return not isinstance(self.state, Closing | Ended)

    def on_message(self, message: Message, now: float) -> Effects:
        """A frame of text said `message`."""
        self.liveness.heard(now)
        if isinstance(self.state, Ended):
            return ()
        match message:
            case Envelope():
                return (Deliver(message),)
            case Hello():
                return self._on_hello(message, now)
            case Disconnect(reason=reason):
                return self._on_disconnect(reason, now)
        return (Note(message),)

    def tick(self, now: float) -> Effects:
        """Time has passed. To be called by `next_check` at the latest."""
        match self.state:
            case Ended():
                return ()
            case AwaitingHello(until=until) if now >= until:
                return self._begin_close(Cause.NO_HELLO, now)
            case Draining(until=until) if now >= until:
                return self._begin_close(Cause.RETIRED, now)
            case Closing(until=until, cause=cause):
                return self._end(cause, now) if now >= until else ()
            case Lingering(until=until):
                return self.lost(Cause.CLOSED, now) if now >= until else ()
        return self._check_life(now)

    def next_check(self, now: float) -> float:
        """When `tick` wants to be called next."""
        due = self.liveness.next_check(now)
        match self.state:
            case AwaitingHello(until=until) | Draining(until=until) | Closing(until=until) | Lingering(until=until):
                return min(due, until)
        return due

    def leave(self, departure: Departure) -> Effects:
        """Ask for a successor on somebody else's behalf; only a ready link can."""
        match self.state:
            case Ready(since=since):
                self.state = Leaving(departure, since)
                return (Leave(departure),)
        return ()

    def retire(self, now: float, within: float = DRAIN_WAIT) -> Effects:
        """The successor is there: read and ack on, for at most `within` seconds."""
        match self.state:
            case Ready() | Leaving():
                self.state = Draining(now + within)
            case Draining(until=until):
                self.state = Draining(min(until, now + within))
        return ()

    def close(self, now: float) -> Effects:
        """End it now: Close frame, a second for the answer, abort."""
        return () if isinstance(self.state, Closing | Lingering | Ended) else self._begin_close(Cause.RETIRED, now)

    def on_close(self, now: float) -> Effects:
        """Their Close frame came. It ends the link at once for whoever plans, a second later at most for acks."""
        match self.state:
            case Ended() | Lingering():
                return ()
            case Closing(cause=ours):
                return self._end(ours, now)
        end = End(Cause.CLOSED, self._last_good(now))
        self.state = Lingering(now + CLOSE_WAIT)
        return (end,)

    def lost(self, cause: Cause, now: float) -> Effects:
        """The transport is gone, or nobody needs it any more."""
        match self.state:
            case Ended():
                return ()
            case Lingering():
                self.state = Ended(cause)
                return (Abort(),)
            case Closing(cause=ours):
                return self._end(ours, now)
        return self._end(cause, now)

    def _on_hello(self, hello: Hello, now: float) -> Effects:
        match self.state:
            case AwaitingHello():
                self.state = Ready(now)
                return (Announce(hello),)
        return ()

    def _on_disconnect(self, reason: DisconnectReason, now: float) -> Effects:
        if isinstance(self.state, Closing | Lingering):
            return ()
        if reason is DisconnectReason.TOO_MANY_WEBSOCKETS:
            return self._begin_close(Cause.TOO_MANY_WEBSOCKETS, now)
        if reason is DisconnectReason.LINK_DISABLED:
            return self._on_disabled(now)
        if isinstance(self.state, AwaitingHello):
            return self._begin_close(Cause.NO_HELLO, now)
        return self.leave(_DEPARTURES[reason])

    def _on_disabled(self, now: float) -> Effects:
        if isinstance(self.state, AwaitingHello):
            return (Disable(), *self._begin_close(Cause.LINK_DISABLED, now))
        self.state = Draining(now + ACK_WAIT)
        return (Disable(),)

    def _check_life(self, now: float) -> Effects:
        verdict = self.liveness.judge(now)
        if verdict is Verdict.DEAD:
            return self._end(Cause.SILENT, now)
        leave = self.leave(Departure.SUSPECT) if verdict is Verdict.SUSPECT else ()
        can_ping = self.is_open and self.liveness.takes_ping(now)
        return (*leave, Ping()) if can_ping else leave

    def _begin_close(self, cause: Cause, now: float) -> Effects:
        self.state = Closing(now + CLOSE_WAIT, cause)
        return (SendClose(_NORMAL if cause is Cause.RETIRED else _GOING_AWAY),)

    def _end(self, cause: Cause, now: float) -> Effects:
        last_good = self._last_good(now)
        self.state = Ended(cause)
        return (Abort(), End(cause, last_good))

    def _last_good(self, now: float) -> float:
        """A peer under suspicion when the end came was good only until it was last heard."""
        good = now if self.liveness.judge(now) is Verdict.ALIVE else self.liveness.last_heard
        match self.state:
            case Closing(until=until):
                return min(good, until - CLOSE_WAIT)
        return good
