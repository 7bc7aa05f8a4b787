"""What the guides of the inbox show is run as it stands there."""

from __future__ import annotations

import re
import sqlite3
import textwrap
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from slack_bolt.app.async_app import AsyncApp

from natsservers import Server
from tautwire import InboxWorker, JetStreamInbox, SocketModeRequest, SqliteInbox
from tautwire.inbox.api import Record

DOCS = Path(__file__).parents[1] / "docs"


@pytest.fixture(autouse=True)
def _an_app(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1-A0LOCAL-1")
    monkeypatch.chdir(tmp_path)


def blocks_of(guide: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (DOCS / guide).read_text(), re.MULTILINE | re.DOTALL)


def names_after(guide: str) -> dict[str, Any]:
    """What a reader has who has typed in everything, one block after the other."""
    names: dict[str, Any] = {}
    for block in blocks_of(guide):
        exec(block, names)
    return names


def test_the_handler_that_may_be_called_twice() -> None:
    names = names_after("inbox.md")
    request = SocketModeRequest("events_api", "e1", {"event_id": "Ev1", "event": {"text": "two teas"}})
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY)")
        db.execute("CREATE TABLE orders (item TEXT)")
        assert [names["book"](db, request), names["book"](db, request)] == [True, False]
        assert db.execute("SELECT * FROM orders").fetchall() == [("two teas",)]
    assert names["key_of"](SocketModeRequest("slash_commands", "e2", {"command": "/tea"})) == "e2"
    assert isinstance(names["client"].inbox, SqliteInbox)


def test_a_client_on_nats() -> None:
    assert isinstance(names_after("inbox-nats.md")["client"].inbox, JetStreamInbox)


async def test_gateways_and_workers(capsys: pytest.CaptureFixture[str]) -> None:
    """Each block is a program of its own, with an inbox and a listener from elsewhere."""
    gateway, worker, loop, bolt = blocks_of("workers.md")
    async with Server() as server:
        inbox = JetStreamInbox(server.url, replicas=1)
        names: dict[str, Any] = {"inbox": inbox, "app": AsyncApp(token="xoxb-1-A0LOCAL-1")}
        exec(gateway, names)
        exec(bolt, names)

        async def handle(client: InboxWorker, request: SocketModeRequest) -> None:
            print(request.envelope_id)
            await client.close()

        await put(inbox, 1)
        await run(worker, inbox=inbox, handle=handle)
        await put(inbox, 2)
        await run(loop.replace("...", "print(request.envelope_id)\n        break"), inbox=inbox)
    assert capsys.readouterr().out == "e1\ne2\n"


async def put(inbox: JetStreamInbox, number: int) -> None:
    payload = b'{"type":"slash_commands","envelope_id":"e%d","payload":{"command":"/tea"}}' % number
    async with inbox:
        await inbox.put(Record(key=f"k{number}", type="slash_commands", envelope_id=f"e{number}", payload=payload))


async def run(block: str, **names: Any) -> None:
    names["InboxWorker"] = InboxWorker
    exec("async def main():\n" + textwrap.indent(block, "    "), names)
    await names["main"]()


def test_every_option_in_a_table_is_one() -> None:
    """Of the tables that say whose options they show."""
    for guide, shown in (("inbox.md", SqliteInbox), ("inbox-nats.md", JetStreamInbox)):
        table = (DOCS / guide).read_text().partition(f"| option of `{shown.__name__}` |")[2].partition("\n\n")[0]
        named = set(re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:])))
        annotations = set(shown.__init__.__annotations__)
        assert named <= annotations
        assert annotations - named <= {"return", "path", "servers", "is_visitor", "clock"}
