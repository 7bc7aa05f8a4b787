from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.errors import ClientClosedError, SlackApiError, SlackRequestError

if TYPE_CHECKING:
    from tautwire.web.async_client import AsyncWebClient
    from tautwire.web.chat_stream import AsyncChatStream


async def open_stream(client: AsyncWebClient, slack: Any, **more: Any) -> AsyncChatStream:
    slack.reply("chat.startStream", {"ok": True, "ts": "1.2"})
    return await client.chat_stream(channel="C1", thread_ts="1.0", **more)


def text(piece: str) -> dict[str, str]:
    return {"type": "markdown_text", "text": piece}


async def test_text_is_gathered_then_started_appended_and_stopped(client: AsyncWebClient, slack: Any) -> None:
    stream = await open_stream(client, slack, buffer_size=4, recipient_user_id="U1")
    assert await stream.append(markdown_text="ab") is None
    assert (stream.ts, slack.seen) == (None, [])
    assert await stream.append(markdown_text="cd") is not None
    assert stream.ts == "1.2"
    assert await stream.append(chunks=[{"type": "task_update"}]) is not None
    assert await stream.append(markdown_text="ef") is None
    await stream.stop(markdown_text="g", blocks=[{"type": "divider"}], metadata={"event_type": "x"})
    assert [(seen.method, seen.fields) for seen in slack.seen] == [
        (
            "chat.startStream",
            {"channel": "C1", "thread_ts": "1.0", "recipient_user_id": "U1", "chunks": [text("abcd")]},
        ),
        ("chat.appendStream", {"channel": "C1", "ts": "1.2", "chunks": [{"type": "task_update"}]}),
        (
            "chat.stopStream",
            {
                "channel": "C1",
                "ts": "1.2",
                "chunks": [text("efg")],
                "blocks": [{"type": "divider"}],
                "metadata": {"event_type": "x"},
            },
        ),
    ]


async def test_a_stream_that_never_filled_its_buffer_is_started_by_stop(client: AsyncWebClient, slack: Any) -> None:
    stream = await open_stream(client, slack)
    await stream.stop(markdown_text="a", chunks=[{"type": "plan"}])
    assert [seen.method for seen in slack.seen] == ["chat.startStream", "chat.stopStream"]
    assert slack.last.fields["chunks"] == [text("a"), {"type": "plan"}]


async def test_a_stopped_stream_stays_stopped(client: AsyncWebClient, slack: Any) -> None:
    stream = await open_stream(client, slack)
    await stream.stop()
    for use in (stream.append, stream.stop):
        with pytest.raises(ClientClosedError):
            await use(markdown_text="a")
    assert repr(stream) == "<AsyncChatStream ts=1.2 stopped=True>"


async def test_text_that_could_not_be_sent_is_kept(client: AsyncWebClient, slack: Any) -> None:
    stream = await open_stream(client, slack, buffer_size=1)
    await stream.append(markdown_text="a")
    slack.reply("chat.appendStream", {"ok": False, "error": "fatal_error"})
    with pytest.raises(SlackApiError):
        await stream.append(markdown_text="b")
    await stream.append(markdown_text="c")
    assert slack.last.fields["chunks"] == [text("bc")]


async def test_a_start_without_ts(client: AsyncWebClient, slack: Any) -> None:
    slack.reply("chat.startStream", {"ok": True})
    stream = await client.chat_stream(channel="C1", thread_ts="1.0")
    with pytest.raises(SlackRequestError, match="lacks ts"):
        await stream.stop(markdown_text="a")


async def test_tokens_of_the_stream_and_of_a_call(client: AsyncWebClient, slack: Any) -> None:
    stream = await open_stream(client, slack, buffer_size=1, token="xoxp-a")
    await stream.append(markdown_text="a")
    await stream.append(markdown_text="b", token="xoxp-b")
    await stream.stop()
    used = [seen.headers["Authorization"] for seen in slack.seen]
    assert used == ["Bearer xoxp-a", "Bearer xoxp-b", "Bearer xoxp-b"]
    assert "xoxp-b" not in repr(vars(stream))
