"""What all commands that speak to a local Slack have in common: where it is, and how its answer is shown."""

from __future__ import annotations

import functools
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tautwire.cli.local.remote.caller import Caller
from tautwire.cli.local.remote.words import printable
from tautwire.cli.local.whereabouts import DEFAULT_URL, URL_VARIABLE, control_token, token_options
from tautwire.cli.mistakes import FailedError, MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Desk", "acts_as", "parsed", "speaks", "values"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """Whom a command speaks to, and whom it tells: people in lines, programs (`as_json`) all that was answered."""

    slack: Caller
    as_json: bool

    def show(self, answer: Json, lines: Iterable[str] = ()) -> None:
        """Tell what was answered; `lines` are for people."""
        if self.as_json:
            click.echo(json.dumps(answer, ensure_ascii=False))
            return
        for line in lines:
            click.echo(printable(line))

    def note(self, words: str) -> None:
        """Tell people something that is no part of the answer, if there is anything to tell."""
        if words and not self.as_json:
            click.echo(printable(words), err=True)

    def outcome(self, answer: Json, what: str, lines: Iterable[str] = ()) -> None:
        """Tell what came of a command, a click or a form; `FailedError` when nothing did."""
        self.show(answer, lines if answer.get("ok") else ())
        if not answer.get("ok"):
            raise FailedError(f"{printable(what)} failed: {_WHY.get(answer.get('error', ''), answer.get('error'))}.")


_WHY = {
    "dispatch_failed": "no app is connected (dispatch_failed)",
    "operation_timeout": "the app did not ack within three seconds (operation_timeout)",
}


def speaks(function: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that say where the local Slack is, and hands over a `Desk` first."""

    @click.option(
        "--url",
        metavar="URL",
        help=f"Where the local Slack is; else where {URL_VARIABLE} says, else {DEFAULT_URL}.",
    )
    @token_options
    @click.option("--json", "as_json", is_flag=True, help="All that was answered, as JSON.")
    @functools.wraps(function)
    def command(url: str | None, token: str | None, token_file: str | None, as_json: bool, **given: Any) -> None:
        where = url or os.environ.get(URL_VARIABLE, "").strip() or DEFAULT_URL
        function(Desk(Caller(where, control_token(token, token_file, os.environ)), as_json), **given)

    return command


def acts_as(*, channel: bool = True) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Adds `--as`, and `--channel`."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        if channel:
            function = click.option(
                "--channel",
                metavar="NAME",
                default="general",
                show_default=True,
                help="A channel, or somebody for the direct conversation with them.",
            )(function)
        return click.option("--as", "user", metavar="NAME", default="ann", show_default=True, help="Who does it.")(
            function
        )

    return decorate


def values(pairs: Iterable[str]) -> Json:
    """`KEY=TEXT` and `KEY:=JSON` as an object; a key that comes again has all its values."""
    found: Json = {}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        is_json = name.endswith(":")
        name = name.removesuffix(":")
        if not sign or not name:
            raise MistakeError(f"{pair!r} is neither KEY=TEXT nor KEY:=JSON.")
        value = parsed(text, name) if is_json else text
        if name in found:
            before = found[name] if isinstance(found[name], list) else [found[name]]
            value = [*before, value]
        found[name] = value
    return found


def parsed(text: str, what: str) -> Any:
    """JSON from the command line."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise MistakeError(f"{what} is no JSON: {text!r}.") from None


def _refuse(constant: str) -> None:
    """NaN and its like, which Python's JSON has and JSON has not."""
    raise ValueError(constant)
