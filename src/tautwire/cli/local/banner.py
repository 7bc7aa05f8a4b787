"""What a local Slack says when it is up: lines to copy for people, one line of JSON for programs."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import msgspec

from tautwire.local.environment import detours, slack_variables
from tautwire.local.inject import FOLDER
from tautwire.proxy import proxy_from_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.local import LocalSlack

__all__ = ["as_json", "as_text"]

_TEXT = """\
The local Slack is up on {url} (Ctrl-C ends it).

In the shell of your app:
{slack}

slack_sdk and Bolt for Python do not read SLACK_API_URL. With this they use it, unchanged:
{python}

Or start your app with a Slack of its own, which ends with it:
  tautwire local exec -- python app.py"""


def as_text(slack: LocalSlack, environ: Mapping[str, str], *, shell: str = os.name) -> str:
    """The banner.

    `environ` decides whether a proxy has to be warned off; `shell` is `posix`, or `nt` for PowerShell.
    """
    python = [_before("PYTHONPATH", FOLDER, shell)]
    if proxy_from_environment(environ) is not None:
        python.append(_set("NO_PROXY", detours(environ)["NO_PROXY"], shell))
    exports = [_set(name, value, shell) for name, value in slack_variables(slack).items()]
    return _TEXT.format(url=slack.base_url, slack=_lines(exports), python=_lines(python))


def as_json(slack: LocalSlack, environ: Mapping[str, str]) -> str:
    """One line: where the Slack is, its tokens, and what `exec` would add to a program's environment."""
    document = {
        "url": slack.base_url,
        "api_url": slack.api_url,
        "port": slack.port,
        "pid": os.getpid(),
        "app_token": slack.app_token,
        "bot_token": slack.bot_token,
        "environment": {**slack_variables(slack), **detours(environ)},
    }
    return msgspec.json.encode(document).decode()


def _set(name: str, value: str, shell: str) -> str:
    if shell == "nt":
        return f"$env:{name} = {_quoted_for_powershell(value)}"
    return f"export {name}={shlex.quote(value)}"


def _before(name: str, entry: str, shell: str) -> str:
    if shell == "nt":
        return f'$env:{name} = {_quoted_for_powershell(entry)} + ";$env:{name}"'
    return f'export {name}={shlex.quote(entry)}"${{{name}:+:${name}}}"'


def _quoted_for_powershell(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _lines(lines: list[str]) -> str:
    return "\n".join(f"  {line}" for line in lines)
