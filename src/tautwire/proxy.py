"""Which HTTP proxy serves a host: the environment's variables, read in one place.

Order of the variables: `HTTPS_PROXY`, `https_proxy`, `HTTP_PROXY`, `http_proxy`; the first that is not blank counts.
`NO_PROXY`/`no_proxy` (again the first that is not blank) lists what goes direct, parted by commas or blanks: host
names, each matching its subdomains too (`slack.com`, `.slack.com` and `*.slack.com` say the same), IP addresses, CIDR
blocks, any of these names and addresses with a `:port`, or `*` for everything. Letter case does not count.
"""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bypasses_proxy", "proxy_for", "proxy_from_environment"]

_PROXY = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
_NO_PROXY = ("NO_PROXY", "no_proxy")
_WITH_PORT = re.compile(r"(?P<host>\[[^]]+\]|[^:]+):(?P<port>\d+)")


def proxy_from_environment(environ: Mapping[str, str] | None = None) -> str | None:
    """The proxy URL of the environment, or `None`."""
    return _first(_PROXY, environ)


def bypasses_proxy(host: str, port: int | None = None, environ: Mapping[str, str] | None = None) -> bool:
    """Whether `NO_PROXY` says that `host` (and `port`, where given) is reached directly."""
    listed = re.split(r"[\s,]+", _first(_NO_PROXY, environ) or "")
    name = host.strip("[]").rstrip(".").lower()
    return any(_covers(entry.lower(), name, port) for entry in listed if entry)


def proxy_for(
    host: str,
    port: int | None = None,
    *,
    explicit: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> str | None:
    """The proxy for one connection: `explicit` as it is, else the environment's unless `NO_PROXY` names the host.

    A blank `explicit` counts as none.
    """
    if explicit is not None and explicit.strip():
        return explicit.strip()
    proxy = proxy_from_environment(environ)
    if proxy is None or bypasses_proxy(host, port, environ):
        return None
    return proxy


def _first(names: tuple[str, ...], environ: Mapping[str, str] | None) -> str | None:
    found = os.environ if environ is None else environ
    return next((value for name in names if (value := found.get(name, "").strip())), None)


def _covers(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    if parted := _WITH_PORT.fullmatch(entry):
        return int(parted["port"]) == port and _names(parted["host"], host)
    return _names(entry, host)


def _names(entry: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        pass  # one of the two is a name
    domain = entry.removeprefix("*").strip(".")
    return host == domain or host.endswith(f".{domain}")
