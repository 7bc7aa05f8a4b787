"""The variables that lead a program to a local Slack."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, Protocol

from tautwire.local.inject import FOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Reachable", "detours", "past_proxies", "program_environment", "slack_variables"]

#: Some programs insist on having one. The local Slack signs nothing with it.
SIGNING_SECRET: Final = "local-signing-secret"  # noqa: S105 - grants nothing anywhere

_LOOPBACK: Final = ("127.0.0.1", "localhost")
#: Names of variables know no letter case on Windows.
_NO_PROXY: Final = ("NO_PROXY",) if os.name == "nt" else ("NO_PROXY", "no_proxy")


class Reachable(Protocol):
    """A local Slack, whichever way one speaks to it."""

    @property
    def app_token(self) -> str:
        """The first app's `xapp-…`."""

    @property
    def bot_token(self) -> str:
        """The first app's `xoxb-…`."""

    @property
    def api_url(self) -> str:
        """Where the Web API is."""


def program_environment(slack: Reachable, environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` for a program that is to use this Slack; whatever tokens and address it had go unseen."""
    return {**environ, **slack_variables(slack), **detours(environ)}


def slack_variables(slack: Reachable) -> dict[str, str]:
    """Where this Slack is, and what opens it; under the names that apps read by custom."""
    return {
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_API_URL": slack.api_url,
    }


def detours(environ: Mapping[str, str]) -> dict[str, str]:
    """What `environ` has to say anew: no proxy for this machine, and a look at each Python program's slack_sdk.

    What was said before stays said: proxies and their exceptions, and the folders of `PYTHONPATH`.
    """
    return {**past_proxies(environ), "PYTHONPATH": _python_path(environ)}


def past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """What `environ` has to say anew for this machine to be reached without a proxy."""
    return {name: _no_proxy(name, environ) for name in _NO_PROXY}


def _no_proxy(name: str, environ: Mapping[str, str]) -> str:
    # Which of the two counts differs from program to program, so neither may say less than the other one did.
    others = (environ.get(each, "").strip() for each in (name, *_NO_PROXY))
    said = next((each for each in others if each), "")
    if said == "*":
        return said
    listed = [entry for entry in said.split(",") if entry.strip()]
    return ",".join([*listed, *(host for host in _LOOPBACK if host not in listed)])


def _python_path(environ: Mapping[str, str]) -> str:
    others = environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([FOLDER, *(entry for entry in others if entry not in ("", FOLDER))])
