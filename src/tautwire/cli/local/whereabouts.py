"""Where a local Slack is, and what opens its control API: on the command line, in a file or in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.files import read_text
from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["DEFAULT_PORT", "DEFAULT_URL", "TOKEN_VARIABLE", "URL_VARIABLE", "control_token", "token_options"]

#: Where a local Slack is looked for when nobody says otherwise.
DEFAULT_PORT: Final = 4390
DEFAULT_URL: Final = f"http://127.0.0.1:{DEFAULT_PORT}"
URL_VARIABLE: Final = "TAUTWIRE_LOCAL_URL"
TOKEN_VARIABLE: Final = "TAUTWIRE_CONTROL_TOKEN"  # noqa: S105 - its name


def token_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds `--token` and `--token-file`, which `control_token` makes one of."""
    command = click.option(
        "--token-file", type=click.Path(dir_okay=False), help="The same, in a file that nobody else reads."
    )(command)
    return click.option(
        "--token",
        metavar="TOKEN",
        help=f"The control token. Lists of processes show it: better in --token-file, or in {TOKEN_VARIABLE}.",
    )(command)


def control_token(token: str | None, token_file: str | None, environ: Mapping[str, str]) -> str:
    """The token that is meant, `""` for none. No sentence shows it."""
    if token is not None and token_file is not None:
        raise MistakeError("--token and --token-file both say the control token; give one of them.")
    if token_file is not None:
        found = read_text(token_file).strip()
        if not found:
            raise MistakeError(f"there is no control token in {token_file}.")
        return found
    found = environ.get(TOKEN_VARIABLE, "").strip() if token is None else token
    if token is not None and not token:
        raise MistakeError("an empty --token is none.")
    return found
