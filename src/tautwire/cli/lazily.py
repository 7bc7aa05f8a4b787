"""A group of commands, each imported when it is used: none waits for what the others need."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Lazily"]


class Lazily(click.Group):
    """`places` says where each command is: `{"say": "package.module:function"}`. They are listed in that order."""

    def __init__(self, *args: Any, places: Mapping[str, str], **more: Any) -> None:
        super().__init__(*args, **more)
        self._places = places

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """See `click.Group`."""
        return list(self._places)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """See `click.Group`."""
        place = self._places.get(name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        found: click.Command = getattr(import_module(module), attribute)
        return found
