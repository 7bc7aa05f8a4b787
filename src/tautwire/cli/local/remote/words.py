"""What a local Slack answers, in lines for people. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tautwire.cli.local.remote.blocks import block_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import tzinfo

__all__ = ["answered", "clock", "mentions", "message_lines", "printable", "screen_lines", "table"]

Json = dict[str, Any]

_MENTION: Final = re.compile(r"<([@#!])([A-Za-z0-9]+)(?:\|([^>]*))?>")
_LINK: Final = re.compile(r"<((?:https?|mailto):[^|>]+)(?:\|([^>]*))?>")
_ESCAPES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


def printable(text: str) -> str:
    """`text` on one line, and without what could move a terminal's cursor."""
    return "".join(_visible(char) for char in text)


def _visible(char: str) -> str:
    if char.isprintable() or char == "\N{ZERO WIDTH JOINER}":
        return char
    return {"\n": "⏎", "\r": "⏎", "\t": " "}.get(char, "·")


def clock(at: float, zone: tzinfo | None = None, *, thousandths: bool = False) -> str:
    """The time of day, here or in `zone`."""
    try:
        moment = datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (ValueError, OverflowError, OSError):
        return "--:--:--"
    return f"{moment:%H:%M:%S}" + (f".{moment.microsecond // 1000:03d}" if thousandths else "")


def mentions(text: str, names: Mapping[str, str]) -> str:
    """Slack's markup as people see it: mentions by name, links by their words."""

    def mention(found: re.Match[str]) -> str:
        sign, known, words = found.groups()
        if sign == "!":
            return f"@{known}"
        return f"{sign}{(words or names.get(known, known)).removeprefix(sign)}"

    text = _LINK.sub(lambda found: found[2] or found[1], _MENTION.sub(mention, text))
    for written, meant in _ESCAPES:
        text = text.replace(written, meant)
    return text


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    """Columns, as wide as they need to be."""
    known = list(rows)
    widths = [max(map(len, column)) for column in zip(*known, strict=True)] if known else []
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in known]


def message_lines(messages: Iterable[Json], names: Mapping[str, str], zone: tzinfo | None = None) -> Iterator[str]:
    """A conversation: who said what, its blocks, reactions and files; replies stand below what they answer.

    At the end of each is its `ts`, by which other commands know it.
    """
    known = list(messages)
    threads: dict[str, list[Json]] = {}
    for each in known:
        parent = each.get("thread_ts")
        if parent and parent != each.get("ts"):
            threads.setdefault(parent, []).append(each)
    shown = {each["ts"] for each in known}
    for each in known:
        parent = each.get("thread_ts", each["ts"])
        if parent == each["ts"] or parent not in shown:
            yield from _message(each, names, zone, "")
            for reply in threads.get(each["ts"], ()):
                yield from _message(reply, names, zone, "    ")


def _message(message: Json, names: Mapping[str, str], zone: tzinfo | None, indent: str) -> Iterator[str]:
    first, *rest = mentions(str(message.get("text", "")), names).split("\n")
    edited = " (edited)" if message.get("edited") else ""
    yield f"{indent}{clock(_seconds(message), zone)} {message.get('name', '?')}: {first}{edited}  [{message.get('ts')}]"
    below = f"{indent}    "
    yield from (f"{below}{line}" for line in rest)
    blocks = [each for each in message.get("blocks", ()) if each.get("type") != "rich_text"]
    yield from (f"{below}{mentions(line, names)}" for line in block_lines(blocks, said=message.get("text", "")))
    yield from (f"{below}+ {each.get('name')} ({each.get('size', 0)} bytes)" for each in message.get("files", ()))
    marks = [f":{each['name']}: {each['count']}" for each in message.get("reactions", ())]
    if marks:
        yield below + "  ".join(marks)


def _seconds(message: Json) -> float:
    try:
        return float(message.get("ts", ""))
    except ValueError:
        return 0.0


def screen_lines(answer: Json, zone: tzinfo | None = None) -> Iterator[str]:
    """Modals, the one on top first, then homes, then what nobody else sees."""
    names = answer.get("names", {})
    for view in reversed(answer["modals"]):
        yield f"modal {_title(view)}"
        yield from (f"    {mentions(line, names)}" for line in block_lines(view["blocks"]))
        yield from (f"    ! {block}: {words}" for block, words in view.get("errors", {}).items())
        if view.get("trouble"):
            yield f"    ! {view['trouble']}"
    for view in answer["homes"]:
        yield f"home of {view.get('app_id')}"
        yield from (f"    {mentions(line, names)}" for line in block_lines(view["blocks"]))
    for each in answer["ephemerals"]:
        place = names.get(each.get("channel"), each.get("channel"))
        yield f"nobody else sees, in {place}:"
        yield from (f"    {line}" for line in message_lines([each], names, zone))


def _title(view: Json) -> str:
    title = (view.get("title") or {}).get("text", "")
    callback = view.get("callback_id")
    return f"{title!r}{f' ({callback})' if callback else ''}"


def answered(payload: Json | None) -> Iterator[str]:
    """What an app put into its ack."""
    if not payload:
        return
    if isinstance(payload.get("text"), str):
        yield payload["text"]
    if "response_action" in payload:
        yield f"the app answers: {payload['response_action']}"
    yield from block_lines(payload.get("blocks", ()), said=payload.get("text", ""))
