"""All methods of the Web API that the local Slack knows, in one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.api import basics, chat, views

if TYPE_CHECKING:
    from tautwire.local.api.method import Method

__all__ = ["METHODS"]

METHODS: Final[dict[str, Method]] = {
    name: method
    for family in (basics.family, chat.family, views.family)
    for name, method in sorted(family.methods.items())
}
