"""Whatever happens in the workspace, told to the apps that may know, as envelopes on their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.local.events import events_of
from tautwire.local.socket import payloads
from tautwire.local.socket.ledger import Delivery
from tautwire.local.workspace.changes import ChannelCreated, ChannelRenamed, UserJoined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.events import Event
    from tautwire.local.journal import Journal
    from tautwire.local.timers import Timer, Timers
    from tautwire.local.workspace import App, Workspace
    from tautwire.local.workspace.changes import Change

__all__ = ["Herald"]


class Herald:
    """Takes what has happened from the workspace; also sees to it that scheduled messages are said in time.

    `dispatch` sends one envelope to one app. Every app is told, connected or not: what becomes of events that find
    nobody there is for its line to decide.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        clock: Clock,
        timers: Timers,
        bell: Bell,
        journal: Journal,
        base_url: Callable[[], str],
        dispatch: Callable[[App, Delivery], Delivery],
    ) -> None:
        self._workspace, self._clock, self._timers, self._bell = workspace, clock, timers, bell
        self._journal, self._base_url, self._dispatch = journal, base_url, dispatch
        self._alarm: tuple[int, Timer] | None = None

    def settle(self) -> list[Delivery]:
        """Tell the apps what has happened since the last time; what was sent, in order. Rings the bell."""
        sent = list(self._tell())
        self._set_alarm()
        self._bell.ring()
        return sent

    def _tell(self) -> Iterator[Delivery]:
        workspace, wall, base_url = self._workspace, self._clock.wall(), self._base_url()
        for change in workspace.take_changes():
            self._journal.change(change)
            self._name(change)
            ts = workspace.ids.ts(wall)
            for app in workspace.apps.values():
                for event in events_of(change, app, workspace.core, ts=ts, base_url=base_url):
                    yield self._dispatch(app, self._delivery(app, event, wall))

    def _name(self, change: Change) -> None:
        """Tell the journal what people call whatever is new."""
        if isinstance(change, ChannelCreated | ChannelRenamed):
            self._journal.names[change.channel.id] = f"#{change.channel.name}"
        elif isinstance(change, UserJoined):
            self._journal.names[change.user.id] = change.user.name

    def _delivery(self, app: App, event: Event, wall: float) -> Delivery:
        event_id = self._workspace.ids.of("Ev")
        payload = payloads.event_callback(app.identity, event.inner, event_id=event_id, event_time=int(wall))
        return Delivery("events_api", event.type, event_id, payload, False, self._clock.monotonic(), app_id=app.id)

    # What was scheduled

    def _set_alarm(self) -> None:
        """Wake up when the next scheduled message is due, and for no other."""
        due = self._workspace.schedule.next_time()
        if self._alarm is not None:
            known, timer = self._alarm
            if known == due:
                return
            timer.cancel()
        seconds = 0.0 if due is None else due - self._clock.wall()
        self._alarm = None if due is None else (due, self._timers.after(seconds, self._say_what_is_due))

    def _say_what_is_due(self) -> None:
        self._alarm = None
        self._workspace.schedule.post_due(self._clock.wall())
        self.settle()
