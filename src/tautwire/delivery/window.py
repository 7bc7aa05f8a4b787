"""What has been handled lately: bounded in time and in number, so that it can run for ever."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tautwire.delivery.key import Key

__all__ = ["WINDOW_KEYS", "WINDOW_SECONDS", "Window"]

#: An hour: redeliveries were seen 368 s after the first, and an application that remembered only 300 s ran them twice.
WINDOW_SECONDS: Final = 3600.0
WINDOW_KEYS: Final = 50_000


class Window:
    """Keys seen within `seconds`, at most `keys` of them; the oldest go first. Times are monotonic seconds."""

    def __init__(self, seconds: float = WINDOW_SECONDS, keys: int = WINDOW_KEYS) -> None:
        self._seconds = seconds
        self._keys = keys
        self._seen: OrderedDict[Key, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._seen)

    def has(self, key: Key, now: float) -> bool:
        """Whether `key` was added within the window."""
        self._expire(now)
        return key in self._seen

    def add(self, key: Key, now: float) -> None:
        """Remember `key` from now."""
        self._seen[key] = now
        self._seen.move_to_end(key)
        self._expire(now)

    def _expire(self, now: float) -> None:
        while self._seen:
            added = next(iter(self._seen.values()))
            if len(self._seen) <= self._keys and now - added < self._seconds:
                return
            self._seen.popitem(last=False)
