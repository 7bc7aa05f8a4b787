from __future__ import annotations

import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from tautwire.errors import ConfigurationError, SlackApiError, SlackRequestError
from tautwire.web.files import load_file
from tautwire.web.upload import is_trusted_upload_url

if TYPE_CHECKING:
    from tautwire.web.async_client import AsyncWebClient

GET_URL, COMPLETE = "files.getUploadURLExternal", "files.completeUploadExternal"


def expect(slack: Any, *file_ids: str) -> None:
    root = slack.url.removesuffix("api/")
    for file_id in file_ids:
        slack.reply(GET_URL, {"ok": True, "upload_url": f"{root}upload/{file_id}?sig=a%2Fb", "file_id": file_id})
        slack.reply(f"upload/{file_id}", web.Response(text="OK - 3"))
    slack.reply(COMPLETE, {"ok": True, "files": [{"id": file_id} for file_id in file_ids]})


async def test_three_steps(client: AsyncWebClient, slack: Any, tmp_path: Any) -> None:
    path = tmp_path / "run.log"
    path.write_bytes(b"abc")
    expect(slack, "F1")
    answer = await client.files_upload_v2(
        file=path,
        title="Run",
        channel="C1",
        initial_comment="see",
        thread_ts="1.2",
        alt_txt="a log",
        snippet_type="text",
    )
    first, second, third = slack.seen
    assert (first.method, first.fields) == (
        GET_URL,
        {"filename": "run.log", "length": "3", "alt_txt": "a log", "snippet_type": "text"},
    )
    assert (second.method, second.verb, second.body) == ("upload/F1", "POST", b"abc")
    assert second.query == {"sig": "a/b"}
    assert second.content_type == "application/octet-stream"
    assert "Authorization" not in second.headers
    assert third.method == COMPLETE
    assert json.loads(third.fields.pop("files")) == [{"id": "F1", "title": "Run"}]
    assert third.fields == {"channel_id": "C1", "initial_comment": "see", "thread_ts": "1.2"}
    assert answer["files"] == [{"id": "F1"}]
    assert answer["file"] == {"id": "F1"}


async def test_several_files_and_channels(client: AsyncWebClient, slack: Any) -> None:
    expect(slack, "F1", "F2")
    uploads: list[dict[str, Any]] = [
        {"content": "täxt", "filename": "a.txt"},
        {"file": b"\x00", "title": "B", "highlight_type": "png"},
    ]
    answer = await client.files_upload_v2(file_uploads=uploads, channels=["C1", "C2"])
    assert [seen.method for seen in slack.seen] == [GET_URL, GET_URL, "upload/F1", "upload/F2", COMPLETE]
    assert [seen.body for seen in slack.seen[2:4]] == ["täxt".encode(), b"\x00"]
    assert slack.seen[0].fields["length"] == "5"
    assert slack.last.fields["channels"] == "C1,C2"
    assert json.loads(slack.last.fields["files"]) == [
        {"id": "F1", "title": "a.txt"},
        {"id": "F2", "title": "B", "highlight_type": "png"},
    ]
    assert answer["file"] is None


async def test_a_token_of_its_own_serves_both_calls(client: AsyncWebClient, slack: Any) -> None:
    expect(slack, "F1")
    await client.files_upload_v2(content=b"abc", token="xoxp-own")
    assert [seen.headers.get("Authorization") for seen in slack.seen] == ["Bearer xoxp-own", None, "Bearer xoxp-own"]


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"file": b"a", "content": "a"},
        {"file": b"a", "file_uploads": [{"file": b"b"}]},
        {"file_uploads": []},
        {"file_uploads": [{"title": "nothing"}]},
        {"content": 5},
        {"file": 5},
        {"file": io.StringIO},
    ],
)
async def test_what_is_no_file_is_refused_before_any_call(
    arguments: dict[str, Any], client: AsyncWebClient, slack: Any
) -> None:
    with pytest.raises((ConfigurationError, TypeError)):
        await client.files_upload_v2(**arguments)
    assert slack.seen == []


async def test_a_missing_file_is_an_os_error(client: AsyncWebClient, slack: Any, tmp_path: Any) -> None:
    with pytest.raises(FileNotFoundError):
        await client.files_upload_v2(file=str(tmp_path / "none"))
    assert slack.seen == []


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True},
        {"ok": True, "upload_url": "https://files.slack.com/x"},
        {"ok": True, "upload_url": 5, "file_id": "F1"},
        {"ok": True, "upload_url": "https://evil.example/x?hush", "file_id": "F1"},
    ],
)
async def test_an_answer_without_a_usable_url_sends_no_byte(
    answer: dict[str, Any], client: AsyncWebClient, slack: Any
) -> None:
    slack.reply(GET_URL, answer)
    with pytest.raises(SlackRequestError, match=f"^{GET_URL}: ") as caught:
        await client.files_upload_v2(content="abc")
    assert "hush" not in str(caught.value)
    assert len(slack.seen) == 1


