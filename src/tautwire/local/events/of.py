"""From a change to the events that one app is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tautwire.local.events import channels, files, home, links, marks, members, messages, people
from tautwire.local.events.event import Ear
from tautwire.local.workspace import changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tautwire.local.events.event import Event
    from tautwire.local.workspace.core import Core
    from tautwire.local.workspace.model import App

    Teller = Callable[[Any, Ear], Iterable[Event]]

__all__ = ["TELLERS", "events_of"]

#: Who tells of each kind of change. Nobody tells of what happens on one person's screen.
TELLERS: Final[Mapping[type, tuple[Teller, ...]]] = {
    changes.MessagePosted: (messages.posted, links.shared),
    changes.MessageShown: (),
    changes.MessageChanged: (messages.changed,),
    changes.MessageDeleted: (messages.deleted,),
    changes.ReactionAdded: (marks.reacted,),
    changes.ReactionRemoved: (marks.unreacted,),
    changes.PinAdded: (marks.pinned,),
    changes.PinRemoved: (marks.unpinned,),
    changes.MemberJoined: (members.joined,),
    changes.MemberLeft: (members.left,),
    changes.ChannelCreated: (channels.created,),
    changes.ChannelOpened: (members.opened,),
    changes.ChannelClosed: (members.closed,),
    changes.ChannelRenamed: (channels.renamed,),
    changes.ChannelArchived: (channels.archived,),
    changes.ChannelUnarchived: (channels.unarchived,),
    changes.ChannelDeleted: (channels.deleted,),
    changes.UserJoined: (people.joined,),
    changes.UserChanged: (people.changed,),
    changes.EmojiChanged: (people.emoji,),
    changes.FileCreated: (files.created,),
    changes.FileShared: (files.shared,),
    changes.FileDeleted: (files.deleted,),
    changes.AppHomeOpened: (home.opened,),
    changes.ViewChanged: (),
}


def events_of(change: changes.Change, app: App, core: Core, *, ts: str, base_url: str = "") -> list[Event]:
    """What `app` is told of `change`, in order; nothing, if it has not subscribed to it or may not see it.

    `ts` is a moment no earlier than the change, in the form of a message's id; what has no such id of its own has this
    as its `event_ts`. The same for every app, and another for every change. `base_url` begins the URLs of files.
    Never raises for what has gone missing since, such as a message's author.
    """
    ear = Ear(app=app, core=core, ts=ts, base_url=base_url)
    return [event for tell in TELLERS[type(change)] for event in tell(change, ear)]
