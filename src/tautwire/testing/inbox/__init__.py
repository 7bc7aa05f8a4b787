"""What every inbox has to do, as tests that anybody can run against a store of their own.

    from tautwire.testing.inbox import InboxConformance

    class TestMyInbox(InboxConformance):
        async def make(self, *, max_waiting):
            return MyInbox(fresh_place(), clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)

        async def restart(self, inbox, *, max_waiting):
            return MyInbox(inbox.place, clock=self.clock, lease_seconds=self.lease_seconds, max_waiting=max_waiting)

With pytest, and no plugin for asyncio: each test runs a loop of its own. `Bench` has what can be set for a store that
cannot do all of it. Not imported by anything else here.
"""

from tautwire.testing.inbox.bench import Bench
from tautwire.testing.inbox.cancelling import Cancelling
from tautwire.testing.inbox.clock import HandClock
from tautwire.testing.inbox.comparing import Comparing
from tautwire.testing.inbox.grouping import Grouping
from tautwire.testing.inbox.leasing import Leasing
from tautwire.testing.inbox.operating import Operating
from tautwire.testing.inbox.receiving import Receiving
from tautwire.testing.inbox.recovering import Recovering

__all__ = ["Bench", "HandClock", "InboxConformance"]


class InboxConformance(Receiving, Leasing, Grouping, Recovering, Cancelling, Operating, Comparing):
    """All of them."""
