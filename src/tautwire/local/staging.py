"""The stage that a local Slack gives its actors."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tautwire.errors import ActionRefusedError, ConfigurationError
from tautwire.local.actors import context as contexts
from tautwire.local.actors.stage import PATIENCE
from tautwire.local.socket.ledger import Delivery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tautwire.clock import Clock
    from tautwire.local.bell import Bell
    from tautwire.local.journal import Journal
    from tautwire.local.socket.ledger import Attempt
    from tautwire.local.workspace import App, Workspace
    from tautwire.local.workspace.model import Json

__all__ = ["OwnStage"]


class OwnStage:
    """`actors.Stage`, over the rooms of one local Slack.

    `settle` tells the apps what has happened and returns what was sent; `dispatch` sends one envelope to an app.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        clock: Clock,
        bell: Bell,
        base_url: Callable[[], str],
        settle: Callable[[], list[Delivery]],
        dispatch: Callable[[App, Delivery], Delivery],
        journal: Journal,
        describe: Callable[[], str],
    ) -> None:
        self.workspace, self.clock = workspace, clock
        self._bell, self._base_url, self._settle, self._dispatch = bell, base_url, settle, dispatch
        self._journal, self._describe = journal, describe

    @property
    def base_url(self) -> str:
        """Where response URLs lead."""
        return self._base_url()

    def settle(self) -> list[Delivery]:
        """Tell the apps what has happened; what was sent because of it."""
        return self._settle()

    def tell(
        self, app: App, kind: str, payload: Json, *, subject: str, accepts: bool = False, context: object = None
    ) -> Delivery:
        """Send one envelope to one app."""
        delivery = Delivery(kind, subject, "", payload, accepts, self.clock.monotonic(), app_id=app.id, context=context)
        return self._dispatch(app, delivery)

    @contextmanager
    def acted(self, person: str, deed: str, /, **details: Any) -> Iterator[None]:
        """Note in the journal what a person did; what is noted within the block came of it."""
        with self._journal.chain():
            self._journal.person(person, deed, **details)
            try:
                yield
            except ActionRefusedError as refusal:
                self._journal.person(person, "is refused", text=refusal.code)
                raise

    async def until(
        self, holds: Callable[[], object], what: str, timeout: float = PATIENCE, *, instead: Callable[[], str] = str
    ) -> None:
        """Return once `holds()`; `TimeoutError` says `what` was waited for, and what there is `instead`.

        A local Slack that is closed keeps nobody waiting: `ConfigurationError`.
        """

        def complaint() -> str:
            patience = f" after {timeout:g} s" if timeout > 0 else ""
            return "; ".join(filter(None, (f"no {what}{patience}", instead(), self._describe())))

        if timeout <= 0 and not holds():
            raise TimeoutError(complaint())
        await self._bell.within(timeout, lambda: bool(holds()) or self._journal.is_closed, complaint)
        if not holds():
            raise ConfigurationError(f"no {what}, and none can come: the local Slack is closed")

    # What comes back

    def answered(self, delivery: Delivery, attempt: Attempt) -> None:
        """An ack in time: its payload goes where the interaction was."""
        if delivery.context is not None:
            delivery.user_error = contexts.answered(
                self.workspace, delivery.context, attempt.payload, wall=self.clock.wall()
            )
            self.settle()

    def failed(self, delivery: Delivery) -> None:
        """No ack in time: the person sees that."""
        contexts.failed(self.workspace, delivery.context)
        self.settle()
