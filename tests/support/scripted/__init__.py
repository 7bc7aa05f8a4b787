"""An app in a few lines, on nothing but a WebSocket: it acks what it hears with what the test has told it to answer."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

import aiohttp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tautwire.local import LocalSlack
    from tautwire.local.workspace import App

__all__ = ["BUTTON", "SILENCE", "Scripted", "actions", "input_block", "modal", "plain", "scripted"]

Json = dict[str, Any]

#: An answer that is none: what it is given for is not acked.
SILENCE: Final = object()


class Scripted:
    """The app. `answers` are ack payloads by what an envelope is about (`/deploy`, `view_submission`, `app_mention`);
    `then` are things to do after the ack, each given the app and the payload. `heard` is all that it was sent.
    """

    def __init__(self, slack: LocalSlack, http: aiohttp.ClientSession, app: App) -> None:
        self._slack, self._http, self._app = slack, http, app
        self.answers: dict[str, Any] = {}
        self.then: dict[str, Callable[[Scripted, Json], Awaitable[object]]] = {}
        self.heard: list[Json] = []

    def said(self, subject: str) -> list[Json]:
        """The payloads about one thing."""
        return [payload for payload in self.heard if _subject(payload) == subject]

    async def call(self, method: str, **args: Any) -> Json:
        """The Web API as the app's bot; the answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self._app.bot_token}", "Content-Type": "application/json; charset=utf-8"}
        async with self._http.post(self._slack.api_url + method, json=args, headers=headers) as response:
            answer = await response.json()
        assert isinstance(answer, dict)
        return answer

    async def respond(self, payload: Json, **body: Any) -> str:
        """Answer by the `response_url`; what Slack says to that."""
        async with self._http.post(payload["response_url"], json=body) as response:
            return await response.text()

    async def serve(self, ready: asyncio.Event) -> None:
        """Listen until cancelled."""
        async with (
            self._http.ws_connect(self._slack.websocket_url(app_id=self._app.id)) as ws,
            asyncio.TaskGroup() as do,
        ):
            async for frame in ws:
                message = json.loads(frame.data)
                if message["type"] == "hello":
                    ready.set()
                elif "envelope_id" in message:
                    await self._ack(ws, message, do)

    async def _ack(self, ws: aiohttp.ClientWebSocketResponse, message: Json, do: asyncio.TaskGroup) -> None:
        payload = message["payload"]
        self.heard.append(payload)
        subject = _subject(payload)
        answer = self.answers.get(subject)
        if answer is not SILENCE:
            await ws.send_json({"envelope_id": message["envelope_id"]} | ({"payload": answer} if answer else {}))
        if subject in self.then:
            do.create_task(_all(self.then[subject](self, payload)))


async def _all(work: Awaitable[object]) -> None:
    await work


def _subject(payload: Json) -> str:
    if payload.get("type") == "event_callback":
        return str(payload["event"]["type"])
    return str(payload.get("command") or payload["type"])


@asynccontextmanager
async def scripted(slack: LocalSlack, app: App | None = None) -> AsyncIterator[Scripted]:
    """Such an app, connected, for the time of the block; `slack`'s first one, or `app`."""
    async with aiohttp.ClientSession() as http:
        program, ready = Scripted(slack, http, app or slack.workspace.app), asyncio.Event()
        task = asyncio.create_task(program.serve(ready))
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
        try:
            yield program
        finally:
            task.cancel()
            waiting.cancel()
            outcomes = await asyncio.gather(task, waiting, return_exceptions=True)
            failed = [each for each in outcomes if isinstance(each, Exception)]
            if failed:
                raise failed[0]


# What apps show


def plain(text: str) -> Json:
    """A text object, as Slack hands it on."""
    return {"type": "plain_text", "text": text, "emoji": True}


def actions(*elements: Json, block_id: str = "row") -> Json:
    """A block of things to click on."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def input_block(element: Json, *, block_id: str, label: str, **more: Any) -> Json:
    """A block with something to fill in."""
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def modal(*blocks: Json, callback_id: str = "form", title: str = "Form", **more: Any) -> Json:
    """A modal that can be submitted."""
    shown = {"type": "modal", "callback_id": callback_id, "title": plain(title), "submit": plain("Send")}
    return shown | {"blocks": list(blocks)} | more


BUTTON: Final[Json] = {"type": "button", "action_id": "go", "text": plain("Go"), "value": "1"}
