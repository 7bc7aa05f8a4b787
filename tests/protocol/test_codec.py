from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.errors import MessageTooLargeError
from tautwire.protocol.codec import MAX_OUTGOING_BYTES, check_size, decode, decode_object, encode_reply
from tautwire.protocol.messages import Disconnect, DisconnectReason, Envelope, Hello, Malformed, Message, Unknown

HELLO = (
    '{"type":"hello","num_connections":2,'
    '"debug_info":{"host":"applink-7","build_number":14,"approximate_connection_time":18060},'
    '"connection_info":{"app_id":"A05BOTQX1"}}'
)
EVENT_PAYLOAD = (
    '{"token":"vT0k","team_id":"T04ACME01","context_enterprise_id":null,"api_app_id":"A05BOTQX1",'
    '"type":"event_callback","event_id":"Ev07K2M9Q1","event_time":1795000001,'
    '"event":{"type":"app_mention","user":"U04ANN001","text":"<@U05BOT001> status","ts":"1795000000.123459"}}'
)
EVENT = (
    '{"envelope_id":"5f1c7a34-0d3e-4f0e-8f57-1a2b3c4d5e6f","type":"events_api","accepts_response_payload":false,'
    f'"retry_attempt":0,"retry_reason":"","payload":{EVENT_PAYLOAD}}}'
)
RETRY = EVENT.replace('"retry_attempt":0,"retry_reason":""', '"retry_attempt":1,"retry_reason":"timeout"')
COMMAND = (
    '{"envelope_id":"e-2","type":"slash_commands","accepts_response_payload":true,'
    '"payload":{"command":"/deploy","text":"api prod","is_enterprise_install":"false"}}'
)
BUTTON = (
    '{"envelope_id":"e-3","type":"interactive","accepts_response_payload":false,'
    '"payload":{"type":"block_actions","enterprise":null}}'
)
WARNING = '{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-7"}}'

#: Recognisable, and in no golden frame.
SECRET = "xapp-1-A05BOTQX1-0-f00dface"

GOLDEN: list[tuple[str, Message]] = [
    (HELLO, Hello(2, "A05BOTQX1", "applink-7", 18060.0)),
    (WARNING, Disconnect(DisconnectReason.WARNING, "warning")),
    (
        '{"type":"disconnect","reason":"refresh_requested","debug_info":{"host":"applink-7"}}',
        Disconnect(DisconnectReason.REFRESH_REQUESTED, "refresh_requested"),
    ),
    ('{"type":"disconnect","reason":"link_disabled"}', Disconnect(DisconnectReason.LINK_DISABLED, "link_disabled")),
    (
        '{"type":"disconnect","reason":"too_many_websockets","num_connections":10,"connection_info":{"app_id":"A0"}}',
        Disconnect(DisconnectReason.TOO_MANY_WEBSOCKETS, "too_many_websockets"),
    ),
    ('{"type":"disconnect","reason":"solar_flare"}', Disconnect(DisconnectReason.OTHER, "solar_flare")),
    (
        EVENT,
        Envelope(
            "events_api", "5f1c7a34-0d3e-4f0e-8f57-1a2b3c4d5e6f", EVENT_PAYLOAD.encode(), False, 0, ""
        ),
    ),
    (
        RETRY,
        Envelope(
            "events_api", "5f1c7a34-0d3e-4f0e-8f57-1a2b3c4d5e6f", EVENT_PAYLOAD.encode(), False, 1, "timeout"
        ),
    ),
    (
        COMMAND,
        Envelope(
            "slash_commands",
            "e-2",
            b'{"command":"/deploy","text":"api prod","is_enterprise_install":"false"}',
            accepts_response_payload=True,
        ),
    ),
    (BUTTON, Envelope("interactive", "e-3", b'{"type":"block_actions","enterprise":null}')),
    ("UNAUTHENTICATED: cache_error", Malformed("not JSON", 28)),
    ("", Malformed("empty", 0)),
    (" \n", Malformed("empty", 2)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), GOLDEN, ids=lambda value: str(value)[:32])
def test_golden_frames(text: str, message: Message) -> None:
    assert decode(text) == message


