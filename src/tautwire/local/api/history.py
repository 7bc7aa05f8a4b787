"""`conversations.history`, `.replies` and `.mark`: what has been said, page by page."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from itertools import islice
from typing import TYPE_CHECKING, Final

from tautwire.local.api.conversations import CHANGES, USER_CHANGES
from tautwire.local.api.method import Call, Family, optional, required
from tautwire.local.api.paging import cursor_for, cursor_of, limit_of
from tautwire.local.workspace import shapes
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace.model import Channel, Json, Message

__all__ = ["family"]

family: Final = Family()

_SCOPES: Final = "channels:history groups:history mpim:history im:history"
_RANGE: Final = (
    optional("latest"),
    optional("oldest"),
    optional("inclusive", "flag"),
    optional("include_all_metadata", "flag"),
)
_TS: Final = re.compile(r"(\d{1,12})(?:\.(\d{1,6})\d*)?")
#: The most on one page of a history (docs.slack.dev).
_MOST: Final = 999
_WORD: Final = "next_ts"
_CURSOR: Final = re.compile(r"[0-9]{1,18}")


@family.method(
    "conversations.history",
    required("channel"),
    *_RANGE,
    scopes=_SCOPES,
    errors="""channel_not_found not_in_channel invalid_ts_latest invalid_ts_oldest channel_is_limited_access
        invalid_limit""",
    takes_json=False,
    is_paged=True,
    note="Marketplace limits (15 messages, once a minute) are not imitated.",
)
def history(call: Call) -> Json:
    """What was said in a place, newest first; replies only where they were broadcast.

    With `oldest` and without `latest` pages go forward from there, as Slack's documentation had it: "those closest to
    oldest" (slackhq/slack-api-docs, channels.history). Each page is newest first all the same.
    """
    place = _readable(call)
    is_forward = _given(call, "oldest") and not _given(call, "latest")
    limit = limit_of(call, usual=100, most=_MOST)
    within = _between(call, list(place.messages.values()))
    said, following = _cut(call, within, limit, is_forward=is_forward, is_shown=_is_in_channel)
    answer: Json = {
        "messages": _shapes(call, said[::-1] if is_forward else said),
        "has_more": bool(following),
        "pin_count": len(place.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }
    return answer | _metadata(following)


@family.method(
    "conversations.replies",
    required("channel"),
    required("ts"),
    *_RANGE,
    scopes=_SCOPES,
    errors="""channel_not_found not_in_channel thread_not_found invalid_ts_latest invalid_ts_oldest
        method_not_supported_for_channel_type invalid_limit""",
    takes_json=False,
    is_paged=True,
    note="The parent is on top of every page and counts towards `limit`, but each further page has a reply at least.",
)
def replies(call: Call) -> Json:
    """A thread, oldest first, its parent on top of every page; `ts` may be that of any message in it."""
    place = _readable(call)
    parent = _parent(place, call.text("ts"))
    said = _between(call, call.workspace.talk.replies(place, parent))
    is_first = not call.text("cursor")
    room = max(limit_of(call, usual=1000) - 1, 0 if is_first else 1)
    said, following = _cut(call, said, room, is_forward=True)
    answer: Json = {"messages": _shapes(call, [parent, *said]), "has_more": bool(following)}
    return answer | _metadata(following)


def _parent(place: Channel, ts: str) -> Message:
    said = place.messages.get(ts)
    if said is not None and said.is_reply:
        said = place.messages.get(said.thread_ts)
    if said is None:
        raise Refusal("thread_not_found")
    return said


def _readable(call: Call) -> Channel:
    """A place that the caller may read: bots have to be in, people see public channels from without."""
    place = call.conversation()
    is_bot = call.key is not None and call.key.kind != "user"
    if is_bot and call.user.id not in place.members:
        raise Refusal("not_in_channel")
    return place


def _is_in_channel(said: Message) -> bool:
    return not said.is_reply or said.is_broadcast


def _between(call: Call, said: list[Message]) -> list[Message]:
    """What lies between `oldest` and `latest`, with the bounds themselves when `inclusive`; `said` is in order."""
    oldest, latest = _bound(call, "oldest"), _bound(call, "latest")
    slack = 0 if call.flag("inclusive") else 1
    first = 0 if oldest is None else bisect_left(said, oldest + slack, key=_when)
    last = None if latest is None else bisect_right(said, latest - slack, key=_when)
    return said[first:last]


def _when(said: Message) -> int:
    return _micros(said.ts)


def _given(call: Call, name: str) -> bool:
    """Whether a bound is there; 0 is none, and so is what Slack's documentation calls the default of `latest`."""
    return call.text(name) not in ("", "0", "now")


def _bound(call: Call, name: str) -> int | None:
    if not _given(call, name):
        return None
    if not _TS.fullmatch(call.text(name)):
        raise Refusal(f"invalid_ts_{name}")
    return _micros(call.text(name))


def _micros(ts: str) -> int:
    """A `ts` as a number; never by way of a float, which has too few digits."""
    found = _TS.fullmatch(ts)
    if found is None:
        raise Refusal("invalid_timestamp")
    return int(found[1]) * 1_000_000 + int((found[2] or "").ljust(6, "0"))


def _cut(
    call: Call,
    said: list[Message],
    limit: int,
    *,
    is_forward: bool,
    is_shown: Callable[[Message], bool] = lambda _: True,
) -> tuple[list[Message], str]:
    """The page that the call's cursor begins, and the cursor of the one after it, or `""`; `said` is oldest first.

    A cursor is a time, so that it holds while messages come and go.
    """
    begin = cursor_of(call, _WORD)
    if begin and not _CURSOR.fullmatch(begin):
        raise Refusal("invalid_cursor")
    if begin and is_forward:
        said = said[bisect_left(said, int(begin), key=_when) :]
    elif begin:
        said = said[: bisect_right(said, int(begin), key=_when)]
    # Not all of a long history is looked at for one page.
    ordered = said if is_forward else reversed(said)
    found = list(islice(filter(is_shown, ordered), limit + 1))
    return found[:limit], cursor_for(_WORD, str(_when(found[limit]))) if limit < len(found) else ""


def _shapes(call: Call, said: list[Message]) -> list[Json]:
    found = [shapes.message(call.workspace.core, each, base_url=call.base_url) for each in said]
    if not call.flag("include_all_metadata"):
        for each in found:
            each.pop("metadata", None)
    return found


def _metadata(following: str) -> Json:
    """Unlike other lists, these have no `response_metadata` on their last page (seen in brekkylab/backlot#75)."""
    return {"response_metadata": {"next_cursor": following}} if following else {}


@family.method(
    "conversations.mark",
    required("channel"),
    required("ts"),
    scopes=CHANGES,
    user_scopes=USER_CHANGES,
    errors="channel_not_found invalid_timestamp not_in_channel",
)
def mark(call: Call) -> Json:
    """Read up to a message."""
    place, ts = call.conversation(), call.text("ts")
    _micros(ts)
    call.workspace.places.mark(place, ts, by=call.user)
    return {}
