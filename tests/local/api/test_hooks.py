"""Outside of the Web API: response URLs, webhooks, and the bytes of files."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tautwire.local.workspace import File

Post = "Callable[..., Awaitable[tuple[int, str]]]"
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.fixture
def post(http: aiohttp.ClientSession) -> Callable[..., Awaitable[tuple[int, str]]]:
    async def do(url: str, **kwargs: Any) -> tuple[int, str]:
        async with http.request(kwargs.pop("method", "POST"), url, **kwargs) as response:
            return response.status, await response.text()

    return do


@pytest.fixture
def hook(slack: LocalSlack) -> str:
    """The URL of an incoming webhook for the general channel."""
    return slack.base_url + slack.workspace.grants.webhook(slack.workspace.app.id, "C0GENERAL").path


# Response URLs


async def test_a_response_url_serves_five_times(still: LocalSlack, post: Any) -> None:
    url = still.send_command().payload["response_url"]
    assert url.startswith(f"{still.base_url}/commands/T0LOCAL01/")
    for number in range(5):
        assert await post(url, json={"text": str(number)}) == (200, "ok")
    assert await post(url, json={"text": "5"}) == (404, "used_url")
    shown = still.workspace.answers.ephemerals.values()
    assert [(each.text, each.seen_by) for each in shown] == [(str(number), "U0ANN") for number in range(5)]


async def test_and_for_half_an_hour(still: LocalSlack, clock: Any, post: Any) -> None:
    url = still.send_action().payload["response_url"]
    await clock.advance(1800)
    assert await post(url, json={"text": "a"}) == (200, "ok")
    await clock.advance(1)
    assert await post(url, json={"text": "b"}) == (404, "expired_url")


@pytest.mark.parametrize("kind", ["commands", "actions", "app-actions", "app"])
async def test_every_kind_of_response_url(kind: str, still: LocalSlack, clock: Any, post: Any) -> None:
    path = still.workspace.grants.response_url(kind, still.workspace.app.id, "U0ANN", "C0GENERAL", clock.monotonic())
    assert await post(still.base_url + path, json={"text": "a", "response_type": "in_channel"}) == (200, "ok")
    assert await post(still.base_url + path + "x", json={"text": "a"}) == (404, "no_team")
    assert [each["text"] for each in still.messages] == ["a"]


async def test_what_has_come_in_is_told_to_the_apps(slack: LocalSlack, post: Any) -> None:
    url = slack.send_command().payload["response_url"]
    before = len(slack.ledger)
    assert await post(url, json={"text": "a", "response_type": "in_channel"}) == (200, "ok")
    assert len(slack.ledger) == before + 1


# Webhooks


@pytest.mark.parametrize(
    "way",
    [
        {"json": {"text": "hi"}},
        {"data": {"payload": json.dumps({"text": "hi"})}},
        {"data": json.dumps({"text": "hi"}), "headers": {"Content-Type": "text/plain"}},
        {"data": gzip.compress(b'{"text": "hi"}'), "headers": {"Content-Type": JSON, "Content-Encoding": "gzip"}},
    ],
)
async def test_a_webhook(way: dict[str, Any], slack: LocalSlack, hook: str, post: Any) -> None:
    assert await post(hook, **way) == (200, "ok")
    (said,) = slack.messages
    assert (said["text"], said["subtype"], said["bot_id"]) == ("hi", "bot_message", "B0LOCALBOT")
    assert "user" not in said


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({}, 400, "no_text"),
        ({"text": ""}, 400, "no_text"),
        ({"blocks": [{"type": "shape"}]}, 400, "invalid_blocks"),
        ({"blocks": "[]"}, 400, "invalid_blocks_format"),
        ({"attachments": "[]"}, 400, "invalid_attachments"),
        ({"attachments": [{}] * 101}, 400, "too_many_attachments"),
        ([], 400, "invalid_payload"),
        ("hi", 400, "invalid_payload"),
    ],
)
async def test_what_a_webhook_does_not_take(
    body: Any, status: int, error: str, slack: LocalSlack, hook: str, post: Any
) -> None:
    assert await post(hook, json=body) == (status, error)
    assert slack.messages == []


async def test_what_is_nested_too_deeply_to_be_sent_on(slack: LocalSlack, hook: str, post: Any, call: Any) -> None:
    blocks = '[{"type": "divider", "more": ' + '{"x":' * 500 + "1" + "}" * 500 + "}]"
    assert await post(hook, data=f'{{"blocks": {blocks}}}', headers={"Content-Type": JSON}) == (400, "invalid_blocks")
    body = (await call(slack, "chat.postMessage", data={"channel": "C0GENERAL", "blocks": blocks}))[2]
    assert body["error"] == "invalid_blocks"


async def test_a_webhook_of_slacks_own_speaks_in_general_and_is_not_remembered(slack: LocalSlack, post: Any) -> None:
    for host in ("hooks.slack.com", "hooks.slack-gov.com"):
        url = f"{slack.base_url}/{host}/services/T012345678/B012345678/the-secret-of-somebody"
        assert await post(url, json={"text": host}) == (200, "ok")
        assert await post(url, json={}) == (400, "no_text")
        assert await post(url.replace("services", "triggers"), json={"text": "a"}) == (404, "404: Not Found")
    assert [(each["text"], each["subtype"]) for each in slack.messages] == [
        ("hooks.slack.com", "bot_message"),
        ("hooks.slack-gov.com", "bot_message"),
    ]
    assert [hook.channel_id for hook in slack.workspace.grants.webhooks.values()] == ["C0GENERAL"]
    assert "the-secret" not in "".join(slack.workspace.grants.webhooks)


async def test_a_webhook_for_a_place_that_is_no_more(slack: LocalSlack, hook: str, post: Any) -> None:
    workspace = slack.workspace
    assert await post(hook + "x", json={"text": "a"}) == (404, "no_service")
    random = slack.base_url + workspace.grants.webhook(workspace.app.id, "C0RANDOM").path
    ann, channel = workspace.user("ann"), workspace.channel("random")
    workspace.places.archive(channel, by=ann, wall=1.0)
    assert await post(random, json={"text": "a"}) == (410, "channel_is_archived")
    workspace.places.delete(channel, by=ann)
    assert await post(random, json={"text": "a"}) == (404, "channel_not_found")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        (JSON, b"{"),
        (JSON, b""),
        (JSON, b'{"text": "\\ud800"}'),
        (JSON, b"\xff"),
        (JSON, b"[" * 100_000),
        (f"{JSON}; charset=klingon", b"{}"),
        (FORM, b'{"text": "hi"}'),
        (FORM, b"payload=x"),
        (FORM, b"a=\xff"),
        (MULTIPART, b"nonsense"),
        (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="payload"; filename="a"\r\n\r\n{}\r\n--x--\r\n'),
    ],
)
async def test_a_body_that_cannot_be_read(content_type: str, body: bytes, hook: str, post: Any) -> None:
    assert await post(hook, data=body, headers={"Content-Type": content_type}) == (400, "invalid_payload")


@pytest.mark.parametrize("where", ["commands/T1/1/x", "services/T1/B1/x", "upload"])
async def test_a_body_that_does_not_unpack(where: str, slack: LocalSlack, post: Any) -> None:
    if where == "upload":
        where = f"upload/v1/{ask(slack, 'a', 10).upload_key}"
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    status, words = await post(f"{slack.base_url}/{where}", data=b"not gzip", headers=headers)
    assert (status, words.count(".")) == (400, 1)
    assert "Content-Encoding" in words


async def test_a_body_that_is_too_large(hook: str, post: Any) -> None:
    assert (await post(hook, data=io.BytesIO(b"x" * (9 * 1024 * 1024)), headers={"Content-Type": JSON}))[0] == 413


async def test_one_a_second_when_the_limits_are_strict(clock: Any, post: Any) -> None:
    async with LocalSlack(clock=clock, strict_limits=True) as slack:
        hook = slack.base_url + slack.workspace.grants.webhook(slack.workspace.app.id, "C0GENERAL").path
        answers = [await post(hook, json={"text": "a"}) for _ in range(20)]
        assert answers[0] == (200, "ok")
        assert answers[-1] == (429, "rate_limited")
        assert len(slack.messages) == answers.count((200, "ok"))
        async with aiohttp.ClientSession() as session, session.post(hook, json={"text": "a"}) as response:
            assert response.headers["Retry-After"] == "1"


# Uploads


def ask(slack: LocalSlack, name: str, size: int) -> File:
    bot = slack.workspace.core.bot_user(slack.workspace.app)
    return slack.workspace.uploads.ask(name, size, by=bot, wall=1_795_000_000.0)


def form(content: bytes) -> aiohttp.FormData:
    data = aiohttp.FormData()
    data.add_field("file", io.BytesIO(content), filename="a.bin")
    return data


@pytest.mark.parametrize("method", ["POST", "PUT"])
@pytest.mark.parametrize(
    ("wrap", "content_type"),
    [(io.BytesIO, "application/octet-stream"), (io.BytesIO, FORM), (form, None)],
    ids=["raw", "raw as urllib sends it", "form"],
)
async def test_an_upload(
    method: str, wrap: Callable[[bytes], Any], content_type: str | None, slack: LocalSlack, post: Any
) -> None:
    # More than the Web API takes at once, and nothing that looks like a form.
    content = b"a=%\xff" * (3 * 1024 * 1024)
    file = ask(slack, "a.bin", len(content))
    headers = {"Content-Type": content_type} if content_type else {}
    url = f"{slack.base_url}/upload/v1/{file.upload_key}"
    answer = await post(url, method=method, data=wrap(content), headers=headers)
    assert answer == (200, f"OK - {len(content)}")
    assert (file.content, file.is_uploaded) == (content, True)


@pytest.mark.parametrize(
    ("body", "headers", "status", "error"),
    [
        (b"abcd", {}, 400, "length_mismatch"),
        (b"ab", {}, 400, "length_mismatch"),
        (b"nonsense", {"Content-Type": "multipart/form-data"}, 400, "invalid_form_data"),
        (b"nonsense", {"Content-Type": MULTIPART}, 400, "invalid_form_data"),
        (b"--x--\r\n", {"Content-Type": MULTIPART}, 400, "invalid_form_data"),
        (b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y--\r\n--x--\r\n",
         {"Content-Type": MULTIPART}, 400, "invalid_form_data"),
    ],
)  # fmt: skip
async def test_an_upload_that_is_not_what_was_announced(
    body: bytes, headers: dict[str, str], status: int, error: str, slack: LocalSlack, post: Any
) -> None:
    file = ask(slack, "a.bin", 3)
    assert await post(f"{slack.base_url}/upload/v1/{file.upload_key}", data=body, headers=headers) == (status, error)
    assert not file.is_uploaded


async def test_an_upload_that_nobody_has_asked_for(slack: LocalSlack, post: Any) -> None:
    assert await post(f"{slack.base_url}/upload/v1/guessed", data=b"abc") == (404, "not_found")


# Downloads


@pytest.fixture
def shared(slack: LocalSlack) -> File:
    """A file of Bob's in a direct conversation with Ann, where the bot is not."""
    workspace = slack.workspace
    said = workspace.uploads.share(
        workspace.channels["D0BOB"], "a ü.html", b"<script>", by=workspace.user("bob"), wall=1.0
    )
    return workspace.core.files[said.file_ids[0]]


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_file_for_whoever_may_see_it(slack: LocalSlack, http: Any, call: Any, shared: File) -> None:
    token = slack.workspace.user_token(slack.workspace.app, slack.workspace.user("ann"))
    file = (await call(slack, "files.info", token, data={"file": shared.id}))[2]["file"]
    for url in (file["url_private"], file["url_private_download"]):
        async with http.get(url, headers=bearer(token)) as response:
            assert (response.status, await response.read()) == (200, b"<script>")
            assert response.headers["Content-Type"] == "text/html"
            assert response.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a%20%C3%BC.html"
            assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("token", ["", "xoxb-local-bot", "nonsense", "xapp-1-A0LOCAL01-local-app"])
