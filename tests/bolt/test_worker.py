"""An unmodified `AsyncApp` as a gateway and as a worker."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest

from sharing import SharedInbox
from tautwire import facts
from tautwire.bolt import AsyncInboxWorker
from tautwire.errors import ConfigurationError
from tautwire.local import State

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

    from tautwire.local import LocalSlack


class Seen:
    def __init__(self) -> None:
        self.facts: list[Any] = []
        self._news = asyncio.Event()

    def __call__(self, fact: Any) -> None:
        self.facts.append(fact)
        self._news.set()

    async def until(self, kind: type, count: int = 1) -> list[Any]:
        async with asyncio.timeout(10):
            while len(found := [fact for fact in self.facts if isinstance(fact, kind)]) < count:
                self._news.clear()
                await self._news.wait()
        return found


async def test_events_commands_and_lazy_functions_run_in_the_worker_and_submissions_in_the_gateway(
    slack: LocalSlack, app: AsyncApp, make_app: Any, serving: Any
) -> None:
    inbox, seen, calls = SharedInbox(), Seen(), []
    at_the_gateway: AsyncApp = make_app(slack)

    @at_the_gateway.view("ticket")
    async def submitted(ack: Any) -> None:
        calls.append("submission")
        await ack(response_action="errors", errors={"title": "Too short"})

    @app.event("app_mention")
    async def mentioned() -> None:
        calls.append("event")

    async def answer(ack: Any) -> None:
        await ack("deploying")

    async def work() -> None:
        calls.append("lazy")

    app.command("/deploy")(ack=answer, lazy=[work])
    worker = AsyncInboxWorker(app, inbox, observers=[seen])
    async with serving(slack, at_the_gateway, inbox=inbox, handle_stored=False, observers=[seen]):
        event = slack.send_event("app_mention")
        await slack.settled()
        assert (event.state, inbox.states()) == (State.ACKED, ["stored"])
        working = asyncio.create_task(worker.start_async())
        await seen.until(facts.Handled)
        ann = slack.user("ann")
        await ann.command("/deploy api")
        assert (await ann.next_ephemeral(containing="deploying")).text == "deploying"
        submission = slack.send_view_submission("ticket", values={})
        await seen.until(facts.Handled, 3)
        assert submission.answer == {"response_action": "errors", "errors": {"title": "Too short"}}
        await worker.close_async()
        await working
    assert sorted(calls) == ["event", "lazy", "submission"]
    assert inbox.states() == ["done"] * 3


async def test_a_listener_that_raises_is_tried_again(slack: LocalSlack, app: AsyncApp, serving: Any) -> None:
    inbox, seen, calls = SharedInbox(), Seen(), []

    @app.event("app_mention")
    async def unlucky() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError

    worker = AsyncInboxWorker(app, inbox, observers=[seen])
    async with serving(slack, app, inbox=inbox, handle_stored=False), worker.worker:
        slack.send_event("app_mention")
        await seen.until(facts.Handled)
    assert len(calls) == 2


async def test_it_takes_the_apps_client_and_logger_unless_told_otherwise(app: AsyncApp) -> None:
    worker = AsyncInboxWorker(app, SharedInbox())
    assert (worker.worker.web_client, worker.worker.logger) == (app.client, app.logger)
    logger, web = logging.getLogger("mine"), object()
    other = AsyncInboxWorker(app, SharedInbox(), logger, web, concurrency=3)
    assert (other.worker.web_client, other.worker.logger) == (web, logger)
    await worker.close_async()
    await other.close_async()


def test_what_is_no_async_app_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="AsyncInboxWorker runs a slack_bolt"):
        AsyncInboxWorker(object(), SharedInbox())  # type: ignore[arg-type]
