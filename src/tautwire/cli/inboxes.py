"""`--inbox` and what goes with it, the same for every command that works with an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from tautwire.cli.mistakes import MistakeError
from tautwire.errors import ConfigurationError
from tautwire.inbox.address import inbox_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.inbox.api import Inbox

__all__ = ["inbox_options", "make_inbox"]

_Command = TypeVar("_Command", bound="Callable[..., Any]")

_OPTIONS: Final = (
    click.option(
        "--inbox",
        "address",
        envvar="TAUTWIRE_INBOX",
        metavar="FILE|URL",
        help="Where the inbox is: a file, or nats://host:4222, several with commas. Else TAUTWIRE_INBOX.",
    ),
    click.option(
        "--credentials",
        envvar="TAUTWIRE_INBOX_CREDENTIALS",
        metavar="FILE",
        help="For NATS: the file with the user's credentials (.creds). Else TAUTWIRE_INBOX_CREDENTIALS.",
    ),
    click.option(
        "--nkey",
        envvar="TAUTWIRE_INBOX_NKEY",
        metavar="FILE",
        help="For NATS: the file with the seed of the user's NKEY. Else TAUTWIRE_INBOX_NKEY.",
    ),
)


def inbox_options(command: _Command) -> _Command:
    """Give a command the options `address`, `credentials` and `nkey`, which are for `make_inbox`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_inbox(
    address: str | None, *, credentials: str | None = None, nkey: str | None = None, is_visitor: bool = False
) -> Inbox:
    """The inbox that the options name, not yet opened. Raises `MistakeError`."""
    if not address:
        raise MistakeError("Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222.")
    try:
        return inbox_at(address, is_visitor=is_visitor, credentials=credentials, nkey=nkey)
    except ConfigurationError as error:
        raise MistakeError(f"{_capital(str(error))}.") from None


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
