from __future__ import annotations

import importlib
import json
import sys
from typing import TYPE_CHECKING

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.manifest.place import Place
from tautwire.local.manifest.reading import LARGEST, data_of, load, plain

if TYPE_CHECKING:
    from pathlib import Path


def fault(text: str, name: str = "app.yaml") -> str:
    with pytest.raises(ConfigurationError) as caught:
        data_of(text, name)
    return str(caught.value)


@pytest.mark.parametrize("name", ["app.yaml", "app.json", "app", "-"])
def test_what_looks_like_json_is_json_whatever_the_file_is_called(name: str) -> None:
    assert data_of('\N{BYTE ORDER MARK} {"a": [1, 2.5, true, null, "x"]}', name) == {"a": [1, 2.5, True, None, "x"]}


@pytest.mark.parametrize("name", ["app.yaml", "app.json", "app"])
def test_anything_else_is_yaml_whatever_the_file_is_called(name: str) -> None:
    assert data_of("a:\n  - 1\n  - x\n", name) == {"a": [1, "x"]}


def test_a_flow_mapping_is_yaml_where_the_name_says_so() -> None:
    assert data_of("{a: [1]}", "app.YML") == {"a": [1]}
    assert fault("{a: [1]}", "app.json").startswith("app.json, line 1, column 2: this is not JSON (")


def test_broken_json_says_where() -> None:
    assert fault('{\n  "a": 1,\n  "b" 2\n}', "app.json").startswith("app.json, line 3, column 7: this is not JSON (")


def test_json_needs_no_pyyaml_and_yaml_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "tautwire.local.manifest.yaml_text", raising=False)
    with pytest.raises(ImportError):
        importlib.import_module("tautwire.local.manifest.yaml_text")
    assert data_of(' \n{"a": 1}', "app.json") == {"a": 1}
    sentence = "app.yaml: reading YAML needs PyYAML: pip install 'tautwire[local]' (or write the manifest in JSON)"
    assert fault("a: 1") == sentence


@pytest.mark.parametrize("text", ["", "  \n\t\n", "\N{BYTE ORDER MARK}\n"])
def test_an_empty_text_is_called_empty(text: str) -> None:
    assert fault(text) == "app.yaml: this is empty; put an app manifest there"


def test_size_is_bounded(tmp_path: Path) -> None:
    just = '"' + "x" * (LARGEST - 2) + '"'
    assert data_of(just, "app.json") == "x" * (LARGEST - 2)
    assert "more than 512 KiB" in fault(just + " ")
    file = tmp_path / "app.json"
    file.write_text(just + " ")
    with pytest.raises(ConfigurationError, match="more than 512 KiB"):
        load(file)


@pytest.mark.parametrize(
    "text",
    ['{"a":' * 50 + "1" + "}" * 50, "[" * 100_000, "{" * 5_000, "- " * 5_000, "a: " + "[" * 5_000],
    ids=["groups", "json", "braces", "yaml", "flow"],
)
def test_depth_is_bounded(text: str) -> None:
    assert any(words in fault(text) for words in ("levels deep", "nested too deeply"))


def test_the_same_key_twice_is_a_mistake_with_its_place() -> None:
    assert fault('{"a": {"b": [{"c": 1, "d": 2, "c": 3}]}}') == "app.yaml: a.b[0].c is there twice; remove one of them"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "9" * 5_000])
def test_numbers_that_json_does_not_know(number: str) -> None:
    assert fault(f'{{"a": {number}}}') == "app.yaml: it has a number that JSON does not know; no setting needs one"


@pytest.mark.parametrize(("text", "place"), [("a: {b: .inf}", "a.b"), ("a: [1, .nan]", "a[1]")])
def test_nor_from_yaml(text: str, place: str) -> None:
    assert fault(text) == f"app.yaml: {place} must be a number that JSON knows"


@pytest.mark.parametrize("text", [r'{"a": "\ud800"}', r'{"a": {"\udfff": 1}}'])
def test_half_a_character_is_a_mistake(text: str) -> None:
    assert fault(text) == "app.yaml: a has half of a character (a lone surrogate); write the whole character"


@pytest.mark.parametrize("key", ["1", "true", "null", "1.5"])
def test_keys_are_text(key: str) -> None:
    sentence = fault(f"a: {{{key}: x}}")
    assert sentence.startswith("app.yaml: a has the key ")
    assert sentence.endswith(", which is no text; put it in quotes")


def test_a_file_is_read_as_utf8_with_or_without_its_mark(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig"):
        (tmp_path / "app.yaml").write_text("a: ü", encoding)
        assert load(tmp_path / "app.yaml") == "a: ü"


def test_a_file_in_another_encoding_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "app.yaml").write_text("a: ü", "latin-1")
    with pytest.raises(ConfigurationError, match=r"app\.yaml: this is no UTF-8 text; save it as UTF-8$"):
        load(tmp_path / "app.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.yaml: it cannot be read \(No such file or directory\)$"):
        load(tmp_path / "absent.yaml")
    with pytest.raises(ConfigurationError, match="it cannot be read"):
        load(tmp_path)


def test_plain_data_is_copied_with_tuples_as_lists() -> None:
    inner = [1]
    copied = plain({"a": inner, "b": (2,)}, Place("app"))
    inner.append(3)
    assert copied == {"a": [1], "b": [2]}


def test_plain_data_holds_nothing_that_json_cannot_say() -> None:
    with pytest.raises(ConfigurationError, match=r"^app: a\.b holds a set; a manifest is made of "):
        plain({"a": {"b": {1}}}, Place("app"))


def test_plain_data_that_holds_itself_comes_to_an_end() -> None:
    loop: dict[str, object] = {}
    loop["a"] = loop
    with pytest.raises(ConfigurationError, match="levels deep"):
        plain(loop, Place("app"))


def test_what_is_read_can_be_written_as_json() -> None:
    assert json.dumps(data_of("a: [1, x, 2024-01-01, ~]", "app")) == '{"a": [1, "x", "2024-01-01", null]}'
