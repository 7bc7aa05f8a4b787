"""The journal: what was said both ways, who did what, what became of it; to search, to follow, to keep, to replay."""

from tautwire.local.journal.conversation import conversation
from tautwire.local.journal.entry import Entry, Kind, Missed
from tautwire.local.journal.follower import Follower
from tautwire.local.journal.journal import Journal
from tautwire.local.journal.lines import Recording, read
from tautwire.local.journal.query import Query
from tautwire.local.journal.trail import trail

__all__ = ["Entry", "Follower", "Journal", "Kind", "Missed", "Query", "Recording", "conversation", "read", "trail"]
