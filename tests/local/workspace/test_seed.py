from __future__ import annotations

from tautwire.local.workspace import Workspace
from tautwire.local.workspace.seed import crowd


def test_acme_was_always_there() -> None:
    workspace = Workspace()
    assert [user.name for user in workspace.users.values()] == ["slackbot", "ann", "bob", "cleo", "dan"]
    assert {place.kind for place in workspace.channels.values()} == {"channel", "group", "im", "mpim"}
    assert workspace.take_changes() == []
    for place in workspace.channels.values():
        assert place.members.keys() <= workspace.users.keys()
        assert place.is_general is (place.name == "general")


def test_nothing_is_planted_when_nothing_is_wanted() -> None:
    workspace = Workspace(is_planted=False)
    assert (workspace.users, workspace.channels) == ({}, {})


def test_a_crowd() -> None:
    workspace = Workspace()
    people = crowd(workspace.core, 700)
    assert [each.name for each in people[:2]] == ["ada.adler", "ada.baum"]
    assert people[256].name == "ada.adler2"
    names = [user.name for user in workspace.users.values()]
    assert len(set(names)) == len(names) == 705
    assert len({user.email for user in people}) == 700
    assert len(workspace.channel("general").members) == 704
    assert workspace.take_changes() == []
    more = crowd(workspace.core, 10)
    assert len({user.id for user in workspace.users.values()}) == 715
    assert {each.name for each in more}.isdisjoint(names)


def test_the_same_crowd_each_time() -> None:
    first, second = ([(each.id, each.name) for each in crowd(Workspace().core, 20)] for _ in range(2))
    assert first == second
