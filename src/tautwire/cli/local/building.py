"""From options to a Slack that listens, and from what prevents it to one sentence."""

from __future__ import annotations

import asyncio
import errno
import json
import os
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from tautwire.cli.files import check_place, read_text, write_whole
from tautwire.cli.local.recording import recorded
from tautwire.cli.local.whereabouts import TOKEN_VARIABLE, control_token
from tautwire.cli.mistakes import MistakeError
from tautwire.errors import ConfigurationError
from tautwire.local import LocalSlack
from tautwire.local.doors import is_loopback
from tautwire.local.manifest import Manifest
from tautwire.local.workspace.loading import loads
from tautwire.local.workspace.saving import dumps

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from tautwire.local.workspace import Workspace

__all__ = ["Settings", "opened", "settings"]

#: Seconds of one storm; then the next begins.
_STORM: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the options say; each field has the name of its option."""

    port: int
    host: str
    token: str
    manifest: tuple[str, ...]
    seed: str | None
    export: str | None
    journal: str | None
    app_token: str
    bot_token: str
    strict_scopes: bool
    strict_limits: bool
    storm: int | None
    time_scale: float
    lose_when_nobody: bool
    random_seed: int


def settings(token: str | None, token_file: str | None, **given: Any) -> Settings:
    """The options as click gives them."""
    return Settings(token=control_token(token, token_file, os.environ), **given)


def build(given: Settings) -> LocalSlack:
    """The Slack that these options describe, not listening yet. The one place where options become arguments.

    What Slack would say of a manifest is said on standard error.

    Raises:
        MistakeError: there is no such Slack.
    """
    if given.host.strip() and not given.token and not is_loopback(given.host):
        raise MistakeError(
            f"--host {given.host} lets others in, so it needs --token-file FILE, or {TOKEN_VARIABLE} set."
        )
    try:
        manifests = [_manifest(path) for path in given.manifest]
        workspace, new = _seeded(given, manifests) if given.seed else (None, manifests)
        return LocalSlack(
            port=given.port,
            host=given.host,
            control_token=given.token,
            manifests=new,
            workspace=workspace,
            app_token=given.app_token,
            bot_token=given.bot_token,
            strict_scopes=given.strict_scopes,
            strict_limits=given.strict_limits,
            time_scale=given.time_scale,
            lose_when_nobody=given.lose_when_nobody,
            seed=given.random_seed,
        )
    except ConfigurationError as error:
        raise MistakeError(f"{error}.") from None


def _manifest(path: str) -> Manifest:
    found = Manifest.load(path)
    for warning in found.warnings:
        click.echo(f"Warning: {path}: {warning}.", err=True)
    return found


def _seeded(given: Settings, manifests: Sequence[Manifest]) -> tuple[Workspace, list[Manifest]]:
    """The workspace to begin with, and the manifests of apps that are not in it.

    An app that is in it under the same name is what its manifest says now, whatever it was when it was written down.
    """
    path = str(given.seed)
    text, known = read_text(path), set[str]()
    with suppress(ValueError, RecursionError):  # whose sentence is the loader's
        document = json.loads(text)
        apps = document.get("apps") if isinstance(document, dict) else None
        for app in apps if isinstance(apps, list) else ():
            fitting = [each for each in manifests if isinstance(app, dict) and each.app_name == app.get("name")]
            if fitting:
                app["manifest"] = fitting[0].to_dict()
                known.add(fitting[0].app_name)
        if known:
            text = json.dumps(document)
    return loads(text, path, seed=given.random_seed), [each for each in manifests if each.app_name not in known]


@asynccontextmanager
async def opened(given: Settings) -> AsyncIterator[LocalSlack]:
    """That Slack, listening for the time of the block, with its journal and at the end its workspace in files.

    Raises:
        MistakeError: there is no such Slack, it cannot listen there, or a file cannot be written.
    """
    if given.export:
        check_place(given.export)
    slack = build(given)
    async with AsyncExitStack() as stack:
        if given.journal:
            await stack.enter_async_context(recorded(slack.journal, given.journal))
        stack.push_async_callback(slack.close)
        try:
            await slack.start()
        except OSError as error:
            raise MistakeError(_why_not(error, given)) from None
        if given.storm is not None:
            await stack.enter_async_context(_storming(slack, given.storm))
        yield slack
    if given.export:
        write_whole(given.export, dumps(slack.workspace))


@asynccontextmanager
async def _storming(slack: LocalSlack, seed: int) -> AsyncIterator[None]:
    """One storm after the other; the number of a storm is its seed."""

    async def blow() -> None:
        number = seed
        while True:
            await slack.storm(seed=number, seconds=_STORM).over()
            number += 1

    task = asyncio.create_task(blow(), name="local-slack-storm")
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _why_not(error: OSError, given: Settings) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {given.port} is taken, perhaps by another local Slack; --port 0 takes any free one."
    # asyncio words its errors anew, around what the system said.
    reason = (error.strerror or str(error)).rpartition(": ")[2]
    place = f"port {given.port}" if is_loopback(given.host) else f"{given.host}, port {given.port}"
    return f"cannot listen on {place}: {reason}."
