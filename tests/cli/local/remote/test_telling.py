from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire import __version__

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_the_state(done: Any, app: Any, slack: LocalSlack) -> None:
    await done("say", "hi")
    first, second, third, *rest = (await done("state")).splitlines()
    assert first == f"Acme at {slack.api_url} (tautwire {__version__})"
    assert second == "app Local Bot (A0LOCAL01), @localbot: 1 connection(s)"
    assert third.startswith("people: ")
    assert [line.split()[:2] for line in rest[:2]] == [["#general", "public"], ["#random", "public"]]
    assert rest[-1] == "sent to apps: 1, of which 1 acked in time, 0 late, 0 lost, 0 open"
    slack.disable_socket_mode()
    assert "Socket Mode is off" in await done("state")


async def test_messages(done: Any, app: Any, blocks: Any) -> None:
    assert await done("messages", "#random") == "Nothing was said there yet.\n"
    await done("say", "hi @localbot", "--channel", "random")
    await app("chat.postMessage", channel="C0RANDOM", text="Deploy <@U0ANN>?", blocks=blocks)
    lines = (await done("messages", "random")).splitlines()
    assert [line.partition(" ")[2].rpartition("  [")[0] for line in lines[:2]] == [
        "ann: hi @localbot",
        "localbot: Deploy @ann?",
    ]
    assert lines[2] == "    [Yes] (approve)  <checkboxes stages: Prod | Test>"
    assert len((await done("messages", "random", "--limit", "1")).splitlines()) == 2


async def test_the_screen(done: Any, app: Any) -> None:
    await app("chat.postEphemeral", channel="C0GENERAL", user="U0BOB", text="psst <@U0BOB>")
    first, second = (await done("screen", "--as", "bob")).splitlines()
    assert first == "nobody else sees, in #general:"
    assert "localbot: psst @bob" in second


async def test_deliveries(done: Any, app: Any, slack: LocalSlack) -> None:
    assert await done("deliveries") == "Nothing was sent yet.\n"
    await done("say", "hi")
    row = (await done("deliveries")).split()
    assert row[:2] == ["message", "acked"]
    assert row[4] == "c1"
    slack.drop()
    await slack.wait_connections(0)
    slack.send_command()
    assert (await done("deliveries", "/deploy", "--state", "lost")).split()[:3] == ["/deploy", "lost", "nobody"]
