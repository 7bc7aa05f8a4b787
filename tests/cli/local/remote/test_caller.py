"""Whatever is wrong with the other end, it is one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire import __version__
from tautwire.cli.local.remote.caller import Caller
from tautwire.cli.mistakes import MistakeError
from tautwire.local import LocalSlack

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "a-token-that-is-long-enough"


def http(status: str, body: bytes, *headers: str) -> bytes:
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers, "", ""])
    return head.encode() + body


async def test_nobody_is_there(failed: Any, unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"
    said = (
        f"no local Slack answers at {url} (connection refused); start one with `tautwire local`, or say where it is "
        "with --url or TAUTWIRE_LOCAL_URL."
    )
    assert await failed("say", "hi", "--url", url) == (2, said)


async def test_a_name_that_nobody_has(failed: Any) -> None:
    code, said = await failed("state", "--url", "http://no.such.host.invalid:1")
    assert (code, said.startswith("no local Slack answers at http://no.such.host.invalid:1 (")) == (2, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        http("200 OK", b"<html>hello</html>"),
        http("200 OK", b'{"ok": true}'),
        http("200 OK", b"[]", f"Tautwire-Version: {__version__}"),
        http("404 Not Found", b"404: Not Found"),
        http("404 Not Found", b'{"detail": "Not Found"}'),
        http("302 Found", b"", "Location: http://127.0.0.1:1/"),
    ],
)
async def test_something_else_is_there(answer: bytes, failed: Any, serving: Any) -> None:
    async with serving(answer) as url:
        said = f"what answers at {url} is no local Slack, or one too old to be spoken to."
        assert await failed("state", "--url", url) == (2, said)
        assert (await failed("journal", "--follow", "--url", url))[0] == 2


async def test_an_older_one_is_there(failed: Any, serving: Any) -> None:
    async with serving(http("404 Not Found", b'{"error": "no"}', "Tautwire-Version: 0.0.9")) as url:
        assert await failed("state", "--url", url) == (
            2,
            f"the local Slack at {url} is tautwire 0.0.9, which does not know this; start it anew with {__version__}.",
        )


async def test_it_fails_over_it(failed: Any, serving: Any) -> None:
    async with serving(http("500 Internal Server Error", b"500")) as url:
        assert await failed("state", "--url", url) == (
            1,
            f"the local Slack at {url} failed over this; where it runs, it says why.",
        )


async def test_it_breaks_off(failed: Any, serving: Any) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTautwire-Version: {__version__}\r\n\r\n{{".encode()
    async with serving(head) as url:
        assert (await failed("state", "--url", url))[0] == 2


async def test_a_stream_breaks_off(failed: Any, serving: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {"entries": [], "first": 1, "last": 0}
    monkeypatch.setattr(Caller, "get", lambda *_, **__: answer)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"
    lines = b'{"a":1}\n[]\nhello\n\n'
    async with serving(head + f"{len(lines):x}\r\n".encode() + lines + b'\r\n9\r\n{"b"') as url:
        assert await failed("journal", "--follow", "--url", url) == (1, f"the local Slack at {url} has gone.")


@pytest.mark.parametrize("path", ["say", "state"])
async def test_it_hangs_up_in_the_middle(path: str, failed: Any, serving: Any) -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nContent-") as url:
        assert (await failed(path, *(["hi"] if path == "say" else []), "--url", url))[0] == 2


async def test_it_says_nothing(failed: Any, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.cli.local.remote.caller._PATIENCE", 0.05)

    async def wait(*_: object, **__: object) -> None:
        await slack.wait_for(lambda _: False, timeout=0.5)

    monkeypatch.setattr("tautwire.local.actors.Person.says", wait)
    assert await failed("say", "hi") == (1, f"the local Slack at {slack.base_url} does not answer.")


async def test_it_wants_a_token(failed: Any, run: Any, tmp_path: Path) -> None:
    async with LocalSlack(control_token=TOKEN) as locked:
        env = {"TAUTWIRE_LOCAL_URL": locked.base_url}
        ways = "--token-file, or TAUTWIRE_CONTROL_TOKEN"
        wants = f"the local Slack at {locked.base_url} wants its control token: {ways}."
        assert await failed("state", env=env) == (2, wants)
        other = f"the local Slack at {locked.base_url} knows another control token: {ways}."
        assert await failed("state", "--token", "another", env=env) == (2, other)
        path = tmp_path / "token"
        path.write_text(f"{TOKEN}\n")
        assert (await run("state", "--token-file", str(path), env=env)).exit_code == 0
        assert (await run("state", "--token", TOKEN, env=env)).exit_code == 0
        assert (await run("state", env=env | {"TAUTWIRE_CONTROL_TOKEN": TOKEN})).exit_code == 0


async def test_a_name_that_it_does_not_answer_to(failed: Any, serving: Any) -> None:
    async with serving(http("403 Forbidden", b'{"error": "The local Slack answers to loopback names only."}')) as url:
        assert await failed("state", "--url", url) == (2, "The local Slack answers to loopback names only.")


@pytest.mark.parametrize(
    "url", ["", "ftp://127.0.0.1", "http://", "http://[", "http://127.0.0.1:x", "http://a/control"]
)
def test_what_is_no_place(url: str) -> None:
    with pytest.raises(MistakeError, match="is not where a local Slack could be"):
        Caller(url)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("127.0.0.1:4390", "http://127.0.0.1:4390"),
        ("http://devbox/", "http://devbox"),
        ("https://[::1]:1", "https://[::1]:1"),
    ],
)
def test_what_is_one(given: str, url: str) -> None:
    assert Caller(given).url == url


async def test_what_is_asked_for_in_vain_exits_with_one_and_mistakes_with_two(failed: Any) -> None:
    code, said = await failed("say", "hi", "--as", "dan", "--channel", "secret-plans")
    assert (code, "channel_not_found" in said) == (1, True)
    assert (await failed("say", "hi", "--as", "zoe"))[0] == 2
    assert (await failed("messages", "nowhere"))[0] == 2
