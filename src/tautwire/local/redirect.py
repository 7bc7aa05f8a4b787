"""Makes the clients of slack_sdk, and so of Bolt, use a local Slack for a while: new ones and those that are there.

For programs in this process, such as an app under test. A program in a process of its own is led by its environment,
see `environment`.
"""

from __future__ import annotations

import warnings
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.inject.redirection import CLIENTS, hook_at, is_same_place, is_slack_itself, url_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["looking_through", "redirected", "towards"]

#: Where clients have been led before. Whoever took the address along, as Bolt's copies of a client do, meant Slack.
_FORMER: Final[set[str]] = set()


@contextmanager
def redirected(api_url: str) -> Iterator[None]:
    """For the time of the block, clients that would call Slack call `api_url`, and they go there without a proxy.

    So do incoming webhooks with a URL of Slack's own: no test speaks in a real channel because a real URL is in it.

    Clients keep what they were given; it is seen otherwise for a while. Blocks may be nested, the inner one counts.
    Nothing happens where slack_sdk is not installed, or is one whose clients are made otherwise. Clients of tautwire's
    own read `SLACK_API_URL`, and are left alone.
    """
    with ExitStack() as stack:
        for name, (class_name, kind) in CLIENTS.items():
            cls = _class(name, class_name)
            if cls is None:
                continue
            if kind == "web":
                stack.enter_context(looking_through(cls, "base_url", towards(api_url)))
            if kind == "webhook":
                stack.enter_context(looking_through(cls, "url", partial(_hook, api_url)))
            stack.enter_context(looking_through(cls, "proxy", partial(_straight, kind, api_url)))
        yield


def towards(api_url: str) -> Callable[[Any, Any], Any]:
    """How a base URL has to be seen, for `looking_through`."""
    target = api_url if api_url.endswith("/") else f"{api_url}/"
    _FORMER.add(target)

    def look(_client: Any, url: Any) -> Any:
        return target if isinstance(url, str) and (url in _FORMER or is_slack_itself(url)) else url

    return look


@contextmanager
def looking_through(cls: type, name: str, look: Callable[[Any, Any], Any]) -> Iterator[None]:
    """For the time of the block, the attribute `name` of every object of `cls` reads as `look(object, value)` has it.

    It is set and deleted as ever; what was set is there afterwards.
    """
    before = vars(cls).get(name, _MISSING)
    setattr(cls, name, _Lens(name, look))
    try:
        yield
    finally:
        if before is _MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, before)


_MISSING: Final = object()


class _Lens:
    """Stands for an attribute whose values stay where they are, in the object's own dictionary."""

    def __init__(self, name: str, look: Callable[[Any, Any], Any]) -> None:
        self._name, self._look = name, look

    def __get__(self, thing: Any, owner: type | None = None) -> Any:
        try:
            value = vars(thing)[self._name]
        except (KeyError, TypeError):
            raise AttributeError(self._name, name=self._name, obj=thing) from None
        return self._look(thing, value)

    def __set__(self, thing: Any, value: Any) -> None:
        vars(thing)[self._name] = value

    def __delete__(self, thing: Any) -> None:
        if self._name not in vars(thing):
            raise AttributeError(self._name, name=self._name, obj=thing)
        del vars(thing)[self._name]


def _hook(api_url: str, _client: Any, url: Any) -> Any:
    return hook_at(url, api_url) if isinstance(url, str) else url


def _straight(kind: str, api_url: str, client: Any, proxy: Any) -> Any:
    try:
        return None if is_same_place(url_of(kind, client), api_url) else proxy
    except AttributeError:  # asked for while the client is still being made
        return proxy


def _class(module: str, name: str) -> type | None:
    try:
        with warnings.catch_warnings():
            # Nobody has asked for the module but us.
            warnings.simplefilter("ignore")
            found = getattr(import_module(module), name, None)
    except ImportError:
        return None
    return found if isinstance(found, type) else None
