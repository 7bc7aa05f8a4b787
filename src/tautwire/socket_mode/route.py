"""Whom to ask, and which way: a web client, and the proxy to each host."""

from __future__ import annotations

from typing import Any

from yarl import URL

from tautwire.proxy import proxy_for, proxy_from_environment
from tautwire.secret import Secret
from tautwire.web.async_client import AsyncWebClient
from tautwire.web.transport import Proxy

__all__ = ["Route", "base_url_of"]


class Route:
    """What its attributes say when it is asked counts."""

    def __init__(self, web_client: Any, proxy: str | None) -> None:
        self.web_client = web_client
        self._inherited_proxy = None if _given(proxy) else _hidden(proxy_from_environment())
        self._proxy = _checked(_given(proxy)) or self._inherited_proxy

    @property
    def proxy(self) -> str | None:
        """The proxy's URL in the clear, for code that hands it on; it may hold a password, so it is kept masked."""
        return None if self._proxy is None else self._proxy.reveal()

    @proxy.setter
    def proxy(self, proxy: str | None) -> None:
        self._proxy = _checked(proxy)

    def proxy_to(self, url: Secret) -> Secret | None:
        """A given proxy serves every host; an inherited one those that `NO_PROXY` leaves; one set to `None`, nobody.

        Raises:
            ConfigurationError: what the environment names is no proxy's URL.
        """
        if self._proxy is None:
            return None
        try:
            host, port = URL(url.reveal()).host or "", URL(url.reveal()).port
        except ValueError:
            host, port = "", None
        return _checked(proxy_for(host, port, explicit=None if self._proxy == self._inherited_proxy else self.proxy))


def base_url_of(web_client: Any) -> str:
    """The URL that `web_client` talks to; Slack's own when it does not say."""
    url = getattr(web_client, "base_url", None)
    return url if isinstance(url, str) and url else AsyncWebClient.BASE_URL


def _checked(proxy: str | None) -> Secret | None:
    """Raises `ConfigurationError` for what is no proxy's URL."""
    if proxy is None or not proxy.strip():
        return None
    Proxy.parse(proxy.strip())
    return Secret(proxy.strip())


def _hidden(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _given(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None
