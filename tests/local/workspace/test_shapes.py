"""What Slack's JSON says, as far as no other test looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tautwire.local.workspace import Content, shapes

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, User, Workspace

#: Keys of a public channel in `conversations.list`, as they are seen at Slack (java-slack-sdk, json-logs/samples/api),
#: without `is_moved` and the like, which only channels that were shared have.
LISTED = """context_team_id created creator id is_archived is_channel is_ext_shared is_general is_group is_im is_member
    is_mpim is_org_shared is_pending_ext_shared is_private is_shared name name_normalized num_members
    parent_conversation pending_connected_team_ids pending_shared previous_names purpose shared_team_ids topic unlinked
    updated"""


def test_a_channel_in_a_list(workspace: Workspace, general: Channel, bot: User) -> None:
    shape = shapes.channel(workspace.core, general, viewer=bot, is_listed=True, with_count=True)
    assert sorted(shape) == LISTED.split()
    assert shape["purpose"] == {
        "value": "For everybody, about everything",
        "creator": "U0ANN",
        "last_set": 1_790_000_000,
    }


def test_a_channel_by_itself(workspace: Workspace, general: Channel, ann: User) -> None:
    workspace.places.mark(general, "1795000000.000100", by=ann)
    shape = shapes.channel(workspace.core, general, viewer=ann)
    assert sorted(shape) == sorted([*(set(LISTED.split()) - {"num_members"}), "last_read"])
    assert shape["last_read"] == "1795000000.000100"


@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("general", {"is_channel"}),
        ("secret-plans", {"is_group", "is_private"}),
        ("G0TRIO", {"is_mpim", "is_private"}),
    ],
)
def test_kinds(workspace: Workspace, ann: User, name: str, flags: set[str]) -> None:
    shape = shapes.channel(workspace.core, workspace.channel(name), viewer=ann)
    assert {flag for flag in ("is_channel", "is_group", "is_im", "is_mpim", "is_private") if shape[flag]} == flags
    assert ("is_open" in shape) is ("is_private" in flags)


def test_a_direct_conversation(workspace: Workspace, ann: User) -> None:
    direct = workspace.channels["D0BOB"]
    workspace.places.close_direct(direct, by=ann)
    shape = shapes.channel(workspace.core, direct, viewer=ann, with_count=True)
    assert (shape["user"], shape["is_open"], shape["num_members"], "name" in shape) == ("U0BOB", False, 2, False)
    workspace.user("bob").is_deleted = True
    assert shapes.channel(workspace.core, direct, viewer=ann)["is_user_deleted"]
    alone, _ = workspace.places.open_direct([], by=ann, wall=1.0)
    assert shapes.channel(workspace.core, alone, viewer=ann)["user"] == ann.id


def test_people_and_bots(workspace: Workspace, ann: User, bot: User) -> None:
    person, program = (shapes.user(workspace.core, each) for each in (ann, bot))
    assert (person["is_bot"], program["is_bot"]) == (False, True)
    assert (person["profile"]["email"], person["profile"]["last_name"]) == ("ann@acme.test", "Ode")
    assert "email" not in program["profile"]
    assert program["profile"]["api_app_id"] == "A0LOCAL01"
    assert person.keys() == program.keys()


def test_links_to_messages(workspace: Workspace, general: Channel, ann: User) -> None:
    parent = workspace.talk.post(general, Content(text="x"), by=ann, wall=1_795_000_000)
    reply = workspace.talk.post(general, Content(text="y", thread_ts=parent.ts), by=ann, wall=1_795_000_001)
    base = "https://acme.slack.com/archives/C0GENERAL/p"
    assert shapes.permalink(workspace.core, general, parent) == f"{base}1795000000000000"
    assert shapes.permalink(workspace.core, general, reply) == (
        f"{base}1795000001000000?thread_ts=1795000000.000000&cid=C0GENERAL"
    )


def test_people_and_the_workspace_have_pictures_in_every_size(workspace: Workspace) -> None:
    shape = shapes.user(workspace.core, workspace.user("ann"))
    assert {f"image_{size}" for size in (24, 32, 48, 72, 192, 512)} <= shape["profile"].keys()
    assert len(shape["color"]) == 6
    assert {f"image_{size}" for size in (34, 44, 68, 88, 102, 132)} <= shapes.team(workspace.core)["icon"].keys()
