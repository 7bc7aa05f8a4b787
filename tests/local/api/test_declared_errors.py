"""Every method says what it may answer, and the tests notice when it answers something else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.method import SHARED_ERRORS
from tautwire.local.api.methods import METHODS

if TYPE_CHECKING:
    from tautwire.local import LocalSlack

NOWHERE = {"channel": "C0GENERAL", "ts": "1.000001"}


def test_asking_notices(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(METHODS, "chat.delete", replace(METHODS["chat.delete"], errors=frozenset()))
    with pytest.raises(AssertionError, match=r"chat\.delete does not declare message_not_found"):
        ask("chat.delete", **NOWHERE)


async def test_so_does_http(
    slack: LocalSlack, call: Any, monkeypatch: pytest.MonkeyPatch, watch: Any, undeclared: list[str]
) -> None:
    assert (await call(slack, "chat.delete", json=NOWHERE))[2]["error"] == "message_not_found"
    assert undeclared == []
    silent = replace(METHODS["chat.delete"], errors=frozenset())
    monkeypatch.setitem(METHODS, "chat.delete", watch(silent))
    assert (await call(slack, "chat.delete", json=NOWHERE))[2]["error"] == "message_not_found"
    assert undeclared.pop() == "chat.delete does not declare message_not_found"


@pytest.mark.parametrize("name", sorted(METHODS))
def test_what_is_missing_is_refused_with_a_declared_code(name: str) -> None:
    method = METHODS[name]
    missing = {argument.missing for argument in method.arguments if argument.is_required}
    assert missing <= method.errors | SHARED_ERRORS
