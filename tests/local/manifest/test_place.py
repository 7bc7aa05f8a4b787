from __future__ import annotations

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.manifest.place import Place, kind, shortened


def test_a_path_reads_like_slacks_documentation() -> None:
    spot = Place("app").key("settings").key("event_subscriptions").key("bot_events").item(2)
    assert spot.path == "settings.event_subscriptions.bot_events[2]"


@pytest.mark.parametrize(("key", "path"), [("a b", "x['a b']"), ("", "x['']"), ("k" * 65, "x['" + "k" * 55 + "…']")])
def test_an_odd_key_is_quoted_and_cut(key: str, path: str) -> None:
    assert Place("app").key("x").key(key).path == path


def test_refusing_is_one_sentence_with_the_name_and_the_place() -> None:
    with pytest.raises(ConfigurationError, match=r"^app\.yaml: a\[0\] is wrong; mend it$"):
        Place("app.yaml").key("a").item(0).refuse("is wrong; mend it")
    with pytest.raises(ConfigurationError, match=r"^app\.yaml: the manifest is wrong; mend it$"):
        Place("app.yaml").refuse("is wrong; mend it")


def test_all_places_share_their_warnings() -> None:
    whole = Place("app")
    whole.key("a").warn("is odd")
    whole.key("b").item(1).warn("is odder")
    assert whole.warnings == ["a is odd", "b[1] is odder"]


@pytest.mark.parametrize(
    ("value", "word"),
    [
        (True, "true"),
        (False, "false"),
        (None, "nothing"),
        ("", "text"),
        (1, "a number"),
        (1.5, "a number"),
        ([], "a list"),
        ({}, "a group of settings"),
        (set(), "something else"),
    ],
)
def test_kinds_have_plain_words(value: object, word: str) -> None:
    assert kind(value) == word


def test_quotes_are_bounded() -> None:
    assert shortened("x" * 58) == "'" + "x" * 58 + "'"
    assert shortened("x" * 59) == "'" + "x" * 55 + "…'"
    assert len(shortened("x" * 10_000)) == 58
