"""Block Kit: what Slack takes for blocks, and what it makes of them. Pure.

Messages, modals and homes are looked at alike. Where each block may stand is what docs.slack.dev/blocks.json says; a
block of 2026 that is not described closely there is let through as it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from tautwire.local.workspace.elements import (
    ACTIONS,
    BUTTON,
    CONTEXT,
    CONTEXT_ACTIONS,
    IMAGE_SOURCE,
    INPUTS,
    INTERACTIVE,
    MAX_ID,
    SECTION,
    any_text,
    image,
    plain,
)
from tautwire.local.workspace.schema import anything, at, enum, flag, items, kinds, one_of, shape, text, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tautwire.local.workspace.model import Json
    from tautwire.local.workspace.schema import Check

__all__ = ["MOST", "Surface", "elements_of", "finished", "in_attachments", "problems", "with_defaults"]

Surface = Literal["message", "modal", "home"]

#: Blocks on one surface.
MOST: Final[dict[Surface, int]] = {"message": 50, "modal": 100, "home": 100}
#: Characters of all markdown blocks of a message together.
MAX_MARKDOWN: Final = 12_000
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/="


#: Where a block holds its elements, and where other blocks.
_HOLDING: Final = {
    "actions": "elements",
    "context_actions": "elements",
    "section": "accessory",
    "input": "element",
    "card": "actions",
}
_NESTING: Final = {"carousel": "elements", "container": "child_blocks"}
#: What a text object has that does not say otherwise.
_DEFAULTS: Final[dict[str, Json]] = {"plain_text": {"emoji": True}, "mrkdwn": {"verbatim": False}}


def _block(required: dict[str, Check], optional: dict[str, Check] | None = None) -> Check:
    return shape({"type": anything, **required}, {"block_id": text(MAX_ID), **(optional or {})})


_RICH: Final = _block(
    {
        "elements": items(
            kinds(
                {
                    name: shape({"type": anything, "elements": items(shape({"type": text(None, 1)}, {}))}, {})
                    for name in ("rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted")
                }
            )
        )
    }
)
_CELLS: Final = {name: shape({"type": anything}, {}) for name in ("rich_text", "raw_text", "raw_number")}
_CARD: Final = _block(
    {},
    {
        "hero_image": image(),
        "icon": image(),
        "title": any_text(150),
        "subtitle": any_text(150),
        "body": any_text(200),
        "actions": items(BUTTON),
    },
)
_EVERYWHERE: Final[dict[str, Check]] = {
    "actions": _block({"elements": items(ACTIONS, 25, 1)}),
    "card": _CARD,
    "context": _block({"elements": items(CONTEXT, 10, 1)}),
    "divider": _block({}),
    "header": _block({"text": plain(150)}),
    "image": one_of(
        "image_url", "slack_file", _block({"alt_text": text(2000)}, {**IMAGE_SOURCE, "title": plain(2000)})
    ),
    "input": _block(
        {"label": plain(2000), "element": INPUTS}, {"hint": plain(2000), "optional": flag, "dispatch_action": flag}
    ),
    "rich_text": _RICH,
    "section": one_of(
        "text",
        "fields",
        _block(
            {}, {"text": any_text(3000), "fields": items(any_text(2000), 10, 1), "accessory": SECTION, "expand": flag}
        ),
    ),
    "video": _block(
        {
            "alt_text": text(),
            "title": plain(200),
            "thumbnail_url": text(3000, 1),
            "video_url": text(3000, 1),
        },
        {"author_name": text(50), "description": plain(200), "provider_name": text(), "title_url": text(3000)},
    ),
}
_CAROUSEL: Final = _block({"elements": items(kinds({"card": _CARD}), 10, 1)})
_FILE: Final = _block({"external_id": text(), "source": enum("remote")})
_TABLE: Final = _block(
    {"rows": items(items(kinds(_CELLS), 20, 1), 100, 1)},
    {"column_settings": items(shape({}, {"align": enum("left", "center", "right"), "is_wrapped": flag}), 20)},
)
_CHILDREN: Final = {name: check for name, check in _EVERYWHERE.items() if name != "card"}
_KINDS: Final[dict[Surface, dict[str, Check]]] = {
    "message": {
        **_EVERYWHERE,
        "carousel": _CAROUSEL,
        "container": one_of(
            "title",
            "rich_text_title",
            _block({"child_blocks": items(kinds({**_CHILDREN, "file": _FILE, "table": _TABLE}), 10, 1)}),
        ),
        "context_actions": _block({"elements": items(CONTEXT_ACTIONS, 5, 1)}),
        "data_table": _block({}),
        "data_visualization": _block({}),
        "file": _FILE,
        "markdown": _block({"text": text(MAX_MARKDOWN, 1)}),
        "plan": _block({"title": text()}),
        "table": _TABLE,
        "task_card": _block({"task_id": text(), "title": text()}),
    },
    "modal": {
        **_EVERYWHERE,
        "alert": _block({"text": any_text(200)}, {"level": enum("default", "info", "warning", "error", "success")}),
    },
    "home": {**_EVERYWHERE, "carousel": _CAROUSEL},
}
_CHECKS: Final[dict[Surface, Check]] = {
    surface: items(kinds(table), MOST[surface]) for surface, table in _KINDS.items()
}


def problems(blocks: Any, surface: Surface, pointer: str = "/blocks") -> list[str]:
    """What is wrong with `blocks`, in Slack's words; empty when Slack would take them.

    `pointer` is where they stand in what was sent.
    """
    if too_deep(blocks):
        return [at("nested too deeply", pointer)]
    found = list(_CHECKS[surface](blocks, pointer))
    return found or list(_twice(blocks, pointer))


def _twice(blocks: list[Json], pointer: str, seen: set[str] | None = None) -> Iterator[str]:
    """A `block_id` that another block has, an `action_id` that another element of the same block has."""
    taken: set[str] = set() if seen is None else seen
    for index, block in enumerate(blocks):
        here = f"{pointer}/{index}"
        yield from _again("block_id", block, taken, here)
        inside: set[str] = set()
        for place, element in _elements(block):
            yield from _again("action_id", element, inside, f"{here}/{place}")
        name = _NESTING.get(block["type"])
        if name is not None:
            yield from _twice(block[name], f"{here}/{name}", taken)


def _again(name: str, what: Json, seen: set[str], pointer: str) -> Iterator[str]:
    value = what.get(name)
    if value and value in seen:
        yield at(f'`{name}` "{value}" already exists', f"{pointer}/{name}")
    seen.add(value or "")


def _elements(block: Json) -> list[tuple[str, Json]]:
    """The elements of a block that may have an `action_id`, and where they stand in it."""
    name = _HOLDING.get(block["type"])
    value = block.get(name) if name else None
    if name is None or value is None:
        return []
    if isinstance(value, list):
        return [(f"{name}/{index}", each) for index, each in enumerate(value)]
    return [(name, value)]


def elements_of(block: Json) -> list[Json]:
    """The elements of a block that may have an `action_id`."""
    return [element for _, element in _elements(block)]


def in_attachments(attachments: list[Any], pointer: str = "/attachments") -> list[str]:
    """What is wrong with the blocks inside legacy attachments."""
    if too_deep(attachments):
        return [at("nested too deeply", pointer)]
    found: list[str] = []
    for index, each in enumerate(attachments):
        if not isinstance(each, dict):
            found.append(at("must provide an object", f"{pointer}/{index}"))
        elif "blocks" in each:
            found += problems(each["blocks"], "message", f"{pointer}/{index}/blocks")
    return found


def finished(blocks: list[Json], random: Random) -> list[Json]:
    """A copy as Slack stores it: what was left out is there, ids of blocks and elements first of all.

    `random` decides them, so that the same seed gives the same ids. The blocks are such as have no `problems`.
    """
    taken = {str(block["block_id"]) for block in blocks if block.get("block_id")}
    return [_block_finished(block, taken, random) for block in blocks]


def _block_finished(block: Json, taken: set[str], random: Random) -> Json:
    given = {**block, "block_id": block.get("block_id") or _fresh(taken, random)}
    if block["type"] == "input":
        given = {"optional": False, "dispatch_action": False, **given}
    inside = _NESTING.get(block["type"])
    if inside is not None:
        given[inside] = [_block_finished(each, taken, random) for each in block[inside]]
    holding = _HOLDING.get(block["type"])
    if holding in block:
        names = {str(element.get("action_id")) for element in elements_of(block)}
        elements = [_element_finished(element, names, random) for element in elements_of(block)]
        given[holding] = elements if isinstance(block[holding], list) else elements[0]
    finished: Json = with_defaults(given)
    return finished


def _element_finished(element: Json, names: set[str], random: Random) -> Json:
    if element["type"] not in INTERACTIVE:
        return element
    return {**element, "action_id": element.get("action_id") or _fresh(names, random)}


def _fresh(taken: set[str], random: Random) -> str:
    """Five characters, as Slack's are, that nobody here has yet."""
    while True:
        name = "".join(random.choices(_LETTERS, k=5))
        if name not in taken:
            taken.add(name)
            return name


def with_defaults(value: Any, depth: int = 8) -> Any:
    """A copy in which text objects say what Slack takes for granted: emoji in plain ones, and links in others."""
    if depth and isinstance(value, list):
        return [with_defaults(each, depth - 1) for each in value]
    if not depth or not isinstance(value, dict):
        return value
    copied = {name: with_defaults(each, depth - 1) for name, each in value.items()}
    return {**_DEFAULTS.get(str(value.get("type")), {}), **copied}
