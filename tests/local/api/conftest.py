"""Methods without HTTP: a workspace, and somebody who asks it; and a watch over what methods answer."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.method import SHARED_ERRORS, Call
from tautwire.local.api.methods import METHODS
from tautwire.local.faults import Faults
from tautwire.local.workspace import Refusal, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tautwire.local.api.method import Method
    from tautwire.local.workspace.keys import Key

#: A Monday in 2026, epoch seconds.
WALL = 1_795_000_000.0


class Asker:
    """Calls methods with one token, as HTTP would after reading: `ask("users.info", user="U0ANN")`.

    What a method may answer is checked on the way: an error that is not among its declared ones fails the test.
    """

    def __init__(self, workspace: Workspace, token: str, *, is_strict: bool = False) -> None:
        self.workspace, self.token, self.is_strict = workspace, token, is_strict
        self.wall = WALL

    @property
    def key(self) -> Key:
        key = self.workspace.key(self.token)
        assert key is not None
        return key

    def __call__(self, name: str, /, **args: Any) -> dict[str, Any]:
        method = METHODS[name]
        self.wall += 1
        call = Call(
            method=method,
            args=args,
            workspace=self.workspace,
            key=self.key,
            wall=self.wall,
            now=self.wall,
            base_url="http://127.0.0.1:1",
            open_url=lambda app: f"ws://127.0.0.1:1/link/?app={app.id}",
            faults=Faults(),
            is_strict_about_scopes=self.is_strict,
        )
        try:
            call.check_scopes()
            call.check_arguments()
            return {"ok": True, **method.run(call)}
        except Refusal as refusal:
            if refusal.error not in method.errors | SHARED:
                raise AssertionError(f"{name} does not declare {refusal.error}") from refusal
            return refusal.body

    def error(self, name: str, /, **args: Any) -> str:
        """The error code that a call ends with."""
        return str(self(name, **args)["error"])

    def pages(self, name: str, what: str, /, **args: Any) -> list[list[Any]]:
        """All pages of a list, by its cursors."""
        found, cursor = [], ""
        while True:
            answer = self(name, **args, **({"cursor": cursor} if cursor else {}))
            assert answer["ok"], answer
            found.append(answer[what])
            cursor = answer.get("response_metadata", {}).get("next_cursor", "")
            if not cursor:
                return found


SHARED = frozenset({"invalid_arguments", "missing_scope", "method_deprecated"})


@pytest.fixture
def undeclared() -> list[str]:
    """Errors that methods have answered over HTTP without declaring them; the test fails when one is left."""
    return []


@pytest.fixture
def watch(undeclared: list[str]) -> Callable[[Method], Method]:
    """The same method, noting in `undeclared` what it answers and does not declare."""

    def watched(method: Method) -> Method:
        def run(call: Call) -> dict[str, Any]:
            try:
                return method.run(call)
            except Refusal as refusal:
                if refusal.error not in method.errors | SHARED_ERRORS:
                    undeclared.append(f"{method.name} does not declare {refusal.error}")
                raise

        run.__doc__ = method.run.__doc__
        return replace(method, run=run)

    return watched


@pytest.fixture(autouse=True)
def _no_error_that_is_not_declared(
    monkeypatch: pytest.MonkeyPatch, undeclared: list[str], watch: Callable[[Method], Method]
) -> Iterator[None]:
    for name, method in list(METHODS.items()):
        # It fails with whatever it is told to fail with.
        if name != "api.test":
            monkeypatch.setitem(METHODS, name, watch(method))
    yield
    assert undeclared == []


@pytest.fixture
def workspace(seed: int) -> Workspace:
    """Acme, with one app."""
    workspace = Workspace(Random(seed))
    workspace.install()
    return workspace


@pytest.fixture
def ask(workspace: Workspace) -> Asker:
    """The bot asks."""
    return Asker(workspace, workspace.app.bot_token)


@pytest.fixture
def asker(workspace: Workspace) -> Callable[[str], Asker]:
    """Whoever has a token asks."""
    return lambda token: Asker(workspace, token)


@pytest.fixture
def ann(workspace: Workspace) -> Asker:
    """The app asks in the name of Ann, who is an admin."""
    return Asker(workspace, workspace.user_token(workspace.app, workspace.user("ann")))


@pytest.fixture
def bob(workspace: Workspace) -> Asker:
    """And in Bob's."""
    return Asker(workspace, workspace.user_token(workspace.app, workspace.user("bob")))
