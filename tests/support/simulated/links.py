"""The oracle's rules for connections: how many, and which may be given up when."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulated.view import View
    from simulated.world import World

__all__ = ["LinkRules"]

_CAP: Final = 10
_EPSILON: Final = 1e-6

#: Seconds of a frozen client that may still count as the peer's silence.
_UNFORGIVEN: Final = 1.0

#: Seconds from the decision to close until the Close frame, while acks that are due may still go out.
_FAREWELL: Final = 1.0

#: Seconds that a replaced connection is kept at the most.
_DRAIN: Final = 30.0


class LinkRules:
    """Never zero while one could serve; never more than the target and one, nor than ten."""

    def __init__(
        self,
        world: World,
        views: Callable[[], Iterable[View]],
        connections: int,
        silence_limit: float,
        blame: Callable[[str, str], None],
    ) -> None:
        #: Whether Slack has refused for good: what is open may go.
        self.is_off = False
        self._world = world
        self._views = views
        self._most = min(_CAP, connections + 1)
        self._silence_limit = silence_limit
        self._blame = blame
        self._dialling = 0
        self._last_count = 0
        self._gone: deque[View] = deque(maxlen=12)

    def on_dial(self, is_down: bool) -> None:
        """A dial begins."""
        self._dialling = 1
        count = sum(view.end_read_at is None for view in self._views()) + 1
        if count > self._most:
            self._blame("count", f"{count} connections, the one being dialled included; {self._most} are allowed")

    def on_dial_over(self) -> None:
        """A dial has failed before there was a connection."""
        self._dialling = 0

    def on_ready(self, view: View) -> None:
        """Slack has said hello."""
        self._last_count = view.count or 0

    def on_over(self, view: View) -> None:
        """A connection is gone."""
        self._gone.append(view)
        if view.is_crowded:
            self.crowded()  # The client counts when the connection is over, a second after Slack's word at the most.

    def crowded(self) -> None:
        """Slack has said that there are too many."""
        self._last_count = _CAP

    def _has_replaced(self, other: View, view: View) -> bool:
        """A replaced connection has its thirty seconds, even if what replaced it lives no more."""
        if other.hello_at is None or view.hello_at is None or other.hello_at <= view.hello_at:
            return False
        return self._world.monotonic - other.hello_at >= _DRAIN - _EPSILON

    def everybody_may_go(self) -> None:
        """The user wants new ones."""
        for view in self._views():
            view.is_told = True

    def on_giving_up(self, view: View, has_unread: bool) -> None:
        """The client ends a connection that works, by intent of nobody but itself."""
        if self.is_off or view.hello_at is None or view.is_crowded:
            return
        silence = self._world.awake - view.last_read_awake
        if silence >= self._silence_limit - _UNFORGIVEN and not has_unread:
            return
        since = self._world.monotonic - _FAREWELL
        if any(other.served_after(since) for other in (*self._views(), *self._gone) if other is not view):
            return
        if self._last_count >= _CAP and view.may_be_expected_to_end(self._world.monotonic):
            return
        if any(self._has_replaced(other, view) for other in (*self._views(), *self._gone)):
            return
        self._blame("never zero", f"{view.number} was given up, and no other connection is ready")
