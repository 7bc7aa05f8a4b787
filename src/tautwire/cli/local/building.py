"""From options to a Slack that listens, and from what prevents it to one sentence."""

from __future__ import annotations

import errno
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["MistakeError", "Settings", "opened"]


class MistakeError(click.ClickException):
    """What the user can put right; its text is one sentence. Exit code 2."""

    exit_code = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options say; each field has the name of its option."""

    port: int
    app_token: str
    bot_token: str
    time_scale: float
    lose_when_nobody: bool
    random_seed: int


def build(settings: Settings) -> LocalSlack:
    """The Slack that these options describe, not listening yet. The one place where options become arguments.

    Raises:
        MistakeError: there is no such Slack.
    """
    try:
        return LocalSlack(
            port=settings.port,
            app_token=settings.app_token,
            bot_token=settings.bot_token,
            time_scale=settings.time_scale,
            lose_when_nobody=settings.lose_when_nobody,
            seed=settings.random_seed,
        )
    except ConfigurationError as error:
        raise MistakeError(f"{error}.") from None


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[LocalSlack]:
    """That Slack, listening for the time of the block.

    Raises:
        MistakeError: there is no such Slack, or it cannot listen there.
    """
    slack = build(settings)
    try:
        await slack.start()
    except OSError as error:
        raise MistakeError(_why_not(error, settings.port)) from None
    try:
        yield slack
    finally:
        await slack.close()


def _why_not(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is taken, perhaps by another local Slack; --port 0 takes any free one."
    # asyncio words its errors anew, around what the system said.
    reason = error.strerror or str(error)
    return f"cannot listen on port {port}: {reason.rpartition(': ')[2]}."
