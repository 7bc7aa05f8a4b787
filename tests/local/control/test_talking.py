"""People who say something, mark it, come and go, when somebody tells them to."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_saying_something(control: Any, app: Any, slack: LocalSlack) -> None:
    answer = await control.done("/say", text="hi @localbot", channel="general")
    assert answer["message"]["text"] == "hi <@U0LOCALBOT>"
    assert answer["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert [each["subject"] for each in answer["deliveries"]] == ["message", "app_mention"]
    assert {each["state"] for each in answer["deliveries"]} == {"acked"}
    assert app.subjects() == ["message", "app_mention"]
    (said,) = slack.channel("general").messages
    assert (said.author.name, said.ts) == ("ann", answer["message"]["ts"])


async def test_nobody_hears_it_when_nobody_is_there(control: Any) -> None:
    answer = await control.done("/say", text="hi")
    assert [each["attempts"][-1]["connection"] for each in answer["deliveries"]] == [None]


async def test_only_what_comes_of_it_is_told(control: Any, app: Any, slack: LocalSlack) -> None:
    slack.send_event("team_join")
    answer = await control.done("/say", text="hi")
    assert [each["subject"] for each in answer["deliveries"]] == ["message"]


async def test_in_a_thread_to_somebody_and_with_blocks(control: Any, slack: LocalSlack) -> None:
    first = (await control.done("/say", text="one"))["message"]["ts"]
    reply = await control.done("/say", text="two", user="bob", thread=first, also_to_channel=True)
    assert (reply["message"]["thread_ts"], reply["message"]["subtype"]) == (first, "thread_broadcast")
    direct = await control.done("/say", text="psst", channel="localbot")
    assert direct["channel"]["id"] == "D0ANN"
    blocks = [{"type": "divider"}]
    assert (await control.done("/say", text="three", blocks=blocks))["message"]["blocks"][0]["type"] == "divider"


async def test_marking_a_message(control: Any, slack: LocalSlack) -> None:
    first = (await control.done("/say", text="one"))["message"]["ts"]
    await control.done("/say", text="two")
    latest = await control.done("/react", emoji="eyes", user="bob")
    assert (latest["message"]["text"], latest["message"]["reactions"][0]["users"]) == ("two", ["U0BOB"])
    assert (await control.done("/react", emoji="tada", ts=first))["message"]["reactions"][0]["name"] == "tada"
    gone = await control.done("/react", emoji="tada", ts=first, remove=True)
    assert "reactions" not in gone["message"]
    assert (await control.done("/pin", ts=first))["message"]["pinned_to"] == ["C0GENERAL"]
    assert "pinned_to" not in (await control.done("/pin", ts=first, remove=True))["message"]


async def test_changing_ones_mind(control: Any, slack: LocalSlack) -> None:
    await control.done("/say", text="mine")
    await control.done("/say", text="his", user="bob")
    edited = await control.done("/edit", text="mine indeed")
    assert (edited["message"]["text"], edited["message"]["user"]) == ("mine indeed", "U0ANN")
    assert "edited" in edited["message"]
    gone = await control.done("/delete", user="bob")
    assert gone["message"]["text"] == "his"
    assert [said.text for said in slack.channel("general").messages] == ["mine indeed"]
    assert await control.refused("/delete", user="bob") == (422, "bob has said nothing in #general")
    (said,) = slack.channel("general").messages
    status, words = await control.refused("/edit", text="x", ts=said.ts, user="bob")
    assert (status, "cant_update_message" in words) == (409, True)


async def test_coming_and_going(control: Any, slack: LocalSlack) -> None:
    made = await control.done("/create", name="ops", is_private=True)
    assert made == {"id": slack.channel("ops").id, "name": "ops"}
    assert (await control.done("/join", channel="ops", who="bob"))["members"] == ["ann", "bob"]
    assert (await control.done("/leave", channel="ops", who="bob"))["members"] == ["ann"]
    await control.done("/create", name="open")
    assert (await control.done("/join", channel="open", user="bob"))["members"] == ["ann", "bob"]
    assert (await control.done("/leave", channel="open", user="bob"))["members"] == ["ann"]


async def test_files(control: Any, slack: LocalSlack) -> None:
    text = await control.done("/upload", name="a.txt", content="hi", comment="look")
    assert (text["message"]["text"], text["message"]["files"][0]["size"]) == ("look", 2)
    data = base64.b64encode(b"\x00\xff").decode()
    await control.done("/upload", name="b.bin", base64=data)
    assert [each.content for each in slack.workspace.core.files.values()] == [b"hi", b"\x00\xff"]
    assert await control.refused("/upload", name="c", base64="=") == (422, "what is given as base64 is none")


async def test_what_slack_does_not_allow_has_its_code(control: Any) -> None:
    status, answer = await control.post("/say", text="hi", user="dan", channel="secret-plans")
    assert (status, answer["code"]) == (409, "channel_not_found")
    status, words = await control.refused("/say", text="hi", channel="nowhere")
    assert status == 422
    assert "'nowhere'" in words
    assert (await control.refused("/say", text="hi", user="zoe"))[1].startswith("there is nobody called 'zoe'")


async def test_messages_that_are_not_there(control: Any) -> None:
    assert await control.refused("/react", emoji="eyes") == (422, "#general is empty")
    assert await control.refused("/react", emoji="eyes", ts="1.2") == (422, "there is no message 1.2 in #general")
