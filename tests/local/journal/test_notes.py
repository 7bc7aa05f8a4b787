from __future__ import annotations

import io
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.journal import Journal, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

SECRETS = ("xoxb-local-bot", "xapp-1-A0LOCAL01-local-app", "t1cket", "s3cr3tpart", "local-verification", "cl1ent")


def only(journal: Journal) -> tuple[Kind, str, str, str, str, dict[str, Any]]:
    (entry,) = journal
    return entry.kind, entry.app_id, entry.subject, entry.envelope_id, entry.connection, entry.data


def test_an_api_call_and_its_answer_are_one_entry(journal: Journal) -> None:
    journal.api_call(
        "chat.postMessage", {"channel": "C1"}, {"ok": False}, outcome="no_text", seconds=0.0012345678, app_id="A1"
    )
    assert only(journal) == (
        Kind.API_CALL,
        "A1",
        "chat.postMessage",
        "",
        "",
        {
            "by": "bot",
            "outcome": "no_text",
            "status": 200,
            "seconds": 0.001235,
            "args": {"channel": "C1"},
            "answer": {"ok": False},
        },
    )


def test_a_call_that_nobody_answered_has_no_answer(journal: Journal) -> None:
    journal.api_call("auth.test", {}, outcome="hang", status=0, by="nobody")
    assert "answer" not in journal[1].data


def test_an_authorization_code_is_a_secret(journal: Journal) -> None:
    journal.api_call("oauth.v2.access", {"code": "c0de", "client_id": "1.2"})
    journal.api_call("chat.postMessage", {"code": "c0de"})
    assert journal[1].data["args"] == {"code": "•••", "client_id": "1.2"}
    assert journal[2].data["args"] == {"code": "c0de"}


def test_the_life_of_a_connection(journal: Journal) -> None:
    journal.socket_refused(409, reason="by a fault", app_id="A1")
    journal.socket_opened("c1", app_id="A1", ticket=1)
    journal.socket_closed("c1", cause="client", code=1000, seconds=1.23456, app_id="A1")
    assert [(entry.kind, entry.connection, entry.data) for entry in journal] == [
        (Kind.SOCKET_REFUSED, "", {"status": 409, "reason": "by a fault"}),
        (Kind.SOCKET_OPENED, "c1", {"ticket": 1}),
        (Kind.SOCKET_CLOSED, "c1", {"cause": "client", "code": 1000, "seconds": 1.235}),
    ]


@pytest.mark.parametrize(
    ("content", "form", "subject", "data"),
    [
        ('{"type":"hello","n":1}', "text", "hello", {"frame": "text", "message": {"type": "hello", "n": 1}}),
        (b'{"type":7}', "text", "text", {"frame": "text", "message": {"type": 7}}),
        ("[1]", "text", "text", {"frame": "text", "length": 3, "text": "[1]"}),
        ("[" * 50_000, "text", "text", {"frame": "text", "length": 50_000, "text": "[" * 2_000}),
        ("", "text", "text", {"frame": "text"}),
        ("half \ud800", "text", "text", {"frame": "text", "length": 6, "text": "half \ufffd"}),
        (b"\x00\xff{}", "binary", "binary", {"frame": "binary", "length": 4, "text": "\x00\\xff{}"}),
        (b'{"type":"hello"}', "raw", "raw", {"frame": "raw", "length": 16, "text": '{"type":"hello"}'}),
        (b"Ping from applink-1", "ping", "ping", {"frame": "ping", "length": 19, "text": "Ping from applink-1"}),
        ("1000 bye", "close", "close", {"frame": "close", "length": 8, "text": "1000 bye"}),
    ],
)
def test_a_frame_is_shown_as_what_it_is(
    journal: Journal, content: str | bytes, form: str, subject: str, data: dict[str, Any]
) -> None:
    journal.frame_in("c1", content, form, app_id="A1")
    journal.frame_out("c1", content, form, app_id="A1")
    assert [entry.kind for entry in journal] == [Kind.FRAME_IN, Kind.FRAME_OUT]
    for entry in journal:
        assert (entry.app_id, entry.connection, entry.subject, entry.data) == ("A1", "c1", subject, data)


def test_heartbeats_can_be_left_out(ticking: Any) -> None:
    journal = Journal(clock=ticking, heartbeats=False)
    assert journal.frame_out("c1", b"Ping from applink-1", "ping") == 0
    assert journal.frame_in("c1", b"Ping from applink-1", "pong") == 0
    assert journal.frame_in("c1", "1000", "close") == 1
    assert [entry.subject for entry in journal] == ["close"]


def test_an_envelope_is_kept_as_it_was_sent(journal: Journal, event: Callable[..., bytes]) -> None:
    message = event(1, text="grüße")
    journal.envelope(message, envelope_id="e1", subject="app_mention", connection="c1", app_id="A1")
    journal.envelope(message, envelope_id="e1", connection=None)
    wanted = json.loads(message)
    wanted["payload"]["token"] = "•••"
    assert journal[1].data == wanted
    assert journal[1].raw == message.replace(b"local-verification", "•••".encode())
    assert [entry.connection for entry in journal] == ["c1", ""]


