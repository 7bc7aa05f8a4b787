from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.manifest import Manifest
from tautwire.local.workspace import Refusal
from tautwire.local.workspace.changes import AppHomeOpened, ViewChanged
from tautwire.local.workspace.grants import Trigger
from tautwire.local.workspace.screens import MOST_CLOSED

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App, User, View, Workspace

WALL = 1_795_000_000.0
TITLE = {"type": "plain_text", "text": "T"}
MODAL: dict[str, Any] = {"type": "modal", "title": TITLE, "blocks": [{"type": "divider"}]}
HOME: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


def field(block: str, action: str) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": action}
    return {"type": "input", "block_id": block, "label": TITLE, "element": element}


@pytest.fixture
def trigger(app: App, ann: User) -> Callable[..., Trigger]:
    return lambda view: Trigger(app.id, ann.id, 0.0, view.id if view else "")


@pytest.fixture
def stack(workspace: Workspace, app: App, trigger: Any) -> list[View]:
    """Three modals of Ann's, the lowest first."""
    screens = workspace.screens
    first = screens.open(app, trigger(None), MODAL | {"external_id": "e"}, wall=WALL)
    second = screens.push(app, trigger(first), MODAL, wall=WALL)
    third = screens.push(app, trigger(None), MODAL, wall=WALL)
    workspace.take_changes()
    return [first, second, third]


def test_a_stack(workspace: Workspace, ann: User, stack: list[View]) -> None:
    first, second, third = stack
    assert workspace.screens.stack(ann) == stack
    assert workspace.screens.top(ann) is third
    assert workspace.screens.top(workspace.user("bob")) is None
    assert [each.root_id for each in stack] == [first.id] * 3
    assert [each.previous_id for each in stack] == ["", first.id, second.id]
    assert len({each.hash for each in stack}) == 3
    assert all(each.given["blocks"][0]["block_id"] for each in stack)


def test_opening_begins_anew(workspace: Workspace, app: App, ann: User, stack: list[View], trigger: Any) -> None:
    view = workspace.screens.open(app, trigger(None), MODAL, wall=WALL)
    assert workspace.screens.stack(ann) == [view]
    assert not any(each.is_open for each in stack)
    assert workspace.take_changes() == [ViewChanged(each) for each in [*stack, view]]


def test_a_taken_external_id_leaves_what_is_open(workspace: Workspace, app: App, ann: User, trigger: Any) -> None:
    given = MODAL | {"external_id": "e"}
    bobs = workspace.screens.open(app, Trigger(app.id, "U0BOB", 0.0), given, wall=WALL)
    anns = workspace.screens.open(app, trigger(None), MODAL, wall=WALL)

    def open_again() -> View:
        return workspace.screens.open(app, trigger(None), given, wall=WALL)

    assert refusal(open_again) == "duplicate_external_id"
    assert workspace.screens.stack(ann) == [anns]
    other = workspace.install()
    assert workspace.screens.open(other, Trigger(other.id, "U0CLEO", 0.0), given, wall=WALL)
    workspace.screens.dismiss(bobs)
    assert open_again()


def test_where_nothing_can_be_pushed(workspace: Workspace, app: App, stack: list[View], trigger: Any) -> None:
    screens, other = workspace.screens, workspace.install()

    def push(who: App, pulled: Trigger) -> str:
        return refusal(lambda: screens.push(who, pulled, MODAL, wall=WALL))

    assert push(app, trigger(stack[0])) == "push_limit_reached"
    screens.dismiss(stack[2])
    assert push(app, trigger(stack[2])) == "not_found"
    assert push(other, Trigger(other.id, "U0ANN", 0.0)) == "not_found"
    assert push(app, Trigger(app.id, "U0BOB", 0.0)) == "not_found"
    assert refusal(lambda: screens.push(app, trigger(None), HOME, wall=WALL)) == "invalid_arguments"


# Updating


def test_an_update(workspace: Workspace, app: App, stack: list[View]) -> None:
    view, screens = stack[1], workspace.screens
    old, view.errors, view.trouble = view.hash, {"b": "no"}, "trouble"
    assert screens.update(app, view, MODAL | {"callback_id": "c"}, wall=WALL, known_hash=old) is view
    assert (view.callback_id, view.errors, view.trouble) == ("c", {}, "")
    assert (view.root_id, view.previous_id) == (stack[0].id, stack[0].id)

    def update(known: str) -> View:
        return screens.update(app, view, MODAL, wall=WALL, known_hash=known)

    assert refusal(lambda: update(old)) == "hash_conflict"
    assert update(view.hash)
    assert screens.update(app, stack[0], MODAL | {"external_id": "e"}, wall=WALL)
    assert (
        refusal(lambda: screens.update(app, view, MODAL | {"external_id": "e"}, wall=WALL)) == "duplicate_external_id"
    )
    screens.dismiss(view)
    assert refusal(lambda: update("")) == "not_found"
    assert refusal(lambda: screens.update(app, stack[0], HOME, wall=WALL)) == "invalid_arguments"


