"""What may be written down of an exception: its class, and where it was raised.

The text of what a listener raises may quote a payload, a token or a URL, so it goes to observers only, as the exception
itself. A log, and an inbox that keeps why a record failed, get what is here.
"""

from __future__ import annotations

import traceback

from tautwire.errors import TautwireError, quotable

__all__ = ["quotable_text", "told", "where_it_happened"]


def where_it_happened(error: BaseException) -> str:
    """The traceback of `error` without its text and without anybody's values: files, lines, functions, source."""
    return "".join(traceback.format_tb(error.__traceback__)).rstrip()


def quotable_text(error: BaseException) -> str:
    """Of our own errors it is known that they quote nothing; of another client's, Slack's code is taken."""
    if isinstance(error, TautwireError):
        return str(error)
    try:
        code = getattr(error, "response", {})["error"]
    except (TypeError, KeyError, ValueError):
        code = None
    return quotable(code) if isinstance(code, str) else "(left out, it may quote the payload)"


def told(error: BaseException) -> str:
    """`error` as it may be kept: a sentence, and below it where it happened."""
    return f"{type(error).__name__}: {quotable_text(error)}\n{where_it_happened(error)}".rstrip()
