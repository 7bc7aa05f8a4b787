"""An inbox by its address, one text: a file's path, or the URLs of NATS servers. The only place that tells them apart.

    events.db                                     `SqliteInbox`
    nats://one:4222,nats://two:4222               `JetStreamInbox`; `tls://`, `ws://` and `wss://` as well

An address may hold a password, so no error quotes one that has `://` in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.inbox.api import Inbox

__all__ = ["inbox_at", "is_on_nats"]

_SCHEMES: Final = frozenset({"nats", "tls", "ws", "wss"})

_EXAMPLES: Final = "events.db for a file, nats://host:4222 for NATS"


def is_on_nats(address: str) -> bool:
    """Whether the address is one of NATS servers, and not a file's path.

    Raises:
        ConfigurationError: it is neither.
    """
    parts = [part.strip() for part in address.split(",")]
    schemes = {part.partition("://")[0].lower() for part in parts if "://" in part}
    if not address.strip() or "\0" in address:
        raise ConfigurationError(f"the inbox has no address: {_EXAMPLES}")
    if not schemes:
        return False
    if not schemes <= _SCHEMES or not all("://" in part and part.partition("://")[2] for part in parts):
        raise ConfigurationError(f"the address of the inbox is none that is known here: {_EXAMPLES}")
    return True


def inbox_at(
    address: str, *, is_visitor: bool = False, on_nats: Mapping[str, Any] | None = None, **options: Any
) -> Inbox:
    """The inbox at an address, not yet opened.

    `is_visitor` looks at an inbox that others work with, as the stores have it. `options` are the store's own, and
    `on_nats` those that only one on NATS has: its name, who its user is.

    Raises:
        ConfigurationError: the address is none, does not take what was given with it, or needs an extra.
    """
    if not is_on_nats(address):
        if on_nats:
            names = ", ".join(name.replace("_", "-") for name in on_nats)
            raise ConfigurationError(f"what was given of it ({names}) is for an inbox on NATS; this one is a file")
        store = import_module("tautwire.inbox.sqlite").SqliteInbox
        return _made(store, address, is_visitor=is_visitor, **options)
    try:
        store = import_module("tautwire.inbox.jetstream").JetStreamInbox
    except ImportError as error:
        if (error.name or "nats").partition(".")[0] not in {"nats", "nkeys", "tautwire"}:
            raise
        raise ConfigurationError('an inbox on NATS needs an extra: pip install "tautwire[nats]"') from None
    return _made(store, address, is_visitor=is_visitor, **(on_nats or {}), **options)


def _made(store: Any, address: str, **options: Any) -> Inbox:
    made: Inbox = store(address, **options)
    return made
