from __future__ import annotations

import asyncio
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.control.streaming import LARGEST
from tautwire.local.journal import read
from tautwire.local.workspace.loading import loads

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack


async def test_the_journal_in_words(done: Any, app: Any) -> None:
    await done("say", "one @localbot")
    lines = (await done("journal")).splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d\.\d{3} ", line) for line in lines)
    assert lines[1].endswith(" ann in #general: one @localbot")
    assert len((await done("journal", "--limit", "2")).splitlines()) == 2
    assert [line.split()[1] for line in (await done("journal", "--kind", "person")).splitlines()] == ["ann"]
    assert (await done("journal", "--text", "nothing like it")) == ""
    assert len((await done("journal", "--details")).splitlines()) > len(lines)
    assert await done("journal", "--subject", "app_*", "--app", "A0LOCAL01")


async def test_the_journal_for_programs(done: Any, app: Any) -> None:
    await done("say", "one")
    entries = [json.loads(line) for line in (await done("journal", "--json")).splitlines()]
    assert "person" in {each["kind"] for each in entries}
    person = next(each for each in entries if each["kind"] == "person")
    trail = (await done("journal", "--trail", str(person["number"]))).splitlines()
    assert trail[0].endswith("ann in #general: one")


async def test_a_trail_that_leads_nowhere(failed: Any) -> None:
    assert await failed("journal", "--trail", "99") == (2, "there is no entry 99 in the journal.")


@pytest.mark.parametrize("as_json", [False, True])
async def test_following_it_until_the_local_slack_ends(
    as_json: bool, run: Any, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, follow = asyncio.Event(), slack.journal.follow

    def begin(*args: Any) -> Any:
        begun.set()
        return follow(*args)

    monkeypatch.setattr(slack.journal, "follow", begin)
    await slack.user("ann").says("before")
    following = asyncio.create_task(run("journal", "--follow", *(["--json"] if as_json else [])))
    await begun.wait()
    await slack.user("ann").says("after")
    await slack.close()
    result = await following
    assert result.exit_code == 0, result.output
    if as_json:
        entries = [json.loads(line) for line in result.stdout.splitlines()]
        assert [each["data"]["text"] for each in entries if each["kind"] == "person"] == ["before", "after"]
    else:
        said = [line.partition(" ")[2] for line in result.stdout.splitlines() if ": " in line]
        assert said == ["ann in #general: before", "ann in #general: after"]


async def test_what_came_too_fast_is_counted(done: Any, slack: LocalSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    slack.journal.limit = 2
    for number in range(5):
        slack.journal.control("note", {"number": number})
    answer = {"entries": [], "first": 1, "last": 0}
    monkeypatch.setattr("tautwire.cli.local.remote.caller.Caller.get", lambda *_, **__: answer)
    slack.journal.close()
    lines = (await done("journal", "--follow")).splitlines()
    assert lines[0] == "… 3 entries came too fast to be shown"


async def test_taking_it_along_and_replaying_it(done: Any, app: Any, slack: LocalSlack, tmp_path: Path) -> None:
    path = str(tmp_path / "j.jsonl")
    await done("say", "hi @localbot")
    await done("trigger", "team_join")
    await slack.settled()
    count = len(slack.journal)
    assert await done("export", path, "--journal") == f"{count} entries in {path}\n"
    assert len(read(path).entries) == count
    before = len(app.seen)
    lines = (await done("replay", path, "--pace", "0")).splitlines()
    assert re.fullmatch(r"3 deliveries, \d+\.\d s at their own pace", lines[0])
    assert [line.split()[1] for line in lines[1:4]] == ["message", "app_mention", "team_join"]
    assert lines[4] == "3 sent"
    await slack.settled()
    assert len(app.seen) == before + 3
    told = (await done("replay", path, "--pace", "0", "--same-ids", "--json")).splitlines()
    same = [json.loads(line) for line in told]
    assert [each["number"] for each in same[0]["skipped"]] == []
    assert same[1]["envelope_id"] in {each["envelope_id"] for each in app.seen[:before] if "envelope_id" in each}


async def test_what_is_left_out_is_told(done: Any, app: Any, slack: LocalSlack, tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    await done("trigger", "team_join")
    await done("resend")
    await done("export", str(path), "--journal")
    with path.open("a", encoding="utf-8") as file:
        file.write('{"number": 9')
    lines = (await done("replay", str(path), "--pace", "0")).splitlines()
    assert "ends in the middle of line" in lines[1]
    assert re.fullmatch(r"entry \d+ is left out: it is entry \d+ again", lines[2])


async def test_what_cannot_be_replayed(failed: Any, tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    assert await failed("replay", str(path)) == (2, f"{path} cannot be read: No such file or directory.")
    path.write_text("hello\n")
    assert await failed("replay", str(path)) == (
        2,
        "this is no journal of the local Slack: its first line is not that of one.",
    )
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    assert await failed("replay", str(path)) == (2, f"{path} is too large: this takes {LARGEST // 2**20} MiB at most.")
    assert await failed("replay", str(path), "--pace", "-1") == (2, "--pace '-1' is not a number from 0 on.")


async def test_the_workspace_in_a_file(done: Any, failed: Any, slack: LocalSlack, tmp_path: Path) -> None:
    await slack.user("ann").says("keep this")
    path = tmp_path / "w.json"
    assert await done("export", str(path)) == f"the workspace is in {path}\n"
    again = loads(path.read_text("utf-8"))
    assert [each.text for each in again.channels["C0GENERAL"].messages.values()] == ["keep this"]
    assert (await failed("export", str(tmp_path / "gone" / "w.json")))[0] == 2
