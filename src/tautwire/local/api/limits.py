"""Slack's rate limits, for tests of what an app does under them. Pure: the time is passed in.

The numbers are those of docs.slack.dev/apis/web-api/rate-limits: so many calls a minute for each method, app and
workspace. Slack promises them as the least that is let through, and tolerates bursts without saying how large; here
they are the most in any sixty seconds, which is what an app has to be able to live with.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from tautwire.local.api.method import Method, Tier

__all__ = ["PER_MINUTE", "Bucket", "Limits", "TooFast", "Window"]

#: Calls of one method in a minute, by tier. `special` is what the page on limits says of `auth.test`: hundreds.
PER_MINUTE: Final[dict[Tier, int]] = {1: 1, 2: 20, 3: 50, 4: 100, "special": 300}
#: `chat.postMessage` in one channel, response URLs and webhooks: one a second. "Short bursts" are allowed; how short
#: they are is not said.
PER_SECOND: Final = 1.0
BURST: Final = 5
#: All that an app posts in one workspace: "several hundred messages per minute"; then `rate_limited`.
POSTS_PER_MINUTE: Final = 300
#: Seconds, or calls, that sums of floats may be off; who has waited as long as was said must not be refused for it.
_ROUNDING: Final = 1e-6
_POSTING: Final = frozenset({"chat.postMessage"})


class TooFast(Refusal):
    """HTTP 429: `ratelimited`, and to be asked again in `retry_after` whole seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("ratelimited")
        self.retry_after = retry_after


@dataclass(slots=True)
class Window:
    """At most `most` in any `seconds`. What is refused does not count."""

    most: int
    seconds: float = 60.0
    _taken: deque[float] = field(default_factory=deque)

    def take(self, now: float) -> float:
        """One more. Returns 0, or the seconds until there is room again."""
        while self._taken and now - self._taken[0] > self.seconds - _ROUNDING:
            self._taken.popleft()
        if len(self._taken) < self.most:
            self._taken.append(now)
            return 0.0
        return self.seconds - (now - self._taken[0])


@dataclass(slots=True)
class Bucket:
    """One each `1 / rate` seconds, and up to `burst` at once by whoever has waited. What is refused does not count."""

    rate: float = PER_SECOND
    burst: int = BURST
    _level: float = 0.0
    _seen: float = -math.inf

    def take(self, now: float) -> float:
        """One more. Returns 0, or the seconds until there is room again."""
        self._level = max(0.0, self._level - (now - self._seen) * self.rate)
        self._seen = now
        if self._level + 1 <= self.burst + _ROUNDING:
            self._level += 1
            return 0.0
        return (self._level + 1 - self.burst) / self.rate


class Limits:
    """What each app has used up in a workspace. `now` is in monotonic seconds."""

    def __init__(self) -> None:
        self._methods: dict[tuple[str, str], Window] = {}
        self._posts: dict[str, Window] = {}
        self._places: dict[tuple[str, str], Bucket] = {}

    def check(self, method: Method, app_id: str, now: float, *, channel: str = "") -> None:
        """Count one call. Raises `TooFast`, or `Refusal("rate_limited")` for a flood of messages.

        Calls without a token, which belong to no app, have an `app_id` of `""` in common.
        """
        if method.name in _POSTING:
            self._check_post(app_id, channel, now)
            return
        window = self._methods.setdefault((app_id, method.name), Window(PER_MINUTE[method.tier]))
        _refuse(window.take(now))

    def _check_post(self, app_id: str, channel: str, now: float) -> None:
        _refuse(self._places.setdefault((app_id, channel), Bucket()).take(now))
        if self._posts.setdefault(app_id, Window(POSTS_PER_MINUTE)).take(now):
            raise Refusal("rate_limited")

    def check_hook(self, path: str, now: float) -> None:
        """Count one answer to a response URL, or one message by a webhook: one a second. Raises `TooFast`."""
        _refuse(self._places.setdefault(("", path), Bucket()).take(now))


def _refuse(wait: float) -> None:
    if wait > 0:
        raise TooFast(math.ceil(wait))
