"""What the local Slack sends: envelopes of all kinds, some of them twice, on connections that are lost now and then."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

from tautwire.local import Fault, LocalSlack

if TYPE_CHECKING:
    from tautwire.local import Delivery

__all__ = ["Flow", "local_slack"]

#: Envelopes a second, while somebody is connected.
RATE = 300.0
#: Of those that would be sent while nobody is, so many are: they find nobody, and are lost or come again.
TO_NOBODY = 0.15


def local_slack(seed: int, *, time_scale: float = 0.005) -> LocalSlack:
    """One that waits less for an ack than Slack, and sends again sooner: after 5 ms, 0.3 s and 1.5 s."""
    slack = LocalSlack(seed=seed, deadline=1.0, time_scale=time_scale)
    slack.ledger.limit = None
    for kind, probability in (("duplicate", 0.02), ("duplicate_new_id", 0.02)):
        slack.faults.add(Fault(where="envelope", kind=kind, match="events_api", probability=probability))
    slack.faults.add(Fault(where="envelope", kind="drop", how="rst", probability=0.002))
    return slack


class Flow:
    """Sends for ever; the place of a delivery in `sent` is the number in its payload."""

    def __init__(self, slack: LocalSlack, seed: int, rate: float = RATE) -> None:
        self.sent: list[Delivery] = []
        self._slack, self._chance, self._rate = slack, random.Random(seed), rate

    async def run(self) -> None:
        while True:
            for _ in range(self._chance.choice((1, 1, 1, 2, 6))):
                if self._slack.ready or self._chance.random() < TO_NOBODY:
                    self.sent.append(self._send(len(self.sent)))
            await asyncio.sleep(self._chance.expovariate(self._rate / 2.2))

    def _send(self, number: int) -> Delivery:
        slack = self._slack
        match self._chance.choices(("event", "command", "click", "submission"), (5, 2, 1, 2))[0]:
            case "event":
                return slack.send_event("app_mention", number=number)
            case "command":
                return slack.send_command("/deploy", number=number)
            case "click":
                return slack.send_action("ok", number=number)
            case _:
                return slack.send_view_submission("ticket", number=number)
