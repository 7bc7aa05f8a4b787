"""What goes on for a while: following the journal, taking it along, replaying one."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

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
from tautwire.local.journal import Entry, Kind, Missed, lines, read
from tautwire.local.journal.replay import perform, plan

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

    from tautwire.local.app import LocalSlack
    from tautwire.local.journal import Follower
    from tautwire.local.journal.replay import Plan, Repeat

__all__ = ["STREAMS"]

#: Seconds of silence after which whoever follows is sent an empty line, so that one who has gone is noticed.
HEARTBEAT: Final = 15.0
#: Bytes of a journal that can be replayed: twice what the local Slack's own holds at most.
LARGEST: Final = 128 * 2**20

T = TypeVar("T")

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
    speaker = Speaker.of(slack, look)
    follower = slack.journal.follow(since, look.query())
    response = await _begin(request, _EVENTS if is_events else LINES)
    with suppress(ConnectionError):
        if not is_events:
            await response.write(f"{lines.header(names=slack.workspace.names)}\n".encode())
        async for found in _with_heartbeats(follower):
            if not isinstance(found, Entry) or speaker.is_worth_it(found):
                await response.write((_event if is_events else _line)(found, speaker).encode())
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


def _line(found: Entry | Missed | None, speaker: Speaker) -> str:
    if found is None:
        return "\n"
    return f"{lines.gap(found.count) if isinstance(found, Missed) else speaker.line(found)}\n"


def _event(found: Entry | Missed | None, speaker: Speaker) -> str:
    if found is None:
        return ":\n\n"
    if isinstance(found, Missed):
        return f"event: missed\ndata: {found.count}\n\n"
    return f"id: {found.number}\ndata: {speaker.line(found)}\n\n"


async def export_journal(slack: LocalSlack, request: web.Request) -> web.StreamResponse:
    """The journal as it stands.

    A file of JSON lines: a header, then the entries. `replay` takes it.
    """
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

    The body is the journal, as JSON lines. So is the answer: `{planned, seconds, skipped, notice}`, then one line for
    each delivery as it goes out, then `{sent}`; an empty one after 15 s of silence. It ends early, without `{sent}`,
    when whoever asked goes away or the local Slack closes.
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
        told: asyncio.Queue[Json | None] = asyncio.Queue()
        stage = _Stage(again, request, told)
        performing = perform(found, stage, clock=again.clock, pace=how.pace)
        async with _running("local-slack-replay", performing, told) as performed:
            async with _running("local-slack-end", slack.journal.bell.until(lambda: slack.journal.is_closed), told):
                while (news := await _next(told)) is not None:
                    await response.write(_json(news) if news else b"\n")
            if performed.done():
                await response.write(_json({"sent": performed.result()}))
    return response


@asynccontextmanager
async def _running(
    name: str, what: Coroutine[Any, Any, T], told: asyncio.Queue[Json | None]
) -> AsyncIterator[asyncio.Task[T]]:
    """For the time of the block; `None` is told once it is done."""
    task = asyncio.create_task(what, name=name)
    task.add_done_callback(lambda _: told.put_nowait(None))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _next(told: asyncio.Queue[Json | None]) -> Json | None:
    """What is told next; nothing (`{}`) after a long silence."""
    try:
        async with asyncio.timeout(HEARTBEAT):
            return await told.get()
    except TimeoutError:
        return {}


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
