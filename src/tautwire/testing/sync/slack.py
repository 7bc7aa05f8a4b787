"""`LocalSlack`, without `await`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from tautwire.local import LocalSlack
from tautwire.local.actors.stage import PATIENCE
from tautwire.testing.sync.person import SyncPerson
from tautwire.testing.sync.place import SyncPlace
from tautwire.testing.sync.portal import Portal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from tautwire.local import Delivery, Fault, Session
    from tautwire.local.faults import Rule
    from tautwire.local.workspace import App

__all__ = ["SyncSlack"]

T = TypeVar("T")


class SyncSlack:
    """A local Slack in a thread of its own. Use it as a context manager; any thread may talk to it.

    `local` is the Slack itself, which has not been started: `SyncSlack(LocalSlack(time_scale=0.01))`. What has no
    method here is reached by `ask` and `run`.
    """

    def __init__(self, local: LocalSlack | None = None) -> None:
        self.local = local or LocalSlack()
        self._portal = Portal("local-slack")

    def __repr__(self) -> str:
        return self._portal.read(lambda: repr(self.local))

    # Opening and closing

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Listen. `OSError` when the port is taken, `ConfigurationError` when started before."""
        self._portal.open()
        try:
            self._portal.wait(self.local.start)
        except BaseException:
            self._portal.close()
            raise

    def close(self) -> None:
        """Leave nothing behind: no connection, no thread. Any number of times."""
        if self._portal.is_open:
            try:
                self._portal.wait(self.local.close)
            finally:
                self._portal.close()

    # Where it is

    @property
    def app_token(self) -> str:
        """The first app's `xapp-…`."""
        return self.local.app_token

    @property
    def bot_token(self) -> str:
        """The first app's `xoxb-…`."""
        return self.local.bot_token

    @property
    def base_url(self) -> str:
        """See `LocalSlack.base_url`."""
        return self.local.base_url

    @property
    def api_url(self) -> str:
        """See `LocalSlack.api_url`."""
        return self.local.api_url

    def environment(self, environ: Mapping[str, str] | None = None) -> dict[str, str]:
        """See `LocalSlack.environment`."""
        return self.local.environment(environ)

    # Who and where

    def user(self, name: str) -> SyncPerson:
        """See `LocalSlack.user`."""
        return SyncPerson(self._portal, self._portal.read(lambda: self.local.user(name)))

    def add_user(self, name: str, **profile: str) -> SyncPerson:
        """See `LocalSlack.add_user`."""
        return SyncPerson(self._portal, self._portal.read(lambda: self.local.add_user(name, **profile)))

    def channel(self, name: str) -> SyncPlace:
        """See `LocalSlack.channel`."""
        return SyncPlace(self._portal, self._portal.read(lambda: self.local.channel(name)))

    def direct(self, one: str, *others: str) -> SyncPlace:
        """See `LocalSlack.direct`."""
        return SyncPlace(self._portal, self._portal.read(lambda: self.local.direct(one, *others)))

    @property
    def bot(self) -> SyncPerson:
        """See `LocalSlack.bot`."""
        return SyncPerson(self._portal, self._portal.read(lambda: self.local.bot))

    @property
    def apps(self) -> list[App]:
        """See `LocalSlack.apps`."""
        return self._portal.read(lambda: self.local.apps)

    # What was said

    def conversation(self, *, limit: int = 200, width: int = 120) -> str:
        """See `LocalSlack.conversation`."""
        return self._portal.read(lambda: self.local.conversation(limit=limit, width=width))

    @property
    def messages(self) -> list[dict[str, Any]]:
        """See `LocalSlack.messages`."""
        return self._portal.read(lambda: self.local.messages)

    def deliveries(self, subject: str = "") -> list[Delivery]:
        """See `LocalSlack.deliveries`."""
        return self._portal.read(lambda: self.local.deliveries(subject))

    # Waiting

    def wait_for(self, holds: Callable[[LocalSlack], object], *, timeout: float = PATIENCE) -> None:
        """See `LocalSlack.wait_for`; `holds` is asked in the Slack's thread, and must not wait there."""
        self._portal.wait(lambda: self.local.wait_for(holds, timeout=timeout))

    def wait_connections(self, count: int = 1, *, timeout: float = PATIENCE) -> list[Session]:
        """See `LocalSlack.wait_connections`."""
        return self._portal.wait(lambda: self.local.wait_connections(count, timeout=timeout))

    def settled(self, *, timeout: float = PATIENCE) -> None:
        """See `LocalSlack.settled`."""
        self._portal.wait(lambda: self.local.settled(timeout=timeout))

    # What can be done

    def resend(self, delivery: Delivery, *, same_id: bool = False) -> Delivery:
        """See `LocalSlack.resend`."""
        return self._portal.read(lambda: self.local.resend(delivery, same_id=same_id))

    def inject(self, fault: Fault) -> Rule:
        """See `LocalSlack.inject`."""
        return self._portal.read(lambda: self.local.inject(fault))

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        """See `LocalSlack.advance`."""
        self._portal.wait(lambda: self.local.advance(seconds=seconds, minutes=minutes, hours=hours, days=days))

    def ask(self, look: Callable[[LocalSlack], T]) -> T:
        """What `look(local)` returns, called in the Slack's thread: `slack.ask(lambda local: local.api_calls[-1])`."""
        return self._portal.read(lambda: look(self.local))

    def run(self, do: Callable[[LocalSlack], Coroutine[Any, Any, T]]) -> T:
        """Run the coroutine `do(local)` in the Slack's thread, and wait for its result."""
        return self._portal.wait(lambda: do(self.local))