class TestOddFrames:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ('{"type":"hello"}', Hello()),
            ('{"type":"hello","num_connections":0}', Hello(0)),
            ('{"type":"hello","envelope_id":null}', Hello()),
            ('{"type":"disconnect"}', Disconnect(DisconnectReason.OTHER)),
            ('{"type":"disconnect","reason":null}', Disconnect(DisconnectReason.OTHER)),
            (
                '{"type":"disconnect","reason":"warning","envelope_id":7}',
                Disconnect(DisconnectReason.WARNING, "warning"),
            ),
            ('{"type":"pong"}', Unknown("pong")),
            ('{"type":"events_api"}', Unknown("events_api")),
            ("{}", Unknown("")),
            ('{"type":"new_kind","envelope_id":"e"}', Envelope("new_kind", "e", b"")),
            ('{"type":"new_kind","envelope_id":"e","payload":null}', Envelope("new_kind", "e", b"null")),
            ('{"type":"new_kind","envelope_id":"e","payload":"text"}', Envelope("new_kind", "e", b'"text"')),
            ('{"type":"a","type":"b","envelope_id":"e"}', Envelope("b", "e", b"")),
        ],
    )
    def test_what_is_missing_costs_only_itself(self, text: str, message: Message) -> None:
        assert decode(text) == message

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("[]", "not a JSON object"),
            ("null", "not a JSON object"),
            ('"{}"', "not a JSON object"),
            ("17", "not a JSON object"),
            ('{"type":null}', "no usable type"),
            ('{"type":7,"envelope_id":"e"}', "no usable type"),
            ('{"envelope_id":null,"type":"events_api"}', "no usable envelope_id"),
            ('{"envelope_id":7,"type":"events_api"}', "no usable envelope_id"),
            ('{"type":"hello"', "not JSON"),
            ('{"type":5,', "not JSON"),
            ('{"type":5} and more', "not JSON"),
            ('{"type":"hello"}{"type":"hello"}', "not JSON"),
            ('\ufeff{"type":"hello"}', "not JSON"),
            ('{"type":"events_api","envelope_id":"e","payload":{"n":NaN}}', "not JSON"),
        ],
    )
    def test_what_cannot_be_used_is_malformed(self, text: str, problem: str) -> None:
        assert decode(text) == Malformed(problem, len(text))

    @pytest.mark.parametrize("value", ["null", "7", '"x"', "[1]", '{"a":1}', "true", "1.5", "1e999", "9" * 5000])
    @pytest.mark.parametrize("key", ["accepts_response_payload", "retry_attempt", "retry_reason", "reason", "payload"])
    def test_a_key_of_any_type_costs_no_envelope(self, key: str, value: str) -> None:
        message = decode(f'{{"type":"events_api","envelope_id":"e","{key}":{value}}}')
        assert isinstance(message, Envelope)
        assert message.envelope_id == "e"
        assert message.payload == (value.encode() if key == "payload" else b"")

    def test_the_right_keys_survive_beside_a_wrong_one(self) -> None:
        text = RETRY.replace('"retry_reason":"timeout"', '"retry_reason":{"why":"timeout"}')
        message = decode(text)
        assert message == Envelope(
            "events_api", "5f1c7a34-0d3e-4f0e-8f57-1a2b3c4d5e6f", EVENT_PAYLOAD.encode(), False, 1, None
        )

    @pytest.mark.parametrize("value", ["null", "[]", "7", '"x"', '{"host":7,"app_id":7}', "{}"])
    @pytest.mark.parametrize("key", ["num_connections", "debug_info", "connection_info"])
    def test_a_hello_is_a_hello_whatever_it_says(self, key: str, value: str) -> None:
        expected = Hello(7) if (key, value) == ("num_connections", "7") else Hello()
        assert decode(f'{{"type":"hello","{key}":{value}}}') == expected

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("18060", 18060.0),
            ("0.5", 0.5),
            ("0", None),
            ("-1", None),
            ("true", None),
            ('"18060"', None),
            ("9" * 400, None),
            ("9" * 300, float("9" * 300)),
        ],
    )
    def test_a_lifetime_is_a_positive_number(self, value: str, seconds: float | None) -> None:
        message = decode(f'{{"type":"hello","debug_info":{{"approximate_connection_time":{value}}}}}')
        assert message == Hello(approximate_connection_time=seconds)

    def test_a_flag_is_no_count(self) -> None:
        assert decode('{"type":"hello","num_connections":true}') == Hello()


