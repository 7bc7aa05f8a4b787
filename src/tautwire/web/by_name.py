"""From a Python name to a coroutine function that calls the Web API method of that name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from tautwire.web.arguments import arguments_by_name
from tautwire.web.catalog import POSITIONAL_ARGUMENTS, method_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.web.response import AsyncSlackResponse

__all__ = ["bind"]


class _Caller(Protocol):
    async def api_call(self, api_method: str, **options: Any) -> AsyncSlackResponse: ...


def bind(client: _Caller, name: str) -> Callable[..., Awaitable[AsyncSlackResponse]]:
    """A function that calls `name` on `client`; raises `AttributeError` for what is no method's name."""
    method = method_of(name)
    if method is None:
        raise AttributeError(f"{type(client).__name__!r} object has no attribute {name!r}", name=name, obj=client)

    async def call(*positional: Any, **arguments: Any) -> AsyncSlackResponse:
        named = _named(name, method, positional, arguments)
        return await client.api_call(method, **arguments_by_name(method, named))

    call.__name__ = name
    call.__qualname__ = f"{type(client).__name__}.{name}"
    call.__doc__ = f"Call `{method}`; every argument becomes one of its parameters."
    return call


def _named(name: str, method: str, positional: tuple[Any, ...], arguments: dict[str, Any]) -> dict[str, Any]:
    names = POSITIONAL_ARGUMENTS.get(method, ())
    if len(positional) > len(names):
        raise TypeError(f"{name}() takes {len(names)} positional arguments, {len(positional)} were given")
    placed = dict(zip(names, positional, strict=False))
    if twice := placed.keys() & arguments.keys():
        raise TypeError(f"{name}() got {min(twice)} twice")
    return placed | arguments
