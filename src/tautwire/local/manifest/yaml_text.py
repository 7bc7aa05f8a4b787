"""YAML as far as JSON goes: no objects, no dates, no sets, and no more of it than a manifest has. Needs PyYAML. Pure.

Anchors and aliases work, since people share lists of scopes with them; what they expand to is counted first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, NoReturn

import yaml

from tautwire.errors import ConfigurationError
from tautwire.local.manifest.place import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MOST_NODES", "load"]

#: Ten times what the fullest manifest within Slack's limits has: 255 scopes and 100 events twice, 1,000 URLs.
MOST_NODES: Final = 20_000

_MOST_TOLD: Final = 200

_PREFIX: Final = "tag:yaml.org,2002:"
_SCALARS: Final = frozenset(_PREFIX + word for word in ("null", "bool", "int", "float", "str"))
_MERGE: Final = _PREFIX + "merge"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without what JSON cannot say: a date stays the text that it is."""

    yaml_implicit_resolvers: dict[str, Any] = {  # noqa: RUF012 - PyYAML looks for it in the class
        first: [(tag, shape) for tag, shape in resolvers if tag in _SCALARS or tag == _MERGE]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    yaml_constructors: ClassVar[dict[Any, Any]] = {
        tag: constructor
        for tag, constructor in yaml.SafeLoader.yaml_constructors.items()
        if tag in _SCALARS or tag in (_PREFIX + "seq", _PREFIX + "map", None)
    }

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.file_name = name
        self.nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """PyYAML's own step, counted, so that a file full of nothing is given up early."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise ConfigurationError(
                f"{self.file_name}: this has more than {MOST_NODES:,} values, so it is no app manifest"
            )
        return super().compose_node(parent, index)


def load(text: str, name: str) -> object:
    """The one document in `text`; `ConfigurationError` with line and column for what is not YAML, or too much of it."""
    try:
        loader = _Loader(text, name)
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            _measure(node, name, {})
            return loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        _refuse(error, name)
    except ConfigurationError:
        raise
    except (ValueError, LookupError):
        # What PyYAML lets through from int() and its own tables, for `!!int x`, `!!bool maybe` or an endless number.
        raise ConfigurationError(f"{name}: a value in it is not what its tag says; write it in quotes") from None


def _refuse(error: yaml.YAMLError, name: str) -> NoReturn:
    mark = getattr(error, "problem_mark", None)
    words = (getattr(error, attribute, None) for attribute in ("context", "problem", "reason"))
    problem = " ".join(filter(None, words))[:_MOST_TOLD]
    where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    raise ConfigurationError(f"{name}{where}: this is not YAML ({problem}); correct it there") from None


def _measure(node: yaml.Node, name: str, sizes: dict[int, int]) -> int:
    """How many nodes `node` stands for once every alias is written out; refuses more than a manifest can have."""
    if id(node) in sizes:
        if not sizes[id(node)]:
            _refuse_at(node.start_mark, name, "this contains itself; write it out instead")
        return sizes[id(node)]
    sizes[id(node)] = 0
    size = 1 + sum(_measure(child, name, sizes) for child in _children(node, name))
    if size > MOST_NODES:
        _refuse_at(node.start_mark, name, f"this expands to more than {MOST_NODES:,} values; no manifest has as many")
    sizes[id(node)] = size
    return size


def _children(node: yaml.Node, name: str) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    if isinstance(node, yaml.MappingNode):
        seen: set[object] = set()
        for key, value in node.value:
            label = key.value if isinstance(key, yaml.ScalarNode) else id(key)
            if label in seen:
                _refuse_at(key.start_mark, name, f"{shortened(label)} is there twice; remove one of them")
            seen.add(label)
            yield key
            yield value


def _refuse_at(mark: yaml.Mark, name: str, fault: str) -> NoReturn:
    raise ConfigurationError(f"{name}, line {mark.line + 1}: {fault}")
