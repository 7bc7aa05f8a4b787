"""Speaking to a local Slack over its control API; and one sentence for each way in which it cannot be spoken to."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import urlencode, urlsplit

from tautwire.cli.local.whereabouts import TOKEN_VARIABLE, URL_VARIABLE
from tautwire.cli.mistakes import FailedError, MistakeError
from tautwire.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Caller"]

Json = dict[str, Any]

_PREFIX: Final = "/control/v1"
_VERSION_HEADER: Final = "Tautwire-Version"
#: Seconds: the local Slack itself waits for half of that at most, for an app to do something.
_PATIENCE: Final = 60.0
_LINES: Final = "application/x-ndjson"
#: What somebody tried, and it came to nothing; every other refusal is a mistake in what was asked for.
_FAILURES: Final = frozenset({409, 500, 504})


class Caller:
    """One local Slack, at `url`. Every method raises `MistakeError`, or `FailedError` for what was tried in vain."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = (url if "//" in url else f"http://{url}").rstrip("/")
        self._token = token
        try:
            parts = urlsplit(self.url)
            self._is_tls, self._host, self._port = parts.scheme == "https", parts.hostname, parts.port
        except ValueError:
            self._host = None
        if not self._host or parts.scheme not in ("http", "https") or parts.path or parts.query:
            raise MistakeError(
                f"{url!r} is not where a local Slack could be; http://127.0.0.1:4390 would be such a place."
            )

    def get(self, path: str, **query: Any) -> Json:
        """Ask for something; what is `None`, `""` or false is not asked for."""
        with self._asked("GET", path, query) as response:
            return self._answer(response)

    def post(self, path: str, **body: Any) -> Json:
        """Have something done; what is `None` is left to the local Slack."""
        given = {name: value for name, value in body.items() if value is not None}
        try:
            text = json.dumps(given, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise MistakeError("what is given is no UTF-8 text; the locale may be at fault (LANG=C.UTF-8).") from None
        with self._asked("POST", path, {}, text, "application/json") as response:
            return self._answer(response)

    def lines(self, path: str, **query: Any) -> Iterator[str]:
        """What comes line by line, for as long as it comes; silence of a minute is the end of it."""
        with self._asked("GET", path, query) as response:
            yield from self._lines(response)

    def post_lines(self, path: str, body: bytes, **query: Any) -> Iterator[str]:
        """The same for something that is done meanwhile, with JSON lines for it."""
        with self._asked("POST", path, query, body, _LINES) as response:
            yield from self._lines(response)

    @contextmanager
    def _asked(
        self,
        verb: str,
        path: str,
        query: Json,
        body: bytes | None = None,
        kind: str = "",
    ) -> Iterator[HTTPResponse]:
        connection = (HTTPSConnection if self._is_tls else HTTPConnection)(
            str(self._host), self._port, timeout=_PATIENCE
        )
        wanted = {name: _word(value) for name, value in query.items() if value not in (None, "", False)}
        target = f"{_PREFIX}{path}{'?' + urlencode(wanted) if wanted else ''}"
        headers = {"Accept": f"application/json, {_LINES}"}
        if kind:
            headers["Content-Type"] = kind
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            try:
                connection.request(verb, target, body, headers)
                response = connection.getresponse()
            except (OSError, HTTPException) as error:
                self._explain(error)
            if response.status != 200:
                self._refuse(response)
            yield response
        finally:
            connection.close()

    def _answer(self, response: HTTPResponse) -> Json:
        try:
            found = json.loads(response.read())
        except (OSError, HTTPException) as error:
            self._explain(error)
        except ValueError:
            found = None
        if not isinstance(found, dict) or response.getheader(_VERSION_HEADER) is None:
            self._deny()
        return found

    def _lines(self, response: HTTPResponse) -> Iterator[str]:
        if response.getheader("Content-Type", "").partition(";")[0] != _LINES:
            self._deny()
        while True:
            try:
                line = response.readline()
            except (OSError, HTTPException):
                raise FailedError(f"the local Slack at {self.url} has gone.") from None
            if not line.endswith(b"\n"):
                return
            if line.strip():
                yield line.decode("utf-8", "replace")

    def _explain(self, error: Exception) -> NoReturn:
        if isinstance(error, TimeoutError):
            raise FailedError(f"the local Slack at {self.url} does not answer.") from None
        if isinstance(error, HTTPException):
            self._deny()
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise MistakeError(
            f"no local Slack answers at {self.url} ({reason}); start one with `tautwire local`, or say where it is "
            f"with --url or {URL_VARIABLE}."
        ) from None

    def _refuse(self, response: HTTPResponse) -> NoReturn:
        try:
            found = json.loads(response.read())
        except (OSError, HTTPException, ValueError):
            found = None
        words = found.get("error") if isinstance(found, dict) else None
        version = response.getheader(_VERSION_HEADER)
        if response.status == 401 and version:
            told = "knows another control token" if self._token else "wants its control token"
            raise MistakeError(f"the local Slack at {self.url} {told}: --token-file, or {TOKEN_VARIABLE}.")
        if response.status == 404 and version and version != __version__:
            raise MistakeError(
                f"the local Slack at {self.url} is tautwire {version}, which does not know this; start it anew with "
                f"{__version__}."
            )
        if response.status == 500 and not words:
            raise FailedError(f"the local Slack at {self.url} failed over this; where it runs, it says why.")
        if not isinstance(words, str):
            self._deny()
        raise (FailedError if response.status in _FAILURES else MistakeError)(f"{words.removesuffix('.')}.")

    def _deny(self) -> NoReturn:
        raise MistakeError(f"what answers at {self.url} is no local Slack, or one too old to be spoken to.") from None


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
