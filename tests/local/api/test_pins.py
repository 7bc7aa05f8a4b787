from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.local.workspace import Content

if TYPE_CHECKING:
    from tautwire.local.workspace import Workspace


def test_pin_list_and_unpin(ask: Any, ann: Any, workspace: Workspace) -> None:
    general, by = workspace.channel("general"), workspace.user("ann")
    first, second = (workspace.talk.post(general, Content(text=text), by=by, wall=1.0).ts for text in "ab")
    assert ask("pins.add", channel="C0GENERAL", timestamp=first) == {"ok": True}
    assert ann("pins.add", channel="C0GENERAL", timestamp=second) == {"ok": True}
    assert ask.error("pins.add", channel="C0GENERAL", timestamp=first) == "already_pinned"
    items = ask("pins.list", channel="C0GENERAL")["items"]
    assert [(each["message"]["ts"], each["created_by"]) for each in items] == [(second, "U0ANN"), (first, "U0LOCALBOT")]
    assert items[0]["message"]["pinned_to"] == ["C0GENERAL"]
    assert ask("conversations.history", channel="C0GENERAL")["pin_count"] == 2
    assert ask("pins.remove", channel="C0GENERAL", timestamp=first) == {"ok": True}
    assert ask.error("pins.remove", channel="C0GENERAL", timestamp=first) == "no_pin"
    assert len(ask("pins.list", channel="C0GENERAL")["items"]) == 1


def test_what_cannot_be_pinned(ask: Any, workspace: Workspace) -> None:
    assert ask.error("pins.add", channel="C0GENERAL") == "no_item_specified"
    assert ask.error("pins.add", channel="C0GENERAL", timestamp="1795000000.000001") == "message_not_found"
    assert ask.error("pins.add", channel="C0SECRET", timestamp="1795000000.000001") == "channel_not_found"
    assert ask.error("pins.list", channel="C0SECRET") == "channel_not_found"
    assert ask("conversations.join", channel="C0DEV")["ok"]
    joined = next(iter(workspace.channel("dev").messages))
    assert ask.error("pins.add", channel="C0DEV", timestamp=joined) == "not_pinnable"
