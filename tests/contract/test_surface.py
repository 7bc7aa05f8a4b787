"""Name for name: what `slack_sdk.socket_mode` has is here as well, compared by inspection of the real thing."""

from __future__ import annotations

import ast
import importlib
import inspect
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
import slack_sdk.socket_mode.aiohttp
import slack_sdk.socket_mode.async_client
import slack_sdk.socket_mode.async_listeners
from slack_sdk.web.async_client import AsyncWebClient

import tautwire
from tautwire.socket_mode.aiohttp import SocketModeClient
from tautwire.socket_mode.async_client import AsyncBaseSocketModeClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Theirs = slack_sdk.socket_mode.aiohttp.SocketModeClient
TheirBase = slack_sdk.socket_mode.async_client.AsyncBaseSocketModeClient


@dataclass(frozen=True)
class Method:
    """What a caller has to know of a method."""

    parameters: tuple[tuple[str, Any, Any], ...]
    is_coroutine: bool
    is_class_method: bool


def method_of(owner: type, name: str) -> Method:
    raw = inspect.getattr_static(owner, name)
    function = raw.__func__ if isinstance(raw, classmethod | staticmethod) else raw
    parameters = list(inspect.signature(function).parameters.values())[1:]
    return Method(
        tuple((each.name, each.kind, each.default) for each in parameters),
        inspect.iscoroutinefunction(function),
        isinstance(raw, classmethod),
    )


def methods_of(owner: type) -> dict[str, Method]:
    return {
        name: method_of(owner, name)
        for name in dir(owner)
        if not name.startswith("_") and inspect.isroutine(getattr(owner, name))
    }


def attributes_of(owner: type) -> set[str]:
    """What is annotated in a class, or assigned to `self` in its constructor, over all of its bases."""
    found: set[str] = set()
    for base in owner.__mro__[:-1]:
        found |= set(inspect.get_annotations(base))
        if "__init__" in vars(base):
            tree = ast.parse(textwrap.dedent(inspect.getsource(vars(base)["__init__"])))
            found |= {name for node in ast.walk(tree) for name in assigned(node)}
    return {name for name in found if not name.startswith("_")}


def assigned(node: ast.AST) -> list[str]:
    targets: list[Any] = [*node.targets] if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets.append(node.target)
    return [
        target.attr
        for target in targets
        if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == "self"
    ]


def missing(theirs: type, ours: type, has: Callable[[str], bool]) -> list[str]:
    """What a user of `theirs` would not find in `ours`, in words. `has` says whether an object of ours has a name."""
    complaints = [f"attribute {name}" for name in sorted(attributes_of(theirs)) if not has(name)]
    for name, wanted in methods_of(theirs).items():
        if not has(name):
            complaints.append(f"method {name}")
        elif method_of(ours, name) != wanted:
            complaints.append(f"method {name} is {method_of(ours, name)}, not {wanted}")
    return complaints


def different_parameters(theirs: Callable[..., Any], ours: Callable[..., Any]) -> list[str]:
    """The same names, in the same order, with the same defaults; ours may add keyword-only ones behind."""
    wanted, got = inspect.signature(theirs).parameters, inspect.signature(ours).parameters
    common = list(got)[: len(wanted)]
    complaints = [] if common == list(wanted) else [f"{common} instead of {list(wanted)}"]
    for name, each in wanted.items():
        if name not in got:
            complaints.append(f"parameter {name}")
        elif each.kind is not got[name].kind:
            complaints.append(f"parameter {name} is {got[name].kind.description}")
        elif each.default not in (inspect.Parameter.empty, got[name].default):
            complaints.append(f"parameter {name} defaults to {got[name].default!r}, not {each.default!r}")
    added = [name for name in list(got)[len(wanted) :] if got[name].kind is not inspect.Parameter.KEYWORD_ONLY]
    return complaints + [f"parameter {name} can be given by position" for name in added]


@pytest.fixture
async def client() -> AsyncIterator[SocketModeClient]:
    client = SocketModeClient("xapp-1")
    yield client
    await client.close()


# The client.


def test_the_constructor() -> None:
    assert different_parameters(Theirs, SocketModeClient) == []


def test_what_is_read_from_slack_sdk_is_not_nothing() -> None:
    """The comparisons below are worth what these lists are worth."""
    assert len(methods_of(Theirs)) >= 17
    assert {"aiohttp_client_session", "wss_uri", "stale", "connect_operation_lock"} <= attributes_of(Theirs)
    assert len(attributes_of(Theirs)) >= 24


async def test_every_method_and_attribute_is_there(client: SocketModeClient) -> None:
    assert missing(Theirs, SocketModeClient, lambda name: hasattr(client, name)) == []


async def test_slack_sdks_own_client_would_pass(client: SocketModeClient) -> None:
    theirs = Theirs("xapp-1", web_client=AsyncWebClient())
    try:
        assert missing(Theirs, Theirs, lambda name: hasattr(theirs, name)) == []
        assert sorted(name for name in vars(theirs) if not hasattr(client, name)) == []
    finally:
        await theirs.close()  # type: ignore[no-untyped-call]
        theirs.message_processor.cancel()


