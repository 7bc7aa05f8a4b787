"""What Slack answered, as an object that reads like a dict and walks on to the next pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, overload

from multidict import CIMultiDict

from tautwire.errors import ConfigurationError, SlackApiError, SlackRequestError
from tautwire.web.arguments import is_encodable

if TYPE_CHECKING:
    from collections.abc import ItemsView, KeysView, Mapping, ValuesView

    from tautwire.web.arguments import Call

__all__ = ["ApiCaller", "AsyncSlackResponse", "PageSource", "next_cursor"]

T = TypeVar("T")


class PageSource(Protocol):
    """Who can make a call: the client that made the first one."""

    async def perform(self, call: Call) -> AsyncSlackResponse:
        """Make `call` and give its answer; raises what `AsyncWebClient.api_call` raises."""


class ApiCaller(Protocol):
    """Who calls methods: the client, as its own helpers see it."""

    async def api_call(
        self, api_method: str, *, data: Mapping[str, Any] | None = None, json: Mapping[str, Any] | None = None
    ) -> AsyncSlackResponse:
        """Call `api_method` with a form or a JSON body."""


class AsyncSlackResponse:
    """One answer of the Web API.

    `response["key"]` and `.get("key")` read it, a missing key being `None` as in slack_sdk; `"key" in response` is
    true for a key that is there and not null. `async for page in response` gives this answer first and then one
    response per further page, fetched when asked for, until Slack names no next cursor. Pages may be short or empty
    in the middle of the walk.

    `data` is the whole answer (`bytes` for `admin.analytics.getFile`), `status_code` and `headers` are HTTP's. The
    repr shows neither the data nor what was sent.

    A response can be pickled and copied. The copy holds the answer, and without its credentials what was asked; it
    fetches no further pages.
    """

    def __init__(
        self,
        *,
        client: PageSource | None,
        call: Call,
        api_url: str,
        data: dict[str, Any] | bytes,
        headers: Mapping[str, str],
        status_code: int,
    ) -> None:
        self.data = data
        self.headers = headers
        self.status_code = status_code
        self.api_url = api_url
        self._client = client
        self._call = call

    def __getstate__(self) -> dict[str, Any]:
        headers = CIMultiDict(self.headers)
        headers.popall("Set-Cookie", None)
        return {**vars(self), "headers": headers, "_client": None, "_call": self._call.as_record()}

    @property
    def http_verb(self) -> str:
        """`POST`, mostly."""
        return self._call.verb

    @property
    def req_args(self) -> dict[str, Any]:
        """What was sent, under slack_sdk's names; tokens and other credentials are masked."""
        return self._call.req_args()

    def __repr__(self) -> str:
        outcome = "ok" if self.is_ok else "not ok"
        return f"<AsyncSlackResponse {self._call.method} status={self.status_code} {outcome}>"

    @property
    def is_ok(self) -> bool:
        """Whether Slack did what it was asked."""
        if not 200 <= self.status_code < 300:
            return False
        return isinstance(self.data, bytes) or bool(self.data.get("ok", False))

    def __getitem__(self, key: str) -> Any:
        return self._mapping().get(key)

    def __contains__(self, key: object) -> bool:
        return self._mapping().get(key) is not None  # type: ignore[call-overload]  # any object may be asked about

    @overload
    def get(self, key: str, default: None = None) -> Any: ...

    @overload
    def get(self, key: str, default: T) -> Any | T: ...

    def get(self, key: str, default: object = None) -> Any:
        """The value of `key`, or `default`."""
        return self._mapping().get(key, default)

    def keys(self) -> KeysView[str]:
        """The answer's keys; with `[]` this also makes `dict(response)` work."""
        return self._mapping().keys()

    def values(self) -> ValuesView[Any]:
        """The answer's values."""
        return self._mapping().values()

    def items(self) -> ItemsView[str, Any]:
        """The answer's keys and values."""
        return self._mapping().items()

    def validate(self) -> Self:
        """This response; raises `SlackApiError` when Slack said no."""
        if self.is_ok:
            return self
        raise SlackApiError(f"{self._call.method} failed", self)

    def __aiter__(self) -> _Pages:
        return _Pages(self)

    async def next_page(self) -> AsyncSlackResponse | None:
        """The page after this one, or `None` after the last.

        Raises `SlackRequestError` when the cursor does not move on, which would walk for ever, or cannot be sent;
        `ConfigurationError` on a copy.
        """
        cursor = next_cursor(self._mapping())
        if cursor is None:
            return None
        if self._client is None:
            raise ConfigurationError(
                f"{self._call.method}: a copy of an answer has no client; call with cursor= instead"
            )
        if not is_encodable(cursor):
            raise SlackRequestError(f"{self._call.method}: the next page's cursor is no text")
        call = self._call.with_cursor(cursor)
        if call == self._call:
            raise SlackRequestError(f"{call.method}: the next page has the same cursor as this one")
        return await self._client.perform(call)

    def _mapping(self) -> dict[str, Any]:
        if isinstance(self.data, bytes):
            raise ValueError(f"{self._call.method} answered with binary data; read .data")
        return self.data


class _Pages:
    """The walk over the pages; a page is fetched when the one before it has been used."""

    def __init__(self, first: AsyncSlackResponse) -> None:
        self._first: AsyncSlackResponse | None = first
        self._last = first

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> AsyncSlackResponse:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        page = await self._last.next_page()
        if page is None:
            raise StopAsyncIteration
        self._last = page
        return page


def next_cursor(data: Mapping[str, Any]) -> str | None:
    """The cursor of the next page: in `response_metadata`, or beside it as `admin.conversations.search` has it."""
    metadata = data.get("response_metadata")
    nested = metadata.get("next_cursor") if isinstance(metadata, dict) else None
    cursor = nested or data.get("next_cursor")
    return cursor if isinstance(cursor, str) and cursor else None