class TestPayloads:
    @pytest.mark.parametrize(
        "payload",
        ['{ "a" : [ 1 , 2.50 ] }', '{"a":"\\u00e9 \\/ é 🎉"}', '{"b":1,"a":2,"a":3}', '{"n":1e999}', "[ ]"],
    )
    def test_are_kept_byte_for_byte(self, payload: str) -> None:
        message = decode(f'{{"payload": {payload} ,"type":"x","envelope_id":"e"}}')
        assert isinstance(message, Envelope)
        assert message.payload == payload.encode()

    def test_of_five_megabytes_pass(self) -> None:
        payload = json.dumps({"text": "é" * 2_500_000}, ensure_ascii=False)
        message = decode(f'{{"type":"events_api","envelope_id":"e","payload":{payload}}}')
        assert isinstance(message, Envelope)
        assert message.payload == payload.encode()
        assert len(repr(message)) < 100

    @pytest.mark.parametrize(
        ("escaped", "mended"),
        [
            (r"\ud83d", r"\ufffd"),
            (r"\uDE00 end", r"\ufffd end"),
            (r"\ud83d\ud83d\ude00", r"\ufffd\ud83d\ude00"),
            (r"\ud83d\ude00\ude00", r"\ud83d\ude00\ufffd"),
            (r"\\ud83d \ud83d", r"\\ud83d \ufffd"),
            ("\ud83d \ud83d", "? ?"),
        ],
    )
    def test_half_an_emoji_costs_no_envelope(self, escaped: str, mended: str) -> None:
        message = decode(f'{{"type":"events_api","envelope_id":"e","payload":{{"text":"{escaped}"}}}}')
        assert isinstance(message, Envelope)
        assert message.payload == f'{{"text":"{mended}"}}'.encode()
        assert decode_object(f'{{"text":"{escaped}"}}') == decode_object(message.payload) == json.loads(message.payload)


class TestDepth:
    @pytest.mark.parametrize("opening", ["[", '{"a":', '{"type":"x","envelope_id":"e","payload":' + "[" * 99_999])
    def test_bottomless_text_is_malformed(self, opening: str) -> None:
        text = opening * (1 if len(opening) > 10 else 100_000)
        assert isinstance(decode(text), Malformed)
        assert decode_object(text) == {}

    def test_closed_as_it_should_be_it_is_still_too_deep(self) -> None:
        text = '{"type":"x","envelope_id":"e","payload":' + "[" * 100_000 + "]" * 100_000 + "}"
        assert decode(text) == Malformed("nested too deeply", len(text))
        assert decode(text.replace('"x"', "7")) == Malformed("nested too deeply", len(text) - 2)

    def test_half_an_emoji_before_it_does_not_help(self) -> None:
        text = '{"a":"\\ud83d","payload":' + "[" * 100_000
        assert decode(text) == Malformed("not JSON", len(text))
        assert decode_object(text) == {}

    def test_what_slack_sends_is_shallow(self) -> None:
        text = '{"type":"x","envelope_id":"e","payload":' + "[" * 100 + "]" * 100 + "}"
        assert isinstance(decode(text), Envelope)


class TestDecodeObject:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('{"a":1}', {"a": 1}),
            (b'{"a":"\xc3\xa9"}', {"a": "é"}),
            (b'{"a":"\xff"}', {"a": "\ufffd"}),
            ("[1]", {}),
            ("null", {}),
            ("", {}),
            (b"", {}),
            ("{", {}),
        ],
    )
    def test_gives_the_object_or_an_empty_one(self, text: str | bytes, value: dict[str, Any]) -> None:
        assert decode_object(text) == value


