"""`tautwire local` and what comes behind it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tautwire.cli.interrupts import Interrupts
from tautwire.cli.local.banner import as_json as banner_as_json
from tautwire.cli.local.banner import as_text as banner_as_text
from tautwire.cli.local.building import MistakeError, Settings, opened
from tautwire.cli.local.child import run
from tautwire.cli.local.options import DEFAULT_PORT, slack_options
from tautwire.local.environment import program_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["local"]


@click.group(
    invoke_without_command=True,
    short_help="A Slack on this machine, to develop and test an app against.",
    subcommand_metavar="[COMMAND [ARGS]...]",
)
@slack_options(port=DEFAULT_PORT)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON once it is up, instead of the banner.")
@click.pass_context
def local(ctx: click.Context, /, as_json: bool, **given: Any) -> None:
    """Run a Slack on this machine until Ctrl-C. No account, no network, nothing that outlives it.

    Once it listens, it says what to set for an app to use it.

    Exit code: 0 after Ctrl-C or SIGTERM, 2 when it could not run.
    """
    if ctx.invoked_subcommand is not None:
        _refuse_misplaced(ctx)
        return
    asyncio.run(_serve(Settings(**given), as_json=as_json))


def _refuse_misplaced(ctx: click.Context) -> None:
    """An option that is read by nobody would be a lie."""
    for param in ctx.command.params:
        if param.name is not None and ctx.get_parameter_source(param.name) is ParameterSource.COMMANDLINE:
            raise MistakeError(
                f"{param.opts[0]} belongs behind {ctx.invoked_subcommand}, which has options of its own."
            )


async def _serve(settings: Settings, *, as_json: bool) -> None:
    stop = asyncio.Event()
    with Interrupts(stop.set, lambda: None):
        async with opened(settings) as slack:
            words = banner_as_json if as_json else banner_as_text
            click.echo(words(slack, os.environ))
            await stop.wait()


@local.command(
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
    start: a Web client that would call slack.com calls the local Slack. That is done through PYTHONPATH, so it is not
    done for a Python that is told to ignore it (-I, -E) or to skip its site module (-S). URLs that a program has of its
    own, incoming webhooks above all, stay as they are.

    Exit code: CMD's own; 128 + N when signal N killed it; 127 when there is no CMD, 126 when it cannot be run, 2 when
    the Slack could not. SIGINT, SIGTERM, SIGHUP and SIGQUIT are handed on to CMD.
    """
    sys.exit(asyncio.run(_execute(Settings(**given), command)))


async def _execute(settings: Settings, command: Sequence[str]) -> int:
    async with opened(settings) as slack:
        return await run(command, program_environment(slack, os.environ))
