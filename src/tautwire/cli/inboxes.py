"""`--inbox` and what goes with it, the same for every command that works with an inbox."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.mistakes import MistakeError
from tautwire.errors import ConfigurationError
from tautwire.inbox.address import inbox_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.api import Inbox

__all__ = ["Choice", "inbox_options"]


@dataclass(frozen=True, slots=True)
class Choice:
    """The inbox that somebody has named, or not."""

    address: str | None
    #: What was said of NATS, by the store's own names.
    on_nats: dict[str, Any]

    def make(self, *, is_visitor: bool = False) -> Inbox:
        """It, not yet opened. Raises `MistakeError`."""
        if not self.address:
            raise MistakeError("Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222.")
        try:
            return inbox_at(self.address, is_visitor=is_visitor, on_nats=self.on_nats)
        except ConfigurationError as error:
            raise MistakeError(f"{_capital(str(error))}.") from None


def _option(name: str, what: str, **how: Any) -> Callable[[Any], Any]:
    variable = f"TAUTWIRE_INBOX_{name.upper().replace('-', '_')}"
    return click.option(f"--{name}", envvar=variable, help=f"For NATS: {what} Else {variable}.", **how)


_ADDRESS: Final = click.option(
    "--inbox",
    "address",
    envvar="TAUTWIRE_INBOX",
    metavar="FILE|URL",
    help="Where the inbox is: a file, or nats://host:4222, several with commas. Else TAUTWIRE_INBOX.",
)
#: For everybody, by the names that `JetStreamInbox` has for them.
_OF_ALL: Final = {
    "name": _option("name", "which inbox of these servers, if it is not tautwire.", metavar="NAME"),
    "credentials": _option("credentials", "the file with the user's credentials (.creds).", metavar="FILE"),
    "nkey": _option("nkey", "the file with the seed of the user's NKEY.", metavar="FILE"),
}
#: For whoever works with it, and may be the first to open it.
_OF_WORKERS: Final = {
    "replicas": _option(
        "replicas",
        "servers that keep each message; 1 where there is one. [3]",
        type=click.IntRange(1),
        metavar="NUMBER",
    ),
    "lease_seconds": _option(
        "lease-seconds",
        "how long the record of a worker that is gone waits; the same for everybody. [60]",
        type=click.FloatRange(0, min_open=True),
        metavar="SECONDS",
    ),
    "monitor": _option("monitor", "http://host:8222, several with commas, where its settings are seen.", metavar="URL"),
}


def inbox_options(*, is_visitor: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that name an inbox; it is handed a `Choice`, as `choice`."""
    offered = _OF_ALL if is_visitor else _OF_ALL | _OF_WORKERS

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def command(address: str | None, **given: Any) -> Any:
            said = {name: given.pop(name) for name in offered}
            on_nats = {name: value for name, value in said.items() if value is not None}
            return function(choice=Choice(address, on_nats), **given)

        for option in reversed([_ADDRESS, *offered.values()]):
            command = option(command)
        return command

    return decorate


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
