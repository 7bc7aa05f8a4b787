from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tautwire.local import LocalSlack


async def test_any_event(done: Any, failed: Any, app: Any, slack: LocalSlack) -> None:
    assert (await done("trigger", "team_join", 'user:={"id":"U9"}', "note=x")).startswith("team_join  ")
    await slack.settled()
    assert app.seen[-1]["payload"]["event"]["user"] == {"id": "U9"}
    await done("trigger", "app_mention", '{"text": "yo"}')
    await slack.settled()
    assert app.seen[-1]["payload"]["event"]["text"] == "yo"
    assert await failed("trigger", "x", "{") == (2, "what is given is no JSON: '{'.")
    assert (await failed("trigger", "x", "to=c1"))[0] == 2
    assert await failed("trigger", "x", "n:=NaN") == (2, "n is no JSON: 'NaN'.")


async def test_any_envelope(done: Any, app: Any, slack: LocalSlack) -> None:
    await done("trigger", "interactive", '{"type":"block_actions"}', "--envelope", "--app", "A0LOCAL01")
    await slack.settled()
    assert (app.seen[-1]["type"], app.seen[-1]["payload"]) == ("interactive", {"type": "block_actions"})


async def test_once_more(done: Any, failed: Any, told: Any, app: Any, slack: LocalSlack) -> None:
    assert await failed("resend") == (2, "nothing was sent yet.")
    first = await told("trigger", "app_mention")
    assert (await told("resend"))["event_id"] == first["event_id"]
    again = await told("resend", first["envelope_id"], "--same-id")
    assert again["envelope_id"] == first["envelope_id"]
    assert (await done("resend")).startswith("app_mention  ")
