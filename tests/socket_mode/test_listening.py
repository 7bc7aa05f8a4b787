"""Messages to listeners and acks back: who is called with what, in which order, and what a failure costs."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import WSMessage, WSMsgType

from tautwire.engine.transport import CloseFrame, Gone, Text
from tautwire.errors import InvalidTokenError, MessageTooLargeError
from tautwire.facts import ListenerFailed, MalformedFrame, UnknownMessage
from tautwire.socket_mode.response import SocketModeResponse

if TYPE_CHECKING:
    from tautwire.socket_mode.request import SocketModeRequest

Client = Any  # the fixture of conftest


def text(envelope_id: str = "e1", **more: Any) -> str:
    return json.dumps({"type": "slash_commands", "envelope_id": envelope_id, "payload": {"text": "hi"}} | more)


async def turn(times: int = 15) -> None:
    for _ in range(times):
        await asyncio.sleep(0)


class Notes:
    """Listeners that write down what they were called with."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    async def message(self, *arguments: Any) -> None:
        self.calls.append(("message", *arguments))

    async def request(self, client: Any, request: SocketModeRequest) -> None:
        self.calls.append(("request", client, request.to_dict()))

    async def frame(self, message: WSMessage) -> None:
        self.calls.append(("frame", message))

    async def fail(self, *_: Any) -> None:
        self.calls.append(("fail",))
        raise ZeroDivisionError


@pytest.fixture
def notes() -> Notes:
    return Notes()


# Messages and requests.


async def test_message_listeners_come_first_then_request_listeners(client: Client, notes: Notes) -> None:
    client.socket_mode_request_listeners += [notes.request]
    client.message_listeners += [notes.message]
    client.receive(text())
    await turn()
    message = json.loads(text())
    assert notes.calls == [("message", client, message, text()), ("request", client, message)]


async def test_a_listener_that_raises_costs_only_itself(client: Client, notes: Notes) -> None:
    client.message_listeners += [notes.fail, notes.message]
    client.socket_mode_request_listeners += [notes.fail, notes.request]
    client.receive(text())
    await turn()
    assert [name for name, *_ in notes.calls] == ["fail", "message", "fail", "request"]
    assert [(fact.listener, fact.envelope_id) for fact in client.of(ListenerFailed)] == [("Notes.fail", "e1")] * 2


async def test_a_listener_without_a_name_is_known_by_its_type(client: Client) -> None:
    class Callable:
        def __call__(self, *_: Any) -> None:
            raise ZeroDivisionError

    client.message_listeners.append(Callable())
    await client.run_message_listeners({"type": "hello"}, "{}")
    assert client.of(ListenerFailed)[0].listener.endswith("Callable")
    assert client.of(ListenerFailed)[0].envelope_id is None


async def test_the_lists_may_change_while_they_are_walked(client: Client, notes: Notes) -> None:
    async def leave(*_: Any) -> None:
        client.message_listeners.clear()
        client.socket_mode_request_listeners.append(notes.request)

    client.message_listeners += [leave, notes.message]
    await client.run_message_listeners(json.loads(text()), text())
    assert [name for name, *_ in notes.calls] == ["message", "request"]


@pytest.mark.parametrize(
    "message", [{}, {"type": "hello"}, {"type": "x", "envelope_id": "e1"}, {"envelope_id": "e1", "payload": {}}]
)
async def test_what_is_no_request_reaches_no_request_listener(
    client: Client, notes: Notes, message: dict[str, Any]
) -> None:
    client.socket_mode_request_listeners.append(notes.request)
    await client.run_message_listeners(message, json.dumps(message))
    assert (notes.calls, client.facts) == ([], [])


@pytest.mark.parametrize("payload", [None, 1, [], True])
async def test_a_payload_that_is_none_is_told_and_not_handed_on(client: Client, notes: Notes, payload: object) -> None:
    client.socket_mode_request_listeners.append(notes.request)
    client.message_listeners.append(notes.message)
    await client.run_message_listeners(json.loads(text(payload=payload)), text(payload=payload))
    assert [name for name, *_ in notes.calls] == ["message"]
    assert [(fact.problem, fact.link) for fact in client.of(MalformedFrame)] == [
        ("a payload that is neither an object nor a text", 0)
    ]


async def test_an_envelope_id_that_is_no_text_names_no_envelope(client: Client, notes: Notes) -> None:
    client.message_listeners.append(notes.fail)
    await client.run_message_listeners({"envelope_id": 7}, "{}")
    assert [fact.envelope_id for fact in client.of(ListenerFailed)] == [None]


async def test_messages_are_wanted_by_their_listeners_or_an_override(client: Client, kind: type[Any]) -> None:
    listened = kind()
    listened.message_listeners.append(print)
    assert [client.wants_messages, listened.wants_messages] == [False, True]

    own = type("Own", (kind,), {"run_message_listeners": print})
    assert own().wants_messages is True
    patched = kind()
    assert patched.wants_messages is False
    patched.run_message_listeners = print
    assert patched.wants_messages is True


async def test_a_message_without_an_envelope_reaches_the_message_listeners(client: Client, notes: Notes) -> None:
    client.message_listeners.append(notes.message)
    await client.on_message('{"type":"hello"}')
    assert notes.calls == [("message", client, {"type": "hello"}, '{"type":"hello"}')]


# Frames.


