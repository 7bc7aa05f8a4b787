"""`tautwire worker`: a program's listeners on an inbox that gateways fill."""

from __future__ import annotations

import asyncio
import inspect
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from tautwire.cli.inboxes import inbox_options
from tautwire.cli.mistakes import FailedError, MistakeError
from tautwire.cli.numbers import length
from tautwire.cli.targets import load
from tautwire.errors import ConfigurationError, InboxError
from tautwire.facts import InboxOpened
from tautwire.socket_mode.worker import CONCURRENCY, InboxWorker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.cli.inboxes import Choice
    from tautwire.facts import Fact
    from tautwire.inbox.api import Inbox

    _Ready = tuple[InboxWorker, Callable[[], Awaitable[None]]]

__all__ = ["worker"]

_LEVELS: Final = ("debug", "info", "warning", "error")

_KINDS: Final = "a Bolt AsyncApp, a client, an InboxWorker, or a listener: async def handle(client, request)"


def _read_length(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | None:
    return None if value is None else length(value)


def _read_timeout(_ctx: click.Context, _param: click.Parameter, value: str | None) -> float | str | None:
    return value if value in {None, "none"} else length(value or "")


@click.command(short_help="Handle what is stored in an inbox, with the listeners of a program.")
@click.argument("place", metavar="MODULE:NAME")
@inbox_options(is_visitor=False)
@click.option("--concurrency", type=click.IntRange(1), metavar="NUMBER", help=f"Handled at a time. [{CONCURRENCY}]")
@click.option("--attempts", type=click.IntRange(1), metavar="NUMBER", help="Before it is a dead letter. [5]")
@click.option(
    "--listener-timeout",
    callback=_read_timeout,
    metavar="LENGTH",
    help="For each call of a listener: 90, 5m, 1h30m, or none. [1h]",
)
@click.option("--drain-timeout", callback=_read_length, metavar="LENGTH", help="For running listeners at the end. [8s]")
@click.option("--log-level", type=click.Choice(_LEVELS), default="info", show_default=True, help="What is logged.")
def worker(place: str, choice: Choice, log_level: str, **given: Any) -> None:
    """Handle what gateways have stored in an inbox, with the listeners at MODULE:NAME, until SIGTERM or Ctrl-C.

    NAME is a Bolt AsyncApp, a client (its listeners are used, it does not connect), an InboxWorker, or a listener. The
    module is looked for in the current directory, too. Any number of workers share an inbox on NATS; one in a file is
    for one process at a time.

    At the first SIGTERM or Ctrl-C nothing new is begun, and what runs finishes; what does not is given back.

    Exit code: 0 after SIGTERM or Ctrl-C, 1 when the inbox cannot be opened, 2 for a mistake in how it was called.
    """
    options = {name: None if value == "none" else value for name, value in given.items() if value is not None}
    found = load(place)
    try:
        asyncio.run(_work(place, found, choice.make, log_level, is_told=bool(choice.address), options=options))
    except ConfigurationError as error:
        raise MistakeError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    except InboxError as error:
        raise FailedError(f"The inbox cannot be opened: {error}.") from None


async def _work(
    place: str, found: Any, inbox: Callable[[], Inbox], log_level: str, *, is_told: bool, options: dict[str, Any]
) -> None:
    it, run = _ready(place, found, inbox, is_told=is_told, options=options)
    # What the program has set up itself stays.
    logging.basicConfig(level=log_level.upper(), format="%(asctime)s %(levelname)s %(message)s")
    it.observers.append(partial(_greet, place))
    await run()


def _greet(place: str, fact: Fact) -> None:
    if isinstance(fact, InboxOpened):
        wait = "1 envelope waits" if fact.waiting == 1 else f"{fact.waiting:,} envelopes wait"
        click.echo(f"{place} works: {wait}. The first Ctrl-C or SIGTERM lets it finish what it has begun.", err=True)


def _ready(place: str, found: Any, inbox: Callable[[], Inbox], *, is_told: bool, options: dict[str, Any]) -> _Ready:
    """A worker, and what runs it. Raises `MistakeError` for an object that cannot work."""
    own = found if isinstance(found, InboxWorker) else getattr(found, "worker", None)
    if isinstance(own, InboxWorker):
        _check_untold(place)
        return own, own.run if own is found else found.start_async
    options["logger"] = logging.getLogger("tautwire.worker")
    client = getattr(found, "client", None) if hasattr(found, "start_async") else found
    if isinstance(getattr(client, "socket_mode_request_listeners", None), list):
        theirs = None if is_told else getattr(client, "inbox", None)
        return _of_client(place, client, theirs or inbox(), options)
    if hasattr(found, "async_dispatch"):
        return _of_app(found, inbox(), options)
    return _of_listener(_checked_listener(place, found), inbox(), options)


def _check_untold(place: str) -> None:
    ctx = click.get_current_context()
    names = [each.name or "" for each in ctx.command.params if each.name not in {"place", "log_level"}]
    told = [name for name in names if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if told:
        option = "--inbox" if told[0] == "address" else f"--{told[0].replace('_', '-')}"
        raise MistakeError(f"{place} is a worker with settings of its own; {option} would be read by nobody.")


def _of_client(place: str, client: Any, inbox: Inbox, options: dict[str, Any]) -> _Ready:
    if not client.socket_mode_request_listeners and not client.message_listeners:
        raise MistakeError(f"{place} is a client without listeners; add them where the module is imported.")
    made = InboxWorker.for_client(client, inbox, **options)
    return made, made.run


def _of_app(app: Any, inbox: Inbox, options: dict[str, Any]) -> _Ready:
    try:
        from tautwire.bolt import AsyncInboxWorker  # noqa: PLC0415 - it needs an extra
    except ImportError as error:
        raise MistakeError(f"{error}.") from None
    made = AsyncInboxWorker(app, inbox, **options)
    return made.worker, made.start_async


def _of_listener(listener: Any, inbox: Inbox, options: dict[str, Any]) -> _Ready:
    made = InboxWorker(inbox, **options)
    made.socket_mode_request_listeners.append(listener)
    return made, made.run


def _checked_listener(place: str, found: Any) -> Any:
    kind = type(found)
    if kind.__module__.partition(".")[0] == "slack_bolt":
        raise MistakeError(f"{place} is a {kind.__module__}.{kind.__qualname__}; a worker runs an AsyncApp.")
    if isinstance(found, type) or not callable(found):
        what = "a class" if isinstance(found, type) else f"of type {kind.__qualname__}"
        raise MistakeError(f"{place} is {what}; a worker runs {_KINDS}.")
    try:
        inspect.signature(found).bind("client", "request")
    except TypeError:
        raise MistakeError(f"{place} does not take a client and a request; a worker runs {_KINDS}.") from None
    except ValueError:  # Nobody knows what it takes.
        pass
    return found
