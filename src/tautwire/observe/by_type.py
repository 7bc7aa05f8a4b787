"""`functools.singledispatchmethod` for what is called a thousand times a second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from functools import singledispatchmethod

__all__ = ["ByType"]


class ByType:
    """`method` of `owner`, with the way to each type found once.

    To find it costs ten times what most of them do; of three facts for each envelope that was a fifth of the client.
    """

    def __init__(self, owner: object, method: singledispatchmethod[None]) -> None:
        self._owner, self._method = owner, method
        self._known: dict[type, Callable[[Any], None]] = {}

    def __call__(self, value: object) -> None:
        """Call what is registered for the type of `value`."""
        kind = type(value)
        call = self._known.get(kind)
        if call is None:
            call = self._known[kind] = self._method.dispatcher.dispatch(kind).__get__(self._owner)
        call(value)