def test_what_becomes_of_an_envelope(journal: Journal) -> None:
    journal.ack("e1", connection="c1", outcome="late", seconds=3.1, payload={"text": "ok"}, subject="/deploy")
    journal.ack("e2", connection="c1", outcome="unknown")
    journal.delivery("e1", state="late", attempts=1, user_error="operation_timeout", subject="/deploy", app_id="A1")
    journal.delivery("e3", state="acked", attempts=2)
    assert [(entry.kind, entry.envelope_id, entry.subject, entry.data) for entry in journal] == [
        (Kind.ACK, "e1", "/deploy", {"outcome": "late", "seconds": 3.1, "payload": {"text": "ok"}}),
        (Kind.ACK, "e2", "", {"outcome": "unknown"}),
        (Kind.DELIVERY, "e1", "/deploy", {"state": "late", "attempts": 1, "user_error": "operation_timeout"}),
        (Kind.DELIVERY, "e3", "", {"state": "acked", "attempts": 2}),
    ]


@dataclass(frozen=True, slots=True)
class Rule:
    where: str
    kind: str


def test_a_fault_is_noted_with_its_rule(journal: Journal) -> None:
    journal.fault(Rule("envelope", "lost"), where="envelope", subject="app_mention", envelope_id="e1", app_id="A1")
    journal.fault(Rule("handshake", "hang"), where="handshake")
    assert [(entry.subject, entry.envelope_id, entry.data["rule"]["kind"]) for entry in journal] == [
        ("app_mention", "e1", "lost"),
        ("handshake", "", "hang"),
    ]


def test_a_person_is_noted_in_words(journal: Journal) -> None:
    journal.person("ann", "clicks", "approve", where="#general", app_id="A1", ts="1.2")
    assert only(journal) == (
        Kind.PERSON,
        "A1",
        "clicks",
        "",
        "",
        {"who": "ann", "what": "approve", "where": "#general", "ts": "1.2"},
    )


@dataclass(slots=True)
class Channel:
    id: str
    name: str
    messages: dict[str, Any] = field(default_factory=dict)
    upload_key: str = "s3cr3tpart"


@dataclass(frozen=True, slots=True)
class ChannelRenamed:
    channel: Channel
    by: object | None
    old_name: str
    is_new: bool = False


def test_of_a_changes_records_only_the_marks_are_kept(journal: Journal) -> None:
    journal.change(ChannelRenamed(Channel("C1", "new", {"1": "a long history"}), None, "old"), app_id="A1")
    journal.change("something else")
    assert [(entry.subject, entry.data) for entry in journal] == [
        ("ChannelRenamed", {"channel": {"id": "C1", "name": "new"}, "old_name": "old", "is_new": False}),
        ("str", {}),
    ]


def test_an_order_is_noted(journal: Journal) -> None:
    journal.control("advance", {"seconds": 300})
    journal.control("refresh")
    assert [(entry.subject, entry.data) for entry in journal] == [("advance", {"seconds": 300}), ("refresh", {})]


# Nothing secret stays


def tell_everything(journal: Journal, command: Callable[..., bytes]) -> None:
    """Each method with each secret in each place that takes a text."""
    bot, app, ticket, part, _, client = SECRETS
    wss = f"ws://127.0.0.1:1/link/?ticket={ticket}&app_id=1"
    url = f"http://127.0.0.1:1/commands/T0LOCAL01/801/{part}"
    every = f"{bot} {app} {wss} {url}"
    nested = json.dumps({"token": bot, "response_url": url, "client_secret": client})
    args = {"token": bot, "Authorization": f"Bearer {app}", "text": every, "metadata": nested, "client_secret": client}
    journal.names["U0ANN"] = every
    journal.api_call("apps.connections.open", args, {"ok": True, "url": wss}, outcome=every, by=every)
    journal.api_call("response_url", {"url": url}, every)
    journal.api_call(url, {})
    journal.socket_opened("c1", headers={"Authorization": f"Bearer {app}", "url": wss})
    journal.socket_refused(403, reason=every)
    journal.socket_closed("c1", cause=every)
    for form in ("text", "binary", "raw"):
        journal.frame_in("c1", every, form)
        journal.frame_out("c1", nested.encode(), form)
        journal.frame_in("c1", nested[:-3] + "x" * 9_000, form)
    journal.envelope(command(1, text=every, private_metadata=nested), envelope_id=every, subject=every)
    journal.ack(every, connection="c1", outcome="in time", payload={"text": every, "response_url": url})
    journal.delivery(every, state="acked", attempts=1, user_error=every, subject=url)
    journal.fault({"error": every}, where=every, subject=wss)
    journal.person("ann", every, every, where=every, text=every, response_url=url)
    journal.change(ChannelRenamed(Channel(every, url), None, wss))
    journal.control(every, {"token": bot, "nested": {"app_token": app, "url": wss}})


def told(journal: Journal) -> str:
    stream = io.StringIO()
    journal.export(stream)
    with_details = journal.conversation(details=True, width=10_000)
    return "\n".join((stream.getvalue(), with_details, repr(list(journal)), repr(list(journal._entries))))


def test_no_secret_is_kept_exported_or_shown(journal: Journal, command: Callable[..., bytes]) -> None:
    tell_everything(journal, command)
    for entry in journal:
        everything = b" ".join((entry.raw, entry.subject.encode(), entry.envelope_id.encode()))
        assert [secret for secret in SECRETS if secret.encode() in everything] == []
    text = told(journal)
    assert [secret for secret in SECRETS if secret in text] == []
    assert text.count("•••") > 50


def test_the_same_search_finds_them_where_nothing_is_masked(
    journal: Journal, command: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the mask taken off, every one of the secrets shows."""
    monkeypatch.setattr("tautwire.local.journal.packing.mask", lambda raw: raw)
    tell_everything(journal, command)
    text = told(journal)
    assert [secret for secret in SECRETS if secret in text] == list(SECRETS)