def test_what_was_entered_stays_where_its_place_does(workspace: Workspace, app: App, trigger: Any) -> None:
    given = MODAL | {"submit": TITLE, "blocks": [field("b", "a"), field("c", "a"), field("d", "a")]}
    view = workspace.screens.open(app, trigger(None), given, wall=WALL)
    view.values = {block: {"a": {"type": "plain_text_input", "value": block}} for block in "bcd"}
    blocks = [field("b", "a"), field("c", "other"), {"type": "divider"}]
    workspace.screens.update(app, view, given | {"blocks": blocks}, wall=WALL)
    assert view.values == {"b": {"a": {"type": "plain_text_input", "value": "b"}}}


# Finding


def test_finding(workspace: Workspace, app: App, stack: list[View]) -> None:
    find = workspace.screens.find
    assert find(app, stack[1].id) is stack[1]
    assert find(app, external_id="e") is find(app, "V1", "e") is stack[0]
    assert refusal(lambda: find(app)) == refusal(lambda: find(app, "V1")) == "not_found"
    assert refusal(lambda: find(workspace.install(), stack[1].id)) == "not_found"
    workspace.screens.dismiss(stack[0])
    assert refusal(lambda: find(app, external_id="e")) == "not_found"


# Closing


def test_closing_takes_one_or_all(workspace: Workspace, ann: User, stack: list[View]) -> None:
    first, second, third = stack
    screens = workspace.screens
    assert screens.close(third) == [third]
    assert not third.is_open
    assert screens.close(third) == []
    assert screens.stack(ann) == [first, second]
    assert screens.close(second, everything=True) == [second, first]
    assert screens.top(ann) is None
    assert workspace.take_changes() == [ViewChanged(third), ViewChanged(second), ViewChanged(first)]


def test_what_lies_on_top_goes_too(workspace: Workspace, ann: User, stack: list[View]) -> None:
    assert workspace.screens.dismiss(stack[1]) == [stack[2], stack[1]]
    assert workspace.screens.stack(ann) == stack[:1]


def test_clear_on_close(workspace: Workspace, app: App, stack: list[View]) -> None:
    workspace.screens.update(app, stack[2], MODAL | {"clear_on_close": True}, wall=WALL)
    assert workspace.screens.close(stack[2]) == stack[::-1]


# Homes


def test_a_home(workspace: Workspace, app: App, ann: User) -> None:
    screens = workspace.screens
    assert screens.home(ann, app) is None
    assert refusal(lambda: screens.publish(app, ann, HOME, wall=WALL, known_hash="1.a")) == "hash_conflict"
    assert refusal(lambda: screens.publish(app, ann, MODAL, wall=WALL)) == "invalid_arguments"
    view = screens.publish(app, ann, HOME, wall=WALL)
    assert screens.home(ann, app) is view
    assert screens.publish(app, ann, HOME | {"callback_id": "c"}, wall=WALL, known_hash=view.hash) is view
    assert refusal(lambda: screens.publish(app, ann, HOME, wall=WALL, known_hash="1.a")) == "hash_conflict"
    assert screens.top(ann) is None
    workspace.take_changes()
    screens.open_home(ann, app, workspace.channels["D0ANN"], "home")
    assert workspace.take_changes() == [AppHomeOpened(ann, app, workspace.channels["D0ANN"], "home", view)]


def test_an_app_without_a_home(workspace: Workspace, ann: User) -> None:
    homeless = workspace.install(Manifest.from_dict({"display_information": {"name": "A"}}))
    assert refusal(lambda: workspace.screens.publish(homeless, ann, HOME, wall=WALL)) == "not_enabled"


# After a submission


def test_complaints_and_trouble(workspace: Workspace, stack: list[View]) -> None:
    view = stack[2]
    workspace.screens.complain(view, {"b": "no"})
    workspace.screens.leave_in_trouble(view, "hm")
    assert (view.errors, view.trouble) == ({"b": "no"}, "hm")
    assert workspace.take_changes() == [ViewChanged(view)] * 2


def test_push_on(workspace: Workspace, app: App, stack: list[View]) -> None:
    screens = workspace.screens
    assert refusal(lambda: screens.push_on(app, stack[2], MODAL, wall=WALL)) == "push_limit_reached"
    screens.dismiss(stack[2])
    assert screens.push_on(app, stack[1], MODAL, wall=WALL).previous_id == stack[1].id


def test_closed_modals_are_forgotten_in_the_end(workspace: Workspace, app: App, ann: User, trigger: Any) -> None:
    opened = [workspace.screens.open(app, trigger(None), MODAL, wall=WALL) for _ in range(MOST_CLOSED + 2)]
    assert list(workspace.core.views) == [each.id for each in opened[1:]]
    assert workspace.screens.stack(ann) == [opened[-1]]
