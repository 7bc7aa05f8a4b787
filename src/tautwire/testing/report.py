"""What was said, for the report of a test that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest

    from tautwire.testing.watching import Watched

__all__ = ["tell"]

_TITLE: Final = "local Slack"
#: Lines and characters: what somebody reads who looks for the reason.
_LINES: Final = 100
_WIDTH: Final = 160


def tell(report: pytest.TestReport, slacks: Sequence[Watched]) -> None:
    """Add the end of each Slack's conversation to the report of a failed phase."""
    if report.failed:
        for number, slack in enumerate(slacks, start=1):
            title = _TITLE if len(slacks) == 1 else f"{_TITLE} {number}"
            report.sections.append((title, slack.conversation(limit=_LINES, width=_WIDTH) or "nothing was said"))
