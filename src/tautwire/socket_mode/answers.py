"""Answers that come after the ack: what a listener says in the ack of a command that was acked when it was stored.

Slack takes the same message at the command's `response_url`, five times within half an hour, so that is where it goes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from tautwire.errors import ConfigurationError
from tautwire.protocol import codec
from tautwire.protocol.endpoint import is_response_url
from tautwire.secret import Secret
from tautwire.socket_mode.route import Route, base_url_of
from tautwire.web.transport import HttpReply, HttpRequest, Proxy, SessionPool, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.inbox.api import Record

__all__ = ["LateAnswers"]

#: Seconds for one answer.
_TIMEOUT: Final = 10.0

_HEADERS: Final = {"Content-Type": "application/json; charset=utf-8"}
_OK: Final = 200


class LateAnswers:
    """Posts answers. One attempt each: a second one might show a person the same thing twice."""

    def __init__(self, route: Route) -> None:
        self._route = route
        self._sessions = SessionPool()

    async def post(self, record: Record, answer: Mapping[str, Any]) -> bool:
        """Say `answer` where the envelope of `record` asks for it; whether Slack has taken it."""
        try:
            request = self._request(record, answer)
            if request is None:
                return False
            proxy = self._route.proxy_to(request.url)
            web_client = self._route.web_client
            reply = await send(
                await self._sessions.current(),
                request,
                timeout=_TIMEOUT,
                ssl=getattr(web_client, "ssl", None),
                proxy=None if proxy is None else Proxy.parse(proxy.reveal()),
            )
        except ConfigurationError:
            return False
        return isinstance(reply, HttpReply) and reply.status == _OK

    async def close(self) -> None:
        """Let go of the session."""
        await self._sessions.close()

    def _request(self, record: Record, answer: Mapping[str, Any]) -> HttpRequest | None:
        payload = codec.decode_object(record.payload).get("payload")
        url = payload.get("response_url") if isinstance(payload, dict) else None
        if not isinstance(url, str) or not is_response_url(url, base_url_of(self._route.web_client)):
            return None
        try:
            content = msgspec.json.encode(answer)
        except (TypeError, ValueError, RecursionError):
            return None
        return HttpRequest("POST", Secret(url), _HEADERS, {}, content)
