from __future__ import annotations

import pytest

from hearing import Town


@pytest.fixture
def town() -> Town:
    return Town()
