"""The constructor's arguments, checked and brought into the form that the client keeps."""

from __future__ import annotations

import base64
import platform
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from tautwire.errors import ConfigurationError
from tautwire.secret import Secret
from tautwire.version import __version__

__all__ = ["HasEncode", "basic_credentials", "normalised_base_url", "user_agent"]


class HasEncode(Protocol):
    """Credentials that write their own header, such as `aiohttp.BasicAuth`."""

    def encode(self) -> str:
        """The header's value."""


def normalised_base_url(url: str) -> str:
    """`url` with a slash at its end; raises `ConfigurationError` for what is no plain HTTP address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise ConfigurationError("base_url is http(s)://host/path/, without credentials, query or fragment")
    return url if url.endswith("/") else f"{url}/"


def user_agent(prefix: str | None, suffix: str | None) -> str:
    """What this client calls itself, between the user's own words."""
    own = f"tautwire/{__version__} Python/{platform.python_version()} {platform.system()}/{platform.release()}"
    return " ".join(part for part in (prefix, own, suffix) if part)


def basic_credentials(auth: Mapping[str, str] | HasEncode | None) -> Secret | None:
    """The `Authorization` header for an app's id and secret."""
    if auth is None:
        return None
    if not isinstance(auth, Mapping):
        return Secret(auth.encode())
    pair = f"{auth['client_id']}:{auth['client_secret']}".encode()
    return Secret(f"Basic {base64.b64encode(pair).decode('ascii')}")