class TestReplies:
    def test_an_ack_is_just_the_id(self) -> None:
        assert encode_reply("e-1") == '{"envelope_id":"e-1"}'

    def test_a_payload_rides_along(self) -> None:
        assert encode_reply("e-1", {}) == '{"envelope_id":"e-1","payload":{}}'
        assert encode_reply("e-1", {"text": "é"}) == '{"envelope_id":"e-1","payload":{"text":"é"}}'

    def test_the_bound_is_exact(self) -> None:
        room = MAX_OUTGOING_BYTES - 1 - len(encode_reply("e", {"t": ""}))
        assert len(encode_reply("e", {"t": "x" * room})) == 20_479
        with pytest.raises(MessageTooLargeError, match="20480 bytes is not sent"):
            encode_reply("e", {"t": "x" * (room + 1)})

    def test_the_bound_counts_bytes_not_characters(self) -> None:
        room = (MAX_OUTGOING_BYTES - 1 - len(encode_reply("e", {"t": ""}))) // 2
        encode_reply("e", {"t": "é" * room})
        with pytest.raises(MessageTooLargeError):
            encode_reply("e", {"t": "é" * (room + 1)})

    @pytest.mark.parametrize("message", [b"x" * 20_479, "x" * 20_479, "é" * 10_239, "\ud800" * 6_826])
    def test_what_fits_is_let_through(self, message: bytes | str) -> None:
        check_size(message)

    @pytest.mark.parametrize("message", [b"x" * 20_480, "x" * 20_480, "é" * 10_240, "\ud800" * 6_827])
    def test_what_does_not_is_refused(self, message: bytes | str) -> None:
        with pytest.raises(MessageTooLargeError):
            check_size(message)

    def test_what_json_cannot_say_is_refused_without_being_quoted(self) -> None:
        endless: dict[str, Any] = {}
        endless["again"] = endless
        payloads: list[dict[Any, Any]] = [{"t": "\ud800" + SECRET}, {SECRET: object()}, {(SECRET, 1): 2}, endless]
        for payload in payloads:
            with pytest.raises(ValueError, match="cannot be written as JSON") as caught:
                encode_reply("e", payload)
            assert SECRET not in str(caught.value)
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = (
    "type",
    "envelope_id",
    "payload",
    "accepts_response_payload",
    "retry_attempt",
    "retry_reason",
    "reason",
    "num_connections",
    "debug_info",
    "connection_info",
)
FRAMES = (HELLO, EVENT, RETRY, COMMAND, BUTTON, WARNING)


@st.composite
def mutations(draw: st.DrawFn) -> str:
    text = draw(st.sampled_from(FRAMES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        end = min(len(text), at + draw(st.integers(0, 5)))
        text = text[:at] + draw(st.text(max_size=4) | st.sampled_from(list('{}[]",:\\u-1'))) + text[end:]
    return text


@st.composite
def objects(draw: st.DrawFn) -> str:
    fields = draw(st.dictionaries(st.sampled_from(KEYS), JSON | st.sampled_from(["hello", "disconnect", "x"])))
    return json.dumps(fields, ensure_ascii=draw(st.booleans()))


ANY_TEXT = st.text(st.characters(), max_size=200) | st.text(alphabet='{}[]",:\\ud8aD0e1-. \ud800', max_size=40)


@given(ANY_TEXT | mutations() | objects() | JSON.map(json.dumps))
def test_decode_never_raises_and_never_quotes_what_is_malformed(text: str) -> None:
    message = decode(text)
    assert isinstance(message, Hello | Disconnect | Envelope | Unknown | Malformed)
    if isinstance(message, Malformed):
        assert message.size == len(text)
        assert message.problem in {
            "not JSON",
            "empty",
            "not a JSON object",
            "nested too deeply",
            "no usable type",
            "no usable envelope_id",
        }
    assert isinstance(decode_object(text), dict)


@given(st.dictionaries(st.sampled_from(KEYS), JSON), st.text(min_size=1, max_size=10), st.text(min_size=1, max_size=10))
def test_what_can_be_acked_is_an_envelope(fields: dict[str, Any], kind: str, envelope_id: str) -> None:
    if kind in {"hello", "disconnect"}:
        return
    text = json.dumps({**fields, "type": kind, "envelope_id": envelope_id})
    message = decode(text)
    assert isinstance(message, Envelope)
    assert (message.type, message.envelope_id) == (kind, envelope_id)


@given(st.sampled_from(FRAMES), st.integers(0, 400))
def test_no_secret_of_a_broken_frame_is_shown(frame: str, at: int) -> None:
    at = min(at, len(frame) - 1)
    broken = frame[:at] + SECRET + frame[at:]
    message = decode(broken)
    if isinstance(message, Malformed | Envelope):
        in_name = isinstance(message, Envelope) and SECRET in message.type + message.envelope_id
        assert in_name or SECRET not in repr(message)


@given(st.text(min_size=1).filter(str.isprintable), JSON.filter(lambda value: isinstance(value, dict)))
def test_replies_are_json_that_says_the_same(envelope_id: str, payload: dict[str, Any]) -> None:
    text = encode_reply(envelope_id, payload)
    assert msgspec.json.decode(text) == {"envelope_id": envelope_id, "payload": payload}
    assert "\n" not in text
