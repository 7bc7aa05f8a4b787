"""Which HTTP proxy serves a host: the environment's variables, read in one place.

Order of the variables: `HTTPS_PROXY`, `https_proxy`, `HTTP_PROXY`, `http_proxy`; the first that is not blank counts.
`NO_PROXY`/`no_proxy` lists what goes direct: host names (with or without a leading dot, each matching its
subdomains too), `host:port`, IP addresses, CIDR blocks, or `*` for everything.
"""

from __future__ import annotations

import ipaddress
import os
from typing import TYPE_CHECKING
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # typeshed leaves it out

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["bypasses_proxy", "proxy_for", "proxy_from_environment"]

_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")


def proxy_from_environment(environ: Mapping[str, str] | None = None) -> str | None:
    """The proxy URL of the environment, or `None`."""
    environ = os.environ if environ is None else environ
    for name in _VARIABLES:
        if value := environ.get(name, "").strip():
            return value
    return None


def bypasses_proxy(host: str, port: int | None = None, environ: Mapping[str, str] | None = None) -> bool:
    """Whether `NO_PROXY` says that `host` (and `port`, where given) is reached directly."""
    environ = os.environ if environ is None else environ
    no_proxy = (environ.get("NO_PROXY") or environ.get("no_proxy") or "").strip()
    if not no_proxy:
        return False
    bare = host.strip("[]")
    candidates = [bare] if port is None else [bare, f"{bare}:{port}"]
    if any(proxy_bypass_environment(name, {"no": no_proxy}) for name in candidates):
        return True
    return _in_a_block(bare, no_proxy)


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


def _in_a_block(host: str, no_proxy: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    for item in no_proxy.split(","):
        try:
            if address in ipaddress.ip_network(item.strip().strip("[]"), strict=False):
                return True
        except ValueError:
            continue
    return False
