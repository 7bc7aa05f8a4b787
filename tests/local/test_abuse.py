"""What a clumsy or hostile client sends never breaks anything, and nothing of it stays behind to break others."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import aiohttp

    from tautwire.local import LocalSlack

LONE = '"\\ud800"'
HUGE = '{"event_type":"e","event_payload":{"x":1e999}}'
NOT_A_NUMBER = '{"event_type":"e","event_payload":{"x":NaN}}'


async def history(slack: LocalSlack, call: Any) -> list[Any]:
    status, _, answer = await call(slack, "conversations.history", data={"channel": "C0GENERAL"})
    assert status == 200
    found = answer["messages"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("value", [LONE, "NaN", "1e999", "-Infinity", "[" * 900 + "]" * 900, "9" * 5000])
async def test_json_that_could_not_be_sent_on_is_none(slack: LocalSlack, call: Any, value: str) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    status, _, answer = await call(slack, "api.test", data=f'{{"a":{value}}}', headers=headers)
    assert (status, answer) == (200, {"ok": False, "error": "invalid_json"})


@pytest.mark.parametrize("depth", range(590, 605))
async def test_what_is_deep_is_read_or_refused(slack: LocalSlack, call: Any, depth: int) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    status, _, answer = await call(slack, "api.test", data='{"a":' * depth + "1" + "}" * depth, headers=headers)
    assert status == 200
    assert answer["ok"] is (depth <= 600)


@pytest.mark.parametrize("metadata", [HUGE, NOT_A_NUMBER])
async def test_a_form_brings_no_such_json_either(slack: LocalSlack, call: Any, metadata: str) -> None:
    given = {"channel": "C0GENERAL", "text": "x", "metadata": metadata}
    assert (await call(slack, "chat.postMessage", data=given))[2]["error"] == "invalid_metadata_format"
    assert await history(slack, call) == []


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b'name="text"\r\nContent-Type: text/plain; charset=unicode_escape', b"\\ud800"),
        (b'name="text"\r\nContent-Type: text/plain; charset=utf-7', b"+2AA-"),
        (b'name="te\xedxt"', b"x"),
    ],
)
async def test_a_part_of_a_form_that_utf_8_has_no_bytes_for(
    slack: LocalSlack, call: Any, head: bytes, words: bytes
) -> None:
    place = b'--XX\r\nContent-Disposition: form-data; name="channel"\r\n\r\nC0GENERAL\r\n'
    body = place + b"--XX\r\nContent-Disposition: form-data; " + head + b"\r\n\r\n" + words + b"\r\n--XX--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=XX"}
    status, _, answer = await call(slack, "chat.postMessage", data=body, headers=headers)
    assert (status, answer) == (200, {"ok": False, "error": "invalid_form_data"})
    assert await history(slack, call) == []


async def test_a_date_beyond_all_times_is_shown_as_it_is_written(slack: LocalSlack, call: Any) -> None:
    text = f"<!date^{'9' * 5000}^{{date}}|soon>"
    assert (await call(slack, "chat.postMessage", json={"channel": "C0GENERAL", "text": text}))[2]["ok"]
    assert [each["text"] for each in await history(slack, call)] == [text]


@pytest.mark.parametrize("host", [b"127.0.0.1:1\xff", b"me@127.0.0.1:80", b"127.0.0.1:80/x?y", b"127.0.0.1#:8"])
async def test_a_host_that_is_none_does_not_get_into_urls(slack: LocalSlack, host: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", slack.port)
    writer.write(
        b"POST /api/apps.connections.open HTTP/1.1\r\nContent-Length: 0\r\nConnection: close\r\nHost: "
        + host
        + f"\r\nAuthorization: Bearer {slack.app_token}\r\n\r\n".encode()
    )
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    assert b" 200 " in head.splitlines()[0]
    assert json.loads(body)["url"].startswith(f"ws://127.0.0.1:{slack.port}/link/?ticket=")


@pytest.mark.parametrize(
    "payload",
    [
        f'{{"text":{LONE},"response_type":"in_channel"}}',
        f'{{"text":"x","response_type":"in_channel","metadata":{HUGE}}}',
        f'{{"text":"x","response_type":"in_channel","attachments":[{NOT_A_NUMBER}]}}',
    ],
)
async def test_an_ack_that_could_not_be_sent_on_is_none(slack: LocalSlack, call: Any, dial: Any, payload: str) -> None:
    async with dial(slack) as wire:
        sent = asyncio.create_task(slack.user("ann").command("/deploy"))
        message = await wire.message()
        await wire.ws.send_str(f'{{"envelope_id":"{message["envelope_id"]}","payload":{payload}}}')
        await wire.ack(message)
        assert (await sent).is_ok
        assert await history(slack, call) == []
        assert len(slack.connections) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("say", f'{{"text":{LONE}}}'),
        ("say", '{"text":"x","blocks":[{"type":"data_table","x":1e999}]}'),
        ("create", f'{{"name":{LONE}}}'),
        ("upload", f'{{"name":{LONE},"content":"x"}}'),
        ("upload", f'{{"name":"a.txt","content":{LONE}}}'),
    ],
)
async def test_orders_that_could_not_be_sent_on(
    slack: LocalSlack, call: Any, http: aiohttp.ClientSession, path: str, body: str
) -> None:
    url, headers = f"{slack.base_url}/control/v1/{path}", {"Content-Type": "application/json"}
    async with http.post(url, data=body, headers=headers) as response:
        assert (response.status, await response.json()) == (400, {"error": "the body is not JSON"})
    assert await history(slack, call) == []


@pytest.mark.parametrize("name", ["data:a/b\r\nX-Evil: 1;z,", "data:a/b\x00,", "data:é/ü,", "data:text/html,x.txt"])
async def test_a_files_name_says_nothing_in_headers(
    slack: LocalSlack, call: Any, http: aiohttp.ClientSession, name: str
) -> None:
    asked = (await call(slack, "files.getUploadURLExternal", data={"filename": name, "length": "3"}))[2]
    async with http.post(asked["upload_url"], data=b"abc") as response:
        assert response.status == 200
    done = (await call(slack, "files.completeUploadExternal", json={"files": [{"id": asked["file_id"]}]}))[2]
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with http.get(done["files"][0]["url_private"], headers=headers) as response:
        kind = "text/plain" if name.endswith(".txt") else "application/octet-stream"
        assert (response.status, response.content_type, await response.read()) == (200, kind, b"abc")
        assert "X-Evil" not in response.headers


async def test_a_local_slack_that_is_called_for_days_keeps_the_latest(slack: LocalSlack, call: Any) -> None:
    assert (await call(slack, "nothing.of.the.kind"))[2]["error"] == "unknown_method"
    (known,) = slack.api_calls
    slack.api_calls.extend([known] * 11_249)
    for number in range(2):
        assert (await call(slack, "auth.test"))[1]["X-Slack-Req-Id"] == f"local-{number + 2}"
    assert [each.method for each in slack.api_calls[-3:]] == ["nothing.of.the.kind", "auth.test", "auth.test"]
    assert len(slack.api_calls) == 10_001


@pytest.mark.parametrize("given", ["\u202e", "a", "a b!", "YQ"])
async def test_a_file_in_base64_that_is_none(slack: LocalSlack, http: aiohttp.ClientSession, given: str) -> None:
    url = f"{slack.base_url}/control/v1/upload"
    async with http.post(url, json={"name": "a.txt", "base64": given}) as response:
        assert (response.status, await response.json()) == (422, {"error": "what is given as base64 is none"})
