from __future__ import annotations

from typing import Any

import pytest

from tautwire.cli.local.remote.speaking import values
from tautwire.cli.mistakes import MistakeError


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], {}),
        (["a=1", "b=x=y", "c="], {"a": "1", "b": "x=y", "c": ""}),
        (["a=1", "a=2", "a=3"], {"a": ["1", "2", "3"]}),
        (["a:=1", 'b:={"c":[true]}', "d:=null"], {"a": 1, "b": {"c": [True]}, "d": None}),
        (["Your name=Ann"], {"Your name": "Ann"}),
    ],
)
def test_pairs(pairs: list[str], found: dict[str, Any]) -> None:
    assert values(pairs) == found


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("a", "'a' is neither KEY=TEXT nor KEY:=JSON."),
        ("=a", "'=a' is neither KEY=TEXT nor KEY:=JSON."),
        (":=1", "':=1' is neither KEY=TEXT nor KEY:=JSON."),
        ("a:={", "a is no JSON: '{'."),
    ],
)
def test_what_is_none(pair: str, said: str) -> None:
    with pytest.raises(MistakeError) as caught:
        values([pair])
    assert str(caught.value) == said


async def test_the_url_on_the_line_comes_before_the_environment(run: Any, slack: Any) -> None:
    env = {"TAUTWIRE_LOCAL_URL": "http://127.0.0.1:1"}
    assert (await run("state", "--url", slack.base_url, env=env)).exit_code == 0
    assert (await run("state", env=env)).exit_code == 2


async def test_what_could_move_the_cursor_is_shown(done: Any, run: Any) -> None:
    assert "\x1b" not in (await run("say", "\x1b[2Jboo\nhoo", "--channel", "bob")).output
    said = await done("messages", "bob")
    assert "\x1b" not in said
    assert "·[2Jboo" in said
