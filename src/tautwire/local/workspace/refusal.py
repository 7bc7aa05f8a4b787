"""Slack's way of saying no."""

from __future__ import annotations

from typing import Any

__all__ = ["Refusal"]


class Refusal(Exception):  # noqa: N818 - it is an answer of Slack's, not a failure of this program
    """`{"ok": false, "error": …}`, with whatever else the answer carries.

    Raised by the rooms that know Slack's rules; the Web API sends it, and a person's action fails with it.
    """

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.body: dict[str, Any] = {"ok": False, "error": error, **more}
