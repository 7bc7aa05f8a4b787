"""Somebody who makes ids."""

from __future__ import annotations

import pytest


class Counting:
    """Ids that nobody has seen, one after the other; `asked` are the wishes for a response_url."""

    def __init__(self) -> None:
        self.count = 0
        self.asked: list[tuple[str, str, str]] = []

    def _next(self) -> int:
        self.count += 1
        return self.count

    def envelope_id(self) -> str:
        return f"00000000-0000-4000-8000-{self._next():012d}"

    def event_id(self) -> str:
        return f"EvNEW{self._next():06d}"

    def trigger_id(self, app_id: str) -> str:
        return f"3.3.{self._next():032d}"

    def response_url(self, kind: str, channel_id: str, app_id: str) -> str:
        self.asked.append((kind, channel_id, app_id))
        number = self._next()
        return f"http://new/{kind}/T0LOCAL01/{number}/fresh{number}"

    def verification(self, app_id: str) -> str:
        return f"verification-of-{app_id}"


@pytest.fixture(scope="session")
def counting() -> type[Counting]:
    return Counting


@pytest.fixture
def fresh() -> Counting:
    return Counting()
