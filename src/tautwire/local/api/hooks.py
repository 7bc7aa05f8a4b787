"""What apps send and fetch outside of the Web API: answers to response URLs, incoming webhooks, the bytes of files.

Slack answers here in plain text: `ok`, or an error code under a status of its own (api.slack.com/changelog, 2016-05-17,
for webhooks). All are taken under the paths that Slack uses on `hooks.slack.com` and `files.slack.com`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from aiohttp import BodyPartReader, web

from tautwire.local.api.limits import TooFast
from tautwire.local.api.reading import unreadable
from tautwire.local.sendable import loads
from tautwire.local.workspace.refusal import Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tautwire.clock import Clock
    from tautwire.local.api.limits import Limits
    from tautwire.local.mishaps import Mishaps
    from tautwire.local.workspace import File, Workspace
    from tautwire.local.workspace.model import Json

__all__ = ["Hooks"]

#: The kinds of response URLs: of commands, of clicks, of shortcuts, of submissions.
_KINDS: Final = ("commands", "actions", "app-actions", "app")
_FORMS: Final = ("application/x-www-form-urlencoded", "multipart/form-data")
#: A webhook of Slack's own is led here, under its host's name; see `inject.redirection`.
_HOSTS: Final = ("hooks.slack.com", "hooks.slack-gov.com")
#: Everything else that is refused is the caller's mistake: 400.
_STATUS: Final = {
    "no_team": 404,
    "no_service": 404,
    "used_url": 404,
    "expired_url": 404,
    "channel_not_found": 404,
    "channel_is_archived": 410,
    "rate_limited": 429,
}
_NOT_A_BODY: Final = "The body of this request does not unpack as its Content-Encoding and Transfer-Encoding say."
_SIGN_IN: Final = (
    "<!DOCTYPE html><html><head><title>Slack</title></head><body>Sign in: a file is only given to "
    "whoever sends a bot's or a person's token with the scope files:read, and may see it.</body></html>"
)


class Hooks:
    """The handlers. `settle` is called when something has come in, before its answer goes out."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        clock: Clock,
        settle: Callable[[], object],
        limits: Limits | None = None,
        mishaps: Mishaps | None = None,
        is_strict_about_scopes: bool = False,
    ) -> None:
        self._workspace, self._clock, self._settle, self._limits = workspace, clock, settle, limits
        self._mishaps = mishaps
        self._is_strict_about_scopes = is_strict_about_scopes

    def add_to(self, router: web.UrlDispatcher) -> None:
        """Take over the paths."""
        for kind in _KINDS:
            router.add_post(f"/{kind}/{{team}}/{{number}}/{{secret}}", self.respond)
        router.add_post("/services/{team}/{number}/{secret}", self.post)
        for host in _HOSTS:
            router.add_post(f"/{host}/services/{{team}}/{{number}}/{{secret}}", self.post_elsewhere)
        for verb in ("POST", "PUT"):
            router.add_route(verb, "/upload/v1/{key}", self.upload)
        for path in ("/files-pri/{file}/{name}", "/files-pri/{file}/download/{name}"):
            router.add_get(path, self.download)
        router.add_get("/signin", self.sign_in)

    # Messages

    async def respond(self, request: web.Request) -> web.Response:
        """An answer to a response URL."""
        return await self._take(request, self._by_response_url)

    async def post(self, request: web.Request) -> web.Response:
        """A message by an incoming webhook."""
        return await self._take(request, self._by_webhook)

    async def post_elsewhere(self, request: web.Request) -> web.Response:
        """A message by a webhook that somebody has from Slack itself: it appears in #general, wherever it was to go."""
        return await self._take(request, self._by_any_webhook)

    def _by_any_webhook(self, _path: str, body: Json) -> None:
        # What such a URL ends with is a secret that counts elsewhere: it is neither kept nor compared.
        app, place = self._workspace.app, self._workspace.channel("general")
        known = self._workspace.grants.webhooks.values()
        fitting = (each for each in known if (each.app_id, each.channel_id) == (app.id, place.id))
        hook = next(fitting, None) or self._workspace.grants.webhook(app.id, place.id)
        self._by_webhook(hook.path, body)

    def _by_response_url(self, path: str, body: Json) -> None:
        self._workspace.answers.by_response_url(path, body, wall=self._clock.wall(), now=self._clock.monotonic())

    def _by_webhook(self, path: str, body: Json) -> None:
        self._workspace.answers.by_webhook(path, body, wall=self._clock.wall())

    async def _take(self, request: web.Request, use: Callable[[str, Json], None]) -> web.Response:
        try:
            body = await _payload(request)
            if self._limits is not None:
                self._limits.check_hook(request.path, self._clock.monotonic())
            use(request.path, body)
        except web.RequestPayloadError:
            return unreadable(request, _NOT_A_BODY)
        except web.HTTPRequestEntityTooLarge as error:
            return unreadable(request, error.text or error.reason, status=error.status)
        except TooFast as refusal:
            return _refused("rate_limited", {"Retry-After": str(refusal.retry_after)})
        except Refusal as refusal:
            return _refused(refusal.error)
        finally:
            self._settle()
        return web.Response(text="ok")

    # Files

    async def upload(self, request: web.Request) -> web.Response:
        """The bytes of a file, as they are or as a part of a form; the URL is all the permission it takes."""
        key = request.match_info["key"]
        try:
            expected = self._workspace.uploads.expected(key)
            if self._mishaps is not None:
                mishap = await self._mishaps.befall(request, "upload", expected.id)
                if mishap is not None:
                    return mishap
            content = await _bytes(request, expected.size)
            self._workspace.uploads.receive(key, content)
        except web.RequestPayloadError:
            return unreadable(request, _NOT_A_BODY)
        except Refusal as refusal:
            return unreadable(request, refusal.error, status=404 if refusal.error == "not_found" else 400)
        self._settle()
        return web.Response(text=f"OK - {len(content)}")

    async def download(self, request: web.Request) -> web.Response:
        """A file, for a token that may see it; a browser, or a client without one, is sent to sign in."""
        file = self._file(request)
        if file is None:
            return web.Response(status=302, headers={"Location": f"/signin?redir={quote(request.path, safe='')}"})
        headers = {
            # What somebody has uploaded is nothing that a browser should run under this address.
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
        }
        return web.Response(body=file.content, content_type=file.mimetype, headers=headers)

    def _file(self, request: web.Request) -> File | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            key = self._workspace.key(token.strip()) if scheme.lower() == "bearer" else None
            if key is None or key.kind == "app" or (self._is_strict_about_scopes and not key.has_scope("files:read")):
                return None
            return self._workspace.uploads.find(request.match_info["file"].partition("-")[2], key.user)
        except Refusal:
            return None

    async def sign_in(self, _request: web.Request) -> web.Response:
        """What Slack shows instead of a file: HTML, with status 200."""
        return web.Response(text=_SIGN_IN, content_type="text/html")


