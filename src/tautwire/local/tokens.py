"""Local tokens, and the shapes of real ones.

A real token has no business here: it would travel over plain HTTP and into whatever a test prints.
"""

from __future__ import annotations

import re
from typing import Final

from tautwire.errors import ConfigurationError

__all__ = ["LOCAL_APP_TOKEN", "LOCAL_BOT_TOKEN", "is_real", "refuse_real"]

LOCAL_APP_TOKEN: Final = "xapp-1-A0LOCAL01-local-app"  # noqa: S105 - grants nothing anywhere but here
LOCAL_BOT_TOKEN: Final = "xoxb-local-bot"  # noqa: S105 - as above

#: `xapp-1-<app id>-<digits>-<64 hex>`; looser on the tail, because a truncated real token is still a leak.
_APP: Final = re.compile(r"xapp-\d+-A[A-Z0-9]+-\d+-[0-9a-f]{16,}", re.IGNORECASE)
#: `xoxb-<digits>-<digits>-…` and its relatives of users, legacy apps and rotation (`xoxe.xoxb-1-…`, `xoxe-1-…`).
_OTHER: Final = re.compile(r"(xoxe\.)?xox[a-z]-\d+-(\d+-|[A-Za-z0-9]{32,})", re.IGNORECASE)


def is_real(token: str) -> bool:
    """Whether `token` has the full shape of one that Slack has issued, whatever blanks are around it."""
    bare = token.strip()
    return _APP.match(bare) is not None or _OTHER.match(bare) is not None


def refuse_real(*tokens: str) -> None:
    """Raise `ConfigurationError` if one of them is real; it is not repeated."""
    if any(is_real(token) for token in tokens):
        raise ConfigurationError("that has the shape of a real Slack token; the local Slack takes made-up ones")
