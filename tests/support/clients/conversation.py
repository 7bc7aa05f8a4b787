"""The whole conversation that each client has with the people of Acme; every step is written down once, here.

The programs are all the same app, the release desk; what it says and shows is in `tests/interop/desk.json`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tautwire.local import LocalSlack
    from tautwire.local.actors import Said

__all__ = ["PEOPLE", "converse", "settle_in"]

#: So many more than Acme's own; with a hundred to a page, the desk has to turn pages.
PEOPLE: Final = 500


def settle_in(slack: LocalSlack) -> None:
    """Bring in `PEOPLE` before anybody listens."""
    for number in range(PEOPLE):
        slack.add_user(f"person{number:03}")


async def converse(slack: LocalSlack) -> None:
    """Step by step; in the end everything has been acked in time and at the first attempt."""
    await slack.wait_connections(1)
    await mentions(slack)
    await small_talk(slack)
    await looks_at_the_home(slack)
    message = await deploys(slack)
    await calls_off(slack)
    await clicks_a_button(slack, message)
    await chooses_an_owner(slack, message)
    await asks_for_a_report(slack)
    await uses_shortcuts(slack)
    await gets_a_file(slack)
    await counts_heads(slack)
    await slack.settled()
    summary = slack.ledger.summary()
    assert summary.acked_in_time == summary.sent == summary.attempts, summary
    assert [call for call in slack.api_calls if call.outcome != "ok"] == []


async def mentions(slack: LocalSlack) -> None:
    """A mention, and the answer in its thread; another one inside the thread."""
    ann = slack.user("ann")
    message = await ann.says(f"{slack.bot.mention} hello", channel="general")
    reply = await message.reply()
    assert (reply.text, reply.author.is_bot) == ("Hello <@U0ANN>", True)
    await slack.user("bob").says(f"{slack.bot.mention} hello from me", thread=message)
    assert (await message.reply(3)).text == "Hello <@U0BOB>"


async def small_talk(slack: LocalSlack) -> None:
    """Plain messages: one in a channel that the app answers, one that it does not, and one in its direct messages."""
    ann, bob = slack.user("ann"), slack.user("bob")
    await bob.says("nice weather", channel="random")
    await bob.says("knock knock", channel="random")
    assert (await slack.channel("random").next_message(from_="bot")).text == "Who is there?"
    await ann.says("knock", channel=slack.bot.name)
    answer = await slack.direct("ann").next_message(from_="bot")
    assert (answer.text, answer.thread_ts) == ("Who is there?", "")


async def looks_at_the_home(slack: LocalSlack) -> None:
    """App Home: opened, published, seen."""
    ann = slack.user("ann")
    await ann.opens_home()
    await slack.wait_for(lambda _: ann.home() is not None)
    home = ann.home()
    assert home is not None
    assert home.text == "All quiet"


async def deploys(slack: LocalSlack) -> Said:
    """A command, a modal, a submission with an error, one without, and the message changes."""
    ann = slack.user("ann")
    assert await ann.command("/deploy api", channel="general")
    message = await slack.channel("general").next_message(from_="bot", containing="which version?")
    assert message.text == "api: which version?"
    modal = await ann.modal("deploy")

    assert await ann.submits(modal, {"version": "soon"})
    assert (modal.is_open, modal.errors) == (True, {"version_block": "Three numbers, please"})
    assert message.text == "api: which version?"

    assert await ann.submits(modal, {"version": "1.2.3"})
    assert not modal.is_open
    await message.until(lambda message: message.text == "api 1.2.3 is out")
    assert ann.screen is None
    return message


async def calls_off(slack: LocalSlack) -> None:
    """A modal that is closed without submitting."""
    bob = slack.user("bob")
    assert await bob.command("/deploy web", channel="general")
    message = await slack.channel("general").next_message(from_="bot", containing="web: which version?")
    (outcome,) = await bob.closes(await bob.modal("deploy"))
    assert outcome
    await message.until(lambda message: message.text == "web: called off")
    assert message.is_edited


async def clicks_a_button(slack: LocalSlack, message: Said) -> None:
    """A button, and what only the one who clicked gets to see."""
    bob = slack.user("bob")
    assert await bob.clicks(message, "details")
    assert (await bob.next_ephemeral()).text == "Nothing broke so far"
    assert slack.user("ann").ephemerals == []


async def chooses_an_owner(slack: LocalSlack, message: Said) -> None:
    """An external select: what the app offers for a few letters, and the answer to the choice, by response URL."""
    bob = slack.user("bob")
    offered = await bob.types(message, "owner", "SHIFT")
    assert [option["value"] for option in offered] == ["night", "day"]
    assert await bob.types(message, "owner", "zzz") == []
    assert await bob.clicks(message, "owner", offered[0])
    answer = await slack.channel("general").next_message(from_="bot", containing="gave it to")
    assert answer.text == "<@U0BOB> gave it to night"
    assert message.text == "api 1.2.3 is out"


async def asks_for_a_report(slack: LocalSlack) -> None:
    """A command with an answer inside its ack, and the work after it: a lazy listener's in the Bolt apps in Python."""
    ann = slack.user("ann")
    outcome = await ann.command("/report", channel="random")
    assert outcome.answer == {"text": "Looking"}
    assert (await ann.next_ephemeral()).text == "Looking"
    assert (await slack.channel("random").next_message(from_="bot", containing="Report")).text == "Report: all quiet"


async def uses_shortcuts(slack: LocalSlack) -> None:
    """A global shortcut with a modal and a direct message; a message shortcut with a reply."""
    ann, bob = slack.user("ann"), slack.user("bob")
    assert await ann.shortcut("new_task")
    assert await ann.submits(await ann.modal("task"), {"title": "Tidy up"})
    noted = await slack.direct("ann").next_message(from_="bot", containing="Noted")
    assert noted.text == "Noted: Tidy up"

    broken = await bob.says("it broke", channel="random")
    assert await ann.message_shortcut("file_bug", broken)
    assert (await broken.reply()).text == "Filed: it broke"


async def gets_a_file(slack: LocalSlack) -> None:
    """A file in three steps: where to, the upload, and the message that it comes in."""
    message = await slack.user("ann").says(f"{slack.bot.mention} the log, please", channel="general")
    reply = await message.reply()
    assert (reply.text, reply.files) == ("Here it is", ["run.log"])
    file = slack.workspace.core.files[reply.record.file_ids[0]]
    assert (file.title, file.content) == ("The log", b"all good\nbye\n")


async def counts_heads(slack: LocalSlack) -> None:
    """`users.list`, page after page."""
    people = len(slack.workspace.users)
    assert people > PEOPLE
    message = await slack.user("ann").says(f"{slack.bot.mention} headcount", channel="general")
    assert (await message.reply()).text == f"{people} people on {-(-people // 100)} pages"
