"""From options to a workspace, an app, a journal and a storm; and from there to files."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from tautwire.cli.local.building import opened, settings
from tautwire.cli.mistakes import MistakeError
from tautwire.cli.program import program
from tautwire.local.journal import read
from tautwire.local.workspace.loading import loads

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable

    Start = Callable[..., subprocess.Popen[str]]
    Run = Callable[..., subprocess.CompletedProcess[str]]

TOKEN = "a-token-that-is-long-enough"
MANIFEST = {
    "display_information": {"name": "Deployer"},
    "features": {
        "bot_user": {"display_name": "deployer"},
        "slash_commands": [{"command": "/deploy", "description": "d"}],
    },
    "oauth_config": {"scopes": {"bot": ["commands", "chat:write"]}},
    "settings": {"socket_mode_enabled": True},
}


def rewrite(path: str, **changes: Any) -> None:
    Path(path).write_text(json.dumps(MANIFEST | changes))


def given(**changes: Any) -> Any:
    usual = {
        "token": None, "token_file": None, "port": 0, "host": "127.0.0.1", "manifest": (), "seed": None, "export": None,
        "journal": None, "app_token": "xapp-a", "bot_token": "xoxb-b", "strict_scopes": False, "strict_limits": False,
        "storm": None, "time_scale": 1.0, "lose_when_nobody": False, "random_seed": 0,
    }  # fmt: skip
    return settings(**usual | changes)


@pytest.fixture
def manifest(tmp_path: Path) -> str:
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(MANIFEST))
    return str(path)


def invoke(*args: str) -> Any:
    return CliRunner().invoke(program, ["local", "--port", "0", *args])


async def test_apps_by_their_manifests(manifest: str, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(MANIFEST | {"display_information": {"name": "Other"}}))
    async with opened(given(manifest=(manifest, str(other)))) as slack:
        assert [app.identity.app_name for app in slack.apps] == ["Deployer", "Other"]
        assert slack.apps[0].permissions.has_command("/deploy")
        assert not slack.apps[0].permissions.has_command("/other")
        assert (slack.app_token, slack.bot_token) == ("xapp-a", "xoxb-b")


async def test_a_workspace_is_kept_and_found_again(tmp_path: Path, manifest: str) -> None:
    path = str(tmp_path / "acme.json")
    async with opened(given(export=path)) as slack:
        await slack.user("ann").says("remember this")
    async with opened(given(seed=path)) as slack:
        assert [said.text for said in slack.channel("general").messages] == ["remember this"]
        assert slack.bot_token == "xoxb-b"


async def test_a_manifest_that_has_changed_counts_for_the_app_that_was_kept(tmp_path: Path, manifest: str) -> None:
    path = str(tmp_path / "acme.json")
    async with opened(given(export=path, manifest=(manifest,))) as slack:
        tokens = slack.app_token, slack.bot_token
    rewrite(manifest, features={"slash_commands": [{"command": "/release", "description": "r"}]})
    for _ in range(2):
        async with opened(given(seed=path, export=path, manifest=(manifest,))) as slack:
            (app,) = slack.apps
            assert (app.permissions.has_command("/release"), app.permissions.has_command("/deploy")) == (True, False)
            assert (slack.app_token, slack.bot_token) == tokens


async def test_what_goes_wrong_inside_leaves_the_old_workspace(tmp_path: Path) -> None:
    path = tmp_path / "acme.json"
    path.write_text("before")
    with pytest.raises(RuntimeError):
        async with opened(given(export=str(path))):
            raise RuntimeError
    assert path.read_text() == "before"


async def test_a_storm_from_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.cli.local.building._STORM", 0.05)
    path = tmp_path / "j.jsonl"
    seeds: list[int] = []

    async with opened(given(storm=7, journal=str(path))) as slack:
        original = slack.storm

        def storm(**how: Any) -> Any:
            seeds.append(how["seed"])
            slack.journal.control("storm")
            return original(**how)

        monkeypatch.setattr(slack, "storm", storm)
        await slack.wait_for(lambda _: len(seeds) >= 2)
    assert seeds[0] in (7, 8)
    assert seeds[1] == seeds[0] + 1


def test_the_token_is_wanted_where_others_come_in() -> None:
    done = invoke("--host", "0.0.0.0")
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: --host 0.0.0.0 lets others in, so it needs --token-file FILE, or TAUTWIRE_CONTROL_TOKEN set.\n",
    )


async def test_and_with_it_they_do(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(TOKEN)
    async with opened(given(host="0.0.0.0", token_file=str(path))) as slack:
        assert slack.base_url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--token", "short"], "a control token has at least 16 letters, digits and signs, and no spaces."),
        (["--manifest", "gone.yaml"], "gone.yaml: it cannot be read (No such file or directory)."),
        (["--seed", "gone.json"], "gone.json cannot be read: No such file or directory."),
        (["--export", "gone/x.json"], "gone/x.json cannot be written: there is no directory gone."),
        (["--journal", "gone/x.jsonl"], "gone/x.jsonl cannot be written: No such file or directory."),
        (["--storm", "-1"], None),
        (["--host", ""], "an empty host means every network"),
        (["--host", "no.such.host.invalid", "--token", TOKEN], "cannot listen on no.such.host.invalid, port 0: "),
    ],
)
def test_a_mistake_is_one_sentence(args: list[str], said: str | None) -> None:
    done = invoke(*args)
    assert done.exit_code == 2
    if said is not None:
        assert (done.stdout, done.stderr.count("\n")) == ("", 1)
        assert done.stderr.startswith(f"Error: {said}")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("--seed", "{", "line 1, column 2: this is not JSON"),
        ("--seed", '{"apps": [3]}', "apps[0]"),
        ("--seed", '{"users": 3}', "users"),
        ("--manifest", "{", "this is not JSON"),
        ("--manifest", "{}", "display_information"),
    ],
)
def test_a_file_that_is_none(name: str, text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(text)
    done = invoke(name, str(path))
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert str(path) in done.stderr
    assert said in done.stderr


async def test_what_slack_would_say_of_a_manifest_is_said(manifest: str, capsys: pytest.CaptureFixture[str]) -> None:
    rewrite(manifest, oauth_config={"scopes": {"bot": ["chat:write"]}})
    async with opened(given(manifest=(manifest,))):
        pass
    said = capsys.readouterr().err
    assert said.startswith(f"Warning: {manifest}: ")
    assert "commands" in said


async def test_a_disk_that_is_full_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(MistakeError, match="No space left on device"):
        async with opened(given(export=str(tmp_path / "acme.json"))):
            monkeypatch.setattr("os.fsync", full)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is another thing there")
def test_after_ctrl_c_everything_is_on_the_disk(started: Start, tautwire: Run, tmp_path: Path) -> None:
    process = started(
        "local", "--port", "0", "--json", "--export", str(tmp_path / "w.json"), "--journal", str(tmp_path / "j.jsonl")
    )
    assert process.stdout is not None
    up = json.loads(process.stdout.readline())
    said = tautwire("local", "say", "to be kept", env={"TAUTWIRE_LOCAL_URL": up["url"]})
    assert (said.returncode, said.stderr) == (0, "No app is connected, so none has heard it yet.\n")
    while_running = read(tmp_path / "j.jsonl").entries
    assert [each.data["text"] for each in while_running if each.kind == "person"] == ["to be kept"]
    process.send_signal(signal.SIGINT)
    assert (*process.communicate(timeout=30), process.returncode) == ("", "", 0)
    workspace = loads((tmp_path / "w.json").read_text("utf-8"))
    assert [each.text for each in workspace.channels["C0GENERAL"].messages.values()] == ["to be kept"]


def test_exec_keeps_them_too_and_its_command_can_speak(tautwire: Run, tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    script = "tautwire local say hi && tautwire local messages"
    folder = str(Path(sys.executable).parent)
    done = tautwire(
        "local", "exec", "--export", str(path), "--token", TOKEN, "--", "sh", "-c", script,
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "ann: hi" in done.stdout
    assert "hi" in path.read_text("utf-8")
    assert TOKEN not in path.read_text("utf-8") + done.stdout
