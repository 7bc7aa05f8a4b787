"""Who may come in: only programs on this machine, and no page of the web.

The local Slack listens on loopback, but any web page can make a browser knock there. A name that is not loopback's in
`Host` is DNS rebinding; a foreign `Origin` on an upgrade or a POST is a page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["guard", "is_loopback_host", "is_welcome_origin"]

_PORTS: Final = {"http": 80, "https": 443}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: slack-go sends this as its Origin, whatever the host.
_GO: Final = "https://api.slack.com"


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names this machine; the port may be missing, as slack_sdk's builtin client has it."""
    try:
        return urlsplit(f"//{host}").hostname in _LOOPBACK
    except ValueError:
        return False


def is_welcome_origin(origin: str | None, port: int | None) -> bool:
    """Whether an `Origin` is none, this server's own (any loopback name, its port), or slack-go's."""
    if origin is None or origin == _GO:
        return True
    try:
        parts = urlsplit(origin)
        # Without a port it is the scheme's own, and so another server's than this one.
        given = _PORTS.get(parts.scheme) if parts.port is None else parts.port
        return parts.scheme in _PORTS and parts.hostname in _LOOPBACK and given == port
    except ValueError:
        return False


@web.middleware
async def guard(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Refuse strangers with 403 before anything else looks at the request."""
    if not is_loopback_host(request.headers.get("Host", "")):
        return web.Response(status=403, text="The local Slack answers to loopback names only.")
    is_mutation = request.method not in ("GET", "HEAD") or "Upgrade" in request.headers
    if is_mutation and not is_welcome_origin(request.headers.get("Origin"), _own_port(request)):
        return web.Response(status=403, text="The local Slack takes no orders from web pages.")
    return await handler(request)


def _own_port(request: web.Request) -> int | None:
    name = None if request.transport is None else request.transport.get_extra_info("sockname")
    return name[1] if name else None
