"""A message that grows while it is written: `chat.startStream`, `.appendStream` and `.stopStream` in one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.errors import ClientClosedError, SlackRequestError
from tautwire.web.arguments import secret_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tautwire.secret import Secret
    from tautwire.web.response import ApiCaller, AsyncSlackResponse

__all__ = ["AsyncChatStream"]


class AsyncChatStream:
    """One streamed message.

    Text is gathered until `buffer_size` characters are there, then sent: fewer calls, fewer rate limits. Chunks go
    out at once, after the text before them. Text that could not be sent stays in the buffer for the next try.
    """

    def __init__(
        self, client: ApiCaller, *, buffer_size: int, token: str | Secret | None, arguments: Mapping[str, Any]
    ) -> None:
        self._client = client
        self._buffer_size = buffer_size
        self._token = secret_token(token)
        self._arguments = dict(arguments)
        self._buffer = ""
        self._ts: str | None = None
        self._is_stopped = False

    def __repr__(self) -> str:
        return f"<AsyncChatStream ts={self._ts} stopped={self._is_stopped}>"

    @property
    def ts(self) -> str | None:
        """The message's timestamp, `None` until the first text has been sent."""
        return self._ts

    async def append(
        self, *, markdown_text: str | None = None, chunks: Sequence[Any] | None = None, **kwargs: Any
    ) -> AsyncSlackResponse | None:
        """Add text or chunks; the answer if anything was sent, `None` if the text is still in the buffer.

        Raises `ClientClosedError` after `stop()`, otherwise what a call raises.
        """
        self._take(markdown_text, kwargs)
        if len(self._buffer) < self._buffer_size and chunks is None:
            return None
        pieces = self._pieces(chunks)
        if self._ts is None:
            answer = await self._start({"chunks": pieces, **kwargs})
        else:
            answer = await self._call("chat.appendStream", {**self._address(), "chunks": pieces, **kwargs})
        self._buffer = ""
        return answer

    async def stop(
        self,
        *,
        markdown_text: str | None = None,
        chunks: Sequence[Any] | None = None,
        blocks: Sequence[Any] | str | None = None,
        metadata: Any = None,
        session_status: str | None = None,
        **kwargs: Any,
    ) -> AsyncSlackResponse:
        """Send what is left and finish the message; `blocks` are shown below it."""
        self._take(markdown_text, kwargs)
        if self._ts is None:
            await self._start({})
        closing = {"blocks": blocks, "metadata": metadata, "session_status": session_status}
        pieces = self._pieces(chunks)
        answer = await self._call("chat.stopStream", {**self._address(), "chunks": pieces, **closing, **kwargs})
        self._buffer = ""
        self._is_stopped = True
        return answer

    def _take(self, markdown_text: str | None, kwargs: dict[str, Any]) -> None:
        if self._is_stopped:
            raise ClientClosedError("this stream was stopped; start a new one with chat_stream()")
        self._token = secret_token(kwargs.pop("token", None)) or self._token
        self._buffer += markdown_text or ""

    def _pieces(self, chunks: Sequence[Any] | None) -> list[Any]:
        text = [{"type": "markdown_text", "text": self._buffer}] if self._buffer else []
        return [*text, *(chunks or ())]

    def _address(self) -> dict[str, Any]:
        return {"channel": self._arguments.get("channel"), "ts": self._ts}

    async def _start(self, more: Mapping[str, Any]) -> AsyncSlackResponse:
        answer = await self._call("chat.startStream", {**self._arguments, **more})
        ts = answer.get("ts")
        if not isinstance(ts, str) or not ts:
            raise SlackRequestError("chat.startStream: the answer lacks ts")
        self._ts = ts
        return answer

    async def _call(self, method: str, arguments: Mapping[str, Any]) -> AsyncSlackResponse:
        return await self._client.api_call(method, json={**arguments, "token": self._token})
