"""An envelope as it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.delivery.guard import result_of
from tautwire.delivery.key import dedupe_key, stored_key
from tautwire.inbox.api import Mode, Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.delivery.group import Grouping
    from tautwire.delivery.policy import Plan, StoragePolicy
    from tautwire.engine.runner import Received
    from tautwire.protocol.messages import Envelope

__all__ = ["Recording"]


class Recording:
    """Makes records. `on_failed` hears of a grouping that raised: its envelope is stored without a group."""

    def __init__(
        self, storage: StoragePolicy, group_of: Grouping, on_failed: Callable[[str, str, Exception], None]
    ) -> None:
        self._storage = storage
        self._group_of = group_of
        self._on_failed = on_failed

    def record_of(self, received: Received, plan: Plan | None = None) -> Record:
        """The record of an envelope that was received, by what is planned for it."""
        envelope = received.envelope
        plan = plan or self._storage.plan(envelope)
        return Record(
            key=stored_key(dedupe_key(envelope)),
            type=plan.kind,
            envelope_id=envelope.envelope_id,
            # The whole frame: a listener is to get after a restart what it would have got before.
            payload=received.text.encode("utf-8", "surrogatepass"),
            mode=plan.mode,
            group="" if plan.mode is Mode.NEVER else self._group(envelope),
        )

    def _group(self, envelope: Envelope) -> str:
        group, error = result_of(lambda: self._group_of(envelope), "")
        if error is not None:
            self._on_failed("serialize_by", envelope.envelope_id, error)
        # A function may give anything, half a character included, which no store could take.
        return group.encode("utf-8", "backslashreplace").decode()
