"""Text as Slack's own clients send it: every message with words in it carries a `rich_text` block of the same words.

Slack makes that block for people's messages and for an app's plain text alike (both in captured traffic). It is made
here from mrkdwn: mentions, links, emoji, four inline styles, quotes and preformatted text. Lists stay text. An emoji
lacks the `unicode` that Slack adds for the built-in ones. Pure.
"""

from __future__ import annotations

import base64
import hashlib
import html
import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["block", "links"]

Json = dict[str, Any]
Style = frozenset[str]

_PREFORMATTED: Final = re.compile(r"```\n?(.+?)\n?```\n?", re.DOTALL)
_QUOTED: Final = re.compile(r"(?:^(?:&gt;|>) ?.*(?:\n|\Z))+", re.MULTILINE)
_QUOTE_MARK: Final = re.compile(r"^(?:&gt;|>) ?", re.MULTILINE)
_BARE_URL: Final = r"https?://[^\s<>|*~`]*[^\s<>|*~`.,;:!?)\]'\"]"
#: Words between a pair of marks: no blank inside at either end, no letter outside; bounded, for the sake of time.
_PAIR: Final = r"(?<![\w{mark}]){mark}(?P<{name}>(?![\s{mark}])[^\n]{{1,250}}?(?<![\s{mark}])){mark}(?![\w{mark}])"
_INLINE: Final = re.compile(
    "|".join(
        (
            r"`(?P<code>[^`\n]+)`",
            r"<(?P<angle>[@#!]?[^<>\s][^<>]*)>",
            rf"(?P<url>{_BARE_URL})",
            r"(?<![\w:]):(?P<emoji>100|(?!\d+:)[\w+'-]{1,100})(?:::skin-tone-(?P<tone>[2-6]))?:(?!\w)",
            _PAIR.format(mark=r"\*", name="bold"),
            _PAIR.format(mark="_", name="italic"),
            _PAIR.format(mark="~", name="strike"),
        )
    )
)
_LINK: Final = re.compile(rf"```.+?```|`[^`\n]+`|<(?P<angle>https?://[^<>]+)>|(?P<url>{_BARE_URL})", re.DOTALL)
_DATE: Final = re.compile(r"date\^(\d{1,15})\^([^|^]+)(?:\^([^|]+))?")


def block(text: str, *, seed: str) -> Json:
    """The `rich_text` block that says `text`. `seed` decides its `block_id`: the same one each time."""
    digest = hashlib.sha256(f"{seed} {text}".encode()).digest()
    block_id = base64.b64encode(digest).decode()[:5]
    return {"type": "rich_text", "block_id": block_id, "elements": list(_paragraphs(text))}


def links(text: str) -> list[str]:
    """The web addresses in `text`, bare ones too, each once; not what stands in code."""
    found = (match["angle"] or match["url"] for match in _LINK.finditer(text))
    return list(dict.fromkeys(html.unescape(url).partition("|")[0] for url in found if url))


def _paragraphs(text: str) -> Iterator[Json]:
    for is_code, part in _split(_PREFORMATTED, text):
        if is_code:
            words = _PREFORMATTED.sub(r"\1", part)
            yield {"type": "rich_text_preformatted", "elements": [_text(words, frozenset())], "border": 0}
            continue
        for is_quote, piece in _split(_QUOTED, part):
            kind = "rich_text_quote" if is_quote else "rich_text_section"
            said = _QUOTE_MARK.sub("", piece).removesuffix("\n") if is_quote else piece
            elements = _merged(_inline(said, frozenset()))
            if elements:
                yield {"type": kind, "elements": elements}


def _split(pattern: re.Pattern[str], text: str) -> Iterator[tuple[bool, str]]:
    """`text` in pieces, and of each whether the pattern matches it."""
    at = 0
    for match in pattern.finditer(text):
        yield from [(False, text[at : match.start()])] if match.start() > at else []
        yield True, match.group()
        at = match.end()
    if text[at:]:
        yield False, text[at:]


def _inline(text: str, style: Style) -> Iterator[Json]:
    at = 0
    for match in _INLINE.finditer(text):
        yield _text(text[at : match.start()], style)
        yield from _element(match, style)
        at = match.end()
    yield _text(text[at:], style)


def _element(match: re.Match[str], style: Style) -> Iterator[Json]:
    name = match.lastgroup if match.lastgroup != "tone" else "emoji"
    said = match[name or 0]
    if name in style:
        yield _text(match.group(), style)
    elif name in ("bold", "italic", "strike"):
        yield from _inline(said, style | {name})
    elif name == "code":
        yield _text(said, style | {"code"})
    elif name == "url":
        yield _styled({"type": "link", "url": html.unescape(said)}, style)
    elif name == "emoji":
        tone = {"skin_tone": int(match["tone"])} if match["tone"] else {}
        yield _styled({"type": "emoji", "name": said, **tone}, style)
    else:
        yield _styled(_reference(said), style)


def _reference(said: str) -> Json:
    """What stands in angle brackets."""
    target, _, label = said.partition("|")
    date = _DATE.match(target, 1)
    if target.startswith("@"):
        return {"type": "user", "user_id": target[1:]}
    if target.startswith("#"):
        return {"type": "channel", "channel_id": target[1:]}
    if target.startswith("!subteam^"):
        return {"type": "usergroup", "usergroup_id": target.removeprefix("!subteam^")}
    if date is not None:
        shape = {"type": "date", "timestamp": int(date[1]), "format": date[2], "fallback": html.unescape(label)}
        return shape | ({"url": html.unescape(date[3])} if date[3] else {})
    if target.startswith("!"):
        return {"type": "broadcast", "range": target[1:]}
    return {"type": "link", "url": html.unescape(target), **({"text": html.unescape(label)} if label else {})}


def _text(words: str, style: Style) -> Json:
    return _styled({"type": "text", "text": html.unescape(words)}, style)


def _styled(element: Json, style: Style) -> Json:
    return element | {"style": dict.fromkeys(sorted(style), True)} if style else element


def _merged(elements: Iterator[Json]) -> list[Json]:
    """Neighbouring pieces of text of one style become one; empty ones go."""
    merged: list[Json] = []
    for each in elements:
        if each.get("text") == "" and each["type"] == "text":
            continue
        last = merged[-1] if merged else {}
        if each["type"] == last.get("type") == "text" and each.get("style") == last.get("style"):
            last["text"] += each["text"]
        else:
            merged.append(each)
    return merged
