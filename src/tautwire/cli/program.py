"""The program and its commands."""

from __future__ import annotations

import click

from tautwire.cli.lazily import Lazily
from tautwire.version import __version__

__all__ = ["program"]


@click.group(
    name="tautwire",
    cls=Lazily,
    places={
        "demo": "tautwire.cli.demo:demo",
        "local": "tautwire.cli.local.commands:local",
        "worker": "tautwire.cli.worker:worker",
        "inbox": "tautwire.cli.inbox.commands:inbox",
    },
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, message="tautwire %(version)s")
def program() -> None:
    """Slack Socket Mode that drops nothing."""
