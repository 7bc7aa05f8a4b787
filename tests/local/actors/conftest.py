"""A few people, and an app that does as it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripted import Scripted, scripted

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tautwire.local import LocalSlack
    from tautwire.local.actors import Person, Place


@pytest.fixture
async def app(slack: LocalSlack) -> AsyncIterator[Scripted]:
    async with scripted(slack) as program:
        yield program


@pytest.fixture
def ann(slack: LocalSlack) -> Person:
    return slack.user("ann")


@pytest.fixture
def bob(slack: LocalSlack) -> Person:
    return slack.user("bob")


@pytest.fixture
def general(slack: LocalSlack) -> Place:
    return slack.channel("general")
