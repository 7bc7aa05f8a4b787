"""What is handled one after the other: the channel, the thread or the person that an envelope is about. Pure.

A group is a text; envelopes with the same one are handled in the order in which they were stored, one at a time, and
one that waits for its retry holds up those behind it. `""` waits for nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ConfigurationError
from tautwire.protocol import codec

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.protocol.messages import Envelope

    Grouping = Callable[[Envelope], str]

__all__ = ["grouping", "ungrouped"]

#: Where a payload says it: Slack has it in the event, in the interaction or at the top, as an id or as an object.
_CHANNEL: Final = (
    ("event", "channel"),
    ("event", "channel_id"),
    ("event", "item", "channel"),
    ("channel",),
    ("channel_id",),
    ("container", "channel_id"),
)
_USER: Final = (("event", "user"), ("event", "user_id"), ("user",), ("user_id",))
#: A reply has its thread's `thread_ts`; the message that a thread hangs on is known by its own `ts`.
_THREAD: Final = (
    ("event", "thread_ts"),
    ("event", "message", "thread_ts"),
    ("event", "message", "ts"),
    ("event", "item", "ts"),
    ("event", "ts"),
    ("container", "thread_ts"),
    ("container", "message_ts"),
    ("message", "thread_ts"),
    ("message_ts",),
)
_TEAM: Final = (("team_id",), ("team",))


def ungrouped(_: Envelope) -> str:
    """Nothing waits for anything."""
    return ""


def grouping(word: str) -> Grouping:
    """The grouping by `"channel"`, `"thread"` or `"user"`.

    Raises:
        ConfigurationError: another word.
    """
    try:
        places = _PLACES[word]
    except (KeyError, TypeError):  # The latter is for a list, say.
        words = ", ".join(map(repr, _PLACES))
        raise ConfigurationError(f"serialize_by is {word!r}; it can be {words}, or a function") from None
    return lambda envelope: _group(word, codec.decode_object(envelope.payload), places)


_PLACES: Final = {"channel": (_CHANNEL,), "thread": (_CHANNEL, _THREAD), "user": (_USER,)}


def _group(word: str, payload: dict[str, Any], places: tuple[tuple[tuple[str, ...], ...], ...]) -> str:
    parts = [_first(payload, each) for each in places]
    if not parts[0]:
        return ""
    return ":".join([word, _first(payload, _TEAM), *parts])


def _first(payload: dict[str, Any], paths: tuple[tuple[str, ...], ...]) -> str:
    return next((found for path in paths if (found := _at(payload, path))), "")


def _at(value: Any, path: tuple[str, ...]) -> str:
    for name in (*path, "id"):
        if isinstance(value, str):
            break
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""
