"""The way of an ack: on the connection that delivered its envelope while that is open, else on the newest ready one."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Protocol

from tautwire.errors import NotConnectedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.engine.runner import Receipt

__all__ = ["Elsewhere", "send_ack", "send_quietly"]


class Elsewhere(Protocol):
    """Sends on whatever connection is ready."""

    async def __call__(self, text: str, *, within: float) -> int:
        """Send, waiting `within` seconds for a connection; the link's number. Raises `NotConnectedError`."""


async def send_ack(receipt: Receipt, reply: str, elsewhere: Elsewhere, left: Callable[[], float]) -> bool:
    """Send on the link of `receipt`, or, where that is gone, on another; whether it was another.

    Raises:
        NotConnectedError: no connection was open, and none became so within the seconds that are `left` then.
    """
    if receipt.is_open:
        with contextlib.suppress(NotConnectedError):  # It went while the ack was on its way.
            await receipt.send(reply)
            return False
    await elsewhere(reply, within=max(0.0, left()))
    return True


async def send_quietly(receipt: Receipt, reply: str) -> bool:
    """Send on the link of `receipt`; whether it was there. Where it is gone, Slack will ask again, on another one."""
    try:
        await receipt.send(reply)
    except NotConnectedError:
        return False
    return True
