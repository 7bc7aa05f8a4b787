"""What is typed, and what a client sends."""

from __future__ import annotations

import pytest

from tautwire.local.actors.writing import as_command, as_message
from tautwire.local.workspace import Workspace


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    workspace = Workspace()
    workspace.install()
    workspace.people.add("ann.b", wall=0.0)
    workspace.people.add("ann-marie", wall=0.0, user_id="U0AM")
    return workspace


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("@ann hello", "<@U0ANN> hello"),
        ("hello @ann.", "hello <@U0ANN>."),
        ("hello @ann... and @bob!", "hello <@U0ANN>... and <@U0BOB>!"),
        ("(@ann, @bob)", "(<@U0ANN>, <@U0BOB>)"),
        ("@Ann", "<@U0ANN>"),
        ("@ann-marie @ann", "<@U0AM> <@U0ANN>"),
        ("@localbot deploy", "<@U0LOCALBOT> deploy"),
        ("<@U0BOB> and @bob", "<@U0BOB> and <@U0BOB>"),
        ("@here @channel @everyone", "<!here> <!channel> <!everyone>"),
        ("see #general and #dev.", "see <#C0GENERAL|general> and <#C0DEV|dev>."),
        # Not names, or nobody's.
        ("ann@acme.test @nobody #nowhere @ # @-", "ann@acme.test @nobody #nowhere @ # @-"),
        ("https://a.test/@ann#dev <#C0DEV|dev> &#39;", "https://a.test/@ann#dev <#C0DEV|dev> &#39;"),
        ("@annette @ann_x", "@annette @ann_x"),
        ("issue#dev a@bob", "issue#dev a@bob"),
        ("#directmessage", "#directmessage"),
    ],
)
def test_a_message(typed: str, sent: str, workspace: Workspace) -> None:
    assert as_message(typed, workspace.core) == sent


def test_the_longest_name_counts(workspace: Workspace) -> None:
    (user,) = (each for each in workspace.users.values() if each.name == "ann.b")
    assert as_message("@ann.b.", workspace.core) == f"<@{user.id}>."


def test_a_command_gets_the_names_along(workspace: Workspace) -> None:
    assert as_command("give @ann #dev", workspace.core) == "give <@U0ANN|ann> <#C0DEV|dev>"
