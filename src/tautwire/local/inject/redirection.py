"""Makes slack_sdk, and so Bolt for Python, use the Slack that `SLACK_API_URL` names. slack_sdk itself does not read it.

Nothing is changed but what a program's clients start out with:

- a Web client that would call Slack itself gets the base URL of `SLACK_API_URL`;
- a webhook client with a URL of Slack's own, which a program may well have in it, posts to that Slack instead;
- whatever talks to that Slack (Web clients, webhooks, Socket Mode clients) goes straight to it, without the proxy that
  slack_sdk takes from the environment whatever `NO_PROXY` says.

What goes wrong here is one line on standard error, and the program runs on.
"""

from __future__ import annotations

import contextlib
import functools
import sys
from urllib.parse import urlsplit

# Not from `typing`, for the sake of Pythons whose `typing` lacks a name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

__all__ = ["CLIENTS", "Finder", "hook_at", "is_same_place", "is_slack_itself", "url_of"]

#: slack_sdk's modules, the class in each that its clients are of, and what kind of client that is.
CLIENTS = {
    "slack_sdk.web.base_client": ("BaseClient", "web"),
    "slack_sdk.web.async_base_client": ("AsyncBaseClient", "web"),
    "slack_sdk.web.legacy_base_client": ("LegacyBaseClient", "web"),
    "slack_sdk.webhook.client": ("WebhookClient", "webhook"),
    "slack_sdk.webhook.async_client": ("AsyncWebhookClient", "webhook"),
    "slack_sdk.socket_mode.aiohttp": ("SocketModeClient", "socket"),
    "slack_sdk.socket_mode.builtin.client": ("SocketModeClient", "socket"),
}

_SLACK = ("slack.com", "www.slack.com", "slack-gov.com", "www.slack-gov.com")
_HOOKS = ("hooks.slack.com", "hooks.slack-gov.com")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Finder:
    """Finds a few of slack_sdk's modules the way all others are found, and has a look at each once it is loaded.

    `place` is the member of `sys.meta_path` that asks it.
    """

    def __init__(self, api_url: str, place: object) -> None:
        self._api_url = api_url if api_url.endswith("/") else api_url + "/"
        self._place = place

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """`None` for modules that need no look, and for those that nobody else finds. Raises what others raise."""
        if name not in CLIENTS:
            return None
        spec = self._ask_others(name, path, target)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Loader(spec.loader, self._touch)  # type: ignore[assignment]  # a loader by its methods
        return spec

    def _ask_others(self, name: str, path: Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
        # Those before this place have been asked, and may be waiting for the answer.
        for finder in sys.meta_path[sys.meta_path.index(self._place) + 1 :]:  # type: ignore[arg-type]  # a finder
            # Finders of an age before this method are left to the import itself.
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if find is None else find(name, path, target)
            if spec is not None:
                return spec
        return None

    def _touch(self, module: ModuleType) -> None:
        """Have each new client of this module looked at, once its own `__init__` is through."""
        name, kind = CLIENTS[module.__name__]
        try:
            _after_init(getattr(module, name), functools.partial(self._lead, kind))
        except Exception as error:  # noqa: BLE001 - a slack_sdk that we do not know: the program runs all the same
            _complain(module.__name__, error)

    def _lead(self, kind: str, client: Any) -> None:
        if kind == "web" and is_slack_itself(client.base_url):
            client.base_url = self._api_url
        if kind == "webhook":
            client.url = hook_at(client.url, self._api_url)
        if is_same_place(url_of(kind, client), self._api_url):
            client.proxy = None


class _Loader:
    """The loader of a module, for the time of its import; afterwards the module shows its own loader alone."""

    def __init__(self, loader: Any, then: Callable[[ModuleType], None]) -> None:
        self._loader, self._then = loader, then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        self._then(module)


def _after_init(cls: Any, look_at: Callable[[Any], None]) -> None:
    original = cls.__init__

    @functools.wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        try:
            look_at(self)
        except Exception as error:  # noqa: BLE001 - a client of a shape that we do not know
            _complain(cls.__name__, error)

    cls.__init__ = init


def url_of(kind: str, client: Any) -> str:
    """Whom a client of this kind talks to; for a Socket Mode client, whom it asks where to connect."""
    where = client.web_client if kind == "socket" else client
    url: str = where.url if kind == "webhook" else where.base_url
    return url


def is_slack_itself(url: str) -> bool:
    """Whether a Web client with this base URL would call Slack, and not a server that somebody chose."""
    return _place(url)[0] in _SLACK


def hook_at(url: str, api_url: str) -> str:
    """Where a webhook of this URL leads, for the Slack of `api_url`; one that is not Slack's own leads where it did."""
    if _place(url)[0] not in _HOOKS:
        return url
    there, hook = urlsplit(api_url), urlsplit(url)
    return f"{there.scheme}://{there.netloc}/{hook.hostname}{hook.path}"


def is_same_place(url: str, other: str) -> bool:
    """Whether two URLs name one host and port; every name of this machine's loopback is the same to it."""
    (host, port), (other_host, other_port) = _place(url), _place(other)
    return port == other_port and (host == other_host or (host in _LOOPBACK and other_host in _LOOPBACK))


def _place(url: str) -> tuple[str, int | None]:
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None


def _complain(what: str, error: Exception) -> None:
    # Not the error's text: it may be another library's, with a URL in it.
    with contextlib.suppress(Exception):
        sys.stderr.write(f"tautwire: {what} does not use SLACK_API_URL ({type(error).__name__})\n")
