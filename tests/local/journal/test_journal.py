from __future__ import annotations

import asyncio
import tracemalloc
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.errors import ConfigurationError
from tautwire.local.journal import Entry, Journal, Kind

if TYPE_CHECKING:
    from collections.abc import Callable


def test_an_entry_says_what_when_and_of_whom(journal: Journal, ticking: Any) -> None:
    number = journal.note(Kind.CONTROL, {"how": "rst"}, app_id="A1", subject="drop", envelope_id="e1", connection="c1")
    assert journal[number] == Entry(1, ticking.wall(), Kind.CONTROL, "A1", "drop", b'{"how":"rst"}', "e1", "c1", 0)
    assert journal[number].data == {"how": "rst"}
    assert (journal.first, journal.last, len(journal), journal.dropped) == (1, 1, 1, 0)


def test_an_entry_cannot_be_changed(journal: Journal) -> None:
    entry = journal[journal.control("drop", {"how": "rst"})]
    entry.data["how"] = "fin"
    assert entry.data == {"how": "rst"}
    with pytest.raises(AttributeError):
        entry.subject = "no"  # type: ignore[misc]


def test_an_entry_shows_no_content(journal: Journal) -> None:
    assert repr(journal[journal.control("drop", {"how": "rst"})]) == "<1 control drop>"
    assert repr(journal) == "<journal, 1 entries, 0 dropped>"


def test_an_entry_that_was_never_packed_is_still_readable() -> None:
    assert Entry(1, 0.0, Kind.CONTROL, raw=b"[1]").data == {"text": "[1]"}
    assert Entry(1, 0.0, Kind.CONTROL, raw=b'{"a":\xff').data == {"text": '{"a":\\xff'}


def test_the_oldest_go_first_and_are_counted() -> None:
    journal = Journal(3)
    for number in range(1, 6):
        assert journal.control("step", {"n": number}) == number
    assert [entry.number for entry in journal] == [3, 4, 5]
    assert (journal.first, journal.last, journal.dropped) == (3, 5, 2)
    assert journal[3].data == {"n": 3}
    for gone in (0, 2, 6, -1):
        with pytest.raises(IndexError):
            journal[gone]


def test_an_empty_journal() -> None:
    journal = Journal()
    assert (journal.first, journal.last, journal.dropped, list(journal), journal.bytes) == (1, 0, 0, [], 0)


@given(st.lists(st.integers(0, 40_000), max_size=40), st.integers(1, 12))
def test_neither_limit_is_ever_passed(sizes: list[int], limit: int) -> None:
    journal = Journal(limit, byte_limit=64 * 1024)
    for number, size in enumerate(sizes, start=1):
        assert journal.control("step", {"text": "x" * size}) == number
        assert len(journal) <= limit
        assert journal.bytes <= journal.byte_limit
        assert [entry.number for entry in journal] == list(range(journal.first, journal.last + 1))
        assert journal.dropped == number - len(journal)
        assert journal.last == number


@pytest.mark.parametrize("arguments", [{"limit": 0}, {"byte_limit": 1000}])
def test_limits_that_leave_no_room_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="needs room"):
        Journal(**arguments)


def _grown(note: Callable[[bytes], object]) -> int:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(3_000):
            note(b'{"number":%d,"text":"%s"}' % (number, b"x" * 1_000))
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_memory_is_bounded_as_the_limit_says() -> None:
    journal = Journal(byte_limit=512 * 1024)
    grown = _grown(lambda data: journal.note(Kind.CONTROL, data, subject="step", envelope_id=f"e-{journal.last}"))
    assert journal.dropped > 2_000
    assert grown < 512 * 1024


def test_memory_that_is_not_bounded_is_noticed() -> None:
    """The control: the same measure finds somebody who keeps everything."""
    kept: deque[bytes] = deque()
    assert _grown(kept.append) > 512 * 1024


def test_names_are_bounded_and_masked_like_everything_else(journal: Journal) -> None:
    entry = journal[journal.note(Kind.ACK, subject="x" * 5_000, envelope_id="xoxb-1 " + "y" * 5_000)]
    assert len(entry.subject) == 200
    assert entry.envelope_id.startswith("xoxb-•••")
    assert len(entry.envelope_id) == 200


def test_one_entry_has_to_leave_room_for_others() -> None:
    journal = Journal(byte_limit=64 * 1024)
    for _ in range(3):
        journal.control("big", {"text": "x" * 1_000_000})
    assert [entry.data["cut"] for entry in journal] == [1_000_011] * 3


# Chains


def test_what_is_noted_inside_belongs_together(journal: Journal) -> None:
    journal.control("alone")
    with journal.chain() as chain:
        journal.person("ann", "says", text="hi")
        with journal.chain() as inner:
            journal.control("inside")
    with journal.chain() as other:
        journal.control("later")
    journal.control("alone")
    assert chain == inner != other
    assert [entry.chain for entry in journal] == [0, chain, chain, other, 0]
    assert [entry.subject for entry in journal.search(chain=chain)] == ["says", "inside"]


async def test_a_chain_goes_along_into_tasks_and_ends_there(journal: Journal) -> None:
    async def note() -> None:
        await asyncio.sleep(0)
        journal.control("from a task")

    with journal.chain() as chain:
        inside = asyncio.create_task(note())
    outside = asyncio.create_task(note())
    await asyncio.gather(inside, outside)
    assert [entry.chain for entry in journal] == [chain, 0]


def test_a_chain_ends_with_an_exception_too(journal: Journal) -> None:
    with pytest.raises(RuntimeError), journal.chain():
        raise RuntimeError
    journal.control("after")
    assert journal[1].chain == 0


def test_two_journals_do_not_mix_their_chains(journal: Journal) -> None:
    other = Journal()
    with journal.chain() as chain, other.chain():
        other.control("there")
        journal.control("here")
    assert other[1].chain == 1
    with journal.chain() as again:
        journal.control("here again")
    assert (journal[1].chain, journal[2].chain) == (0, again)
    assert again != chain


# Reading


def test_searching_trails_and_conversations_are_of_what_is_there(journal: Journal, event: Callable[..., bytes]) -> None:
    with journal.chain():
        journal.person("ann", "says", text="hi", where="#general")
        journal.envelope(event(1), envelope_id="e1", subject="app_mention", connection="c1")
    journal.ack("e1", connection="c1", outcome="in time", seconds=0.012)
    journal.control("drop")
    assert [entry.kind for entry in journal.search(envelope_id="e1")] == [Kind.ENVELOPE, Kind.ACK]
    assert [entry.number for entry in journal.search(limit=1, latest=True)] == [4]
    assert [entry.number for entry in journal.trail(3)] == [1, 2, 3]
    assert journal.trail(99) == []
    assert journal.conversation(since=3).endswith(" # drop")
    assert "ann in #general: hi" in journal.conversation()


def test_the_conversation_says_what_is_not_there_any_more() -> None:
    journal = Journal(2)
    for _ in range(5):
        journal.control("step")
    assert journal.conversation().startswith("… 3 entries before these were dropped\n")
    assert "dropped" not in journal.conversation(since=4)


def test_notes_after_the_end_are_kept(journal: Journal) -> None:
    journal.close()
    journal.close()
    assert journal.is_closed
    journal.control("late")
    assert [entry.subject for entry in journal] == ["late"]
