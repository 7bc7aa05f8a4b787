"""What a stream is: an operation that answers in lines, while things happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import web

    from tautwire.local.app import LocalSlack
    from tautwire.local.control.operation import Body

__all__ = ["Stream"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Its `fields` come from the query, whatever its verb; `takes` and `gives` are content types."""

    verb: Literal["GET", "POST"]
    path: str
    run: Callable[[LocalSlack, web.Request], Awaitable[web.StreamResponse]]
    gives: tuple[str, ...]
    fields: type[Body] | None = None
    takes: str = ""
