"""The options that say which Slack, for every command that starts one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.local.whereabouts import token_options
from tautwire.cli.mistakes import MistakeError
from tautwire.cli.numbers import number
from tautwire.local.tokens import LOCAL_APP_TOKEN, LOCAL_BOT_TOKEN, is_real

if TYPE_CHECKING:
    from collections.abc import Callable

    Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

__all__ = ["slack_options"]

_SLOWEST: Final = 1000.0
_FILE: Final = click.Path(dir_okay=False)


def slack_options(port: int) -> Decorator:
    """Adds the options; they arrive under the names of `Settings`. `port` is the default of `--port`."""
    options: tuple[Decorator, ...] = (
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            metavar="NUMBER",
            default=port,
            show_default=True,
            help="Where it listens; 0 takes any free port.",
        ),
        click.option(
            "--host",
            metavar="NAME",
            default="127.0.0.1",
            show_default=True,
            help="On another address than loopback others can reach it, and it needs a control token.",
        ),
        token_options,
        click.option(
            "--manifest",
            type=_FILE,
            multiple=True,
            help="An app to install, as Slack's app manifest (YAML or JSON); again for another one. Without any there "
            "is one app, which may do anything.",
        ),
        click.option("--seed", type=_FILE, help="The workspace to begin with, as JSON; else it is Acme."),
        click.option("--export", type=_FILE, help="Where the workspace is written when it ends, for --seed."),
        click.option("--journal", type=_FILE, help="Where all that is said is written while it runs, as JSON lines."),
        _token("--app-token", LOCAL_APP_TOKEN, "The first app's token for Socket Mode; a made-up one."),
        _token("--bot-token", LOCAL_BOT_TOKEN, "The first app's token for the Web API; a made-up one."),
        click.option("--strict-scopes", is_flag=True, help="Refuse calls for which a token has no scope."),
        click.option("--strict-limits", is_flag=True, help="Hold apps to Slack's rate limits."),
        *_weather(),
    )

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _weather() -> tuple[Decorator, ...]:
    """What goes wrong, how fast time goes, and what chance has in hand."""
    return (
        click.option(
            "--storm",
            type=click.IntRange(min=0),
            metavar="SEED",
            help="Faults of every kind from the start to the end; the same seed brings the same ones.",
        ),
        click.option(
            "--time-scale",
            callback=number(0, _SLOWEST, above=True),
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


def _token(name: str, default: str, words: str) -> Decorator:
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