@pytest.mark.parametrize("name", sorted({*attributes_of(Theirs), *methods_of(Theirs)}))
async def test_a_missing_name_is_noticed(name: str) -> None:
    """The control: our client without one of the names."""

    def gone(self: object) -> None:
        raise AttributeError(name)

    class Lacking(SocketModeClient):
        def __getattribute__(self, wanted: str) -> Any:
            if wanted == name and is_made:
                gone(self)
            return super().__getattribute__(wanted)

    is_made = False
    client = Lacking("xapp-1")
    is_made = True
    complaints = missing(Theirs, SocketModeClient, lambda wanted: hasattr(client, wanted))
    assert {complaint.split()[1] for complaint in complaints} == {name}


def test_a_method_of_another_shape_is_noticed() -> None:
    class Theirs:
        async def connect(self, force: bool = False) -> None: ...

        @classmethod
        def build(cls, session: object) -> None: ...

        def same(self) -> None: ...

    class Ours:
        def connect(self, force: bool = False) -> None: ...

        def build(self, session: object) -> None: ...

        def same(self) -> None: ...

    class Renamed(Ours):
        async def connect(self, forced: bool = False) -> None: ...  # type: ignore[override]

    def names(ours: type) -> list[str]:
        return [complaint.split()[1] for complaint in missing(Theirs, ours, lambda name: hasattr(ours, name))]

    assert names(Ours) == names(Renamed) == ["build", "connect"]
    assert names(Theirs) == []


def test_a_constructor_of_another_shape_is_noticed() -> None:
    def theirs(a: int, b: int | None = None) -> None: ...
    def same(a: int | None = None, b: int | None = None, *, c: int = 1) -> None: ...
    def swapped(b: int | None = None, a: int | None = None) -> None: ...
    def longer(a: int, b: int | None = None, c: int = 1) -> None: ...
    def default(a: int, b: int = 5) -> None: ...
    def lacking(a: int) -> None: ...
    def keyword(a: int, *, b: int | None = None) -> None: ...

    assert different_parameters(theirs, same) == []
    for other in (swapped, longer, default, lacking, keyword):
        assert different_parameters(theirs, other)


async def test_the_old_names_are_views_and_hold_nothing(client: SocketModeClient) -> None:
    """A name that only makes sense in the old design shows the new one; nobody can set it."""
    for name in (
        "message_receiver",
        "current_session_monitor",
        "last_ping_pong_time",
        "current_session",
        "stale",
        "aiohttp_client_session",
    ):
        assert isinstance(inspect.getattr_static(client, name), property)
        with pytest.raises(AttributeError):
            setattr(client, name, None)


# Its base, and the listeners.


def test_the_base_has_every_method_and_attribute() -> None:
    known = attributes_of(AsyncBaseSocketModeClient) | set(methods_of(AsyncBaseSocketModeClient))
    assert len(methods_of(TheirBase)) >= 10
    assert missing(TheirBase, AsyncBaseSocketModeClient, known.__contains__) == []
    assert issubclass(SocketModeClient, AsyncBaseSocketModeClient)
    assert missing(TheirBase, AsyncBaseSocketModeClient, (known - {"closed"}).__contains__) == ["attribute closed"]


def test_the_base_can_be_completed_by_a_user() -> None:
    """Whoever has a client of their own, for a test, subclasses it; nothing is asked for that slack_sdk defines."""
    assert AsyncBaseSocketModeClient.__abstractmethods__ <= set(methods_of(TheirBase))


# Where the names live.

PATHS = [
    ("socket_mode.aiohttp", "SocketModeClient"),
    ("socket_mode.async_client", "AsyncBaseSocketModeClient"),
    ("socket_mode.async_listeners", "AsyncWebSocketMessageListener"),
    ("socket_mode.async_listeners", "AsyncSocketModeRequestListener"),
    ("socket_mode.request", "SocketModeRequest"),
    ("socket_mode.response", "SocketModeResponse"),
    ("web.async_client", "AsyncWebClient"),
    ("errors", "SlackApiError"),
    ("errors", "SlackRequestError"),
    ("errors", "SlackClientError"),
]


@pytest.mark.parametrize(("module", "name"), PATHS)
def test_a_change_of_one_word_in_an_import(module: str, name: str) -> None:
    for package in ("slack_sdk", "tautwire"):
        found = getattr(importlib.import_module(f"{package}.{module}"), name)
        assert (found.__name__, inspect.isclass(found)) == (name, True)
    ours = importlib.import_module(f"tautwire.{module}")
    assert name in ours.__all__
    if name != "SlackClientError":
        assert getattr(tautwire, name) is getattr(ours, name)


def test_slack_sdks_web_response_has_its_counterpart() -> None:
    module = importlib.import_module("tautwire.web.async_client")
    assert module.AsyncSlackResponse is tautwire.AsyncSlackResponse


def test_the_package_shows_its_client_first_and_every_name_it_says() -> None:
    assert all(hasattr(tautwire, name) for name in tautwire.__all__)
    assert tautwire.SocketModeClient is SocketModeClient
