"""The program and its commands."""

from __future__ import annotations

import click

from tautwire.cli.demo import demo
from tautwire.cli.local.commands import local
from tautwire.version import __version__

__all__ = ["program"]


@click.group(name="tautwire", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="tautwire %(version)s")
def program() -> None:
    """Slack Socket Mode that drops nothing."""


program.add_command(demo)
program.add_command(local)
