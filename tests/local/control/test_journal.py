"""The journal, searched from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_the_latest_that_fit(control: Any, app: Any, slack: LocalSlack) -> None:
    for number in range(3):
        await control.done("/say", text=f"hi {number}")
    answer = await control.told("/journal", kind="person")
    assert [each["data"]["text"] for each in answer["entries"]] == ["hi 0", "hi 1", "hi 2"]
    assert (answer["first"], answer["last"]) == (1, slack.journal.last)
    assert [each["data"]["text"] for each in (await control.told("/journal", kind="person", limit=2))["entries"]] == [
        "hi 1",
        "hi 2",
    ]
    assert [each["kind"] for each in (await control.told("/journal", kind="person, ack", text="hi"))["entries"]] == [
        "person"
    ] * 3


async def test_the_first_after_a_number(control: Any) -> None:
    for number in range(3):
        await control.done("/say", text=f"hi {number}")
    first = (await control.told("/journal", kind="person"))["entries"][0]["number"]
    found = (await control.told("/journal", kind="person", since=first, limit=1))["entries"]
    assert [each["data"]["text"] for each in found] == ["hi 1"]


async def test_by_what_it_is_about(control: Any, app: Any) -> None:
    await control.done("/say", text="hi @localbot")
    (envelope,) = (await control.told("/journal", kind="envelope", subject="app_*"))["entries"]
    about = await control.told("/journal", envelope_id=envelope["envelope_id"])
    assert [each["kind"] for each in about["entries"]] == ["envelope", "ack"]
    assert {each["connection"] for each in (await control.told("/journal", connection="c1"))["entries"]} == {"c1"}
    assert (await control.told("/journal", app="A9"))["entries"] == []
    chain = envelope["chain"]
    assert {each["chain"] for each in (await control.told("/journal", chain=chain))["entries"]} == {chain}


async def test_in_words_only_what_is_worth_a_line_and_as_many_as_asked_for(control: Any, app: Any) -> None:
    await control.done("/create", name="ops")
    await control.done("/say", text="hi @localbot", channel="ops")
    every = (await control.told("/journal"))["entries"]
    worthy = (await control.told("/journal", words="true"))["entries"]
    assert 0 < len(worthy) < len(every)
    assert all("words" in each for each in worthy)
    assert not any("words" in each for each in every)
    assert "ann in #ops: hi @localbot" in [each["words"] for each in worthy]
    assert len((await control.told("/journal", words="true", limit=3))["entries"]) == 3
    detailed = (await control.told("/journal", words="true", details="true"))["entries"]
    assert len(detailed) == len((await control.told("/journal"))["entries"])


async def test_what_belongs_together(control: Any, app: Any) -> None:
    await control.done("/say", text="one")
    await control.done("/say", text="two @localbot")
    said = (await control.told("/journal", kind="person", text="two"))["entries"][0]
    together = (await control.told("/journal/trail", number=said["number"]))["entries"]
    assert [each["kind"] for each in together if each["kind"] in ("person", "envelope", "ack")] == [
        "person",
        "envelope",
        "envelope",
        "ack",
        "ack",
    ]
    words = (await control.told("/journal/trail", number=said["number"], words="true"))["entries"]
    assert words[0]["words"] == "ann in #general: two @localbot"
    status, answer = await control.get("/journal/trail", number=999)
    assert (status, answer["error"]) == (422, "there is no entry 999 in the journal")


async def test_a_kind_that_there_is_not(control: Any) -> None:
    status, answer = await control.get("/journal", kind="gossip")
    assert (status, answer["error"].startswith("no entry is of kind 'gossip'; choose from ")) == (422, True)
