"""What all commands on an inbox have in common: how it is opened, told of, and left when somebody has had enough."""

from __future__ import annotations

import asyncio
import functools
import json
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import click

from tautwire.cli.inbox.words import printable
from tautwire.cli.inboxes import inbox_options
from tautwire.cli.interrupts import Interrupts
from tautwire.cli.mistakes import FailedError, MistakeError
from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError, InboxError
from tautwire.inbox.address import is_on_nats

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from tautwire.cli.inboxes import Choice
    from tautwire.inbox.api import Inbox

    Errand: TypeAlias = Callable[[Inbox], Awaitable[None]]

__all__ = ["Desk", "now", "operates"]

Json = dict[str, Any]

_INTERRUPTED: Final = 130


@dataclass(frozen=True, slots=True)
class Desk:
    """One inbox, not open yet, and whom to tell: people in lines, programs (`as_json`) in JSON."""

    inbox: Inbox
    #: Its address without a password.
    address: str
    as_json: bool

    def attend(self, errand: Errand) -> None:
        """Open the inbox, run the errand, close it. The first Ctrl-C cancels the errand; the program ends with 130.

        Raises:
            FailedError: it cannot be done now.
            MistakeError: it cannot be done like this.
        """
        try:
            was_stopped = asyncio.run(self._attend(errand))
        except InboxError as error:
            raise (FailedError if error.retryable else MistakeError)(_sentence(error)) from None
        except ConfigurationError as error:
            raise MistakeError(_sentence(error)) from None
        if was_stopped:
            sys.exit(_INTERRUPTED)

    async def _attend(self, errand: Errand) -> bool:
        task = asyncio.ensure_future(self._within(errand))
        with Interrupts(task.cancel, lambda: None):
            try:
                await task
            except asyncio.CancelledError:
                return True
        return False

    async def _within(self, errand: Errand) -> None:
        async with self.inbox:
            await errand(self.inbox)

    def show(self, answer: Json, lines: Iterable[str]) -> None:
        """Tell it: `answer` on one line to programs, `lines` to people."""
        if self.as_json:
            click.echo(json.dumps(answer))
            return
        for line in lines:
            click.echo(printable(line))

    def note(self, words: str) -> None:
        """Tell people something that is no part of the answer."""
        if not self.as_json:
            click.echo(printable(words), err=True)


def operates(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say which inbox, and `--json`; hands over a `Desk` first."""

    @inbox_options()
    @click.option("--json", "as_json", is_flag=True, help="For programs: JSON lines.")
    @functools.wraps(function)
    def command(choice: Choice, as_json: bool, **given: Any) -> None:
        inbox = choice.make(is_visitor=True)
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError):  # What is not a text file takes any character, or is none of ours.
                stream.reconfigure(errors="replace")  # type: ignore[union-attr]
        function(Desk(inbox, _shown(choice.address or ""), as_json), **given)

    return command


def _shown(address: str) -> str:
    """The address without whoever logs in there, and without what is behind the host."""
    if not is_on_nats(address):
        return address
    return ",".join(_server(part.strip()) for part in address.split(","))


def _server(url: str) -> str:
    scheme, _, rest = url.partition("://")
    host = rest.rpartition("@")[2]
    for sign in "/?#":
        host = host.partition(sign)[0]
    return f"{scheme}://{host}"


def _sentence(error: Exception) -> str:
    """An error's text as a sentence of its own."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith('.') else '.'}"


def now() -> float:
    """Epoch seconds."""
    return SYSTEM_CLOCK.wall()
