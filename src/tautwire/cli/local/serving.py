"""Running a local Slack: by itself, or around a program."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import click

from tautwire.cli.interrupts import Interrupts
from tautwire.cli.local.banner import as_json as banner_as_json
from tautwire.cli.local.banner import as_text as banner_as_text
from tautwire.cli.local.banner import speaking_variables
from tautwire.cli.local.building import opened
from tautwire.cli.local.child import run
from tautwire.local.environment import program_environment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.cli.local.building import Settings

__all__ = ["execute", "serve"]


def serve(given: Settings, *, as_json: bool) -> None:
    """Until Ctrl-C, or SIGTERM."""
    asyncio.run(_serve(given, as_json=as_json))


async def _serve(given: Settings, *, as_json: bool) -> None:
    stop = asyncio.Event()
    with Interrupts(stop.set, lambda: None):
        async with opened(given) as slack:
            text = banner_as_text(slack, os.environ, has_token=bool(given.token))
            click.echo(banner_as_json(slack, os.environ) if as_json else text)
            await stop.wait()


def execute(given: Settings, command: Sequence[str]) -> int:
    """Until `command` ends; its exit code."""
    return asyncio.run(_execute(given, command))


async def _execute(given: Settings, command: Sequence[str]) -> int:
    async with opened(given) as slack:
        environ = program_environment(slack, os.environ) | speaking_variables(slack, given.token)
        return await run(command, environ)
