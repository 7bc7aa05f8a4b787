"""What a command imports, and what it has no need of."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from tautwire.cli.local.commands import local
from tautwire.cli.program import program

if TYPE_CHECKING:
    from tautwire.cli.lazily import Lazily

#: What takes a tenth of a second and more.
HEAVY = ("aiohttp", "asyncio", "msgspec", "slack_sdk")

IMPORTED = f"""
import sys
from tautwire.cli import main
sys.argv = ["tautwire", *sys.argv[1:]]
try:
    main()
except SystemExit:
    print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    "command",
    [["--version"], ["local", "say", "hi"], ["local", "click", "x", "--json"], ["local", "journal", "--follow"]],
)
def test_whoever_speaks_to_a_local_slack_imports_none(command: list[str], unused_tcp_port: int) -> None:
    url = [] if command == ["--version"] else ["--url", f"http://127.0.0.1:{unused_tcp_port}"]
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, *command, *url], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr.splitlines()[-1] == "", done.stderr


def test_and_a_server_would_be_noticed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED, "local", "exec", "no-such-command"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stderr.splitlines()[-1] == "aiohttp asyncio msgspec"


@pytest.mark.parametrize("group", [program, local])
def test_every_command_is_there_and_says_what_it_does(group: Lazily) -> None:
    context = click.Context(group)
    names = group.list_commands(context)
    assert names
    for name in names:
        command = group.get_command(context, name)
        assert command is not None
        assert command.name == name
        assert command.get_short_help_str()
    assert group.get_command(context, "nothing") is None


def test_one_that_is_not_is_one_sentence() -> None:
    done = CliRunner().invoke(program, ["local", "sing"])
    assert done.exit_code == 2
    assert "No such command 'sing'" in done.stderr
