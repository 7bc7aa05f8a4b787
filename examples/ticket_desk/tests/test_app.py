"""People use the app; nothing here knows how it is built."""

import pytest

from tautwire.local import Fault


async def test_a_ticket_is_filed(slack, ann):
    assert await ann.command("/ticket", channel="general")
    note = await slack.channel("general").next_message(from_="bot")
    assert note.text == f"{ann.mention} is writing a ticket …"
    form = await ann.modal("new_ticket")

    # An error first …
    await ann.submits(form, {"What is wrong?": "Printer", "How bad is it?": "High"})
    assert form.is_open
    assert form.errors == {"title": "A few more words, please."}

    # … then it is taken, and the note becomes the ticket.
    assert await ann.submits(form, {"What is wrong?": "The printer is on fire"})
    assert not form.is_open
    await note.until(lambda note: note.text == "#1 The printer is on fire (High)")


async def test_somebody_thinks_better_of_it(slack, ann):
    await ann.command("/ticket")
    note = await slack.channel("general").next_message(from_="bot")
    await ann.closes(await ann.modal())
    await note.until(lambda note: note.is_deleted)


async def test_details_are_for_the_one_who_asks(ticket, ann, bob):
    assert await bob.clicks(ticket, "Details")
    answer = await bob.next_ephemeral()
    assert answer.text == "#1 The printer is on fire (High): nothing else is known"
    assert ann.ephemerals == []


async def test_a_shift_is_looked_for_and_chosen(ticket, bob):
    offered = await bob.types(ticket, "assign", "d")
    assert [option["value"] for option in offered] == ["Day shift", "Weekend shift"]
    assert await bob.clicks(ticket, "assign", "Day shift")
    await ticket.until(lambda ticket: "looked after by the Day shift" in ticket.blocks[0]["text"]["text"])


@pytest.mark.usefixtures("ticket")
async def test_a_mention_is_answered_in_its_thread(ann):
    question = await ann.says("@desk what is waiting?")
    assert (await question.reply()).text == "#1 The printer is on fire (High)"


async def test_with_nothing_to_do(ann):
    question = await ann.says("@desk what is waiting?")
    assert (await question.reply()).text == "Nothing is waiting."


@pytest.mark.usefixtures("ticket")
async def test_the_home_lists_every_ticket(bob):
    await bob.opens_home()
    home = await bob.sees_home()
    assert home.text == "#1 The printer is on fire (High)"


# Slack waits three seconds for an ack. Here it is less patient, so that the test need not wait, either.
@pytest.mark.tautwire_slack(deadline=0.2)
async def test_when_a_command_gets_lost_it_can_be_tried_again(slack, ann):
    slack.inject(Fault(where="envelope", kind="lost", match="/ticket", count=1))
    assert (await ann.command("/ticket")).error == "operation_timeout"
    assert await ann.command("/ticket")
    assert (await ann.modal()).title == "New ticket"