@pytest.mark.parametrize(
    ("frame", "listeners", "message"),
    [
        (Text("{}"), "on_message_listeners", WSMessage(WSMsgType.TEXT, "{}", "")),
        (CloseFrame(1000, "bye"), "on_close_listeners", WSMessage(WSMsgType.CLOSE, 1000, "bye")),
        (Gone(), "on_close_listeners", WSMessage(WSMsgType.CLOSED, None, None)),
        (Gone(error := OSError("reset")), "on_error_listeners", WSMessage(WSMsgType.ERROR, error, None)),
    ],
    ids=["text", "close", "gone", "error"],
)
async def test_a_frame_reaches_the_listeners_for_its_kind(
    client: Client, notes: Notes, frame: Any, listeners: str, message: WSMessage
) -> None:
    for name in ("on_message_listeners", "on_close_listeners", "on_error_listeners"):
        wanted = [client.wants_frames]
        getattr(client, name).extend([notes.fail, notes.frame])
        assert [*wanted, client.wants_frames] == [False, True]
        await client.on_frame(frame)
        assert notes.calls == ([("fail",), ("frame", message)] if name == listeners else [])
        getattr(client, name).clear()
        notes.calls.clear()


# The iteration over requests.


async def test_requests_come_as_they_are_taken(client: Client) -> None:
    requests = client.requests()
    first = asyncio.ensure_future(anext(requests))
    await turn()
    for number in (1, 2, 3):
        client.receive(text(f"e{number}"))
    await turn()
    assert (await first).envelope_id == "e1"
    assert client.dispatcher.running == 3, "one is in hand, the others are not taken yet"
    assert (await anext(requests)).envelope_id == "e2"
    assert (await anext(requests)).envelope_id == "e3"
    await turn()
    assert client.dispatcher.running == 1, "what is in hand is waited for"
    await requests.aclose()
    await turn()
    assert client.dispatcher.running == 0


async def test_they_end_with_the_client_after_what_still_waits(client: Client) -> None:
    seen: list[str] = []

    async def consume() -> None:
        async for request in client.requests():
            seen.append(request.envelope_id)
            await client.close()

    consuming = asyncio.create_task(consume())
    await turn()
    client.receive(text("e1"))
    client.receive(text("e2"))
    await consuming
    assert (seen, client.socket_mode_request_listeners) == (["e1", "e2"], [])


async def test_whoever_leaves_leaves_no_listener_waiting_and_nothing_covered_up(client: Client) -> None:
    requests = client.requests()
    first = asyncio.ensure_future(anext(requests))
    await turn()
    for number in (1, 2, 3):
        client.receive(text(f"e{number}"))
    await first
    await requests.aclose()
    await turn()
    assert (client.dispatcher.running, client.socket_mode_request_listeners) == (0, [])
    assert [fact.envelope_id for fact in client.of(ListenerFailed)] == ["e2", "e3"]


async def test_a_request_whose_listener_was_cancelled_is_not_handed_over(client: Client) -> None:
    requests = client.requests()
    first = asyncio.ensure_future(anext(requests))
    await turn()
    client.receive(text("e1"))
    client.receive(text("e2"))
    await first
    await client.dispatcher.drain(0)
    await client.close()
    with pytest.raises(StopAsyncIteration):
        await anext(requests)


async def test_a_fatal_answer_ends_the_iteration(client: Client) -> None:
    client.supervisor.outcome = InvalidTokenError("no", code="invalid_auth")
    with pytest.raises(InvalidTokenError):
        await anext(client.requests())
    assert client.socket_mode_request_listeners == []


# The queue of raw text.


async def test_queued_text_is_handled_as_if_received(client: Client, notes: Notes) -> None:
    client.socket_mode_request_listeners.append(notes.request)
    client.message_listeners.append(notes.message)
    for queued in (text(), text(), '{"type":"news"}', "{{{", '{"type":"disconnect","reason":"warning"}'):
        await client.enqueue_message(queued)
        await client.process_message()
        await turn()
    names = [name for name, *_ in notes.calls]
    assert names[:3] == ["message", "request", "message"], "the second time it is a duplicate"
    assert [fact.type for fact in client.of(UnknownMessage)] == ["news"]
    assert [fact.problem for fact in client.of(MalformedFrame)] == ["not JSON"]
    assert client.supervisor.rotations == 1


async def test_the_queue_is_processed_until_the_client_is_closed(client: Client) -> None:
    async def close(*_: Any) -> None:
        await client.close()

    client.message_listeners.append(close)
    processing = asyncio.create_task(client.process_messages())
    await client.enqueue_message(text("e1"))
    await turn()
    assert not processing.done(), "it waits for one more"
    await client.enqueue_message(text("e2"))
    await processing
    await turn()
    assert client.dispatcher.received == 2


# Acks.


class Ack:
    def to_dict(self) -> dict[str, Any]:
        return {"envelope_id": "e1", "payload": {"text": "hi"}}


@pytest.mark.parametrize(
    "response", [SocketModeResponse("e1", {"text": "hi"}), {"envelope_id": "e1", "payload": {"text": "hi"}}, Ack()]
)
async def test_whatever_says_what_it_answers_is_an_ack(client: Client, response: Any) -> None:
    await client.send_socket_mode_response(response)
    assert [json.loads(sent) for sent in client.supervisor.sent] == [{"envelope_id": "e1", "payload": {"text": "hi"}}]


@pytest.mark.parametrize("response", [{}, {"envelope_id": None}, {"envelope_id": 7}])
async def test_an_ack_of_nothing_is_refused(client: Client, response: Any) -> None:
    with pytest.raises(ValueError, match="envelope_id"):
        await client.send_socket_mode_response(response)
    assert client.supervisor.sent == []


async def test_too_large_an_ack_is_refused_and_a_plain_one_can_follow(client: Client) -> None:
    with pytest.raises(MessageTooLargeError):
        await client.send_socket_mode_response(SocketModeResponse("e1", "x" * 20_480))
    await client.send_socket_mode_response(SocketModeResponse("e1"))
    assert client.supervisor.sent == ['{"envelope_id":"e1"}']
