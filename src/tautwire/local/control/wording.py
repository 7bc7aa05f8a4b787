"""What is wrong with a body, in a sentence that names the field. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from tautwire.local.control.operation import Body

__all__ = ["sentence"]

_MISSING: Final = re.compile(r"Object missing required field `(?P<name>[^`]*)`$")
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>[^`]*)`$")
_TYPE: Final = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<given>[^`]*)`(?: - at `\$\.?(?P<place>[^`]*)`)?$")
_CHOICE: Final = re.compile(r"Invalid enum value (?P<given>.*) - at `\$\.(?P<place>[^`]*)`$")
_BOUND: Final = re.compile(r"Expected `\w+` (?P<bound>[<>]=? \S+) - at `\$\.(?P<place>[^`]*)`$")
_WHERE: Final = re.compile(r"(?P<words>.*) - at `\$\.(?P<place>[^`]*)`$", re.DOTALL)

_WORDS: Final = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


def sentence(name: str, kind: type[Body], problem: str) -> str:
    """`problem` as msgspec words it, in words for whoever asked for `name` and gave no good `kind`."""
    if found := _MISSING.match(problem):
        return f"{name} needs {found['name']}"
    if found := _UNKNOWN.match(problem):
        fields = ", ".join(kind.__struct_fields__)
        return f"{name} knows no {found['name']!r}; it takes {fields or 'nothing'}"
    if found := _TYPE.match(problem):
        wanted, given = (_words(found[part]) for part in ("wanted", "given"))
        return f"{name}: {found['place'] or 'the body'} must be {wanted}, not {given}"
    if found := _CHOICE.match(problem):
        return f"{name}: {found['place']} must be one of {_choices(kind, found['place'])}, not {found['given']}"
    if found := _BOUND.match(problem):
        return f"{name}: {found['place']} must be a number {found['bound'].removesuffix('.0')}"
    found = _WHERE.match(problem)
    return f"{name}: {found['place']}: {found['words']}" if found else f"{name}: {problem}"


def _words(types: str) -> str:
    return " or ".join(_WORDS.get(each, each) for each in types.split(" | "))


def _choices(kind: type[Body], place: str) -> str:
    hint = get_type_hints(kind).get(place)
    return ", ".join(repr(each) for each in get_args(hint) if each) if get_origin(hint) is Literal else "a few"
