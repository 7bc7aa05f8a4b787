"""Writes orders down, each one once, whatever happens to the process: an app with an inbox.

    export SLACK_APP_TOKEN=xapp-… SLACK_BOT_TOKEN=xoxb-…
    python examples/till.py FOLDER

Say "order two teas" where the app is. Kill it at any moment and start it again: no order is lost, none is there twice,
and its number is told once more only if the process died between Slack's answer and the note of it.
"""

import asyncio
import sqlite3
import sys
from pathlib import Path

from tautwire import AsyncWebClient, SocketModeClient, SocketModeRequest, SqliteInbox


class Till:
    """The orders, in a file of their own. The event's id is their key: a second call finds it."""

    def __init__(self, path: Path) -> None:
        self.db = sqlite3.connect(path)
        self.db.execute(
            "CREATE TABLE IF NOT EXISTS orders (number INTEGER PRIMARY KEY, key TEXT UNIQUE, item TEXT, told TEXT)"
        )

    def book(self, key: str, item: str) -> tuple[int, bool]:
        """The number of an order, new or not, and whether it has been told."""
        with self.db:
            self.db.execute("INSERT OR IGNORE INTO orders (key, item) VALUES (?, ?)", (key, item))
            number, told = self.db.execute("SELECT number, told FROM orders WHERE key = ?", (key,)).fetchone()
        return number, told is not None

    def note(self, number: int, ts: str) -> None:
        """It was told, in the message `ts`."""
        with self.db:
            self.db.execute("UPDATE orders SET told = ? WHERE number = ?", (ts, number))

    async def serve(self, client: SocketModeClient, request: SocketModeRequest) -> None:
        """One request. It was acked when it was stored; an exception here means that it is tried again."""
        event = request.payload.get("event", {})
        verb, _, item = event.get("text", "").partition(" ")
        if verb != "order":
            return
        number, is_told = self.book(request.payload["event_id"], item)
        if not is_told:
            said = await client.web_client.chat_postMessage(
                channel=event["channel"], thread_ts=event["ts"], text=f"Order {number}: {item}"
            )
            self.note(number, said["ts"])


async def main(folder: Path) -> None:
    till = Till(folder / "orders.db")
    async with AsyncWebClient() as web_client:
        client = SocketModeClient(web_client=web_client, inbox=SqliteInbox(folder / "events.db"))
        client.socket_mode_request_listeners.append(till.serve)
        await client.run()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
