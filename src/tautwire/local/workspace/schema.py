"""What JSON has to look like, put together from small checks, with Slack's words for where it does not. Pure.

A check looks at a value and at the JSON pointer where it stands, and says what is wrong there. The sentences are those
of Slack's own answers, as they have been seen in public in many places (`response_metadata.messages`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Check = Callable[[Any, str], Iterator[str]]

__all__ = [
    "anything",
    "at",
    "either",
    "enum",
    "flag",
    "items",
    "kinds",
    "number",
    "one_of",
    "shape",
    "text",
    "too_deep",
]


#: Levels of arrays and objects in each other. Slack's own never come near; Python's JSON gives up at a thousand.
MOST_DEEP: Final = 100


def too_deep(value: Any) -> bool:
    """Whether arrays and objects lie in each other deeper than anything that could be sent on."""
    level = [value]
    for _ in range(MOST_DEEP):
        inside = (part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list))
        level = [each for parts in inside for each in parts]
        if not level:
            return False
    return True


def at(words: str, pointer: str) -> str:
    """A problem and where it is."""
    return f"{words} [json-pointer:{pointer}]"


def anything(_value: Any, _pointer: str) -> Iterator[str]:
    """Whatever it is, it will do."""
    yield from ()


def text(most: int | None = None, least: int = 0) -> Check:
    """A string of `least` to `most` characters."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield at("must provide a string", pointer)
        elif len(value) < least:
            yield at(f"must be more than {least - 1} characters", pointer)
        elif most is not None and len(value) > most:
            yield at(f"must be less than {most + 1} characters", pointer)

    return check


def flag(value: Any, pointer: str) -> Iterator[str]:
    """True or false."""
    if not isinstance(value, bool):
        yield at("must provide a boolean", pointer)


def number(value: Any, pointer: str) -> Iterator[str]:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int):
        yield at("must provide an integer", pointer)


def enum(*words: str) -> Check:
    """One of these words."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield at("must provide a string", pointer)
        elif value not in words:
            yield at("must be a valid enum value", pointer)

    return check


def items(each: Check, most: int | None = None, least: int = 0) -> Check:
    """An array of `least` to `most` items, and all of them as `each` says."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield at("must provide an array", pointer)
            return
        if most is not None and len(value) > most:
            yield at(f"no more than {most} items allowed", pointer)
        if len(value) < least:
            yield at(f"must provide at least {least} items", pointer)
        for index, item in enumerate(value):
            yield from each(item, f"{pointer}/{index}")

    return check


def shape(required: Mapping[str, Check], optional: Mapping[str, Check], *, is_closed: bool = False) -> Check:
    """An object. What else it has is let through, or, when `is_closed`, named as a problem.

    Slack closes all of its objects; a list of names that lags behind Slack's would refuse what Slack takes, so only
    those are closed here whose names have not changed in years.
    """
    known: Final = {**required, **optional}

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", pointer)
            return
        for name in required:
            if name not in value:
                yield at(f"missing required field: {name}", pointer)
        for name, part in value.items():
            if name in known:
                yield from known[name](part, f"{pointer}/{name}")
            elif is_closed:
                yield at(f"invalid additional property: {name}", pointer)

    return check


def one_of(one: str, other: str, check: Check) -> Check:
    """An object as `check` says, with at least one of two properties."""

    def told(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and one not in value and other not in value:
            yield at(f"must define either `{one}` or `{other}`", pointer)
        yield from check(value, pointer)

    return told


def kinds(table: Mapping[str, Check]) -> Check:
    """An object whose `type` says which of the checks it has to pass."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield at("must provide an object", pointer)
        elif "type" not in value:
            yield at("missing required field: type", pointer)
        elif not isinstance(value["type"], str):
            yield at("must provide a string", f"{pointer}/type")
        elif value["type"] not in table:
            yield at(f"unsupported type: {value['type']}", f"{pointer}/type")
        else:
            yield from table[value["type"]](value, pointer)

    return check


def either(check: Check) -> Check:
    """One of several forms: Slack says first that none of them fits, and then what is wrong with the nearest."""

    def told(value: Any, pointer: str) -> Iterator[str]:
        problems = list(check(value, pointer))
        if problems:
            yield at("failed to match all allowed schemas", pointer)
            yield from problems

    return told
