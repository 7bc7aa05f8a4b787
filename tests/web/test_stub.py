from __future__ import annotations

import importlib.util
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from slack_sdk.version import __version__ as installed
from slack_sdk.web.async_client import AsyncWebClient as TheirClient

from tautwire.web.async_client import AsyncWebClient

if TYPE_CHECKING:
    from types import ModuleType

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "generate_web_stub.py"
STUB = ROOT / "src" / "tautwire" / "web" / "methods.pyi"


def named_version() -> str:
    found = re.search(r"signatures of slack_sdk (\S+)\. Do not edit", STUB.read_text("utf-8"))
    assert found
    return found.group(1)


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    if installed != named_version():
        pytest.skip(f"the stub names slack_sdk {named_version()}, installed is {installed}")
    spec = importlib.util.spec_from_file_location("generate_web_stub", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stub_is_what_the_script_makes(generator: ModuleType) -> None:
    assert generator.stub_text() == STUB.read_text("utf-8")


def test_the_check_fails_for_a_stale_stub(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = tmp_path / "methods.pyi"
    stale.write_text("")
    monkeypatch.setattr(generator, "STUB", stale)
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generator.main() == 1
    monkeypatch.setattr(sys, "argv", ["generate"])
    assert generator.main() == 0
    assert stale.read_text("utf-8") == STUB.read_text("utf-8")
    monkeypatch.setattr(sys, "argv", ["generate", "--check"])
    assert generator.main() == 0


def test_every_method_is_in_the_stub_or_written_by_hand(generator: ModuleType) -> None:
    theirs = {name for name, _ in inspect.getmembers(TheirClient, inspect.iscoroutinefunction) if name[0] != "_"}
    in_stub = set(re.findall(r"async def (\w+)\(", STUB.read_text("utf-8")))
    assert len(in_stub) > 300
    assert theirs == in_stub | generator.OWN
    assert {name for name in generator.OWN if name in vars(AsyncWebClient)} == generator.OWN


def test_type_checkers_know_the_parameters(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from tautwire.web.async_client import AsyncWebClient\n"
        "async def use(web: AsyncWebClient) -> None:\n"
        "    reveal_type(await web.chat_postMessage(channel='C1', text='hi', unknown_but_new=1))\n"
        "    await web.chat_postMessage(text='no channel')\n"
        "    await web.users_info(user=5)\n"
        "    await web.chat_postMesage(channel='C1')\n"
        "    async for page in await web.conversations_list(limit=2):\n"
        "        page['channels']\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(program)]
    environ = os.environ | {"MYPYPATH": str(ROOT / "src")}
    told = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environ, timeout=300, check=False
    ).stdout
    assert 'Revealed type is "tautwire.web.response.AsyncSlackResponse"' in told
    assert re.findall(r":(\d+): error: .*\[([\w-]+)\]", told) == [
        ("4", "call-arg"),
        ("5", "arg-type"),
        ("6", "attr-defined"),
    ]
