"""One fact to many observers; an observer that raises costs nobody else the fact."""

from __future__ import annotations

import contextlib
from asyncio import CancelledError
from typing import TYPE_CHECKING

from tautwire.facts import EngineFault, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tautwire.facts import Observer

__all__ = ["Broadcast"]


class Broadcast:
    """Calls `ours`, then each of `theirs`: a list that its owner may change at any time. Raises nothing.

    Ours hear of one that raised. They are not trusted either: the log's is as good as the user's logger.
    """

    def __init__(self, ours: Sequence[Observer], theirs: Sequence[Observer]) -> None:
        self._ours = ours
        self._theirs = theirs

    def __call__(self, fact: Fact) -> None:
        """Pass `fact` on."""
        for observer in (*self._ours, *self._theirs):
            try:
                observer(fact)
            except (Exception, CancelledError) as error:  # noqa: BLE001  somebody else's code, in the engine's work
                self._report(EngineFault(fact.at, "an observer", error), observer)

    def _report(self, fault: EngineFault, culprit: Observer) -> None:
        for observer in self._ours:
            if observer is not culprit:
                with contextlib.suppress(Exception, CancelledError):
                    observer(fault)
