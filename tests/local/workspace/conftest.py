"""Acme, with one app, and the two who talk most."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tautwire.local.workspace import Workspace

if TYPE_CHECKING:
    from tautwire.local.workspace import App, Channel, User


@pytest.fixture
def workspace(seed: int) -> Workspace:
    """Acme, with one app."""
    workspace = Workspace(Random(seed))
    workspace.install()
    workspace.take_changes()
    return workspace


@pytest.fixture
def app(workspace: Workspace) -> App:
    return workspace.app


@pytest.fixture
def bot(workspace: Workspace) -> User:
    return workspace.core.bot_user(workspace.app)


@pytest.fixture
def ann(workspace: Workspace) -> User:
    return workspace.user("ann")


@pytest.fixture
def general(workspace: Workspace) -> Channel:
    return workspace.channel("general")
