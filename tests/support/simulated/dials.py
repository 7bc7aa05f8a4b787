"""The oracle's rules for dials: when there may be one, and when there must not."""

from __future__ import annotations

import enum
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulated.view import View
    from simulated.world import World

__all__ = ["DialRules"]

_BURST: Final = 10
_REFILL: Final = 6.0
_FLOOR: Final = 0.2
_CAP: Final = 60.0
_STABLE: Final = 60.0
_CROWDED: Final = 30.0
_EPSILON: Final = 1e-6


class _Free(enum.Enum):
    """The one redial after a loss that need not wait."""

    UNUSED = enum.auto()
    GRANTED = enum.auto()
    SPENT = enum.auto()


class DialRules:
    """Follows failures and losses, and says which dial came too soon, too late, or at all.

    Where the client may or may not have noticed yet that a connection is stable, the gentler reading counts.
    """

    def __init__(
        self,
        world: World,
        views: Callable[[], Iterable[View]],
        connections: int,
        least: float,
        blame: Callable[[str, str], None],
    ) -> None:
        self._world = world
        self._views = views
        #: The first dials, one for each connection, come on top of what may be opened at once.
        self._connections = connections
        #: The part of a bound that chance gives at the least.
        self._least = least
        self._blame = blame
        self._is_dialling = False
        self._is_down = False
        self._fatal: str | None = None
        self._limited_until = float("-inf")
        self._not_before = (float("-inf"), "")
        self._crowded_until = float("-inf")
        self._frozen_before = 0.0
        self._failures = 0
        self._free = _Free.UNUSED
        self._spent_at = float("-inf")
        self._opens: deque[float] = deque(maxlen=40)
        self._dials = 0

    @property
    def limited_for(self) -> float:
        """Seconds until the last rate limit is over."""
        return max(0.0, self._limited_until - self._world.monotonic)

    # What happens.

    def wanted(self) -> None:
        """The user wants connections."""
        self._is_down, self._fatal = False, None

    def unwanted(self) -> None:
        """The user has called `disconnect()` or `close()`."""
        self._is_down = True

    def fatal(self, code: str) -> None:
        """Slack has refused for good."""
        self._fatal = code

    def limited(self, seconds: float) -> None:
        """Slack has asked to wait."""
        self._limited_until = max(self._limited_until, self._world.monotonic + seconds)

    def began(self) -> None:
        """A dial begins."""
        now = self._world.monotonic
        self._credit(now)
        if self._is_dialling:
            self._blame("one dial", "a second dial while one is in flight")
        if self._is_down:
            self._blame("no dial", "a dial after close() or disconnect()")
        if self._fatal is not None:
            self._blame("no dial", f"a dial after the fatal answer {self._fatal}")
        self._check_pace(now)
        self._is_dialling = True
        self._opens.append(now)
        self._dials += 1
        if self._free is _Free.GRANTED:
            self._spend(now)

    def ended(self) -> None:
        """The dial in flight was called off."""
        self._is_dialling = False

    def failed(self) -> None:
        """The dial in flight came to nothing."""
        self._is_dialling = False
        now = self._world.monotonic
        if self._is_down or self._fatal is not None:
            return
        self._spend(now)
        self._trouble(now, "a failed dial")

    def succeeded(self) -> None:
        """Slack has said hello."""
        self._is_dialling = False
        self._credit(self._world.monotonic)

    def lost(self, view: View) -> None:
        """A ready connection went, of which nobody knew that it would."""
        now = self._world.monotonic
        if view.hello_at is None or self._credit(now, view):
            return
        if self._free is _Free.UNUSED:
            self._free = _Free.GRANTED
        elif self._free is _Free.SPENT and view.hello_at > self._spent_at:
            self._trouble(now, "a loss")

    def notice(self, view: View) -> None:
        """Something happens to a connection: a chance for the client to see how old it is."""
        self._credit(self._world.monotonic, view)

    def crowded(self) -> None:
        """Slack has refused a dial as one too many."""
        self._crowded_until = self._world.monotonic + _CROWDED

    def made_room(self) -> None:
        """A connection that Slack counted is gone."""
        self._crowded_until = float("-inf")

    # Inside.

    def _trouble(self, now: float, what: str) -> None:
        self._failures += 1
        bound = min(_CAP, 2.0 ** (self._failures - 1))
        least = max(_FLOOR, self._least * bound)
        if now + least > self._not_before[0]:
            self._not_before = (now + least, f"{what}, number {self._failures} since the last stable minute")
        if self._credit(now):
            self._not_before = (now + _FLOOR, what)

    def _credit(self, now: float, ending: View | None = None) -> bool:
        """A connection that has lived long enough clears the past; whether one did so just now."""
        views = [*self._views(), *([ending] if ending is not None else [])]
        old = [view for view in views if not view.is_credited and view.is_ready_for(_STABLE - _EPSILON, now)]
        if self._world.frozen_seconds > self._frozen_before:  # It may notice one now and the others after a loss.
            self._frozen_before = self._world.frozen_seconds
            del old[1:]
        for view in old:
            view.is_credited = True
        if old:
            self._failures, self._free = 0, _Free.UNUSED
        return bool(old)

    def _spend(self, now: float) -> None:
        if self._free is not _Free.SPENT:
            self._free, self._spent_at = _Free.SPENT, now

    def _check_pace(self, now: float) -> None:
        if now < self._limited_until - _EPSILON:
            self._blame("rate limit", f"a dial {self._limited_until - now:.3f} s before the Retry-After is over")
        moment, why = self._not_before
        if now < moment - _EPSILON:
            self._blame("back-off", f"a dial {moment - now:.3f} s too early after {why}")
        if now < self._crowded_until - _EPSILON:
            self._blame("crowded", f"a dial {self._crowded_until - now:.3f} s too early after too_many_websockets")
        for count, opened in enumerate(reversed(self._opens), 2):
            first = self._dials - count + 2
            allowed = _BURST + max(0, self._connections - first + 1) + (now - opened) / _REFILL
            if count > allowed + _EPSILON:
                self._blame("opens", f"{count} dials within {now - opened:.1f} s")
                break
