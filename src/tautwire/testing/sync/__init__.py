"""The local Slack without `await`, for tests and apps that are not async.

with SyncSlack() as slack:
    ann = slack.user("ann")
    message = ann.says("@localbot hello")
    assert message.reply().text == "Hello <@U0ANN>"

The Slack runs in a thread of its own. Each class here is one of `tautwire.local`'s, name for name: what is a coroutine
there is a call that waits here, and what is read there is read here, in that thread.
"""

from tautwire.testing.sync.person import SyncPerson
from tautwire.testing.sync.place import SyncPlace
from tautwire.testing.sync.said import SyncSaid
from tautwire.testing.sync.shown import SyncShown
from tautwire.testing.sync.slack import SyncSlack

__all__ = ["SyncPerson", "SyncPlace", "SyncSaid", "SyncShown", "SyncSlack"]
