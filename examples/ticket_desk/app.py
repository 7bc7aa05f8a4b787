"""A help desk in Slack: `/ticket` opens a form, tickets appear in the channel, somebody takes care of them.

    export SLACK_APP_TOKEN=xapp-… SLACK_BOT_TOKEN=xoxb-…
    python app.py

Ctrl-C ends it. Tickets live in memory; this is an example, after all.
"""

import asyncio
import json
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from tautwire.bolt import AsyncSocketModeHandler

PRIORITIES = {"low": "Low", "high": "High"}
ROSTER = ("Night shift", "Day shift", "Weekend shift")
SHORTEST_TITLE = 8


@dataclass
class Ticket:
    number: int
    title: str
    priority: str
    details: str
    author: str
    channel: str
    ts: str
    assignee: str = ""

    @property
    def headline(self) -> str:
        return f"#{self.number} {self.title} ({PRIORITIES[self.priority]})"


# What it shows


def text(words: str) -> dict:
    return {"type": "plain_text", "text": words}


def form(channel: str, ts: str) -> dict:
    options = [{"text": text(name), "value": value} for value, name in PRIORITIES.items()]
    return {
        "type": "modal",
        "callback_id": "new_ticket",
        "title": text("New ticket"),
        "submit": text("File it"),
        "close": text("Never mind"),
        "notify_on_close": True,
        "private_metadata": json.dumps({"channel": channel, "ts": ts}),
        "blocks": [
            {
                "type": "input",
                "block_id": "title",
                "label": text("What is wrong?"),
                "element": {"type": "plain_text_input", "action_id": "title"},
            },
            {
                "type": "input",
                "block_id": "priority",
                "label": text("How bad is it?"),
                "element": {"type": "static_select", "action_id": "priority", "options": options},
            },
            {
                "type": "input",
                "block_id": "details",
                "label": text("Anything else?"),
                "optional": True,
                "element": {"type": "plain_text_input", "action_id": "details", "multiline": True},
            },
        ],
    }


def card(ticket: Ticket) -> list[dict]:
    words = f"*{ticket.headline}*\nfiled by <@{ticket.author}>"
    if ticket.assignee:
        words += f", looked after by the {ticket.assignee}"
    return [
        {"type": "section", "block_id": "ticket", "text": {"type": "mrkdwn", "text": words}},
        {
            "type": "actions",
            "block_id": "ticket_actions",
            "elements": [
                {"type": "button", "action_id": "details", "text": text("Details"), "value": str(ticket.number)},
                {
                    "type": "external_select",
                    "action_id": "assign",
                    "placeholder": text("Who looks after it?"),
                    "min_query_length": 0,
                },
            ],
        },
    ]


def home(tickets: list[Ticket]) -> dict:
    words = "\n".join(ticket.headline for ticket in tickets) or "All quiet."
    return {"type": "home", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": words}}]}


# What it does


def make_app() -> AsyncApp:
    """The app, with a desk of its own. Its bot token comes from SLACK_BOT_TOKEN."""
    app = AsyncApp()
    tickets: dict[str, Ticket] = {}

    @app.command("/ticket")
    async def begin(ack, command, client):
        await ack()
        note = await client.chat_postMessage(
            channel=command["channel_id"], text=f"<@{command['user_id']}> is writing a ticket …"
        )
        await client.views_open(trigger_id=command["trigger_id"], view=form(note["channel"], note["ts"]))

    @app.view("new_ticket")
    async def file(ack, body, view, client):
        values = view["state"]["values"]
        title = values["title"]["title"]["value"]
        if len(title) < SHORTEST_TITLE:
            await ack(response_action="errors", errors={"title": "A few more words, please."})
            return
        await ack()
        ticket = Ticket(
            number=len(tickets) + 1,
            title=title,
            priority=values["priority"]["priority"]["selected_option"]["value"],
            details=values["details"]["details"]["value"] or "nothing else is known",
            author=body["user"]["id"],
            **json.loads(view["private_metadata"]),
        )
        tickets[ticket.ts] = ticket
        await show(ticket, client)

    @app.view_closed("new_ticket")
    async def think_better(ack, view, client):
        await ack()
        await client.chat_delete(**json.loads(view["private_metadata"]))

    @app.action("details")
    async def explain(ack, body, respond):
        await ack()
        ticket = tickets[body["message"]["ts"]]
        await respond(f"{ticket.headline}: {ticket.details}", replace_original=False)

    @app.options("assign")
    async def offer(ack, payload):
        found = [name for name in ROSTER if payload["value"].lower() in name.lower()]
        await ack(options=[{"text": text(name), "value": name} for name in found])

    @app.action("assign")
    async def assign(ack, body, client):
        await ack()
        ticket = tickets[body["message"]["ts"]]
        ticket.assignee = body["actions"][0]["selected_option"]["value"]
        await show(ticket, client)

    @app.event("app_mention")
    async def report(event, say):
        waiting = [ticket.headline for ticket in tickets.values() if not ticket.assignee]
        words = "\n".join(waiting) or "Nothing is waiting."
        await say(words, thread_ts=event.get("thread_ts", event["ts"]))

    @app.event("app_home_opened")
    async def welcome(event, client):
        if event["tab"] == "home":
            await client.views_publish(user_id=event["user"], view=home(list(tickets.values())))

    async def show(ticket, client):
        await client.chat_update(channel=ticket.channel, ts=ticket.ts, text=ticket.headline, blocks=card(ticket))

    return app


if __name__ == "__main__":
    # The app-level token comes from SLACK_APP_TOKEN.
    asyncio.run(AsyncSocketModeHandler(make_app()).start_async())