def _refused(error: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(status=_STATUS.get(error, 400), text=error, headers=headers)


async def _payload(request: web.Request) -> Json:
    """A JSON object, as the body or as the field `payload` of a form. Refuses anything else: `invalid_payload`."""
    try:
        raw: Any = (await request.post()).get("payload") if request.content_type in _FORMS else await request.text()
        given = loads(raw) if isinstance(raw, str) else None
    except (ValueError, LookupError, RuntimeError):
        given = None
    if not isinstance(given, dict):
        raise Refusal("invalid_payload")
    return given


async def _bytes(request: web.Request, most: int) -> bytes:
    """What was sent. Refuses more than `most` bytes (`length_mismatch`), and a form without a file."""
    read = bytearray()
    async for chunk in _chunks(request):
        read += chunk
        if len(read) > most:
            raise Refusal("length_mismatch")
    return bytes(read)


async def _chunks(request: web.Request) -> AsyncIterator[bytes]:
    if request.content_type != "multipart/form-data":
        async for chunk in request.content.iter_any():
            yield chunk
        return
    try:
        part = await _file_part(request)
        while chunk := await part.read_chunk():
            yield chunk
    except (ValueError, RuntimeError, LookupError):
        raise Refusal("invalid_form_data") from None


async def _file_part(request: web.Request) -> BodyPartReader:
    async for part in await request.multipart():
        if isinstance(part, BodyPartReader):
            return part
    raise Refusal("invalid_form_data")
