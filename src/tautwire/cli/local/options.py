"""The options that say which Slack, for every command that starts one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.local.building import MistakeError
from tautwire.local.tokens import LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN, is_real

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["DEFAULT_PORT", "slack_options"]

#: Where a local Slack is looked for when nobody says otherwise.
DEFAULT_PORT: Final = 4390

_SLOWEST: Final = 1000.0


def slack_options(port: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds the options; they arrive under the names of `Settings`. `port` is the default of `--port`."""
    options = (
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            metavar="NUMBER",
            default=port,
            show_default=True,
            help="Where it listens, on 127.0.0.1; 0 takes any free port.",
        ),
        _token("--app-token", LOCAL_APP_TOKEN, "The token for Socket Mode; a made-up one."),
        _token("--bot-token", LOCAL_BOT_TOKEN, "The token for the Web API; a made-up one."),
        click.option(
            "--time-scale",
            callback=_read_scale,
            metavar="NUMBER",
            default="1",
            show_default=True,
            help="Shortens Slack's timetables (redelivery, refreshes): 0.1 is ten times as fast.",
        ),
        click.option(
            "--lose-when-nobody", is_flag=True, help="Drop events that find no connection, instead of retrying them."
        ),
        click.option(
            "--random-seed",
            type=click.IntRange(min=0),
            metavar="NUMBER",
            default=0,
            show_default=True,
            help="Decides every random choice of this Slack.",
        ),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _token(name: str, default: str, words: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    kind = default.partition("-")[0]

    def read(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
        # None of the sentences shows the token.
        if is_real(value):
            raise MistakeError(f"{name} has the shape of a real Slack token; a local Slack takes made-up ones.")
        if not value.startswith(f"{kind}-"):
            raise MistakeError(f"{name} does not begin with {kind}-, as the tokens of its kind do.")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise MistakeError(f"{name} holds what no HTTP header can carry; letters, digits and dashes are safe.")
        return value

    return click.option(name, callback=read, metavar="TOKEN", default=default, show_default=True, help=words)


def _read_scale(_ctx: click.Context, _param: click.Parameter, value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not 0 < number <= _SLOWEST:
        raise MistakeError(f"--time-scale {value!r} is not a number above 0 and up to {_SLOWEST:g}.")
    return number
