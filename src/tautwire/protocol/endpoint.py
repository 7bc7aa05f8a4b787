"""May this URL be trusted? What Slack says is believed only as far as it points at Slack.

The WebSocket's URL carries the ticket, and whoever gets it can pose as Slack's side; so it must be `wss` on Slack's own
hosts. Another host, or plain `ws`, is accepted only where the user pointed the Web client at that very host. The same
holds for a `response_url`, which gets what a listener says, with `https` and `http`.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import urlsplit

from tautwire.errors import UntrustedUrlError

__all__ = ["check_endpoint", "is_response_url", "is_slack_host"]

_SLACK: Final = ("slack.com", "slack-gov.com")

#: Names as they stand in DNS. What is none may be read differently by a proxy on the way.
_HOST: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")

_MOST_SHOWN: Final = 80


def is_slack_host(host: str) -> bool:
    """Whether `host` is Slack's, or below it."""
    name = host.lower().removesuffix(".")
    if _HOST.fullmatch(name) is None:
        return False
    return any(name == domain or name.endswith(f".{domain}") for domain in _SLACK)


def check_endpoint(url: str, api_url: str) -> None:
    """Refuse a URL that Slack would not give. `api_url` is the base URL that the Web client was pointed at.

    Plain `ws` only answers plain `http`. A URL with a user name in it, or a port that is none, is refused.

    Raises:
        UntrustedUrlError: the text names the host, never the URL.
    """
    if _is_trusted(url, api_url, secure="wss", plain="ws"):
        return
    scheme, host = _scheme_and_host(url)
    raise UntrustedUrlError(
        f"apps.connections.open gave a {scheme[:_MOST_SHOWN] or 'broken'} URL on host {host[:_MOST_SHOWN]!r}: "
        "only wss on slack.com is dialled, "
        "or the host that the Web client's base_url names"
    )


def is_response_url(url: str, api_url: str) -> bool:
    """Whether `url` is one that Slack would give for answers: `check_endpoint`'s rule, over HTTP."""
    return _is_trusted(url, api_url, secure="https", plain="http")


def _is_trusted(url: str, api_url: str, *, secure: str, plain: str) -> bool:
    scheme, host = _scheme_and_host(url)
    api_scheme, api_host = _scheme_and_host(api_url)
    if scheme == secure and is_slack_host(host):
        return True
    schemes = (plain, secure) if api_scheme == "http" else (secure,)
    return scheme in schemes and bool(api_host) and not is_slack_host(api_host) and _same_host(host, api_host)


def _scheme_and_host(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
        is_plain = parts.username is None and parts.password is None and (parts.port is None or parts.port > 0)
        return parts.scheme.lower(), (parts.hostname or "").lower() if is_plain else ""
    except ValueError:
        return "", ""


def _same_host(one: str, other: str) -> bool:
    return one == other or (_is_loopback(one) and _is_loopback(other))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
