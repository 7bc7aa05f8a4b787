from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.journal.wording import Words

if TYPE_CHECKING:
    from tautwire.local.journal import Journal

NAMES = {"C1": "#general", "U1": "ann", "A1": "greeter"}


def last(journal: Journal) -> str:
    return Words(NAMES).line(journal[journal.last])


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("ann", "says", "", "#general", "hi"), "ann in #general: hi"),
        (("U1", "says", "", "C1", "<@U1> in <#C1|x> and <@U9>"), "ann in #general: @ann in #general and <@U9>"),
        (("ann", "command", "/deploy", "#general", "api"), "ann in #general: /deploy api"),
        (("ann", "command", "/deploy", "", ""), "ann: /deploy"),
        (("ann", "clicks", "approve", "#general", ""), "ann clicks approve in #general"),
        (("ann", "submits", "ticket", "", "title=Broken"), "ann submits ticket: title=Broken"),
        (("ann", "reacts", "", "", ""), "ann reacts"),
    ],
)
def test_a_person(journal: Journal, given: tuple[str, str, str, str, str], line: str) -> None:
    who, action, what, where, text = given
    journal.person(who, action, what, where=where, text=text)
    assert last(journal) == line


@pytest.mark.parametrize(
    ("method", "args", "more", "line"),
    [
        ("auth.test", {}, {}, "bot: auth.test"),
        ("chat.postMessage", {"channel": "C1", "text": "hi"}, {}, 'bot: chat.postMessage #general "hi"'),
        ("chat.postMessage", {"channel": "C1", "blocks": "[]"}, {}, "bot: chat.postMessage #general"),
        ("views.publish", {"user_id": "U1"}, {"by": "user"}, "user: views.publish ann"),
        ("reactions.add", {"channel": 7, "name": "eyes"}, {}, 'bot: reactions.add "eyes"'),
        ("auth.test", {}, {"outcome": "invalid_auth"}, "bot: auth.test → invalid_auth"),
        ("auth.test", {}, {"outcome": "ratelimited", "status": 429}, "bot: auth.test → ratelimited (429)"),
    ],
)
def test_a_call(journal: Journal, method: str, args: dict[str, Any], more: dict[str, Any], line: str) -> None:
    journal.api_call(method, args, **more)
    assert last(journal) == line


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({"outcome": "in time", "seconds": 0.0124}, "← ack 12 ms"),
        ({"outcome": "late", "seconds": 12.34}, "← ack late 12.3 s"),
        ({"outcome": "duplicate"}, "← ack duplicate"),
        ({"outcome": "in time", "payload": {"text": "hi <@U1>"}}, '← ack with "hi @ann"'),
        ({"outcome": "in time", "payload": {"options": [], "x": 1}}, "← ack with options, x"),
        ({"outcome": "in time", "payload": {"response_action": "clear"}}, "← ack with clear"),
        (
            {"outcome": "in time", "payload": {"response_action": "errors", "errors": {"b": "Too short"}}},
            "← ack with errors b=Too short",
        ),
    ],
)
def test_an_ack(journal: Journal, more: dict[str, Any], line: str) -> None:
    journal.ack("", connection="c1", **more)
    assert last(journal) == line


def test_an_ack_that_comes_out_of_turn_says_what_it_is_for(journal: Journal) -> None:
    journal.envelope(b'{"type":"events_api"}', envelope_id="e1", subject="message", connection="c1")
    journal.envelope(b'{"type":"events_api","retry_attempt":2}', envelope_id="e2", subject="message", connection="c1")
    journal.ack("e1", connection="c1", outcome="in time", subject="message")
    journal.ack("e2", connection="c1", outcome="in time", subject="message")
    journal.ack("e9", connection="c1", outcome="unknown")
    words = Words(NAMES)
    assert [words.line(entry) for entry in journal] == [
        "→ events_api message (c1)",
        "→ events_api message (c1, retry 2)",
        "← ack for message",
        "← ack",
        "← ack unknown for an earlier envelope",
    ]


def test_connections_frames_faults_and_orders(journal: Journal) -> None:
    journal.socket_refused(409, reason="a fault")
    journal.socket_refused(0)
    journal.socket_closed("c1", cause="client", code=1000)
    journal.frame_in("c1", "hello", "text")
    journal.frame_in("c1", "", "pong")
    journal.fault("gone", where="ping")
    journal.control("fault", {"rule": {"name": "x"}, "list": [1, 2], "n": None, "odd": {"a": 1}})
    journal.note(journal[1].kind.__class__.ENVELOPE, {}, connection="c1")
    words = Words(NAMES)
    assert [words.line(entry) for entry in journal] == [
        "✗ handshake refused: 409, a fault",
        "✗ handshake refused: no answer",
        "- c1 closed: client 1000",
        "← text hello (c1)",
        "← pong (c1)",
        "! fault at ping: gone ping",
        "# fault rule=x list=[2] n=None odd={…}",
        "→ envelope  (c1)",
    ]
