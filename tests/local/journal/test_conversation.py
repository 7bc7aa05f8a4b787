from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.journal import Entry, Journal, Kind, conversation

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_conversation_reads_like_one(
    journal: Journal, ticking: Any, event: Callable[..., bytes], command: Callable[..., bytes]
) -> None:
    def later(seconds: float) -> None:
        ticking.now += seconds

    journal.names.update({"C0GENERAL": "#general", "U0ANN": "ann", "U0BOT": "@bot"})
    journal.socket_opened("c1", app_id="A1")
    journal.person("ann", "says", where="#general", text="<@U0BOT> hi")
    later(0.001)
    journal.envelope(event(1), envelope_id="e1", subject="message", connection="c1", app_id="A1")
    later(0.012)
    journal.ack("e1", connection="c1", outcome="in time", seconds=0.0124)
    journal.delivery("e1", state="acked", attempts=1)
    later(0.1)
    journal.api_call("chat.postMessage", {"channel": "C0GENERAL", "text": "hello <@U0ANN|a>"}, {"ok": True})
    journal.person("ann", "command", "/deploy", where="#general", text="api")
    journal.envelope(command(1), envelope_id="e2", subject="/deploy", app_id="A1")
    journal.delivery("e2", state="lost", attempts=1, user_error="dispatch_failed", subject="/deploy")
    journal.fault({"kind": "drop"}, where="envelope", subject="message")
    journal.socket_closed("c1", cause="rst")
    assert journal.conversation(zone=UTC).split("\n") == [
        "11:08:20.000 + c1 opened",
        "11:08:20.000 ann in #general: @bot hi",
        "11:08:20.001 → events_api message (c1)",
        "11:08:20.013 ← ack 12 ms",
        '11:08:20.113 bot: chat.postMessage #general "hello @ann"',
        "11:08:20.113 ann in #general: /deploy api",
        "11:08:20.113 → slash_commands /deploy (nobody connected)",
        "11:08:20.113 ✗ /deploy lost after 1 attempt(s), its person sees dispatch_failed",
        "11:08:20.113 ! fault at envelope: drop message",
        "11:08:20.113 - c1 closed: rst",
    ]


def test_times_are_those_of_the_zone() -> None:
    entry = Entry(1, 1_795_000_000.0, Kind.CONTROL, subject="drop")
    assert conversation([entry], zone=timezone(timedelta(hours=2))) == "13:06:40.000 # drop"
    assert conversation([entry]).endswith(":40.000 # drop")
    assert conversation([Entry(1, 1e300, Kind.CONTROL, subject="drop")]) == "--:--:--.--- # drop"


def test_the_last_lines_are_shown_and_the_others_counted(journal: Journal) -> None:
    for number in range(10):
        journal.control("step", {"n": number})
        journal.frame_in("c1", "ping", "ping")
    shown = conversation(list(journal), limit=3, zone=UTC, dropped=4).split("\n")
    assert shown[0] == "… 7 lines before these"
    assert shown[1] == "… 4 entries before these were dropped"
    assert [line[-3:] for line in shown[2:]] == ["n=7", "n=8", "n=9"]
    assert conversation(list(journal), limit=0) == "… 10 lines before these"
    assert conversation([]) == ""


def test_details_show_frames_changes_and_good_ends(journal: Journal) -> None:
    journal.frame_out("c1", '{"type":"disconnect","reason":"warning"}')
    journal.delivery("e1", state="acked", attempts=1, subject="message")
    journal.change(object())
    assert journal.conversation() == ""
    assert [line[13:] for line in journal.conversation(details=True).split("\n")] == [
        "→ disconnect warning (c1)",
        "✓ message acked after 1 attempt(s)",
        "* object",
    ]


def test_a_name_can_tell_no_secret_either(journal: Journal) -> None:
    journal.names["ann"] = "ann with xoxb-local-bot"
    journal.person("ann", "says", text="hi")
    assert journal.conversation().endswith(" ann with xoxb-•••: hi")
    assert "xoxb-local" not in next(journal.to_lines())


def test_several_apps_are_told_apart(journal: Journal, event: Callable[..., bytes]) -> None:
    for app_id in ("A1", "A2"):
        journal.socket_opened(f"c{app_id}", app_id=app_id)
        journal.envelope(event(1), envelope_id="e1", subject="message", connection=f"c{app_id}", app_id=app_id)
        journal.api_call("auth.test", {}, app_id=app_id)
    journal.names["A2"] = "greeter"
    lines = [line[13:] for line in journal.conversation().split("\n")]
    assert lines == [
        "+ A1 cA1 opened",
        "→ events_api message (A1 cA1)",
        "bot of A1: auth.test",
        "+ greeter cA2 opened",
        "→ events_api message (greeter cA2)",
        "bot of greeter: auth.test",
    ]


def test_nothing_moves_the_cursor_and_no_line_is_too_long(journal: Journal) -> None:
    journal.person("ann", "says", text="one\ntwo\tthree\x1b[31m red \u202e 👩\u200d💻" + "x" * 500)
    (line,) = journal.conversation(width=60).split("\n")
    assert len(line) == 60
    assert "one⏎two three·[31m red · 👩\u200d💻xx" in line
    assert line.endswith("x…")


texts = st.text(max_size=30)
values = st.one_of(
    texts, st.integers(), st.none(), st.lists(texts, max_size=2), st.dictionaries(texts, texts, max_size=2)
)
NAMES = (
    *("who", "where", "what", "text", "args", "by", "outcome", "status", "seconds", "payload", "type", "retry_attempt"),
    *("state", "attempts", "user_error", "cause", "code", "reason", "message", "rule", "kind", "errors"),
    *("response_action", "channel"),
)
documents = st.dictionaries(st.sampled_from(NAMES), values | st.dictionaries(st.sampled_from(NAMES), values))


@given(st.lists(st.tuples(st.sampled_from(Kind), texts, documents), max_size=6), st.integers(20, 90))
def test_whatever_is_in_a_journal_can_be_read(notes: list[tuple[Kind, str, dict[str, Any]]], width: int) -> None:
    journal = Journal()
    for kind, subject, data in notes:
        journal.note(kind, data, subject=subject)
    lines = journal.conversation(width=width, details=True).split("\n")
    assert len(lines) == max(1, len(notes))
    for line in lines:
        assert len(line) <= width
        assert line.replace("\u200d", "").isprintable()
