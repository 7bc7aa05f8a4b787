"""The options by which a command is told of an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from tautwire.cli.inboxes import inbox_options, make_inbox

if TYPE_CHECKING:
    from pathlib import Path


@click.command
@inbox_options
def look(address: str | None, credentials: str | None, nkey: str | None) -> None:
    click.echo(repr(make_inbox(address, credentials=credentials, nkey=nkey, is_visitor=True)))


def test_an_inbox_comes_from_the_option_or_the_variable(tmp_path: Path) -> None:
    path = str(tmp_path / "events.db")
    runner = CliRunner()
    assert f"SqliteInbox {path}" in runner.invoke(look, ["--inbox", path]).output
    assert f"SqliteInbox {path}" in runner.invoke(look, env={"TAUTWIRE_INBOX": path}).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Error: Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222.\n"),
        (["--inbox", "a.db", "--nkey", "seed"], "Error: Credentials and NKEYs are for an inbox on NATS; "),
        (["--inbox", "http://one"], "Error: The address of the inbox is none that is known here: "),
    ],
)
def test_a_mistake_is_a_sentence(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(look, arguments)
    assert result.exit_code == 2
    assert result.output.startswith(said)
    assert result.output.endswith(".\n")
