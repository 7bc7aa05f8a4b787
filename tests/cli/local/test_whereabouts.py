from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tautwire.cli.local.whereabouts import control_token
from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from pathlib import Path

TOKEN = "0123456789abcdef"


def test_the_token_from_the_line_a_file_or_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{TOKEN}\n")
    environ = {"TAUTWIRE_CONTROL_TOKEN": " from-elsewhere "}
    assert control_token(None, None, {}) == ""
    assert control_token(None, None, environ) == "from-elsewhere"
    assert control_token(None, str(path), environ) == TOKEN
    assert control_token("on-the-line", None, environ) == "on-the-line"


def test_what_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text(" \n")
    cases: tuple[tuple[tuple[str | None, str | None], str], ...] = (
        ((TOKEN, "file"), "--token and --token-file both say the control token; give one of them."),
        (("", None), "an empty --token is none."),
        ((None, str(tmp_path / "empty")), f"there is no control token in {tmp_path / 'empty'}."),
        ((None, str(tmp_path / "gone")), f"{tmp_path / 'gone'} cannot be read: No such file or directory."),
    )
    for (token, file), words in cases:
        with pytest.raises(MistakeError) as caught:
            control_token(token, file, {})
        assert str(caught.value) == words
        assert TOKEN not in words
