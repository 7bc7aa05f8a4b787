"""Secrets travel in a type that does not print itself.

Tokens, WebSocket URLs (their query carries the ticket), proxy credentials: whoever holds a `Secret` has to say
`reveal()` to read it, so every place where one leaves the process can be found by searching for that word.
"""

from __future__ import annotations

from typing import Final, final

__all__ = ["Secret"]

_MASK: Final = "•••"


@final
class Secret:
    """A string that shows only what kind of secret it is.

    `str()`, `repr()`, `format()` and an f-string give the public prefix (`xapp-•••`) or just the mask; equality and
    hash work on the value; pickling, copying and encoding it are refused.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself: only for the byte that goes on the wire."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(("Secret", self._value))

    def __str__(self) -> str:
        kind, dash, _ = self._value.partition("-")
        return f"{kind}-{_MASK}" if dash and kind in ("xapp", "xoxb", "xoxp", "xoxe") else _MASK

    def __repr__(self) -> str:
        return f"Secret({self!s})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled")
