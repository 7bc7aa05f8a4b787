"""What is written beside a payload, and about a record."""

from __future__ import annotations

from typing import Any

import pytest

from tautwire.errors import InboxError
from tautwire.inbox.api import Mode, State
from tautwire.inbox.jetstream.notes import Counts, Life, Meta, Note, dead_note, life_of, meta_in, read, shown, written

LEASE = 60.0
NOW = 1000.0


def meta(**how: Any) -> Meta:
    return Meta(**{"key": "k", "type": "events_api", "envelope_id": "e", "at": NOW, **how})


@pytest.mark.parametrize("key", ["event/A1/T1/Ev1", "ünïcode ☃", "line\r\nNats-Msg-Id: 1", "\ud800", '"'])
def test_what_is_written_is_ascii_on_one_line_and_can_be_read(key: str) -> None:
    there = meta(key=key, mode=Mode.ONCE_ACKED, group=key, owner=key, life=3)
    text = written(there)
    assert text.isascii()
    assert text.isprintable()
    assert read(Meta, text) == there


def test_a_note_is_read_as_it_was_written() -> None:
    note = Note(state=State.DEAD, life=2, seq=7, attempt=3, fence=5, at=1.5, error="☃", is_acked=True, meta=meta())
    assert read(Note, written(note).encode()) == note


@pytest.mark.parametrize("text", ["", "null", "{", "[]", '{"key":1}', '{"key":"k","type":"t"}', "\xff"])
def test_what_nobody_here_wrote_is_said(text: str) -> None:
    with pytest.raises(InboxError, match="not written by this version"):
        read(Meta, text)


def test_a_message_without_a_header_is_not_ours() -> None:
    with pytest.raises(InboxError):
        meta_in({})


def test_what_a_newer_version_adds_is_no_obstacle() -> None:
    assert read(Meta, written(meta())[:-1] + ',"new":[1]}') == meta()


@pytest.mark.parametrize(
    ("how", "life"),
    [
        ({}, Life(state=State.STORED)),
        ({"mode": Mode.ONCE_ACKED}, Life(state=State.STORED, at=NOW + LEASE)),
        ({"mode": Mode.NEVER, "owner": "ann"}, Life(state=State.LEASED, attempt=1, owner="ann", at=NOW + LEASE)),
        ({"mode": Mode.ONCE_ACKED, "owner": "ann"}, Life(state=State.LEASED, attempt=1, owner="ann", at=NOW + LEASE)),
    ],
)
def test_without_a_note_the_record_speaks(how: dict[str, Any], life: Life) -> None:
    assert life_of(meta(**how), None, 0, LEASE) == life


def test_a_note_of_an_earlier_life_counts_no_more() -> None:
    dead = Note(state=State.DEAD, life=1, seq=1)
    assert life_of(meta(life=2), dead, 9, LEASE) == Life(state=State.STORED)
    assert life_of(meta(life=1), dead, 9, LEASE).state is State.DEAD


def test_a_message_of_an_earlier_life_is_over() -> None:
    assert life_of(meta(life=1), Note(state=State.LEASED, life=2, seq=9), 9, LEASE).is_over


def test_the_fence_is_the_place_of_the_note_that_leased_it() -> None:
    leased = Note(state=State.LEASED, life=1, seq=1, attempt=1, owner="ann", at=NOW)
    assert life_of(meta(), leased, 17, LEASE).fence == 17
    extended = Note(state=State.LEASED, life=1, seq=1, attempt=1, owner="ann", at=NOW, fence=17)
    assert life_of(meta(), extended, 18, LEASE).fence == 17
    of_a_put = Note(state=State.LEASED, life=1, seq=1, attempt=1, owner="ann", at=NOW, fence=0)
    assert life_of(meta(), of_a_put, 18, LEASE).fence == 0


def test_who_may_have_a_note_from_the_start() -> None:
    assert not meta().has_note
    assert meta(life=2).has_note
    assert meta(owner="ann").has_note
    assert meta(was_held=True).has_note


def test_what_people_see() -> None:
    life = Life(state=State.LEASED, attempt=2, owner="ann", at=NOW + 5, error="x")
    stored = shown("id", meta(), life, b"payload")
    assert (stored.id, stored.record, stored.state) == ("id", meta().record(b"payload"), State.LEASED)
    assert (stored.attempt, stored.owner, stored.at, stored.stored_at) == (2, "ann", NOW + 5, NOW)
    assert shown("id", meta(), Life(state=State.STORED), b"").at == NOW


def test_a_dead_note_keeps_what_is_known() -> None:
    life = Life(state=State.LEASED, attempt=3, fence=4, owner="ann", is_acked=True)
    note = dead_note(meta(life=2), 8, life, "it broke", NOW)
    assert (note.state, note.life, note.seq, note.attempt, note.fence) == (State.DEAD, 2, 8, 3, 4)
    assert (note.owner, note.at, note.error, note.is_acked, note.meta) == ("", NOW, "it broke", True, meta(life=2))


def test_counts_add_up() -> None:
    one, two = Counts(stored=1, duplicates=2, retried=3), Counts(stored=10, duplicates=20, retried=30)
    assert one.plus(two) == Counts(stored=11, duplicates=22, retried=33)
    assert one.plus(two).minus(one) == two
