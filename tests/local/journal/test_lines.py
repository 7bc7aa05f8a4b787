from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.errors import ConfigurationError
from tautwire.local.journal import Journal, Kind, read
from tautwire.local.journal.lines import VERSION, gap, header, line

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def full(journal: Journal, event: Callable[..., bytes], command: Callable[..., bytes]) -> Journal:
    with journal.chain():
        journal.person("ann", "says", text="hi\u2028there\nyou", where="#general")
        journal.envelope(event(1), envelope_id="e1", subject="app_mention", connection="c1", app_id="A1")
    journal.envelope(command(1), envelope_id="e2", subject="/deploy", app_id="A1")
    journal.control("odd", {"text": "\ud800", "big": 1e22})
    journal.names["C0GENERAL"] = "#general"
    return journal


def test_a_line_is_an_entry_in_json(full: Journal) -> None:
    header, first, *others = [json.loads(line) for line in full.to_lines()]
    assert header == {
        "format": "tautwire journal",
        "version": VERSION,
        "entries": 4,
        "dropped": 0,
        "names": {"C0GENERAL": "#general"},
    }
    assert first == {
        "number": 1,
        "at": full[1].at,
        "kind": "person",
        "subject": "says",
        "chain": 1,
        "data": {"who": "ann", "where": "#general", "text": "hi\u2028there\nyou"},
    }
    assert [other["number"] for other in others] == [2, 3, 4]


def test_what_is_written_is_read_back(full: Journal, tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    assert full.export(path) == 4
    for recording in (read(path), read(str(path)), read(full.to_lines()), read(path.read_text("utf-8").split("\n"))):
        assert recording.entries == tuple(full)
        assert (recording.dropped, recording.names, recording.notice) == (0, full.names, "")


def test_it_can_be_written_to_a_stream(full: Journal) -> None:
    stream = io.StringIO()
    assert full.export(stream) == 4
    assert read(stream.getvalue().split("\n")).entries == tuple(full)


def test_what_was_dropped_is_known_afterwards() -> None:
    journal = Journal(2)
    for _ in range(5):
        journal.control("step")
    recording = read(journal.to_lines())
    assert (recording.dropped, [entry.number for entry in recording.entries]) == (3, [4, 5])


def test_an_empty_journal_is_one(tmp_path: Path) -> None:
    assert Journal().export(tmp_path / "x") == 0
    assert read(tmp_path / "x").entries == ()


scalars = st.text() | st.integers() | st.none() | st.floats()
documents = st.dictionaries(st.text(), scalars | st.lists(scalars, max_size=2), max_size=3)


@given(st.lists(st.tuples(st.sampled_from(Kind), st.text(), documents, st.text()), max_size=8))
def test_any_entries_are_read_back_as_they_were(given: list[tuple[Kind, str, Any, str]]) -> None:
    journal = Journal()
    for kind, subject, data, envelope_id in given:
        journal.note(kind, data, subject=subject, envelope_id=envelope_id)
    lines = list(journal.to_lines())
    assert not any("\n" in line or "\r" in line for line in lines)
    assert read(lines).entries == tuple(journal)


# What is no journal, or not all of one


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"hello\n",
        b'{"a": 1}\n',
        b'{"format":"another","version":1}\n',
        b'["tautwire journal"]\n',
        b'{"format":"tautwire journal"}\n',
        b'{"format":"tautwire journal","version":1,"names":3}\n',
        b"\x89PNG\r\n\x1a\n\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    assert str(refused.value) == "talk.jsonl is no journal of the local Slack: its first line is not that of one"


def test_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "talk.jsonl"
    path.write_text('{"format":"tautwire journal","version":7,"names":["all","new"]}\n')
    with pytest.raises(ConfigurationError) as refused:
        read(path)
    assert str(refused.value) == ("talk.jsonl is a journal of version 7, this tautwire reads up to 1: use a newer one")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"^nowhere\.jsonl cannot be read: No such file"):
        read(tmp_path / "nowhere.jsonl")


@pytest.mark.parametrize("line", ["{", "[]", '{"number":1}', '{"number":1,"at":1,"kind":"novelty"}', "hello"])
def test_a_line_in_the_middle_that_is_no_entry_is_refused(full: Journal, line: str) -> None:
    lines = list(full.to_lines())
    lines[2] = line
    with pytest.raises(ConfigurationError) as refused:
        read(lines)
    assert str(refused.value) == "this is damaged: line 3 is no entry of a journal"


def test_an_entry_whose_data_is_no_object_is_none(full: Journal) -> None:
    header, first, *_ = full.to_lines()
    line = json.dumps(json.loads(first) | {"data": [1]})
    assert read([header, line]).entries == ()


def test_keys_that_nobody_knows_yet_are_passed_over(full: Journal) -> None:
    lines = [json.dumps(json.loads(line) | {"novelty": 1}) for line in full.to_lines()]
    assert [entry.number for entry in read(lines).entries] == [1, 2, 3, 4]


def test_wherever_a_file_was_cut_off_the_rest_is_kept(full: Journal, tmp_path: Path) -> None:
    full.control("é", {"text": "ééé"})
    path, cut = tmp_path / "talk.jsonl", tmp_path / "cut.jsonl"
    full.export(path)
    content = path.read_bytes()
    begin = content.index(b"\n") + 1
    for end in range(begin, len(content) + 1):
        cut.write_bytes(content[:end])
        recording = read(cut)
        whole = content[:end].count(b"\n") - 1 + (content[end : end + 1] == b"\n")
        assert recording.entries == tuple(full)[:whole]
        if whole == len(full):
            assert recording.notice == ""
        elif content[end - 1 : end] == b"\n" or content[end : end + 1] == b"\n":
            assert recording.notice == (
                f"cut.jsonl ends before its last entry; what stands before that is kept, {whole} of 5 entries"
            )
        else:
            assert recording.notice == (
                f"cut.jsonl ends in the middle of line {whole + 2}; "
                f"what stands before that is kept, {whole} of 5 entries"
            )


def test_a_file_that_somebody_has_written_is_masked_too() -> None:
    lines = [
        '{"format":"tautwire journal","version":1}',
        '{"number":1,"at":1,"kind":"control","subject":"xoxb-1","envelope_id":"xapp-1","data":{"token":"abc"}}',
    ]
    (entry,) = read(lines).entries
    assert (entry.subject, entry.envelope_id, entry.data) == ("xoxb-•••", "xapp-•••", {"token": "•••"})


def test_a_file_that_is_still_being_written_promises_nothing(full: Journal) -> None:
    texts = [header(names=full.names), *(line(entry) for entry in full)]
    recording = read(texts)
    assert (recording.entries, recording.dropped, recording.notice) == (tuple(full), 0, "")


def test_entries_that_were_gone_in_between_count_as_dropped(full: Journal) -> None:
    first, *others = full
    texts = [header(), line(first), gap(3), "", *(line(entry) for entry in others), gap(2)]
    recording = read(texts)
    assert (recording.entries, recording.dropped) == (tuple(full), 5)


def test_words_are_for_those_who_show_them(full: Journal) -> None:
    text = line(full[1], words="ann says hi")
    assert json.loads(text)["words"] == "ann says hi"
    assert read([header(), text]).entries == (full[1],)


def test_a_name_may_look_like_a_key_and_not_like_a_token() -> None:
    names = json.loads(header(names={"C0SECRET": "#plans", "U1": "xoxb-1-2-abcdef"}))["names"]
    assert names == {"C0SECRET": "#plans", "U1": "xoxb-•••"}
