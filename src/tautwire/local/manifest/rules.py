"""How a manifest's values are checked: one small rule for each kind of value, declared beside the field that it guards.

A field says `Annotated[str, Text(35)]`, a section is a dataclass of such fields, and `read` and `written` are all that
turns plain data into sections and back. Pure.

What breaks one of Slack's own rules for a value's form (its type, length, number, shape) is an error: Slack would
refuse the manifest, and no part of it could be trusted. What Slack refuses because something is left empty is a
warning, since the meaning is plain, and so is a key that nobody here knows, since Slack adds keys.
"""

import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import MISSING, dataclass, field, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints

from tautwire.local.manifest.place import Place, kind

__all__ = ["Choice", "Flag", "Group", "Many", "Rule", "Section", "Text", "Whole", "read", "written"]

S = TypeVar("S", bound="Section")


class Rule(Protocol):
    """Checks one value."""

    def read(self, value: object, at: Place) -> Any:
        """The value in its inward form; raises `ConfigurationError` for one that Slack would not take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Base of all groups of settings.

    `extra` keeps what the local Slack has no use for as it was given, so that nothing is lost on the way out. Keys in
    `unused` are ones that Slack documents; any other key in `extra` was warned about. `renamed` maps a field onto its
    key where the two differ.
    """

    unused: ClassVar[frozenset[str]] = frozenset()
    renamed: ClassVar[Mapping[str, str]] = {}

    extra: Mapping[str, object] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Text:
    """Text of `shortest` to `longest` characters. `form` says what is wrong with one that does not match `shape`."""

    longest: int
    shortest: int = 1
    shape: re.Pattern[str] | None = None
    form: str = ""

    def read(self, value: object, at: Place) -> str:
        """The text itself."""
        if not isinstance(value, str):
            advice = "; put it in quotes" if isinstance(value, (int, float)) else ""
            at.refuse(f"must be text, not {kind(value)}{advice}")
        if not value:
            at.refuse("is empty; fill it in")
        if len(value) < self.shortest:
            at.refuse(f"has {len(value)} characters, and Slack wants {self.shortest} or more; add some or leave it out")
        if len(value) > self.longest:
            at.refuse(f"has {len(value)} characters, and Slack takes {self.longest} at most; shorten it")
        if self.shape and not self.shape.fullmatch(value):
            at.refuse(self.form)
        return value


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def read(self, value: object, at: Place) -> bool:
        """The flag itself; a text such as "true" is none."""
        if not isinstance(value, bool):
            at.refuse(f"must be true or false (without quotes), not {kind(value)}")
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; with `choices`, one of these."""

    choices: tuple[int, ...] = ()

    def read(self, value: object, at: Place) -> int:
        """The number itself."""
        if not isinstance(value, int) or isinstance(value, bool):
            at.refuse(f"must be a whole number (without quotes), not {kind(value)}")
        if self.choices and value not in self.choices:
            at.refuse(f"must be {' or '.join(map(str, self.choices))}")
        return value


@dataclass(frozen=True, slots=True)
class Choice:
    """One of an enumeration's values."""

    among: type[StrEnum]

    def read(self, value: object, at: Place) -> StrEnum:
        """The enumeration's member."""
        found = next((member for member in self.among if member == value), None)
        if found is None:
            at.refuse(f"must be {' or '.join(self.among)}")
        return found


@dataclass(frozen=True, slots=True)
class Many:
    """A list of at most `most` items. `unique` refuses repetitions; `filled` means that Slack refuses an empty list."""

    of: Rule
    most: int
    unique: bool = False
    filled: bool = False

    def read(self, value: object, at: Place) -> tuple[Any, ...]:
        """The items, in their order."""
        if not isinstance(value, list):
            at.refuse(f"must be a list, not {kind(value)}")
        if len(value) > self.most:
            at.refuse(f"has {len(value)} entries, and Slack takes {self.most} at most; remove some")
        found: list[Any] = []
        for index, item in enumerate(value):
            entry = self.of.read(item, at.item(index))
            if self.unique and entry in found:
                at.item(index).refuse(f"repeats {at.path}[{found.index(entry)}]; remove one of them")
            found.append(entry)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of settings: a `Section`."""

    of: type[Section]

    def read(self, value: object, at: Place) -> Section:
        """The section."""
        return read(self.of, value, at)


def read(section: type[S], value: object, at: Place) -> S:
    """Plain data as a section; `ConfigurationError` at the first mistake, warnings gathered in `at`."""
    if not isinstance(value, Mapping):
        at.refuse(f"must be a group of settings, not {kind(value)}")
    plan, required = _plan(section), _required(section)
    found: dict[str, Any] = {}
    extra: dict[str, object] = {}
    for key, item in value.items():
        spot = at.key(key)
        if key not in plan:
            extra[key] = item
            if key not in section.unused:
                spot.warn("is no setting known here; check how it is spelt, unless Slack has added it lately")
            continue
        name, rule = plan[key]
        if name not in required and _is_blank(rule, item):
            spot.warn("is empty, which Slack refuses; leave it out, or fill it in (in quotes if it begins with #)")
            continue
        found[name] = rule.read(item, spot)
    for key, (name, _) in plan.items():
        if name in required and name not in found:
            at.refuse(f"lacks {key}, which Slack requires; add it")
    return section(**found, extra=extra)


def _is_blank(rule: Rule, value: object) -> bool:
    """Whether `value` says nothing, in a way that Slack refuses."""
    if isinstance(rule, Many):
        return value is None or (rule.filled and value == [])
    return value is None or (isinstance(rule, Text) and value == "")


def written(section: Section) -> dict[str, object]:
    """A section as plain data, ready for JSON; what has its default value is left out."""
    defaults = _defaults(type(section))
    plain: dict[str, object] = {}
    for key, (name, _) in _plan(type(section)).items():
        value = getattr(section, name)
        if value != defaults.get(name, MISSING):
            plain[key] = _plain(value)
    return plain | deepcopy(dict(section.extra))


def _plain(value: object) -> object:
    if isinstance(value, Section):
        return written(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def _plan(section: type[Section]) -> Mapping[str, tuple[str, Rule]]:
    """A section's rules by their keys, each with the name of its field."""
    hints = get_type_hints(section, include_extras=True)
    rules = {name: hint.__metadata__[0] for name, hint in hints.items() if hasattr(hint, "__metadata__")}
    return {section.renamed.get(name, name): (name, rule) for name, rule in rules.items()}


def _defaults(section: type[Section]) -> Mapping[str, object]:
    return {entry.name: entry.default for entry in fields(section) if entry.default is not MISSING}


def _required(section: type[Section]) -> frozenset[str]:
    return frozenset(name for name, _ in _plan(section).values() if name not in _defaults(section))
