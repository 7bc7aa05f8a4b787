"""What each app is told of what has happened in the workspace. Pure."""

from tautwire.local.events.event import Event
from tautwire.local.events.of import events_of

__all__ = ["Event", "events_of"]
