"""What goes wrong with a command, as one sentence and an exit code."""

from __future__ import annotations

import click

__all__ = ["FailedError", "MistakeError"]


class MistakeError(click.ClickException):
    """What the user can put right; its text is one sentence. Exit code 2."""

    exit_code = 2


class FailedError(click.ClickException):
    """It was tried, and came to nothing. Exit code 1."""
