"""An inbox in a folder of the test's own, and the layer between SQLite and its files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import filelayer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.db"


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> Iterator[filelayer.Layer]:
    """Everything that SQLite does to files while the test runs, and what we sync ourselves, which is folders alone."""
    fsync = os.fsync
    sqlite = filelayer.library()
    if sqlite is None:
        pytest.skip("SQLite is not a shared library here, so that nothing can come between it and its files")
    with filelayer.watched(sqlite) as layer:

        def sync(file: int) -> None:
            fsync(file)
            layer.sync_folder()

        monkeypatch.setattr("os.fsync", sync)
        yield layer
