from __future__ import annotations

import re
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.workspace import Refusal
from tautwire.local.workspace.core import Ids

if TYPE_CHECKING:
    from tautwire.local.workspace import Channel, User, Workspace


@given(st.lists(st.floats(0, 2e9), max_size=50))
def test_a_ts_is_later_than_the_one_before(walls: list[float]) -> None:
    ids = Ids(Random(0))
    stamps = [ids.ts(wall) for wall in walls]
    assert all(re.fullmatch(r"\d+\.\d{6}", each) for each in stamps)
    numbers = [(int(seconds), digits) for seconds, _, digits in (each.partition(".") for each in stamps)]
    assert numbers == sorted(set(numbers))
    assert ids.last_ts == (stamps[-1] if stamps else "")


def test_a_ts_is_the_time_when_it_can_be() -> None:
    ids = Ids(Random(0))
    assert ids.last_ts == ""
    assert [ids.ts(1_795_000_000.25), ids.ts(1_795_000_000.25), ids.ts(0)] == [
        "1795000000.250000",
        "1795000000.250001",
        "1795000000.250002",
    ]
    ids.saw("1795000009.000000")
    assert ids.ts(1_795_000_001) == ids.last_ts == "1795000009.000001"
    ids.saw("1.000000")
    assert ids.ts(0) == "1795000009.000002"


def test_the_same_seed_the_same_ids() -> None:
    def some(seed: int) -> list[str]:
        ids = Ids(Random(seed))
        return [ids.of("U"), ids.uuid(), ids.secret(), ids.secret(32), ids.of("C")]

    assert some(1) == some(1) != some(2)
    user, uuid, long, short, channel = some(1)
    assert re.fullmatch(r"U[0-9A-F]{11}", user)
    assert UUID(uuid).version == 4
    assert (len(long), len(short)) == (32, 8)
    assert channel > user.replace("U", "C")


def test_what_was_drawn_is_counted() -> None:
    ids = Ids(Random(0))
    ids.of("U")
    assert ids.draws == 0
    ids.uuid()
    ids.secret()
    assert ids.draws == 2


@pytest.mark.parametrize("name", ["ann", "@ann", "U0ANN", "ANN", "@Ann"])
def test_users_by_id_and_name(workspace: Workspace, ann: User, name: str) -> None:
    assert workspace.core.user(name) is ann


@pytest.mark.parametrize("name", ["", "@", "annie", "u0ann"])
def test_nobody(workspace: Workspace, name: str) -> None:
    with pytest.raises(Refusal, match="user_not_found"):
        workspace.core.user(name)


@pytest.mark.parametrize("name", ["general", "#general", "C0GENERAL"])
def test_channels_by_id_and_name(workspace: Workspace, general: Channel, name: str) -> None:
    assert workspace.core.channel(name) is general


@pytest.mark.parametrize("name", ["", "#", "generals", "directmessage", "mpdm-ann--bob--cleo-1"])
def test_nowhere(workspace: Workspace, name: str) -> None:
    with pytest.raises(Refusal, match="channel_not_found"):
        workspace.core.channel(name)


def test_private_places_are_for_those_who_are_in(workspace: Workspace, ann: User, bot: User) -> None:
    for name in ("secret-plans", "D0BOB", "G0TRIO"):
        assert workspace.core.channel(name, ann)
        with pytest.raises(Refusal, match="channel_not_found"):
            workspace.core.channel(name, bot)
    assert workspace.core.channel("dev", bot)


def test_apps_and_their_bots(workspace: Workspace, ann: User, bot: User) -> None:
    assert workspace.core.app_of(bot) is workspace.app
    assert workspace.core.app_of(ann) is None
    assert workspace.core.bot_user(workspace.app) is bot


def test_a_uuid_is_what_the_standard_library_would_make_of_it(seed: int) -> None:
    ids, chance = Ids(Random(seed)), Random(seed)
    for _ in range(1000):
        assert ids.uuid() == str(UUID(int=chance.getrandbits(128), version=4))
