"""All methods of the Web API that the local Slack knows, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api import (
    absent,
    basics,
    chat,
    chat_later,
    conversations,
    files,
    history,
    membership,
    oauth,
    pins,
    reactions,
    users,
    views,
)

if TYPE_CHECKING:
    from tautwire.local.api.method import Method

__all__ = ["METHODS"]

_FAMILIES: Final = (
    absent.family,
    basics.family,
    chat.family,
    chat_later.family,
    conversations.family,
    files.family,
    history.family,
    membership.family,
    oauth.family,
    pins.family,
    reactions.family,
    users.family,
    views.family,
)

#: By name, in the order of their names.
METHODS: Final[dict[str, Method]] = dict(
    sorted((name, method) for family in _FAMILIES for name, method in family.methods.items())
)
