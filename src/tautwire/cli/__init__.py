"""The command line: `tautwire …`."""

from __future__ import annotations

import click

from tautwire import __version__
from tautwire.cli.demo import demo

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="tautwire %(version)s")
def main() -> None:
    """Slack Socket Mode that drops nothing."""


main.add_command(demo)
