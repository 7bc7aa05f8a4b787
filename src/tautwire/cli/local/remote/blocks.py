"""Blocks as lines of text: what a person would read, and by what name each thing to click on is known. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["block_lines"]

Json = dict[str, Any]


def block_lines(blocks: Iterable[Json], *, said: str = "") -> Iterator[str]:
    """A line or more for each block; a text that is `said` already is not said again."""
    for block in blocks:
        for line in _block(block):
            if line and line != said:
                yield line


def _block(block: Json) -> Iterator[str]:
    match block.get("type"):
        case "divider":
            yield "────"
        case "header":
            yield _text(block).upper()
        case "section":
            yield from _lines(_text(block))
            yield from (f"· {_text({'text': each})}" for each in block.get("fields", ()))
            if isinstance(block.get("accessory"), dict):
                yield _element(block["accessory"])
        case "actions":
            yield "  ".join(_element(each) for each in block.get("elements", ()))
        case "context":
            yield " ".join(_text({"text": each}) or _image(each) for each in block.get("elements", ()))
        case "input":
            label = _text({"text": block.get("label")})
            needed = "" if block.get("optional") else "*"
            yield f"{label}{needed}: {_element(block.get('element', {}))}"
            yield _text({"text": block.get("hint")})
        case "image":
            yield _image(block)
        case "rich_text":
            yield from _lines("".join(_rich(block)))
        case kind:
            yield f"({kind})"


def _element(element: Json) -> str:
    kind, name = str(element.get("type", "?")), element.get("action_id") or ""
    if kind == "image":
        return _image(element)
    if kind in ("button", "workflow_button", "icon_button"):
        return f"[{_text(element) or name}]{f' ({name})' if name else ''}"
    options = [_text(each) for each in _options(element)]
    choice = f": {' | '.join(options)}" if options else ""
    return f"<{kind}{f' {name}' if name else ''}{choice}>"


def _options(element: Json) -> Iterator[Json]:
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group.get("options", ())


def _text(holder: Json) -> str:
    text = holder.get("text")
    found = text.get("text") if isinstance(text, dict) else text
    return found if isinstance(found, str) else ""


def _lines(text: str) -> list[str]:
    return text.split("\n")


def _image(image: Json) -> str:
    return f"(image: {image.get('alt_text') or image.get('image_url') or '?'})"


def _rich(node: Any) -> Iterator[str]:
    """The words of rich text, in order."""
    if isinstance(node, list):
        for each in node:
            yield from _rich(each)
    elif isinstance(node, dict):
        match node.get("type"):
            case "text":
                yield str(node.get("text", ""))
            case "user":
                yield f"<@{node.get('user_id')}>"
            case "channel":
                yield f"<#{node.get('channel_id')}>"
            case "emoji":
                yield f":{node.get('name')}:"
            case "link":
                yield str(node.get("text") or node.get("url"))
            case _:
                yield from _rich(node.get("elements", []))
