"""Following the journal while it is written, taking it along, and replaying it."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import LocalSlack
from tautwire.local.journal import read

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import aiohttp


@asynccontextmanager
async def following(control: Any, accept: str = "", **query: Any) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Accept": accept} if accept else {}
    url = f"{control.url}/journal/follow"
    async with control.http.get(url, params=query, headers={**headers, **control.headers}) as response:
        assert response.status == 200
        yield response


async def line(response: aiohttp.ClientResponse) -> Any:
    """The next line with something in it."""
    text = b"\n"
    while text == b"\n":
        text = await response.content.readline()
    return json.loads(text)


async def test_it_comes_as_it_is_said(control: Any, app: Any) -> None:
    await control.done("/say", text="before")
    async with following(control, kind="person") as response:
        assert response.content_type == "application/x-ndjson"
        assert (await line(response))["format"] == "tautwire journal"
        await control.done("/say", text="one")
        assert (await line(response))["data"]["text"] == "one"
        await control.done("/say", text="two")
        assert (await line(response))["data"]["text"] == "two"


async def test_from_a_number_on_and_in_words(control: Any) -> None:
    await control.done("/say", text="one @bob")
    async with following(control, since=0, words="true") as response:
        await line(response)
        assert (await line(response))["words"] == "ann in #general: one @bob"


async def test_what_was_followed_is_a_journal(control: Any, app: Any, slack: LocalSlack) -> None:
    async with following(control, since=0) as response:
        await control.done("/say", text="hi @localbot")
        await slack.settled()
        last = slack.journal.last
        texts = [(await response.content.readline()).decode() for _ in range(last + 1)]
    recording = read(texts)
    assert [each.number for each in recording.entries] == list(range(1, last + 1))
    assert recording.names["C0GENERAL"] == "#general"


async def test_it_ends_when_the_local_slack_does(control_of: Any) -> None:
    async with LocalSlack() as slack, following(control_of(slack)) as response:
        await line(response)
        closing = asyncio.create_task(slack.close())
        assert await response.content.read() == b""
        await closing


async def test_server_sent_events_begin_where_they_had_ended(control: Any) -> None:
    for number in range(3):
        await control.done("/say", text=f"hi {number}")
    entries = (await control.told("/journal", kind="person"))["entries"]
    control.headers = {"Last-Event-ID": str(entries[0]["number"])}
    async with following(control, "text/event-stream", kind="person") as response:
        assert response.content_type == "text/event-stream"
        assert await response.content.readline() == f"id: {entries[1]['number']}\n".encode()
        data = (await response.content.readline()).decode()
        assert json.loads(data.removeprefix("data: "))["data"]["text"] == "hi 1"
        assert await response.content.readline() == b"\n"


@pytest.mark.parametrize(("accept", "beat"), [("", b"\n"), ("text/event-stream", b":\n\n")])
async def test_silence_has_a_beat(accept: str, beat: bytes, control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.control.streaming.HEARTBEAT", 0.01)
    async with following(control, accept) as response:
        if not accept:
            await line(response)
        assert await response.content.readexactly(2 * len(beat)) == 2 * beat
        await control.done("/say", text="still there?")
        while b"still there?" not in await response.content.readline():
            pass


@pytest.mark.parametrize(("accept", "said"), [("", b'{"missed":5}\n'), ("text/event-stream", b"event: missed\n")])
async def test_who_is_too_slow_is_told_what_is_gone(accept: str, said: bytes, control: Any, slack: LocalSlack) -> None:
    slack.journal.limit = 3
    for number in range(8):
        slack.journal.control("note", {"number": number})
    async with following(control, accept, since=0) as response:
        if not accept:
            await line(response)
        assert await response.content.readline() == said


@pytest.mark.parametrize("accept", ["", "text/event-stream"])
async def test_nothing_is_left_of_one_who_has_gone(accept: str, control: Any, slack: LocalSlack) -> None:
    async with following(control, accept) as response:
        response.close()
    await control.done("/say", text="one")
    await control.done("/say", text="two")
    await slack.close()


async def test_a_query_that_is_none(control: Any) -> None:
    for query in ({"since": "x"}, {"kind": "gossip"}, {"nothing": "1"}):
        assert (await control.get("/journal/follow", **query))[0] == 422


# Taking it along


async def test_the_whole_journal_as_a_file(control: Any, app: Any, slack: LocalSlack) -> None:
    await control.done("/create", name="ops")
    await slack.settled()
    async with control.http.get(f"{control.url}/journal/export") as response:
        text = await response.text()
    recording = read(text.split("\n"))
    assert (recording.entries, recording.notice) == (tuple(slack.journal), "")
    assert "#ops" in recording.names.values()
    assert slack.bot_token not in text


async def test_a_long_one_in_several_pieces(control: Any, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.control.streaming._CHUNK", 100)
    for number in range(20):
        slack.journal.control("note", {"number": number})
    async with control.http.get(f"{control.url}/journal/export") as response:
        assert read((await response.text()).split("\n")).entries == tuple(slack.journal)


# Replaying


@pytest.fixture
async def recorded(control_of: Any, dial: Any) -> bytes:
    """The journal of a mention, a command and an event that nobody heard, on another local Slack."""
    async with LocalSlack(seed=7) as slack:
        control = control_of(slack)
        async with dial(slack) as wire:
            for path, body in (("/trigger", {"type": "app_mention"}), ("/trigger", {"type": "team_join"})):
                await control.done(path, **body)
                await wire.ack(await wire.message())
            command = asyncio.create_task(control.done("/command", line="/deploy api"))
            await wire.ack(await wire.message())
            await command
        return "\n".join(slack.journal.to_lines()).encode()


async def test_what_was_delivered_is_delivered_again(
    recorded: bytes, control: Any, app: Any, slack: LocalSlack
) -> None:
    plan, *sent, end = await control.lines("/replay", recorded, pace=0)
    assert (plan["planned"], plan["skipped"], plan["notice"], end) == (3, [], "", {"sent": 3})
    assert [each["subject"] for each in sent] == ["app_mention", "team_join", "/deploy"]
    await slack.settled()
    assert app.subjects() == ["app_mention", "team_join", "/deploy"]
    before = [each.data for each in read(recorded.decode().split("\n")).entries if each.kind == "envelope"]
    assert not {each["envelope_id"] for each in before} & {each["envelope_id"] for each in app.seen}
    mention, command = app.seen[0]["payload"], app.seen[2]["payload"]
    assert mention["token"] == "local-verification"
    assert mention["event"]["text"] == before[0]["payload"]["event"]["text"]
    assert command["text"] == "api"


async def test_what_a_replay_hands_out_can_be_used(
    recorded: bytes, control: Any, app: Any, slack: LocalSlack, modal: Any
) -> None:
    async def use(payload: dict[str, Any]) -> None:
        await app("views.open", trigger_id=payload["trigger_id"], view=modal)
        async with control.http.post(payload["response_url"], json={"text": "answered"}) as response:
            assert response.status == 200

    app.before["/deploy"] = use
    app.answers["/deploy"] = {"text": "acked"}
    await control.lines("/replay", recorded, pace=0)
    await slack.settled()
    ann = slack.user("ann")
    assert ann.screen is not None
    assert {said.text for said in ann.ephemerals} == {"answered", "acked"}


async def test_an_answer_from_where_nobody_knows_is_acked_and_that_is_all(
    recorded: bytes, control: Any, app: Any, slack: LocalSlack
) -> None:
    app.answers["/deploy"] = {"text": "acked"}
    await control.lines("/replay", recorded.replace(b"C0GENERAL", b"C0ELSEWHERE"), pace=0)
    await slack.settled()
    assert slack.deliveries("/deploy")[0].state.value == "acked"
    assert slack.user("ann").ephemerals == []


async def test_with_the_same_ids(recorded: bytes, control: Any, app: Any, slack: LocalSlack) -> None:
    await control.lines("/replay", recorded, pace=0, same_ids="true")
    await slack.settled()
    before = [each.envelope_id for each in read(recorded.decode().split("\n")).entries if each.kind == "envelope"]
    assert [each["envelope_id"] for each in app.seen] == before


async def test_a_click_is_in_its_message_again(control: Any, app: Any, slack: LocalSlack, blocks: Any) -> None:
    said = await app("chat.postMessage", channel="C0GENERAL", text="one", blocks=blocks)
    await control.done("/click", target="approve")
    async with control.http.get(f"{control.url}/journal/export") as response:
        journal = await response.read()

    async def answer(payload: dict[str, Any]) -> None:
        async with control.http.post(payload["response_url"], json={"text": "done", "replace_original": True}) as found:
            assert found.status == 200

    app.before["block_actions"] = answer
    await control.lines("/replay", journal, pace=0)
    await slack.settled()
    assert slack.workspace.channels["C0GENERAL"].messages[said["ts"]].text == "done"


@pytest.mark.parametrize(
    ("journal", "query", "said"),
    [
        (b"", {}, "this is no journal of the local Slack"),
        (b"{}", {}, "this is no journal of the local Slack"),
        (b'{"format":"tautwire journal","version":1}\n', {}, "there is nothing in this journal to deliver again"),
        (b'{"format":"tautwire journal","version":99}\n', {}, "use a newer one"),
        (b"", {"pace": "-1"}, "replay: pace must be a number >= 0"),
        (b"", {"speed": "2"}, "replay knows no 'speed'; it takes same_ids, pace, app"),
    ],
)
async def test_what_cannot_be_replayed(journal: bytes, query: dict[str, str], said: str, control: Any) -> None:
    path = "/replay" + "".join(f"?{name}={value}" for name, value in query.items())
    status, answer = await control.raw("POST", path, journal, "application/x-ndjson")
    assert (status, said in answer["error"]) == (422, True), answer


async def test_a_journal_of_another_app(recorded: bytes, control: Any, slack: LocalSlack) -> None:
    foreign = recorded.replace(b"A0LOCAL01", b"A0LOCAL09")
    status, answer = await control.raw("POST", "/replay", foreign, "application/x-ndjson")
    assert (status, answer["error"]) == (422, "no app 'A0LOCAL09' here; there are A0LOCAL01")
    status, answer = await control.raw("POST", "/replay?app=A0LOCAL01", foreign, "application/x-ndjson")
    assert answer["error"] == "there is nothing in this journal to deliver again"
    assert slack.deliveries() == []


async def test_a_journal_that_is_too_large(recorded: bytes, control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.control.streaming.LARGEST", 1024)
    status, answer = await control.raw("POST", "/replay", recorded, "application/x-ndjson")
    assert (status, answer["error"]) == (413, "that is more than 0 MiB")


@pytest.fixture
def slow(recorded: bytes) -> bytes:
    """The same; only, the last delivery is due in an hour."""
    lines = recorded.split(b"\n")
    last = max(number for number, text in enumerate(lines) if b'"kind":"envelope"' in text)
    entry = json.loads(lines[last])
    entry["at"] += 3600
    lines[last] = json.dumps(entry).encode()
    return b"\n".join(lines)


@asynccontextmanager
async def replaying(control: Any, journal: bytes, pace: float = 1.0) -> AsyncIterator[aiohttp.ClientResponse]:
    headers = {"Content-Type": "application/x-ndjson"}
    url = f"{control.url}/replay?pace={pace}"
    async with control.http.post(url, data=journal, headers=headers) as response:
        assert response.status == 200
        yield response


async def test_who_goes_away_ends_the_replay(slow: bytes, control: Any, slack: LocalSlack) -> None:
    async with replaying(control, slow) as response:
        assert (await line(response))["planned"] == 3
        await line(response)
        await line(response)
        response.close()
    assert len(slack.deliveries()) == 2


async def test_nothing_is_delivered_once_nobody_listens(slow: bytes, control: Any, slack: LocalSlack) -> None:
    async with replaying(control, slow, pace=36_000) as response:
        for _ in range(3):
            await line(response)
        response.close()
    # There is a tenth of a second left, and a delivery at its end.
    await asyncio.wait([each for each in asyncio.all_tasks() if each.get_name() == "local-slack-replay"])
    assert len(slack.deliveries()) == 2


async def test_the_end_of_the_local_slack_ends_the_replay(slow: bytes, control_of: Any) -> None:
    async with LocalSlack() as slack, replaying(control_of(slack), slow) as response:
        for _ in range(3):
            await line(response)
        closing = asyncio.create_task(slack.close())
        assert await response.content.read() == b""
        await closing


async def test_a_long_pause_has_a_beat(slow: bytes, control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.control.streaming.HEARTBEAT", 0.01)
    async with replaying(control, slow) as response:
        for _ in range(3):
            await line(response)
        assert await response.content.readexactly(3) == b"\n\n\n"
