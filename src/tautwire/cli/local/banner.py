"""What a local Slack says when it is up: lines to copy for people, one line of JSON for programs."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

import msgspec

from tautwire.cli.local.whereabouts import DEFAULT_URL, TOKEN_VARIABLE, URL_VARIABLE
from tautwire.local.environment import detours, slack_variables
from tautwire.local.inject import FOLDER
from tautwire.proxy import proxy_from_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.local import LocalSlack

__all__ = ["as_json", "as_text", "speaking_variables"]

_TEXT = """\
The local Slack is up on {url} (Ctrl-C ends it).

In the shell of your app:
{slack}

slack_sdk and Bolt for Python do not read SLACK_API_URL. With this they use it, unchanged:
{python}

Or start your app with a Slack of its own, which ends with it:
  tautwire local exec -- python app.py

Be somebody in its workspace, in another shell{token}:
{speak}"""


def as_text(slack: LocalSlack, environ: Mapping[str, str], *, shell: str = os.name, has_token: bool = False) -> str:
    """The banner.

    `environ` decides whether a proxy has to be warned off; `shell` is `posix`, or `nt` for PowerShell. That the control
    API wants a token is said where it `has_token`; the token itself is not.
    """
    python = [_before("PYTHONPATH", FOLDER, shell)]
    if proxy_from_environment(environ) is not None:
        python.append(_set("NO_PROXY", detours(environ)["NO_PROXY"], shell))
    exports = [_set(name, value, shell) for name, value in slack_variables(slack).items()]
    return _TEXT.format(
        url=slack.base_url,
        slack=_lines(exports),
        python=_lines(python),
        token=f" (with --token-file FILE, or {TOKEN_VARIABLE} set)" if has_token else "",
        speak=_lines(_speaking(slack, shell)),
    )


def as_json(slack: LocalSlack, environ: Mapping[str, str]) -> str:
    """One line: where the Slack is, its tokens, and what `exec` would add to a program's environment."""
    document = {
        "url": slack.base_url,
        "api_url": slack.api_url,
        "port": slack.port,
        "pid": os.getpid(),
        "app_token": slack.app_token,
        "bot_token": slack.bot_token,
        "environment": {**slack_variables(slack), **detours(environ), **speaking_variables(slack)},
    }
    return msgspec.json.encode(document).decode()


def speaking_variables(slack: LocalSlack, token: str = "") -> dict[str, str]:
    """What leads `tautwire local say` and its like to this Slack."""
    return {URL_VARIABLE: slack.base_url, **({TOKEN_VARIABLE: token} if token else {})}


def _speaking(slack: LocalSlack, shell: str) -> list[str]:
    where = [] if slack.base_url == DEFAULT_URL else [_set(URL_VARIABLE, slack.base_url, shell)]
    return [
        *where,
        f"tautwire local say 'hello @{slack.workspace.me.bot_user_name}'",
        "tautwire local journal --follow",
    ]


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
