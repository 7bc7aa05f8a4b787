"""Who asks for the ticket when the web client is slack_sdk's.

slack_sdk writes whole answers to its debug log, and the answer of `apps.connections.open` holds the ticket. So for a
client of its own class, with that call as slack_sdk made it, the call is made by ours, with its settings. One that
somebody has changed is somebody's own, and is asked itself.
"""

from __future__ import annotations

import inspect
import ssl
from typing import Any

from tautwire.proxy import proxy_from_environment
from tautwire.web.async_client import AsyncWebClient

__all__ = ["stand_in_for"]

_CALLS = ("apps_connections_open", "api_call")


def stand_in_for(web_client: Any) -> AsyncWebClient | None:
    """A client of ours with the settings of slack_sdk's, for one call; `None` when `web_client` is not slack_sdk's."""
    if not all(_is_theirs(web_client, name) for name in _CALLS):
        return None
    # slack_sdk reads the environment's proxy by itself, and knows no NO_PROXY; ours does.
    proxy = None if web_client.proxy == proxy_from_environment() else web_client.proxy
    return AsyncWebClient(
        base_url=web_client.base_url,
        timeout=web_client.timeout,
        ssl=web_client.ssl if isinstance(web_client.ssl, ssl.SSLContext) else None,
        proxy=proxy,
        session=web_client.session,
        headers=web_client.headers,
    )


def _is_theirs(web_client: Any, name: str) -> bool:
    method = getattr(type(web_client), name, None)
    is_original = getattr(method, "__module__", "").startswith("slack_sdk.") and name not in vars(web_client)
    return is_original and inspect.iscoroutinefunction(method)
