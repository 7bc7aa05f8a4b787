from __future__ import annotations

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.manifest.yaml_text import MOST_NODES, load


def fault(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(text, "app.yaml")
    return str(caught.value)


def test_values_are_those_of_json() -> None:
    text = "a: 1\nb: 1.5\nc: true\nd: ~\ne: x\nf: '1'\ng: [x]\nh: {i: j}\nk: 2024-01-01\nl: ="
    assert load(text, "app.yaml") == {
        "a": 1,
        "b": 1.5,
        "c": True,
        "d": None,
        "e": "x",
        "f": "1",
        "g": ["x"],
        "h": {"i": "j"},
        "k": "2024-01-01",
        "l": "=",
    }


def test_a_file_of_comments_says_nothing() -> None:
    assert load("# later\n", "app.yaml") is None


def test_anchors_aliases_and_merges_work() -> None:
    text = "a: &a [x, y]\nb: *a\nc: &c {d: 1}\ne: {<<: *c, f: 2}"
    assert load(text, "app.yaml") == {"a": ["x", "y"], "b": ["x", "y"], "c": {"d": 1}, "e": {"d": 1, "f": 2}}


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!!binary", "!!set", "!!timestamp", "!own"]
)
def test_nothing_is_made_that_json_does_not_have(tag: str) -> None:
    assert fault(f"a:\n  b: {tag} {{}}").startswith("app.yaml, line 2, column 6: this is not YAML (could not determine")


@pytest.mark.parametrize("value", ["!!int x", "!!int ''", "!!bool maybe", "!!float y", "9" * 5_000])
def test_a_tag_that_does_not_fit_its_value(value: str) -> None:
    assert fault(f"a: {value}") == "app.yaml: a value in it is not what its tag says; write it in quotes"


@pytest.mark.parametrize(
    ("text", "beginning"),
    [
        (
            "a:\n\t- b",
            "app.yaml, line 2, column 1: this is not YAML (while scanning for the next token found character ",
        ),
        ("a: *b", "app.yaml, line 1, column 4: this is not YAML (found undefined alias 'b'); correct it there"),
        ("a: 1\n--- \nb: 2", "app.yaml, line 2, column 1: this is not YAML (expected a single document in the stream "),
        ("a: \x00", "app.yaml: this is not YAML (special characters are not allowed); correct it there"),
        ("<<: 5", "app.yaml, line 1, column 5: this is not YAML (while constructing a mapping expected a mapping "),
        ("? [a]\n: 1", "app.yaml, line 1, column 3: this is not YAML (while constructing a mapping found unhashable"),
    ],
)
def test_what_is_not_yaml_says_where(text: str, beginning: str) -> None:
    assert fault(text).startswith(beginning)


def test_what_is_told_is_bounded() -> None:
    assert len(fault("a: *" + "b" * 10_000)) < 300


def test_a_key_twice_says_its_line() -> None:
    assert fault("a:\n  b: 1\n  c: 2\n  b: 3") == "app.yaml, line 4: 'b' is there twice; remove one of them"


def test_the_same_key_in_two_groups_is_fine() -> None:
    assert load("a: {c: 1}\nb: {c: 1}", "app.yaml") == {"a": {"c": 1}, "b": {"c": 1}}


def bomb(seed: str, step: str) -> str:
    """Nine lines of ten aliases each: a billion values, if they are ever written out."""
    lines = [f"b0: &b0 {seed}"]
    for number in range(1, 10):
        aliases = ", ".join([f"*b{number - 1}"] * 10)
        lines.append(f"b{number}: &b{number} {step.format(aliases)}")
    return "\n".join(lines)


@pytest.mark.parametrize("text", [bomb("[x, x]", "[{}]"), bomb("{x: 1}", "{{<<: [{}]}}")], ids=["lists", "merges"])
def test_an_alias_bomb_is_refused_before_it_goes_off(text: str) -> None:
    assert fault(text) == "app.yaml, line 5: this expands to more than 20,000 values; no manifest has as many"


def test_what_contains_itself_is_refused() -> None:
    assert fault("a: 1\nb: &b [*b]") == "app.yaml, line 2: this contains itself; write it out instead"


def test_a_file_full_of_nothing_is_given_up_early() -> None:
    assert fault("- x\n" * MOST_NODES) == "app.yaml: this has more than 20,000 values, so it is no app manifest"
    assert load("- x\n" * (MOST_NODES - 1), "app.yaml") == ["x"] * (MOST_NODES - 1)
