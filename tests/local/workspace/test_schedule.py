from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tautwire.local.workspace import Content, Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App, Channel, User, Workspace

NOW = 1_795_000_000
DAY = 86_400


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


def test_what_is_due_is_said_in_order(workspace: Workspace, general: Channel, bot: User, app: App) -> None:
    schedule = workspace.schedule
    assert schedule.next_time() is None
    for text, post_at in (("b", NOW + 20), ("a", NOW + 10), ("c", NOW + 30)):
        content = Content(text=text, thread_ts="1700000000.000001", username="Ghost")
        schedule.add(general, content, post_at, by=bot, wall=NOW, app=app)
    assert schedule.next_time() == NOW + 10
    assert schedule.post_due(NOW + 9) == []
    said = schedule.post_due(NOW + 20)
    assert [(each.text, each.username, each.app_id) for each in said] == [
        ("a", "Ghost", app.id),
        ("b", "Ghost", app.id),
    ]
    assert {each.thread_ts for each in said} == {"1700000000.000001"}
    assert schedule.next_time() == NOW + 30


def test_what_can_no_longer_be_said_is_dropped(workspace: Workspace, ann: User, bot: User) -> None:
    schedule, dev, random = workspace.schedule, workspace.channel("dev"), workspace.channel("random")
    for channel in (dev, random, workspace.channel("general")):
        schedule.add(channel, Content(text="a"), NOW + 10, by=bot, wall=NOW)
    workspace.places.delete(dev, by=ann)
    workspace.places.archive(random, by=ann, wall=NOW)
    assert [each.channel_id for each in schedule.post_due(NOW + 10)] == ["C0GENERAL"]
    assert workspace.core.scheduled == {}


def test_bounds(workspace: Workspace, general: Channel, bot: User) -> None:
    def add(post_at: int, content: Content = Content(text="a"), by: User = bot, place: Channel = general) -> object:  # noqa: B008
        return workspace.schedule.add(place, content, post_at, by=by, wall=NOW)

    assert refusal(lambda: add(NOW)) == "time_in_past"
    assert refusal(lambda: add(NOW + 120 * DAY + 1)) == "time_too_far"
    assert add(NOW + 120 * DAY)
    assert refusal(lambda: add(NOW + 1, Content())) == "no_text"
    assert refusal(lambda: add(NOW + 1, by=workspace.user("dan"), place=workspace.channel("dev"))) == "not_in_channel"


def test_thirty_in_five_minutes(workspace: Workspace, general: Channel, bot: User) -> None:
    def add(post_at: int, place: Channel = general) -> object:
        return workspace.schedule.add(place, Content(text="a"), post_at, by=bot, wall=NOW)

    for _ in range(30):
        add(NOW + 1000)
    assert refusal(lambda: add(NOW + 1299)) == refusal(lambda: add(NOW + 701)) == "restricted_too_many"
    assert add(NOW + 1300)
    assert add(NOW + 700)
    assert add(NOW + 1000, workspace.channel("random"))


def test_taking_back(workspace: Workspace, general: Channel, ann: User, bot: User, app: App) -> None:
    schedule = workspace.schedule
    later = schedule.add(general, Content(text="a"), NOW + 100, by=bot, wall=NOW, app=app)
    back = schedule.take_back
    for action in (
        lambda: back(general, "Q1", by=bot, wall=NOW),
        lambda: back(general, later.id, by=ann, wall=NOW),
        lambda: back(workspace.channel("random"), later.id, by=bot, wall=NOW),
        lambda: back(general, later.id, by=bot, wall=NOW + 41),
    ):
        assert refusal(action) == "invalid_scheduled_message_id"
    assert schedule.of(bot) == schedule.of(bot, app) == [later]
    assert schedule.of(ann) == []
    back(general, later.id, by=bot, wall=NOW + 40)
    assert schedule.of(bot) == []


def test_whose_it_is(workspace: Workspace, general: Channel, ann: User, app: App) -> None:
    other = workspace.install()
    mine = workspace.schedule.add(general, Content(text="a"), NOW + 100, by=ann, wall=NOW, app=app)
    assert workspace.schedule.of(ann, other) == []
    assert workspace.schedule.of(ann, app) == [mine]
