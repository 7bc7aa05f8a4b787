"""`AsyncWebClient`: Slack's Web API for asyncio, under the names that slack_sdk's client has.

web = AsyncWebClient(token="xoxb-…")
await web.chat_postMessage(channel="C0123", text="hello")
async for page in await web.conversations_list(limit=200):
    ...
"""

from __future__ import annotations

import logging
import os
import random as random_module
import re
import ssl as ssl_module
import warnings
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

from tautwire.clock import SYSTEM_CLOCK
from tautwire.errors import ConfigurationError
from tautwire.proxy import proxy_for
from tautwire.secret import Secret
from tautwire.web.arguments import check_headers, plan_call, secret_token
from tautwire.web.chat_stream import AsyncChatStream
from tautwire.web.files import load_file
from tautwire.web.methods import WebMethods
from tautwire.web.options import base_url_of_environment, basic_credentials, normalised_base_url, user_agent
from tautwire.web.response import AsyncSlackResponse
from tautwire.web.retry import DEFAULT_RATE_LIMIT_BUDGET
from tautwire.web.transport import Proxy, SessionPool
from tautwire.web.upload import prepare_uploads, upload_all
from tautwire.web.wire import Settings, Wire

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    import aiohttp

    from tautwire.clock import Clock
    from tautwire.web.arguments import Call
    from tautwire.web.files import FileSource
    from tautwire.web.options import HasEncode

__all__ = ["AsyncSlackResponse", "AsyncWebClient"]

_METHOD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)*")


