"""What goes on for a while: following the journal, taking it along, replaying one."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from tautwire.errors import ConfigurationError
from tautwire.local.control.journal import Look, Number, Speaker
from tautwire.local.control.operation import AppId, Body, Json
from tautwire.local.control.reading import LINES
from tautwire.local.control.reading import lines as read_lines
from tautwire.local.control.reading import query as read_query
from tautwire.local.control.replaying import Again
from tautwire.local.control.stream import Stream
from tautwire.local.journal import Kind, Missed, lines, read
from tautwire.local.journal.replay import perform, plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tautwire.local.app import LocalSlack
    from tautwire.local.journal import Entry, Follower
    from tautwire.local.journal.replay import Plan, Repeat

__all__ = ["STREAMS"]

#: Seconds of silence after which whoever follows is sent an empty line, so that one who has gone is noticed.
HEARTBEAT: Final = 15.0
#: Bytes of a journal that can be replayed: twice what the local Slack's own holds at most.
LARGEST: Final = 128 * 2**20

_EVENTS: Final = "text/event-stream"
#: Bytes of a journal that are handed over at once.
_CHUNK: Final = 256 * 1024


class Follow(Look):
    """As for `/journal`, from the entry after `since`, or from now on."""

    since: Number | None = None


class Replay(Body):
    """How: with the ids that were recorded, or with new ones; how many times as fast, 0 for no pauses; one app's."""

    same_ids: bool = False
    pace: Annotated[float, Meta(ge=0)] = 1.0
    app: AppId = ""


async def follow_journal(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """What is said both ways, as it is said.

    JSON lines as in a journal's file, the header included; or server-sent events, to who accepts `text/event-stream`,
    each an entry with its number as the id. An empty line, or a comment, comes after 15 s of silence. Ends when the
    local Slack closes. Whoever is too slow is told how many entries are gone (`missed`).
    """
    look = read_query(request, Follow)
    is_events = _EVENTS in request.headers.get("Accept", "")
    since = look.since if look.since is not None else slack.journal.last
    if is_events and (seen := request.headers.get("Last-Event-ID", "")).isdecimal():
        since = int(seen)
    speaker = Speaker(slack, details=look.details) if look.words else None
    follower = slack.journal.follow(since, look.query())
    response = await _begin(request, _EVENTS if is_events else LINES)
    with suppress(ConnectionError):
        if not is_events:
            await response.write(f"{lines.header(names=slack.workspace.names)}\n".encode())
        async for found in _with_heartbeats(follower):
            words = speaker.words(found) if speaker and not isinstance(found, Missed | None) else ""
            await response.write((_event if is_events else _line)(found, words).encode())
        await response.write_eof()
    return response


async def _with_heartbeats(follower: Follower) -> AsyncIterator[Entry | Missed | None]:
    """What is followed, and `None` after each long silence."""
    while True:
        try:
            async with asyncio.timeout(HEARTBEAT):
                found = await anext(follower, None)
        except TimeoutError:
            yield None
            continue
        if found is None:
            return
        yield found


def _line(found: Entry | Missed | None, words: str) -> str:
    if found is None:
        return "\n"
    text = lines.gap(found.count) if isinstance(found, Missed) else lines.line(found, words=words)
    return f"{text}\n"


def _event(found: Entry | Missed | None, words: str) -> str:
    if found is None:
        return ":\n\n"
    if isinstance(found, Missed):
        return f"event: missed\ndata: {found.count}\n\n"
    return f"id: {found.number}\ndata: {lines.line(found, words=words)}\n\n"


async def export_journal(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """The journal as it stands: a file of JSON lines, which `replay` takes."""
    slack.journal.names |= slack.workspace.names
    response = await _begin(request, LINES)
    chunk = bytearray()
    with suppress(ConnectionError):
        for text in slack.journal.to_lines():
            chunk += f"{text}\n".encode()
            if len(chunk) >= _CHUNK:
                await response.write(bytes(chunk))
                chunk.clear()
        await response.write(bytes(chunk))
        await response.write_eof()
    return response


async def replay(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """Make the deliveries of a recorded journal once more, in their order and at their pace.

    The body is the journal, as JSON lines. So is the answer: `{planned, seconds, skipped}`, then one line for each
    delivery as it goes out, then `{sent}`. It ends early when whoever asked goes away.
    """
    how = read_query(request, Replay)
    recording = read(await read_lines(request, LARGEST))
    for app_id in {entry.app_id for entry in recording.entries if entry.kind is Kind.ENVELOPE}:
        if how.app in ("", app_id):
            slack.line(app_id)
    again = Again(slack)
    found = plan(recording.entries, again, same_ids=how.same_ids, app_id=how.app)
    if not found.repeats:
        raise ConfigurationError("there is nothing in this journal to deliver again")
    response = await _begin(request, LINES)
    with suppress(ConnectionError):
        await response.write(_json(_summary(found, recording.notice)))
        sent = await _perform(found, again, request, response, how.pace)
        await response.write(_json({"sent": sent}))
        await response.write_eof()
    return response


async def _perform(found: Plan, again: Again, request: web.Request, response: web.StreamResponse, pace: float) -> int:
    told: asyncio.Queue[Json | None] = asyncio.Queue()
    task = asyncio.create_task(
        perform(found, _Stage(again, request, told), clock=again.clock, pace=pace), name="local-slack-replay"
    )
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        while (news := await told.get()) is not None:
            await response.write(_json(news))
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class _Stage:
    """Tells of each delivery, and delivers nothing more once nobody listens."""

    def __init__(self, again: Again, request: web.Request, told: asyncio.Queue[Json | None]) -> None:
        self._again, self._request, self._told = again, request, told

    def send(self, repeat: Repeat) -> None:
        if self._request.transport is None:
            raise ConnectionResetError
        delivery = self._again.send(repeat)
        known = {"number": repeat.number, "type": repeat.type, "subject": repeat.subject}
        self._told.put_nowait(known | {"envelope_id": delivery.envelope_id, "event_id": delivery.event_id})


def _summary(found: Plan, notice: str) -> Json:
    skipped = [{"number": each.number, "reason": each.reason} for each in found.skipped]
    return {"planned": len(found.repeats), "seconds": found.seconds, "skipped": skipped, "notice": notice}


def _json(what: Json) -> bytes:
    return msgspec.json.encode(what) + b"\n"


async def _begin(request: web.Request, kind: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-store"})
    await response.prepare(request)
    return response


STREAMS: Final = (
    Stream(verb="GET", path="/journal/follow", run=follow_journal, gives=(LINES, _EVENTS), fields=Follow),
    Stream(verb="GET", path="/journal/export", run=export_journal, gives=(LINES,)),
    Stream(verb="POST", path="/replay", run=replay, gives=(LINES,), fields=Replay, takes=LINES),
)
