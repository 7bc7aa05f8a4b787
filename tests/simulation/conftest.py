from __future__ import annotations

import pytest

_SHORT = 1_000
_LONG = 100_000


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> int:
    """How many lives to look at."""
    wanted = request.config.getoption("--seeds")
    return wanted or (_LONG if request.config.getoption("--long") else _SHORT)
