"""Watches one simulated life from outside and says what must not happen.

It sees what goes over the wires, what the user asks for and what the client reports. It shares no code with the
client's own machines: what they decide is computed here once more, from the promises.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from simulated.acks import AckRules
from simulated.dials import DialRules
from simulated.gaps import GapRules
from simulated.links import LinkRules
from simulated.slack import Mail
from simulated.view import View
from simulated.wire import words
from tautwire import facts
from tautwire.engine.transport import CloseFrame, Gone

if TYPE_CHECKING:
    from simulated.scenario import Scenario
    from simulated.wire import Wire
    from simulated.world import World
    from tautwire.engine.transport import Frame

__all__ = ["Oracle", "ViolationError"]

_KEPT: Final = 200
_MOST_COMPLAINTS: Final = 5
_HIGH_ROLL: Final = 0.9

#: Seconds before which no connection is renewed, whatever lifetime Slack announces.
_LEAST_AGE: Final = 10.0


class ViolationError(AssertionError):
    """A promise was broken."""


class Oracle:
    """All rules, and the trace of what happened."""

    def __init__(self, world: World, scenario: Scenario, *, kept: int | None = _KEPT) -> None:
        self.trace: deque[tuple[float, str, tuple[Any, ...]]] = deque(maxlen=kept)
        self.complaints: list[tuple[str, str]] = []
        self.silence_limit = max(15.0, 4 * scenario.ping_interval)
        self._world = world
        self._views: dict[int, View] = {}
        self._is_down = False
        self._has_opened = False
        self._rotations = 0
        least = _HIGH_ROLL if scenario.is_high_roller else 0.0
        self.dials = DialRules(world, self._views.values, scenario.connections, least, self.blame)
        self.links = LinkRules(world, self._views.values, scenario.connections, self.silence_limit, self.blame)
        self.acks = AckRules(world, self.blame)
        self.gaps = GapRules(self.silence_limit, self.blame)

    @property
    def serving(self) -> list[int]:
        """The connections that Slack routes to and the client reads, as far as the client can know."""
        return [view.number for view in self._views.values() if view.is_serving]

    @property
    def open(self) -> list[int]:
        """The connections that the client has not cut."""
        return list(self._views)

    @property
    def is_down(self) -> bool:
        """Whether the user has called `disconnect()` or `close()`."""
        return self._is_down

    def note(self, what: str, *details: Any) -> None:
        """Something for the trace."""
        self.trace.append((self._world.now, what, details))

    def blame(self, rule: str, what: str) -> None:
        """A promise was broken; `check` raises it where no `except` of the client is in the way."""
        self.note("VIOLATION", rule, what)
        if len(self.complaints) < _MOST_COMPLAINTS:
            self.complaints.append((rule, f"{what} (at {self._world.now:.3f} s)"))

    def check(self) -> None:
        """Raise the first violation."""
        self.acks.check()
        if self.complaints:
            rule, what = self.complaints[0]
            raise ViolationError(f"{rule}: {what}")

    # What the user does.

    def on_user(self, action: str) -> None:
        """The user calls a method."""
        self.note("user", action)
        if action == "connect":
            self._is_down, self._has_opened = False, bool(self._views)
            self.links.is_off = False
            self.gaps.wanted()
            self.dials.wanted()
        if action in ("close", "disconnect") and not self._is_down:
            self._is_down = True
            self.dials.unwanted()
            self.gaps.stopping(self._world.monotonic)
        self.acks.is_ending |= action == "close"
        if action == "rotate":
            self._rotations += 1
            self.links.everybody_may_go()

    def on_user_done(self, action: str) -> None:
        """It has come back."""
        self.note("user done", action)
        self._rotations -= action == "rotate"
        if action in ("close", "disconnect"):
            self.gaps.stopped(self._world.monotonic)
        if action == "connect" and not self._has_opened:
            self.blame("connect", "connect() came back, and no connection was opened")

    # Dials.

    def on_dial(self) -> None:
        """`apps.connections.open` is called."""
        self.note("dial")
        self.dials.began()
        self.links.on_dial(self._is_down)

    def on_dial_failed(self, why: str) -> None:
        """Its answer, or the handshake's, is a failure."""
        self.note("dial failed", why)
        self.dials.failed()
        self.links.on_dial_over()

    def on_dial_cancelled(self, where: str) -> None:
        """The client does not wait any longer."""
        self.on_dial_failed(f"{where}: given up")

    def on_rate_limit(self, seconds: float) -> None:
        """Slack asks to wait."""
        self.note("rate limit", seconds)
        self.dials.limited(seconds)

    def on_fatal(self, code: str) -> None:
        """Slack refuses for good."""
        self.note("fatal", code)
        self.dials.fatal(code)
        self.gaps.fatal(self._world.monotonic)
        self.links.is_off = True

    # Wires.

    def on_open(self, wire: Wire) -> None:
        """The handshake is done."""
        self.note("open", wire.number)
        now = self._world.monotonic
        view = View(wire.number, now, self._world.awake, last_read=now, last_read_awake=self._world.awake)
        view.frozen_at_last_read = self._world.frozen_seconds
        self._views[wire.number] = view
        self._has_opened = True

    def on_hello(self, wire: Wire, count: int, announced: float | None) -> None:
        """Slack says hello, with its count and the lifetime that it announces; the client has not read it yet."""
        if (view := self._views.get(wire.number)) is not None:
            view.count = count
            view.renews_after = None if announced is None else max(_LEAST_AGE, 0.8 * announced)

    def on_read(self, wire: Wire, frame: Frame, meaning: object) -> None:
        """The client takes a frame."""
        view = self._views.get(wire.number)
        self.note("read", wire.number, frame, meaning)
        if view is None:
            return
        if isinstance(frame, CloseFrame | Gone):
            self._on_end_read(view)
            return
        view.was_suspect |= view.is_suspect(self._world.monotonic)
        view.last_read, view.last_read_awake = self._world.monotonic, self._world.awake
        view.frozen_at_last_read = self._world.frozen_seconds
        view.unanswered_since = None
        if isinstance(meaning, Mail):
            self.acks.on_read(view, meaning)
        elif isinstance(meaning, str):
            self._on_word(view, meaning)

    def _on_end_read(self, view: View) -> None:
        if view.end_read_at is not None:
            return
        self._on_end(view)
        view.end_read_at = self._world.monotonic

    def _on_giving_up(self, wire: Wire, view: View) -> None:
        is_dead = wire.is_mute or wire.is_deaf
        if not (is_dead or self._is_down):
            self.links.on_giving_up(view, wire.has_unread)

    def _on_end(self, view: View) -> None:
        """Ended without the client's doing."""
        is_expected = view.may_be_expected_to_end(self._world.monotonic)
        if view.is_alive and not is_expected and not self._is_down:
            self.dials.lost(view)
        if view.hello_at is None:
            return
        self.dials.notice(view)
        if not view.is_crowded:
            self.dials.made_room()

    def _on_word(self, view: View, word: str) -> None:
        if view.close_sent_at is not None or view.was_sent_away:
            return
        if word == "hello":
            self._on_ready(view)
            return
        view.was_sent_away = view.hello_at is None
        view.is_told = True
        if word == "too_many_websockets":
            view.is_crowded = True
            self.links.crowded()
            if view.hello_at is None:
                self.dials.crowded()
        elif word == "link_disabled":
            self.on_fatal(word)

    def _on_ready(self, view: View) -> None:
        if view.hello_at is not None:
            return
        view.hello_at = self._world.monotonic
        view.is_told |= self._rotations > 0  # Who waits for his turn may replace this one, too.
        self.dials.succeeded()
        self.links.on_ready(view)
        self.gaps.on_ready(view, view.hello_at)

    def on_send(self, wire: Wire, kind: str, data: Any) -> None:
        """The client sends a frame."""
        view = self._views[wire.number]
        self.note("send", wire.number, kind, data)
        if view.close_sent_at is not None and kind in ("text", "close"):  # a pong may follow: RFC 6455, 5.5.2
            self.blame("after close", f"{kind} sent on {view.number} after the Close frame")
        if kind == "text":
            self.acks.on_send(view, data)
        elif kind == "ping":
            view.unanswered_since = view.unanswered_since or self._world.monotonic
        elif kind == "close":
            if view.is_alive:
                self._on_giving_up(wire, view)
            view.close_sent_at = self._world.monotonic

    def on_sent(self, wire: Wire, kind: str, data: Any) -> None:
        """It has left the client."""
        if kind == "text":
            self.acks.on_sent(data)

    def on_send_failed(self, wire: Wire) -> None:
        """It could not."""
        if (view := self._views.get(wire.number)) is not None:
            view.send_failed = True

    def on_abort(self, wire: Wire) -> None:
        """The client cuts the connection."""
        self.note("abort", wire.number)
        view = self._views.pop(wire.number)
        now = self._world.monotonic
        if view.hello_at is None:
            self.dials.failed()
        if view.is_alive:
            self._on_giving_up(wire, view)
            self._on_end(view)
        self.dials.notice(view)
        view.aborted_at = now
        view.was_paused |= wire.has_unread  # Nobody reads while all listeners are busy, and silence means nothing.
        if view.hello_at is not None and not view.is_crowded:
            self.dials.made_room()
        self.links.on_over(view)
        self.gaps.on_over(view, now, self._world.frozen_seconds)

    def on_release(self, wire: Wire) -> None:
        """The client has given everything back."""
        self.note("release", wire.number)

    # What the client reports, and whom it calls.

    def on_fact(self, fact: facts.Fact) -> None:
        """An observer of the client."""
        self.note("fact", fact)
        self.acks.on_fact(fact)
        match fact:
            case facts.Gap():
                self.gaps.on_fact(fact, self._world.monotonic)
            case facts.EngineFault(where=where, error=error):
                self.blame("fault", f"the engine broke in {where}: {error!r}")
            case facts.Stopped():
                self.gaps.stopped(self._world.monotonic)
            case facts.BackPressure():
                for view in self._views.values():
                    view.was_paused = True

    def on_listener(self, envelope_id: str) -> None:
        """A listener is called."""
        self.note("listener", envelope_id)
        self.acks.on_handled(envelope_id)


def tell(entry: tuple[float, str, tuple[Any, ...]]) -> str:
    """One line of the trace."""
    moment, what, details = entry
    return f"{moment:9.3f}  {what:12s} " + " ".join(_word(detail) for detail in details if detail is not None)


def _word(detail: Any) -> str:
    if type(detail).__module__ == "tautwire.engine.transport":
        return words(detail)
    return str(detail)
