"""Whose token it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tautwire.local.workspace.model import App, User

__all__ = ["Key", "TokenKind"]

#: `app` is app-level (`xapp-`), `bot` an app acting as itself (`xoxb-`), `user` an app acting as a person (`xoxp-`).
TokenKind = Literal["app", "bot", "user"]


@dataclass(frozen=True, slots=True)
class Key:
    """What a token stands for: an app, and the user that it acts as; with an app-level token, its bot user."""

    kind: TokenKind
    app: App
    user: User

    @property
    def scopes(self) -> tuple[str, ...]:
        """What was granted with it."""
        if self.kind == "app":
            return ("connections:write",)
        granted = self.app.permissions.bot_scopes if self.kind == "bot" else self.app.permissions.user_scopes
        return tuple(granted)

    def has_scope(self, scope: str) -> bool:
        """Whether `scope` was granted with it; without a manifest every scope was."""
        if self.kind == "app":
            return scope in self.scopes
        return self.app.permissions.has_scope(scope, self.kind)