class AsyncWebClient(WebMethods):
    """A client of the Web API.

    Every Web API method is there by its name, underscores for dots: `await web.chat_postMessage(...)`. Arguments
    travel in the body, never in the URL; the token in the `Authorization` header, or another one per call by
    `token=`. The constructor opens nothing and needs no running loop. Calls share one session per event loop, so that
    TLS is set up once; close it with `await web.close()` or `async with`, after which a further call opens a new one.

    A call raises `SlackApiError` when Slack says no (`.response["error"]`), `RateLimitedError` when it says "later"
    and waiting would take longer than `rate_limit_budget` seconds in all (zero: never wait), and `SlackRequestError`
    when there is no answer of Slack's. A failed connection is tried twice more; a lost answer or a 5xx only for
    methods that merely read. `apps.connections.open` is never repeated here: its caller does that. Redirects are not
    followed.

    `token` is `SLACK_BOT_TOKEN` where nothing is given, `base_url` is `SLACK_API_URL`, else Slack's. `timeout` is in
    seconds, per attempt. `ssl` is an `SSLContext` for a CA of one's own; verification cannot be switched off.
    `proxy` is a URL, with credentials if need be; else the environment's proxy variables count, `NO_PROXY` included.
    A `session` is used as it is and stays its owner's to close. `headers` go with every request. `team_id` is added to
    every call that does not name one. `clock` and `random` (a number from 0 up to 1) are for tests.

    `trust_env_in_session` is accepted and changes nothing: the environment's proxies are honoured anyway, and a
    `.netrc` never is. `retry_handlers` of slack_sdk's kind are not run; given any, the constructor warns.
    """

    BASE_URL = "https://slack.com/api/"

    def __init__(
        self,
        token: str | None = None,
        base_url: str | None = None,
        timeout: float | None = 30,
        ssl: ssl_module.SSLContext | None = None,
        proxy: str | None = None,
        session: aiohttp.ClientSession | None = None,
        trust_env_in_session: bool = False,
        headers: Mapping[str, str] | None = None,
        user_agent_prefix: str | None = None,
        user_agent_suffix: str | None = None,
        team_id: str | None = None,
        logger: logging.Logger | None = None,
        retry_handlers: Sequence[object] | None = None,
        *,
        rate_limit_budget: float = DEFAULT_RATE_LIMIT_BUDGET,
        clock: Clock = SYSTEM_CLOCK,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        if retry_handlers:
            warnings.warn(
                "retry_handlers are not run: this client retries by itself, and rate_limit_budget= bounds its waits",
                UserWarning,
                stacklevel=2,
            )
        self._token = secret_token(os.environ.get("SLACK_BOT_TOKEN") if token is None else token)
        self._base_url = normalised_base_url(base_url) if base_url else base_url_of_environment(self.BASE_URL)
        self.timeout = timeout
        self.ssl = ssl
        self.proxy = proxy
        self.trust_env_in_session = trust_env_in_session
        self.headers = {"User-Agent": user_agent(user_agent_prefix, user_agent_suffix), **(headers or {})}
        self.default_params: dict[str, Any] = {} if team_id is None else {"team_id": team_id}
        self.retry_handlers = list(retry_handlers or ())
        self.rate_limit_budget = rate_limit_budget
        self._logger = logger or logging.getLogger("tautwire.web")
        self._wire = Wire(SessionPool(session), clock=clock, random=random, logger=self._logger)

    def __repr__(self) -> str:
        return f"<AsyncWebClient base_url={self._base_url!r} token={self._token or 'none'!s}>"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session this client made for the running loop; any number of times. A given one stays open."""
        await self._wire.sessions.close()

    @property
    def token(self) -> str | None:
        """The token in clear, for code that hands it on; it is kept masked and appears in no repr."""
        return self._token.reveal() if self._token else None

    @token.setter
    def token(self, value: str | None) -> None:
        self._token = secret_token(value)

    @property
    def base_url(self) -> str:
        """Where the methods live; ends in a slash."""
        return self._base_url

    @base_url.setter
    def base_url(self, value: str) -> None:
        self._base_url = normalised_base_url(value)

    @property
    def ssl(self) -> ssl_module.SSLContext | None:
        """The TLS context; `None` verifies by the system's authorities."""
        return self._ssl

    @ssl.setter
    def ssl(self, value: ssl_module.SSLContext | None) -> None:
        if value is not None and not isinstance(value, ssl_module.SSLContext):
            raise ConfigurationError("ssl is an ssl.SSLContext or None; verification cannot be switched off")
        if value is not None and value.verify_mode is ssl_module.CERT_NONE:
            raise ConfigurationError("this SSLContext does not verify: give one that trusts your CA (cafile=…) instead")
        self._ssl = value

    @property
    def proxy(self) -> str | None:
        """The proxy that calls to `base_url` take, with its credentials: the given one, else the environment's."""
        url = urlsplit(self._base_url)
        explicit = self._proxy.reveal() if self._proxy else None
        return proxy_for(url.hostname or "", url.port or (443 if url.scheme == "https" else 80), explicit=explicit)

    @proxy.setter
    def proxy(self, value: str | None) -> None:
        if value and value.strip():
            Proxy.parse(value.strip())
        self._proxy = Secret(value.strip()) if value and value.strip() else None

    @property
    def session(self) -> aiohttp.ClientSession | None:
        """The session that was given, or `None`."""
        return self._wire.sessions.given

    @session.setter
    def session(self, value: aiohttp.ClientSession | None) -> None:
        self._wire.sessions.given = value

    @property
    def logger(self) -> logging.Logger:
        """Where this client logs: retries and waits, by method name."""
        return self._logger

    async def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: Mapping[str, FileSource] | None = None,
        data: Mapping[str, Any] | None = None,
        params: Mapping[str, Any] | None = None,
        json: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Mapping[str, str] | HasEncode | None = None,
    ) -> AsyncSlackResponse:
        """Call `api_method`, such as `"chat.postMessage"`.

        `data` and `params` make a form, `json` a JSON body, `files` (paths, bytes, open files) a multipart one. A
        `token` among the arguments serves for this call. `auth` is a dict of `client_id` and `client_secret`.
        """
        method = api_method.lstrip("/")
        if not _METHOD.fullmatch(method):
            raise ConfigurationError("api_method is a name such as chat.postMessage, without host, path or query")
        call = plan_call(
            method,
            verb=http_verb,
            token=self._token,
            # Slack wants this one without any argument.
            defaults={} if method == "apps.connections.open" else self.default_params,
            params=params,
            json=json,
            data=data,
            files={name: await load_file(file) for name, file in (files or {}).items() if file is not None},
            headers=headers,
            basic=basic_credentials(auth),
        )
        return await self.perform(call)

    async def perform(self, call: Call) -> AsyncSlackResponse:
        """Make a call that `api_call` has laid out before; pagination comes back here."""
        return await self._wire.call(call, self._settings(), self)

    async def apps_connections_open(
        self, *, app_token: str | Secret | None = None, **kwargs: Any
    ) -> AsyncSlackResponse:
        """Ask for a WebSocket URL. `app_token` (`xapp-…`) goes into the header, and the body stays empty.

        One attempt: a rate limit is raised as `RateLimitedError` at once, for the caller to wait.
        """
        return await self.api_call("apps.connections.open", data={**kwargs, "token": app_token or self._token})

    async def files_upload_v2(
        self,
        *,
        filename: str | None = None,
        file: FileSource | None = None,
        content: str | bytes | None = None,
        title: str | None = None,
        alt_txt: str | None = None,
        highlight_type: str | None = None,
        snippet_type: str | None = None,
        file_uploads: Sequence[Mapping[str, Any]] | None = None,
        channel: str | None = None,
        channels: Sequence[str] | str | None = None,
        initial_comment: str | None = None,
        thread_ts: str | None = None,
        request_file_info: bool = True,  # noqa: ARG002  # slack_sdk's callers still pass it; it asks for nothing there either
        **kwargs: Any,
    ) -> AsyncSlackResponse:
        """Upload one file (`file`: a path, bytes, an open file; or `content`), or several by `file_uploads`.

        The answer is that of `files.completeUploadExternal`, with the one file under `file` as well. Without a
        channel the file stays private. Files are read off the event loop, into memory.
        """
        token = secret_token(kwargs.pop("token", None))
        single = {
            "file": file,
            "content": content,
            "filename": filename,
            "title": title,
            "alt_txt": alt_txt,
            "highlight_type": highlight_type,
            "snippet_type": snippet_type,
        }
        where = {"channel_id": channel, "channels": channels or None}
        arguments = {**kwargs, **where, "initial_comment": initial_comment, "thread_ts": thread_ts}
        uploads = await prepare_uploads(single, file_uploads)
        return await upload_all(self, uploads, arguments=arguments, token=token)

    async def chat_stream(
        self, *, channel: str, thread_ts: str, buffer_size: int = 256, **kwargs: Any
    ) -> AsyncChatStream:
        """A streamed message, to `append` to and to `stop`; text is gathered up to `buffer_size` characters.

        `kwargs` are those of `chat.startStream` (`recipient_user_id`, `recipient_team_id`, …) and `token`.
        """
        token = kwargs.pop("token", None)
        arguments = {"channel": channel, "thread_ts": thread_ts, **kwargs}
        return AsyncChatStream(self, buffer_size=buffer_size, token=token, arguments=arguments)

    async def upload_bytes(self, url: Secret, content: bytes) -> None:
        """Send `content` to an upload URL of Slack's; the step in the middle of `files_upload_v2`."""
        await self._wire.upload(url, content, self._settings())

    def _settings(self) -> Settings:
        return Settings(
            base_url=self._base_url,
            timeout=self.timeout,
            ssl=self._ssl,
            proxy=self._proxy,
            rate_limit_budget=self.rate_limit_budget,
            headers=check_headers(self.headers),
        )
