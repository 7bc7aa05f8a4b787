from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.workspace import Refusal
from tautwire.local.workspace.changes import MemberJoined, UserChanged, UserJoined

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, User, Workspace


def test_somebody_new_is_in_the_general_channel(workspace: Workspace, general: Channel) -> None:
    eve = workspace.people.add("eve", wall=1_795_000_000.9, title="Spy")
    assert (eve.real_name, eve.display_name, eve.email, eve.title) == ("Eve", "eve", "eve@acme.test", "Spy")
    assert eve.updated == 1_795_000_000
    assert eve.id in general.members
    assert eve.id not in workspace.channel("random").members
    assert [type(each) for each in workspace.take_changes()] == [UserJoined, MemberJoined]
    assert workspace.people.add("fay", wall=1.0, user_id="U0FAY", real_name="F").real_name == "F"


@pytest.mark.parametrize("name", ["ann", "@ann", "U0ANN"])
def test_nobody_twice(workspace: Workspace, name: str) -> None:
    with pytest.raises(Refusal, match="name_taken"):
        workspace.people.add(name, wall=1.0)
    assert workspace.take_changes() == []


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"status_text": "x", "status_emoji": ":tea:"}, "status"),
        ({"is_admin": False, "is_deleted": True}, "account"),
        ({"title": "x"}, "profile"),
        ({"title": "x", "status_text": "y"}, "profile"),
        ({"presence": "away"}, None),
        ({"presence": "away", "is_deleted": True}, "account"),
    ],
)
def test_changes(workspace: Workspace, ann: User, what: dict[str, Any], kind: str | None) -> None:
    workspace.people.change(ann, wall=5.5, **what)
    assert {name: getattr(ann, name) for name in what} == what
    assert ann.updated == 5
    changes = workspace.take_changes()
    assert changes == ([] if kind is None else [UserChanged(ann, kind)])  # type: ignore[arg-type]


def test_what_nobody_has(workspace: Workspace, ann: User) -> None:
    with pytest.raises(Refusal, match="invalid_profile"):
        workspace.people.change(ann, wall=1.0, title="x", shoe_size=9)
    assert ann.title == "Engineer"


def test_by_address(workspace: Workspace) -> None:
    assert workspace.people.by_email("ANN@ACME.test").name == "ann"
    for wrong in ("", "nobody@acme.test"):
        with pytest.raises(Refusal, match="users_not_found"):
            workspace.people.by_email(wrong)


def test_a_bot_has_its_app(workspace: Workspace, bot: User) -> None:
    assert (bot.is_bot, bot.app_id, bot.bot_id, bot.real_name) == (True, "A0LOCAL01", "B0LOCALBOT", "Local Bot")
    assert not workspace.user("ann").is_bot
