"""Follows what a Bolt app does with one request, to its end: for an inbox, a request is handled when that is.

Bolt answers as soon as a listener has acked, or at once where it acks by itself, as for every event; the listener and
its lazy functions run on in tasks that nobody knows, and what they raise ends in Bolt's log. Here they are waited for,
and heard. The app itself is not touched: a request is given to a shallow copy of it, whose runner tells on.
"""

from __future__ import annotations

import copy
import functools
from typing import TYPE_CHECKING, Any

from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.lazy_listener.async_runner import AsyncLazyListenerRunner
from slack_bolt.listener.async_listener_completion_handler import AsyncListenerCompletionHandler
from slack_bolt.listener.async_listener_error_handler import AsyncListenerErrorHandler

from tautwire.engine.tasks import Pulse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.request.async_request import AsyncBoltRequest
    from slack_bolt.response import BoltResponse

__all__ = ["Watch"]

#: An error handler of the app's own may answer with less, and means that all is well then.
_SERVER_ERROR = 500


class Watch:
    """One request of one app. `error` is the first thing that a listener raised, `None` before."""

    def __init__(self) -> None:
        self.has_begun = False
        self.error: Exception | None = None
        self._running = 0
        self._changed = Pulse()

    async def dispatch(
        self,
        app: AsyncApp,
        request: AsyncBoltRequest,
        answer: Callable[[BoltResponse], Awaitable[None]],
        *,
        is_acked: bool,
    ) -> BoltResponse:
        """Give the request to the app. What a listener acks with is given to `answer` there and then.

        Where the request `is_acked`, its listeners are not held to the seconds that Slack waits.
        """
        runner = getattr(app, "listener_runner", None)
        if runner is None:  # Nothing of Bolt's own.
            return await app.async_dispatch(request)
        request.context["ack"] = _Ack(answer)
        watched = copy.copy(runner)
        watched.process_before_response = is_acked or runner.process_before_response
        watched.run = functools.partial(self._run, watched.run)
        watched.listener_error_handler = _Errors(runner.listener_error_handler, self)
        watched.listener_completion_handler = _Completions(runner.listener_completion_handler, self)
        watched.lazy_listener_runner = _LazyFunctions(runner.lazy_listener_runner, self)
        twin = copy.copy(app)
        twin._async_listener_runner = watched  # noqa: SLF001  what the app's public `listener_runner` gives
        return await twin.async_dispatch(request)

    async def finished(self) -> None:
        """Until every listener and lazy function that has begun is over. Raises what one of them raised."""
        while self._running:
            await self._changed.wait()
        if self.error is not None:
            raise self.error

    async def _run(self, run: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any) -> Any:
        self.begin()
        return await run(*arguments, **named)

    def begin(self) -> None:
        """A listener or a lazy function begins."""
        self.has_begun = True
        self._running += 1

    def end(self) -> None:
        """One is over."""
        self._running -= 1
        self._changed.beat()

    def fail(self, error: Exception) -> None:
        """One has raised."""
        self.error = self.error or error


class _Ack(AsyncAck):
    def __init__(self, answer: Callable[[BoltResponse], Awaitable[None]]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # theirs says nothing
        self._answer = answer

    async def __call__(self, *arguments: Any, **named: Any) -> BoltResponse:
        response = await super().__call__(*arguments, **named)
        await self._answer(response)
        return response


class _Errors(AsyncListenerErrorHandler):
    def __init__(self, inner: AsyncListenerErrorHandler, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def handle(self, error: Exception, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        await self._inner.handle(error=error, request=request, response=response)
        if response is None or response.status >= _SERVER_ERROR:
            self._watch.fail(error)


class _Completions(AsyncListenerCompletionHandler):
    def __init__(self, inner: AsyncListenerCompletionHandler, watch: Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def handle(self, request: AsyncBoltRequest, response: BoltResponse | None) -> None:
        try:
            await self._inner.handle(request=request, response=response)
        finally:
            self._watch.end()


class _LazyFunctions(AsyncLazyListenerRunner):
    def __init__(self, inner: AsyncLazyListenerRunner, watch: Watch) -> None:
        self.logger = inner.logger
        self._inner = inner
        self._watch = watch

    def start(self, function: Callable[..., Awaitable[None]], request: AsyncBoltRequest) -> None:
        @functools.wraps(function)
        async def watched(*arguments: Any, **named: Any) -> None:
            try:
                await function(*arguments, **named)
            except Exception as error:
                self._watch.fail(error)
                raise
            finally:
                self._watch.end()

        self._watch.begin()
        self._inner.start(watched, request)
