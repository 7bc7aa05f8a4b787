"""One text names an inbox."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.inbox.address import inbox_at, is_on_nats
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from pathlib import Path


class Store:
    """What a store is given."""

    def __init__(self, *given: Any, **options: Any) -> None:
        self.given, self.options = given, options


@pytest.fixture
def jetstream(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("tautwire.inbox.jetstream")
    module.JetStreamInbox = Store  # type: ignore[attr-defined]  # as the module has it
    monkeypatch.setitem(sys.modules, "tautwire.inbox.jetstream", module)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("events.db", False),
        ("a,b.db", False),
        ("C:\\events.db", False),
        ("nats://one:4222", True),
        ("NATS://one", True),
        ("nats://one:4222, tls://two:4222", True),
        ("wss://one", True),
    ],
)
def test_a_path_and_urls_are_told_apart(address: str, expected: bool) -> None:
    assert is_on_nats(address) is expected


@pytest.mark.parametrize(
    "address", ["", "  ", "a\0b", "http://user:open-sesame@one", "nats://", "nats://one,", "nats://one,two"]
)
def test_what_is_no_address_is_said_without_quoting_it(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"nats://host:4222 for NATS$") as caught:
        inbox_at(address)
    assert "sesame" not in str(caught.value)


async def test_a_path_is_an_inbox_in_a_file(tmp_path: Path) -> None:
    made = inbox_at(str(tmp_path / "events.db"), lease_seconds=7.0)
    assert isinstance(made, SqliteInbox)
    assert made.lease_seconds == 7.0
    async with made:
        assert (await made.stats()).waiting == 0


def test_a_file_has_no_user_and_no_name() -> None:
    for name in ("credentials", "name"):
        with pytest.raises(ConfigurationError, match=rf"\({name}\) is for an inbox on NATS; this one is a file"):
            inbox_at("events.db", on_nats={name: "a"})


@pytest.mark.usefixtures("jetstream")
def test_urls_are_an_inbox_on_nats() -> None:
    made: Any = inbox_at("nats://one,nats://two", is_visitor=True, on_nats={"credentials": "user.creds"})
    assert made.given == ("nats://one,nats://two",)
    assert made.options == {"is_visitor": True, "credentials": "user.creds"}
    plain: Any = inbox_at("nats://one", lease_seconds=7.0)
    assert plain.options == {"is_visitor": False, "lease_seconds": 7.0}


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tautwire.inbox.jetstream", None)
    with pytest.raises(ConfigurationError, match=r'pip install "tautwire\[nats\]"'):
        inbox_at("nats://one")


def test_another_one_that_is_missing_is_a_defect(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import no_such_module\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("tautwire.inbox.address.import_module", lambda _: __import__("broken"))
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        inbox_at("nats://one")