@pytest.mark.parametrize(
    ("url", "trusted"),
    [
        ("https://files.slack.com/upload/v1/x?sig=1", True),
        ("https://slack.com/x", True),
        ("https://FILES.SLACK.COM/x", True),
        ("https://files.slack-gov.com/x", True),
        ("http://files.slack.com/x", False),
        ("https://evilslack.com/x", False),
        ("https://files.slack.com.evil.example/x", False),
        ("https://files.slack.com@evil.example/x", False),
        ("https://evil@files.slack.com/x", False),
        ("https://@files.slack.com/x", False),
        ("https://:pw@files.slack.com/x", False),
        ("https://files.slack.com:443/x", True),
        ("https://files.slack.com:0/x", False),
        ("https://files.slack.com:x/x", False),
        ("https://files.slack.com:65536/x", False),
        ("https://evil.example\\.slack.com/x", False),
        ("https://evil.example\t.slack.com/x", False),
        ("https://evil.example\uff0f.slack.com/x", False),
        ("https://evil example.slack.com/x", False),
        ("https://files_.slack.com/x", False),
        ("https://a..slack.com/x", False),
        ("https://.slack.com/x", False),
        ("https:///x", False),
        ("https://[/x", False),
        ("ftp://slack.com/x", False),
        ("", False),
    ],
)
def test_where_bytes_may_go(url: str, trusted: bool) -> None:
    assert is_trusted_upload_url(url, "https://slack.com/api/") is trusted


def test_the_users_own_host_is_trusted_but_never_below_its_scheme() -> None:
    assert is_trusted_upload_url("http://127.0.0.1:9/u", "http://127.0.0.1:8/api/")
    assert is_trusted_upload_url("https://127.0.0.1:9/u", "http://127.0.0.1:8/api/")
    assert not is_trusted_upload_url("http://proxy.example/u", "https://proxy.example/api/")
    assert not is_trusted_upload_url("http://127.0.0.2/u", "http://127.0.0.1/api/")


@pytest.mark.parametrize("status", [302, 403, 500])
async def test_a_failed_upload_is_not_completed(status: int, client: AsyncWebClient, slack: Any) -> None:
    expect(slack, "F1")
    slack.answers["upload/F1"] = [web.Response(text="hush", status=status, headers={"Location": "/upload/F2"})]
    with pytest.raises(SlackRequestError, match=rf"^files upload: got HTTP {status}$") as caught:
        await client.files_upload_v2(content="abc")
    assert caught.value.status == status
    assert [seen.method for seen in slack.seen] == [GET_URL, "upload/F1"]


async def test_a_rate_limited_upload_is_waited_out(client: AsyncWebClient, slack: Any, clock: Any) -> None:
    expect(slack, "F1")
    slack.answers["upload/F1"].insert(0, web.Response(status=429, headers={"Retry-After": "2"}))
    await client.files_upload_v2(content="abc")
    assert clock.sleeps == [2.1]
    assert [seen.body for seen in slack.seen if seen.method == "upload/F1"] == [b"abc", b"abc"]


async def test_an_unreachable_upload_host(client: AsyncWebClient, slack: Any, clock: Any, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/hush"
    slack.reply(GET_URL, {"ok": True, "upload_url": url, "file_id": "F1"})
    with pytest.raises(SlackRequestError, match=r"^files upload: no connection$"):
        await client.files_upload_v2(content="abc")
    assert len(clock.sleeps) == 2


async def test_slack_may_refuse_to_complete(client: AsyncWebClient, slack: Any) -> None:
    expect(slack, "F1")
    slack.answers[COMPLETE] = [{"ok": False, "error": "invalid_channel"}]
    with pytest.raises(SlackApiError) as caught:
        await client.files_upload_v2(content="abc", channel="C0")
    assert caught.value.code == "invalid_channel"


async def test_files_are_read_off_the_loop(tmp_path: Any) -> None:
    readers: list[int] = []

    class Slow(io.BytesIO):
        name = "/some/where/slow.bin"

        def read(self, size: int | None = -1) -> bytes:
            readers.append(threading.get_ident())
            return super().read(size)

    part = await load_file(Slow(b"abc"))
    assert (part.filename, part.content) == ("slow.bin", b"abc")
    assert readers != [threading.get_ident()]


async def test_open_files_of_every_kind(tmp_path: Any) -> None:
    path = tmp_path / "a.txt"
    path.write_text("ä", "utf-8")
    with path.open("rb") as file:
        assert (await load_file(file)).filename == "a.txt"
    with path.open(encoding="utf-8") as text:
        assert (await load_file(text, filename="b")).content == "ä".encode()
    assert (await load_file(bytearray(b"1"))).filename == "Uploaded file"

    class Odd:
        name = 5

        def read(self) -> object:
            return 5

    with pytest.raises(ConfigurationError, match="gave int"):
        await load_file(Odd())
