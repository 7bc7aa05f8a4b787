"""The constructor's arguments, checked: what cannot work is said at once, in a sentence that says what to give."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from tautwire.errors import ConfigurationError
from tautwire.protocol.plan import MAX_CONNECTIONS
from tautwire.web.arguments import secret_token
from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from types import UnionType

    from tautwire.secret import Secret

__all__ = ["app_token", "check_concurrency", "check_numbers", "logger", "web_client"]


def app_token(given: str | None) -> Secret:
    """The app-level token, else the one in `SLACK_APP_TOKEN`."""
    secret = secret_token(given or os.environ.get("SLACK_APP_TOKEN"))
    if secret is None:
        raise ConfigurationError("no app-level token: give app_token, or set SLACK_APP_TOKEN (it starts with xapp-)")
    kind = secret.reveal()[:5]
    if kind in ("xoxb-", "xoxp-", "xoxe-"):
        raise ConfigurationError(
            f"app_token is an {kind} token; Socket Mode needs an app-level token, which starts with xapp-"
        )
    return secret


def web_client(given: Any, proxy: str | None) -> Any:
    """What asks Slack for URLs; a client of our own when none is given."""
    if given is None:
        return AsyncWebClient(proxy=proxy)
    if isinstance(given, type | str):
        raise ConfigurationError("web_client is an AsyncWebClient, or an object that does what one does")
    return given


def logger(given: logging.Logger | None, name: str) -> logging.Logger:
    """Where to log; the logger called `name` when none is given."""
    if given is not None and not callable(getattr(given, "log", None)):
        raise ConfigurationError(f"logger is a logging.Logger, not {type(given).__name__}")
    return given or logging.getLogger(name)


def check_numbers(connections: int, concurrency: int, ping_interval: float) -> None:
    """Numbers that are numbers, and within their bounds."""
    _is_number("connections", connections, int)
    if not 1 <= connections <= MAX_CONNECTIONS:
        raise ConfigurationError(f"connections is {connections}; Slack allows 1 to {MAX_CONNECTIONS}")
    check_concurrency(concurrency)
    _is_number("ping_interval", ping_interval, int | float)
    if not 0 < ping_interval < float("inf"):
        raise ConfigurationError(f"ping_interval is {ping_interval}; it must be a positive number of seconds")


def check_concurrency(concurrency: int) -> None:
    """A number of at least one."""
    _is_number("concurrency", concurrency, int)
    if concurrency < 1:
        raise ConfigurationError(f"concurrency is {concurrency}; it must be at least 1")


def _is_number(name: str, value: object, kind: type | UnionType) -> None:
    if isinstance(value, bool) or not isinstance(value, kind):
        raise ConfigurationError(f"{name} is a number, not {type(value).__name__}")
