"""What goes wrong with the upload of a file, and with a trigger that is about to be used."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from tautwire.local import Fault, LocalSlack

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

VIEW = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": []}


@pytest.fixture
def upload(http: aiohttp.ClientSession, call: Any) -> Callable[[LocalSlack], Awaitable[int]]:
    """Ask for a place, send three bytes there; the HTTP status."""

    async def do(slack: LocalSlack) -> int:
        answer = (await call(slack, "files.getUploadURLExternal", data={"filename": "a.txt", "length": 3}))[2]
        async with http.post(answer["upload_url"], data=b"abc") as response:
            return response.status

    return do


@pytest.mark.parametrize(("given", "status"), [({"kind": "status", "status": 503}, 503), ({"kind": "slow"}, 200)])
async def test_an_upload_is_refused_or_only_late(
    slack: LocalSlack, upload: Any, given: dict[str, Any], status: int
) -> None:
    slack.inject(Fault(where="upload", count=1, delay=0.01, **given))
    assert await upload(slack) == status
    assert await upload(slack) == 200


async def test_an_upload_is_cut(slack: LocalSlack, upload: Any) -> None:
    slack.inject(Fault(where="upload", kind="reset", count=1))
    with pytest.raises(aiohttp.ClientConnectionError):
        await upload(slack)


async def test_an_upload_hangs_for_a_while(slack: LocalSlack, upload: Any) -> None:
    slack.inject(Fault(where="upload", kind="hang", delay=0.01, count=1))
    assert await upload(slack) == 504


async def test_or_until_the_local_slack_closes(upload: Any) -> None:
    async with LocalSlack() as slack:
        rule = slack.inject(Fault(where="upload", kind="hang", count=1))
        task = asyncio.create_task(upload(slack))
        await slack.wait_for(lambda _: rule.is_spent)
    # Closing answers, or cuts, whichever comes first.
    await asyncio.wait([task])
    assert isinstance(task.exception(), aiohttp.ClientError) or task.result() == 504


async def test_only_the_upload_that_matches(slack: LocalSlack, upload: Any) -> None:
    slack.inject(Fault(where="upload", kind="status", match="F-nobody"))
    assert await upload(slack) == 200


@pytest.mark.parametrize("kind", ["expired", "exchanged", "invalid"])
async def test_a_trigger_is_worth_nothing(slack: LocalSlack, call: Any, kind: str) -> None:
    slack.inject(Fault(where="trigger", kind=kind, match="views.open", count=1))
    trigger = slack.send_command().payload["trigger_id"]
    answers = [(await call(slack, "views.open", json={"trigger_id": trigger, "view": VIEW}))[2] for _ in range(2)]
    assert (answers[0]["ok"], answers[0]["error"]) == (False, f"{kind}_trigger_id")
    assert answers[1]["ok"]
