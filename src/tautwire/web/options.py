"""The constructor's arguments, checked and brought into the form that the client keeps."""

from __future__ import annotations

import base64
import os
import platform
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from tautwire.errors import ConfigurationError
from tautwire.secret import Secret
from tautwire.version import __version__

__all__ = ["HasEncode", "base_url_of_environment", "basic_credentials", "normalised_base_url", "user_agent"]


class HasEncode(Protocol):
    """Credentials that write their own header, such as `aiohttp.BasicAuth`."""

    def encode(self) -> str:
        """The header's value."""


def normalised_base_url(url: str, source: str = "base_url") -> str:
    """`url` with a slash at its end.

    Raises `ConfigurationError` for what is no plain HTTP address; it names `source`, where the address came from, and
    not the address, which may hold a password.
    """
    if not _is_plain_http(url):
        raise ConfigurationError(f"{source} is http(s)://host/path/, without credentials, query or fragment")
    return url if url.endswith("/") else f"{url}/"


def base_url_of_environment(default: str) -> str:
    """`SLACK_API_URL`, or `default` where it is missing or blank; raises as `normalised_base_url`."""
    given = os.environ.get("SLACK_API_URL", "").strip()
    return (
        normalised_base_url(given, "the environment variable SLACK_API_URL") if given else normalised_base_url(default)
    )


def _is_plain_http(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    is_bare = "@" not in parts.netloc and not parts.query and not parts.fragment
    return parts.scheme in ("http", "https") and has_host and is_bare


def user_agent(prefix: str | None, suffix: str | None) -> str:
    """What this client calls itself, between the user's own words."""
    own = f"tautwire/{__version__} Python/{platform.python_version()} {platform.system()}/{platform.release()}"
    return " ".join(part for part in (prefix, own, suffix) if part)


def basic_credentials(auth: Mapping[str, str] | HasEncode | None) -> Secret | None:
    """The `Authorization` header for an app's id and secret.

    Raises `ConfigurationError` when one of them is missing or cannot be encoded, without showing them.
    """
    if auth is None:
        return None
    try:
        return Secret(_basic(auth) if isinstance(auth, Mapping) else auth.encode())
    except (KeyError, UnicodeError):
        pass
    # Outside the handler: an encoder's error holds the text that it could not encode.
    raise ConfigurationError("auth holds client_id and client_secret, both of them text without lone surrogates")


def _basic(auth: Mapping[str, str]) -> str:
    pair = f"{auth['client_id']}:{auth['client_secret']}".encode()
    return f"Basic {base64.b64encode(pair).decode('ascii')}"