async def test_and_a_page_to_sign_in_for_everybody_else(
    token: str, slack: LocalSlack, http: aiohttp.ClientSession, shared: File
) -> None:
    url = f"{slack.base_url}/files-pri/T0LOCAL01-{shared.id}/a.html"
    async with http.get(url, headers=bearer(token) if token else {}, allow_redirects=False) as response:
        assert response.status == 302
        assert response.headers["Location"] == f"/signin?redir=%2Ffiles-pri%2FT0LOCAL01-{shared.id}%2Fa.html"
    async with http.get(url) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        assert "Sign in" in await response.text()


async def test_a_revoked_token_and_a_missing_scope(http: aiohttp.ClientSession) -> None:
    manifest = {
        "display_information": {"name": "A"},
        "features": {"bot_user": {"display_name": "a"}},
        "oauth_config": {"scopes": {"bot": ["files:write"]}},
    }
    async with LocalSlack(manifests=[manifest], strict_scopes=True) as slack:
        workspace = slack.workspace
        bot = workspace.core.bot_user(workspace.app)
        said = workspace.uploads.share(workspace.channel("general"), "a.txt", b"abc", by=bot, wall=1.0)
        url = f"{slack.base_url}/files-pri/T0LOCAL01-{said.file_ids[0]}/download/a.txt"
        async with http.get(url, headers=bearer(slack.bot_token), allow_redirects=False) as response:
            assert response.status == 302
        key = workspace.key(slack.bot_token)
        assert key is not None
        workspace.revoke(key)
        async with http.get(url, headers=bearer(slack.bot_token), allow_redirects=False) as response:
            assert response.status == 302
