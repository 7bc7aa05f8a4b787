"""Who may come in: programs, and no page of the web.

The local Slack listens on loopback, but any web page can make a browser knock there, and a browser has no idea of what
it should not knock at. Pages are known by three headers that they cannot forge: a name in `Host` that is not this
machine's is DNS rebinding; a foreign `Origin` is a page that sends or upgrades; `Sec-Fetch-Site` is a page that merely
loads something, for a Web API method does its work for a GET as well. No answer has a CORS header, and each says that
it is nothing to run, to frame or to embed.
"""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

__all__ = ["HEADERS", "LOOPBACK", "check", "is_loopback", "is_own_name", "is_welcome_origin", "protect", "reachable"]

#: Where a local Slack listens when nobody says otherwise.
LOOPBACK: Final = "127.0.0.1"
#: Letters of a control token, at the least; 128 bits are 22 in base 64.
SHORTEST_TOKEN: Final = 16
#: What every answer carries, unless it says something else under that name.
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

_PORTS: Final = {"http": 80, "https": 443}
#: slack-go's WebSocket client sends this as its Origin, whatever the host.
_GO: Final = "https://api.slack.com"
#: Names that nobody can register: a page of the web never has one.
_PRIVATE: Final = (".localhost", ".local", ".internal", ".home.arpa", ".test", ".lan")
#: Paths that do something for a GET; a link of another site must not lead there.
_DOING: Final = ("/api/", "/control/")


def check(host: str, token: str) -> None:
    """`ConfigurationError` for a place to listen at that would let others in without a token, or for a weak token."""
    if not host.strip():
        raise ConfigurationError(
            "an empty host means every network; 127.0.0.1 is this machine, 0.0.0.0 is every network"
        )
    if token and (len(token) < SHORTEST_TOKEN or not (token.isascii() and token.isprintable()) or " " in token):
        raise ConfigurationError(
            f"a control token has at least {SHORTEST_TOKEN} letters, digits and signs, and no spaces"
        )
    if not token and not is_loopback(host):
        raise ConfigurationError(
            f"on {host} others can reach it, so it takes a control token as well; 127.0.0.1 needs none"
        )


def is_loopback(name: str) -> bool:
    """Whether a name or address is this machine's own, as seen from itself."""
    if name.lower() == "localhost":
        return True
    try:
        return ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def reachable(host: str) -> str:
    """The name to put into URLs for a server that listens at `host`; for every network, loopback's."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if address.is_unspecified:
        return LOOPBACK
    return f"[{address}]" if address.version == 6 else str(address)


def is_own_name(header: str, host: str = LOOPBACK) -> bool:
    """Whether a `Host` header names the server that listens at `host`; a port is not looked at.

    On loopback, only loopback's names. Elsewhere nobody can say by which names a machine goes; but a page that rebinds
    has a name of the public DNS, so addresses, names without a dot, names under the private domains and `host` itself
    are its own.
    """
    name = _name(header)
    if name is None or is_loopback(name):
        return name is not None
    if is_loopback(host):
        return False
    return name == host.lower() or "." not in name or name.endswith(_PRIVATE) or _is_address(name)


def _name(header: str) -> str | None:
    try:
        return urlsplit(f"//{header}").hostname
    except ValueError:
        return None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def is_welcome_origin(origin: str | None, port: int | None, header: str = "") -> bool:
    """Whether an `Origin` is none, or this server's own: what `Host` says (`header`), or loopback's with its `port`."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
        # Without a port it is the scheme's own, and so another server's than this one.
        standard = _PORTS.get(parts.scheme)
        given = standard if parts.port is None else parts.port
        if standard is None or not parts.hostname:
            return False
        if is_loopback(parts.hostname):
            return given == port
        asked = urlsplit(f"//{header}")
        return (parts.hostname, given) == (asked.hostname, standard if asked.port is None else asked.port)
    except ValueError:
        return False


def protect(app: web.Application, *, host: str = LOOPBACK) -> None:
    """Let in only whom a server at `host` lets in, and mark every answer of `app`."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        complaint = _complaint(request, host)
        return _refusal(request, complaint) if complaint else await handler(request)

    app.middlewares.append(guard)
    app.on_response_prepare.append(_mark)


def _complaint(request: web.Request, host: str) -> str:
    """What is wrong with whoever asks, or `""`."""
    header = request.headers.get("Host", "")
    if not is_own_name(header, host):
        names = "loopback names" if is_loopback(host) else "addresses and private names"
        return f"The local Slack answers to {names} only."
    origin = request.headers.get("Origin")
    is_go = origin == _GO and request.path == "/link/"
    if not is_go and not is_welcome_origin(origin, _own_port(request), header):
        return "The local Slack takes no orders from web pages."
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin") and not _is_followed_link(request):
        return "The local Slack is no part of other web pages."
    return ""


def _is_followed_link(request: web.Request) -> bool:
    return (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
        and not request.path.startswith(_DOING)
    )


def _refusal(request: web.Request, words: str) -> web.Response:
    if request.path.startswith("/control/"):
        return web.json_response({"error": words}, status=403)
    return web.Response(status=403, text=words)


async def _mark(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


def _own_port(request: web.Request) -> int | None:
    name = None if request.transport is None else request.transport.get_extra_info("sockname")
    return name[1] if name else None
