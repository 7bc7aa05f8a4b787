"""`tautwire local`, which runs a Slack, and what comes behind it."""

from __future__ import annotations

import sys
from typing import Any, Final

import click
from click.core import ParameterSource

from tautwire.cli.lazily import Lazily
from tautwire.cli.local.options import slack_options
from tautwire.cli.local.whereabouts import DEFAULT_PORT
from tautwire.cli.mistakes import MistakeError

__all__ = ["execute", "local"]

_REMOTE: Final = "tautwire.cli.local.remote"

_PLACES: Final = {
    "exec": "tautwire.cli.local.commands:execute",
    **dict.fromkeys(("say", "react", "upload"), f"{_REMOTE}.talking"),
    **dict.fromkeys(("command", "click", "submit", "close", "shortcut", "home"), f"{_REMOTE}.clicking"),
    **dict.fromkeys(("state", "messages", "screen", "deliveries"), f"{_REMOTE}.telling"),
    **dict.fromkeys(("journal", "replay", "export"), f"{_REMOTE}.recordings"),
    **dict.fromkeys(("trigger", "resend"), f"{_REMOTE}.sending"),
    **dict.fromkeys(("fault", "storm", "advance", "refresh", "drop", "half-open", "socket-mode"), f"{_REMOTE}.weather"),
}


@click.group(
    cls=Lazily,
    places={name: each if ":" in each else f"{each}:{name.replace('-', '_')}" for name, each in _PLACES.items()},
    invoke_without_command=True,
    short_help="A Slack on this machine, to develop and test an app against.",
    subcommand_metavar="[COMMAND [ARGS]...]",
)
@slack_options(port=DEFAULT_PORT)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON once it is up, instead of the banner.")
@click.pass_context
def local(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Run a Slack on this machine until Ctrl-C. No account, no network, nothing that outlives it.

    Once it listens, it says what to set for an app to use it. The commands behind it, but for exec, speak to one that
    runs: at --url, else at TAUTWIRE_LOCAL_URL, else at the default port.

    Exit code: 0 after Ctrl-C or SIGTERM, 2 when it could not run.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_misplaced(ctx)
        return
    # A server takes a while to import, and the commands that speak to one have no need of it.
    from tautwire.cli.local.building import settings  # noqa: PLC0415 - see above
    from tautwire.cli.local.serving import serve  # noqa: PLC0415 - see above

    serve(settings(**given), as_json=as_json)


def _refuse_misplaced(ctx: click.Context) -> None:
    """An option that is read by nobody would be a lie."""
    for param in ctx.command.params:
        if param.name is not None and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            raise MistakeError(
                f"{param.opts[0]} belongs behind {ctx.invoked_subcommand}, which has options of its own."
            )


@click.command(
    name="exec",
    options_metavar="[OPTIONS] [--]",
    short_help="Run a command with a Slack of its own.",
    context_settings={"allow_interspersed_args": False},
)
@slack_options(port=0)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="CMD...")
def execute(command: tuple[str, ...], **given: Any) -> None:
    """Run CMD with a Slack of its own, which ends with it.

    CMD finds SLACK_APP_TOKEN, SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET and SLACK_API_URL in its environment, and this
    machine in NO_PROXY. Python programs that use slack_sdk or Bolt need no change, nor do the Python programs that they
    start: a Web client that would call slack.com calls the local Slack, and so does a webhook client that would call
    hooks.slack.com. That is done through PYTHONPATH, so it is not done for a Python that is told to ignore it (-I, -E)
    or to skip its site module (-S).

    In CMD, commands such as tautwire local say speak to this Slack; with --port they can from other shells, too.

    Exit code: CMD's own; 128 + N when signal N killed it; 127 when there is no CMD, 126 when it cannot be run, 2 when
    the Slack could not. SIGINT, SIGTERM, SIGHUP and SIGQUIT are handed on to CMD.
    """
    from tautwire.cli.local.building import settings  # noqa: PLC0415 - as above
    from tautwire.cli.local.serving import execute as run  # noqa: PLC0415 - as above

    sys.exit(run(settings(**given), command))
