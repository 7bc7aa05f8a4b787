"""A manifest's text as plain data: JSON or YAML, whichever it is, bounded in every direction.

`load` reads a file, which is all the I/O of this room. JSON needs no further library; YAML needs PyYAML, which the
extra `local` brings.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from tautwire.errors import ConfigurationError
from tautwire.local.manifest.place import Place, shortened

if TYPE_CHECKING:
    import os

__all__ = ["LARGEST", "data_of", "load", "plain"]

#: Bytes, or characters. Our own bound: 50 commands and 10 shortcuts with the longest texts that Slack takes are 310 KB.
LARGEST: Final = 512 * 1024

#: Levels of groups and lists. Slack's own deepest setting, a workflow's condition, is about a dozen down.
_DEEPEST: Final = 40


class _Twice:
    """Stands where JSON had the same key twice, until somebody knows the whole path to it."""


def load(path: str | os.PathLike[str]) -> str:
    """The text of a file; `ConfigurationError` when it cannot be read, is too large, or is not UTF-8."""
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigurationError(f"{name}: it cannot be read ({error.strerror or 'no reason given'})") from None
    if len(raw) > LARGEST:
        _refuse_size(name)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{name}: this is no UTF-8 text; save it as UTF-8") from None


def data_of(text: str, name: str) -> object:
    """The plain data that `text` says: groups, lists, texts, numbers, flags and nothing else.

    What begins like JSON is read as JSON, whatever the file is called; a flow mapping in a file called `.yaml` or
    `.yml` gets a second chance.
    """
    text = text.removeprefix("\N{BYTE ORDER MARK}")
    if len(text) > LARGEST:
        _refuse_size(name)
    if not text.strip():
        raise ConfigurationError(f"{name}: this is empty; put an app manifest there")
    try:
        found = _json(text, name) if text.lstrip()[0] in '{["' else _yaml(text, name)
        return plain(found, Place(name))
    except RecursionError:
        raise ConfigurationError(f"{name}: this is nested too deeply for a manifest") from None


def plain(value: object, at: Place, depth: int = 0) -> Any:
    """A copy of `value`, which has to be what JSON can say; `ConfigurationError` with the place of anything else."""
    if depth > _DEEPEST:
        at.refuse(f"is more than {_DEEPEST} levels deep; no setting of Slack's is")
    if isinstance(value, _Twice):
        at.refuse("is there twice; remove one of them")
    if isinstance(value, Mapping):
        return {_key(key, at): plain(item, at.key(str(key)), depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item, at.item(index), depth + 1) for index, item in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        at.refuse("must be a number that JSON knows")
    if isinstance(value, str):
        _check_characters(value, at)
    elif value is not None and not isinstance(value, (bool, int, float)):
        at.refuse(f"holds a {type(value).__name__}; a manifest is made of text, numbers, flags, lists and groups")
    return value


def _key(key: object, at: Place) -> str:
    if not isinstance(key, str):
        at.refuse(f"has the key {shortened(key)}, which is no text; put it in quotes")
    _check_characters(key, at)
    return key


def _check_characters(text: str, at: Place) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        at.refuse("has half of a character (a lone surrogate); write the whole character")


def _json(text: str, name: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_group, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        if name.lower().endswith((".yaml", ".yml")):
            return _yaml(text, name)
        where = f"line {error.lineno}, column {error.colno}"
        raise ConfigurationError(f"{name}, {where}: this is not JSON ({error.msg}); correct it there") from None
    except ValueError:
        raise ConfigurationError(f"{name}: it has a number that JSON does not know; no setting needs one") from None


def _group(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        found[key] = _Twice() if key in found else value
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def _yaml(text: str, name: str) -> object:
    try:
        yaml_text = import_module("tautwire.local.manifest.yaml_text")
    except ImportError:
        raise ConfigurationError(
            f"{name}: reading YAML needs PyYAML: pip install 'tautwire[local]' (or write the manifest in JSON)"
        ) from None
    return yaml_text.load(text, name)


def _refuse_size(name: str) -> NoReturn:
    raise ConfigurationError(f"{name}: this has more than {LARGEST // 1024} KiB, so it is no app manifest; give one")
