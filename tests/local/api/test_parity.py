from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tautwire.local.api.method import Family, optional, required
from tautwire.local.api.methods import METHODS
from tautwire.local.api.parity import document

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "local-api.md"

#: What the local Slack promises to have.
PROMISED = re.findall(
    r"\S+",
    """
auth.test api.test apps.connections.open
chat.postMessage chat.update chat.delete chat.postEphemeral chat.getPermalink chat.scheduleMessage chat.meMessage
conversations.list conversations.info conversations.history conversations.replies conversations.members
conversations.open conversations.join conversations.leave conversations.invite conversations.kick conversations.create
conversations.rename conversations.archive conversations.setTopic conversations.setPurpose conversations.mark
users.list users.info users.lookupByEmail users.profile.get users.conversations users.getPresence
reactions.add reactions.remove reactions.get reactions.list pins.add pins.remove pins.list
views.open views.push views.update views.publish
files.getUploadURLExternal files.completeUploadExternal files.info files.list files.delete
bots.info team.info emoji.list oauth.v2.access
""",
)


def rows(text: str) -> dict[str, list[str]]:
    """The cells of each method's row."""
    return {
        found[1]: [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.splitlines()
        if (found := re.match(r"\| `([\w.]+)`", line))
    }


def test_the_document_is_up_to_date() -> None:
    assert FILE.read_text("utf-8") == document(), "run: python scripts/generate_parity.py"


def test_everything_that_is_promised_is_there_and_in_the_document() -> None:
    assert set(PROMISED) <= set(METHODS)
    table = rows(FILE.read_text("utf-8"))
    assert set(table) == set(METHODS)
    assert all(len(cells) == 7 and all(cells) for cells in table.values())


def test_a_row_says_what_the_registry_says() -> None:
    family = Family()

    @family.method(
        "a.b",
        required("channel"),
        required("name", missing="no_name"),
        optional("limit"),
        scopes="x:read",
        user_scopes="y:read",
        errors="b a",
        tier=4,
        takes_json=False,
        note="one | two",
    )
    def run(_call: object) -> dict[str, object]:
        """Do it."""
        return {}

    text = document(family.methods.values())
    assert rows(text)["a.b"] == [
        "`a.b`<br>Do it.",
        "**`channel`**, **`name`** (`no_name`), `limit`",
        "`x:read` / `y:read`",
        "4",
        "no",
        "`a`, `b`",
        "One \\| two.",
    ]
    assert "tier 1: 1, tier 2: 20, tier 3: 50, tier 4: 100;" in text


@pytest.mark.parametrize(
    ("tokens", "expected"),
    [((), "no token"), (("app",), "app: `x:read`"), (("user",), "person: `x:read`"), (("bot", "user"), "`x:read`")],
)
def test_whose_token(tokens: tuple[str, ...], expected: str) -> None:
    family = Family()
    family.method("a.b", tokens=tokens, scopes="x:read")(lambda _call: {})  # type: ignore[arg-type]
    assert rows(document(family.methods.values()))["a.b"][2] == expected


def run(script: Path, *arguments: str) -> int:
    return subprocess.run([sys.executable, script, *arguments], check=False, timeout=60).returncode


def test_the_script_writes_and_checks(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "docs").mkdir()
    script = tmp_path / "scripts" / "generate_parity.py"
    script.write_text((ROOT / "scripts" / "generate_parity.py").read_text("utf-8"), "utf-8")
    written = tmp_path / "docs" / "local-api.md"
    assert run(script, "--check") == 1
    assert run(script) == 0
    assert run(script, "--check") == 0
    assert written.read_text("utf-8") == document()
    written.write_text(document().replace("conversations.list", "conversations.lost"), "utf-8")
    assert run(script, "--check") == 1
