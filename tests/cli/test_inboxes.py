"""The options by which a command is told of an inbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import pytest
from click.testing import CliRunner

from tautwire.cli.inboxes import Choice, inbox_options

if TYPE_CHECKING:
    from pathlib import Path


@click.command
@inbox_options()
def look(choice: Choice) -> None:
    click.echo(repr(choice.make(is_visitor=True)))


@click.command
@inbox_options(is_visitor=False)
def work(choice: Choice) -> None:
    click.echo(f"{choice.make()!r} {sorted(choice.on_nats.items())}")


def test_an_inbox_comes_from_the_option_or_the_variable(tmp_path: Path) -> None:
    path = str(tmp_path / "events.db")
    runner = CliRunner()
    assert f"SqliteInbox {path}" in runner.invoke(look, ["--inbox", path]).output
    assert f"SqliteInbox {path}" in runner.invoke(look, env={"TAUTWIRE_INBOX": path}).output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Error: Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222.\n"),
        (["--inbox", "a.db", "--nkey", "seed"], "Error: What was given of it (nkey) is for an inbox on NATS; "),
        (["--inbox", "http://one"], "Error: The address of the inbox is none that is known here: "),
    ],
)
def test_a_mistake_is_a_sentence(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(look, arguments)
    assert result.exit_code == 2
    assert result.output.startswith(said)
    assert result.output.endswith(".\n")


def test_one_on_nats_is_told_what_only_it_has() -> None:
    arguments = ["--inbox", "nats://joe:open-sesame@one", "--name=orders", "--replicas=1", "--lease-seconds=5"]
    result = CliRunner().invoke(work, arguments, env={"TAUTWIRE_INBOX_MONITOR": "http://one:8222"})
    told = "('lease_seconds', 5.0), ('monitor', 'http://one:8222'), ('name', 'orders'), ('replicas', 1)"
    assert result.output == f"<JetStreamInbox orders on nats://one> [{told}]\n"
    assert "sesame" not in result.output


def test_who_only_looks_is_not_asked_how_it_is_made() -> None:
    said = CliRunner().invoke(look, ["--help"]).output
    assert "--name" in said
    assert "--replicas" not in said
