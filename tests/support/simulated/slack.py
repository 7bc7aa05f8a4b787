"""Slack's side: who is connected, by its own count; what it sends, and what becomes of what is not acked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from simulated.scenario import CALM, Weather
from simulated.wire import Wire
from tautwire.engine.transport import CloseFrame, Gone, Odd, PingFrame, PongFrame, Text

if TYPE_CHECKING:
    from random import Random

    from simulated.oracle import Oracle
    from simulated.world import World

__all__ = ["Mail", "Slack"]

_CAP: Final = 10
_PATIENCE: Final = 3.0
_PING: Final = 10.0

#: Seconds after the deadline: Slack's are about 1, 60 and 300.
_RETRIES: Final = (1.0, 8.0, 25.0)
_NOISE: Final = ("", "UNAUTHENTICATED: cache_error", "[1]", "{}", '{"type":"novel","x":1}', '{"type":"events_api"}')


@dataclass(slots=True, eq=False)
class Mail:
    """One envelope. `key` is the same for all deliveries of one event."""

    id: str
    type: str
    key: str
    attempt: int = 0
    is_acked: bool = False


@dataclass(slots=True)
class _End:
    """What Slack knows of a connection."""

    is_counted: bool = True
    is_routed: bool = False
    has_closed: bool = False
    ghost_since: float | None = field(default=None)


class Slack:
    """The simulated Slack. `others` is how many connections of other processes it counts."""

    def __init__(self, world: World, chance: Random, oracle: Oracle, latency: float) -> None:
        self.weather: Weather = CALM
        self.others = 0
        self._world = world
        self._chance = chance
        self._oracle = oracle
        self._latency = latency
        self._ends: dict[Wire, _End] = {}
        self._waiting: dict[str, Mail] = {}
        self._mails = 0
        self._wires = 0

    @property
    def count(self) -> int:
        """How many connections it counts, ghosts included."""
        return self.others + sum(end.is_counted for end in self._ends.values())

    @property
    def routed(self) -> list[Wire]:
        """Where an envelope may go."""
        return [wire for wire, end in self._ends.items() if end.is_routed]

    @property
    def open(self) -> list[Wire]:
        """All that it has not closed."""
        return [wire for wire, end in self._ends.items() if not end.has_closed]

    # Connections.

    def accept(self) -> Wire:
        """A handshake has succeeded."""
        self._wires += 1
        wire = Wire(self._wires, self._world, self, self._oracle, self._latency * self._chance.uniform(0.5, 1.5))
        self._ends[wire] = _End()
        self._welcome(wire)
        return wire

    def _welcome(self, wire: Wire) -> None:
        weather = self.weather.welcome
        kind = self._draw(weather)
        if self.count > _CAP:
            self._world.after(0.05, self._overcrowded, wire)
        elif kind == "never":
            pass
        elif kind == "goodbye":
            self._world.after(0.1, self.say, wire, "refresh_requested")
            self._world.after(3.0, self.close, wire)
        elif kind == "gone":
            self._world.after(0.1, self.reset, wire)
        else:
            if kind == "nonsense":
                self.tell(wire, self._chance.choice(_NOISE))
            delay = self._chance.uniform(4.0, 9.9) if kind == "slow" else self._chance.uniform(0.01, 0.4)
            self._world.after(delay, self._hello, wire)

    def _overcrowded(self, wire: Wire) -> None:
        if self._chance.random() < 0.3:
            self._hello(wire)
        self.say(wire, "too_many_websockets")
        self._world.after(0.5, self.close, wire)

    def _hello(self, wire: Wire) -> None:
        end = self._ends.get(wire)
        if end is None or end.has_closed:
            return
        end.is_routed = True
        lifetime = self._chance.uniform(*self.weather.lifetime)
        announced = self._chance.choice([18_060, None, round(max(1, lifetime))])
        debug: dict[str, Any] = {"host": f"applink-{wire.number}", "build_number": 14}
        if announced is not None:
            debug["approximate_connection_time"] = announced
        hello = {"type": "hello", "num_connections": self.count, "debug_info": debug}
        hello["connection_info"] = {"app_id": "A05BOTQX1"}
        self._oracle.on_hello(wire, self.count, announced)
        self.tell(wire, json.dumps(hello), "hello")
        self._world.after(self._chance.uniform(3.0, 4.0), self._ping, wire)
        if self._chance.random() < self.weather.sudden:
            self._world.after(lifetime, self._chance.choice([self.reset, self.fin, self.close, self.go_silent]), wire)
        else:
            self._world.after(lifetime, self.renew, wire)

    def _ping(self, wire: Wire) -> None:
        if wire in self._ends and not self._ends[wire].has_closed:
            wire.to_client(PingFrame(b"Ping from applink"))
            self._world.after(_PING, self._ping, wire)

    def renew(self, wire: Wire) -> None:
        """A planned end: with or without the warning."""
        if self._chance.random() < 0.8:
            self.say(wire, "warning")
            self._world.after(self._chance.uniform(8.0, 11.0), self.refresh, wire)
        else:
            self.refresh(wire)

    def refresh(self, wire: Wire) -> None:
        """`refresh_requested`, and soon the end."""
        self.say(wire, "refresh_requested")
        self._world.after(self._chance.choice([0.0, 0.2, 2.0, 12.0, 60.0]), self.close, wire)

    def say(self, wire: Wire, reason: str) -> None:
        """A `disconnect`."""
        message = {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink"}}
        self.tell(wire, json.dumps(message), reason)

    def tell(self, wire: Wire, words: str, meaning: object = None) -> None:
        """Any text."""
        end = self._ends.get(wire)
        if end is not None and not end.has_closed:
            wire.to_client(Text(words), meaning)

    def close(self, wire: Wire) -> None:
        """A Close frame; TCP may stay open."""
        end = self._ends.get(wire)
        if end is None or end.has_closed:
            return
        wire.to_client(CloseFrame(1000, ""))
        end.has_closed, end.is_counted, end.is_routed = True, False, False
        if self._chance.random() < 0.5:
            wire.to_client(Gone())

    def fin(self, wire: Wire) -> None:
        """TCP ends, without a word."""
        wire.to_client(Gone())
        self.on_cut(wire)

    def reset(self, wire: Wire) -> None:
        """TCP breaks."""
        wire.to_client(Gone(ConnectionResetError("simulated")))
        self.on_cut(wire)

    def go_silent(self, wire: Wire) -> None:
        """Half-open: nothing gets through either way, and nobody is told. Slack goes on counting for a while."""
        wire.is_mute = wire.is_deaf = True
        self._world.after(self._chance.uniform(5.0, 60.0), self.on_cut, wire)

    def strange(self, wire: Wire) -> None:
        """Frames that mean nothing."""
        wire.to_client(Odd("binary", 3))
        self.tell(wire, self._chance.choice(_NOISE))

    def exorcise(self) -> None:
        """No ghosts, and nobody else."""
        self.others = 0
        for wire in list(self._ends):
            if wire.is_aborted or wire.is_mute:
                self.on_cut(wire)

    # Its end of a wire.

    def on_cut(self, wire: Wire) -> None:
        """See `Far`."""
        self._ends.pop(wire, None)

    def on_frame(self, wire: Wire, kind: str, data: Any) -> None:
        """See `Far`."""
        end = self._ends.get(wire)
        if end is None:
            return
        if kind == "ping" and not end.has_closed:
            wire.to_client(PongFrame(data))
        elif kind == "close":
            end.is_counted = end.is_routed = False
            if not end.has_closed and self._chance.random() < 0.8:
                wire.to_client(CloseFrame(data, ""))
            end.has_closed = True
        elif kind == "text":
            self._on_text(data)

    def _on_text(self, words: str) -> None:
        mail = self._waiting.pop(json.loads(words).get("envelope_id", ""), None)
        if mail is not None:
            mail.is_acked = True

    # Envelopes.

    def post(self) -> None:
        """Something happens in the workspace."""
        self._mails += 1
        kind = self._chance.choices(["events_api", "slash_commands", "interactive", "unheard_of"], [8, 2, 2, 0.3])[0]
        name = f"m{self._mails}"
        self._route(Mail(name, kind, f"Ev{name}" if kind == "events_api" else name))

    def duplicate(self) -> None:
        """The same envelope once more, for no reason."""
        if self._waiting:
            self._route(self._chance.choice(list(self._waiting.values())))

    def _route(self, mail: Mail) -> None:
        wires = self.routed
        if wires:
            self._waiting[mail.id] = mail
            self._deliver(self._chance.choice(wires), mail)
        self._world.after(_PATIENCE, self._expire, mail)

    def _deliver(self, wire: Wire, mail: Mail) -> None:
        payload: dict[str, Any] = {"type": "event_callback", "event": {"type": "message", "text": "hi"}}
        if mail.type == "events_api":
            payload |= {"event_id": mail.key, "api_app_id": "A05BOTQX1", "team_id": "T04ACME01"}
        envelope = {"envelope_id": mail.id, "type": mail.type, "accepts_response_payload": False, "payload": payload}
        if mail.type == "events_api":
            envelope |= {"retry_attempt": mail.attempt, "retry_reason": "timeout" if mail.attempt else ""}
        self.tell(wire, json.dumps(envelope), mail)

    def _expire(self, mail: Mail) -> None:
        if mail.is_acked or mail.type != "events_api" or mail.attempt >= len(_RETRIES):
            return
        name = mail.id if self._chance.random() < 0.25 else f"{mail.key}r{mail.attempt + 1}"
        again = Mail(name, mail.type, mail.key, mail.attempt + 1)
        self._world.after(_RETRIES[mail.attempt], self._route, again)

    def _draw(self, weights: dict[str, float]) -> str:
        pick = self._chance.random()
        for kind, share in weights.items():
            pick -= share
            if pick < 0:
                return kind
        return ""
