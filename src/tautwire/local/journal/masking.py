"""Secrets do not enter the journal: people paste it into issues. Pure.

Known by their shape: tokens (`xoxb-…`, `xapp-…` and their relatives), tickets and tokens in URLs, the last part of
`response_url`s, incoming webhooks and upload URLs, an `Authorization` header in running text. Known by their key:
whatever is called `…token`, `…secret`, `…signature`, `authorization`, `cookie`, `response_url` or `upload_url`, also
in JSON that a string carries. What is masked stays recognisable: `xoxb-•••`, `/commands/T0LOCAL01/801/•••`.

A `trigger_id` is no secret: it serves once, within three seconds.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["MASK", "mask", "mask_text"]

MASK: Final = "•••"

_MASK: Final = MASK.encode()

#: Every payload of Slack's has a verification token. Masked first, so that most envelopes need no second look.
_VERIFICATION: Final = re.compile(rb'"token":"(?!x|"|%s)[^"\\]++"' % _MASK)

#: Where one of the patterns below could apply, in lower-case text. Each clue begins with a byte that is rare in Slack's
#: JSON: looking for all of them in a kilobyte takes 4 µs, where the patterns themselves would take a hundred.
_CLUE: Final = re.compile(
    rb'k(?:et|en(?!":"%s")|ie)|x(?:ox|app|wfp)|cret|zation(?!s)|gnature|/[/teu]|\\/|%%(?:2f|3d)' % _MASK
)

_TOKEN: Final = re.compile(
    rb"((?:xoxe\.)?xox[a-z]|xwfp|xapp(?=-\d)|(?:(?<![a-z])|(?<=\\[nrtbf])|(?<=%[0-9a-f]{2}))xapp)"
    rb"-[\w.%+/=~\x80-\xff-]+",
    re.IGNORECASE,
)

_NAMES: Final = rb"ticket|token|access_token|refresh_token|client_secret"
_QUERY: Final = re.compile(rb"""((?:[?&"]|u0026)(?:%s)=)[^&\s"'<>|\\#]+""" % _NAMES, re.IGNORECASE)
_ENCODED_QUERY: Final = re.compile(rb"""(%%(?:3f|26)(?:%s)%%3d)(?:(?!%%26)[^&\s"'<>|\\#])+""" % _NAMES, re.IGNORECASE)

_PLACES: Final = (b"commands", b"actions", b"app-actions", b"app", b"services", b"triggers", b"workflows")
#: From the slash on that follows one of the places: a slash is rarer than a word.
_PATH: Final = re.compile(
    rb"""(/(?:%s)[TE][A-Z0-9]+/[A-Za-z0-9]+/)[^/\s"'<>|\\?&#%%]+""" % b"|".join(b"(?<=%s/)" % name for name in _PLACES)
)
#: The same with slashes that are escaped, in JSON within JSON or in a URL within a URL. Backslashes are taken as a
#: whole run or not at all: a text full of them must not cost its length squared.
_ODD_PATH: Final = re.compile(
    rb"""(%(slash)s(?:%(places)s)%(slash)s[TE][A-Z0-9]+%(slash)s[A-Za-z0-9]+%(slash)s)[^/\s"'<>|\\?&#%%]+"""
    % {b"slash": rb"(?:(?<!\\)\\*+/|%2[Ff])", b"places": b"|".join(_PLACES)}
)
_UPLOAD: Final = re.compile(rb"""(/upload/v1/)[^\s"'<>|\\?&#]+""")
#: Whatever its path looks like, the last part of such a URL is what only its owner should know.
_URL: Final = re.compile(
    rb'(_url(?:(?<=response_url)|(?<=upload_url))\\*+"\s*:\s*\\*+"[^"\\\s]*/)(?!%s)[^"\\/\s]+(?=\\*+")' % _MASK
)
_HEADER: Final = re.compile(rb"""(authorization\s*[:=]\s*)(?:(?:bearer|basic|digest)\s+)?[^\s"'\\,;]+""", re.IGNORECASE)

_KEYS: Final = rb"(?:[\w.-]*(?:token|secret|signature)|(?:proxy-)?authorization|(?:set-)?cookie)"
#: Masked by its shape already, which says more than the bare mask would.
_DONE: Final = rb"(?:Bearer\s)?(?:[\w.]+-)?%s" % _MASK
_KEYED: Final = re.compile(
    rb'("%s"\s*:\s*")(?!"|%s")[^"\\]*+(?:\\.[^"\\]*+)*+(?=")' % (_KEYS, _DONE), re.IGNORECASE | re.DOTALL
)
#: The same in a string that is JSON itself, however often it was packed, and cut off or not.
_KEYED_WITHIN: Final = re.compile(
    rb'((?<!\\)\\++"%s\\++"\s*:\s*\\++")(?!\\*+"|%s\\*+")[^"]*?(?=\\*+")' % (_KEYS, _DONE), re.IGNORECASE
)

_KEY_CLUES: Final = frozenset({b"ken", b"cret", b"zation", b"gnature", b"kie"})
#: Which pattern a clue leads to, in the order in which they have to be tried.
_LEADS: Final = (
    (frozenset({b"xox", b"xapp", b"xwfp"}), _TOKEN, rb"\1-" + _MASK),
    (frozenset({b"ket", b"ken", b"cret"}), _QUERY, rb"\1" + _MASK),
    (frozenset({b"%3d"}), _ENCODED_QUERY, rb"\1" + _MASK),
    (frozenset({b"/t", b"/e"}), _PATH, rb"\1" + _MASK),
    (frozenset({b"\\/", b"%2f"}), _ODD_PATH, rb"\1" + _MASK),
    (frozenset({b"/u"}), _UPLOAD, rb"\1" + _MASK),
    (frozenset({b"//", b"\\/"}), _URL, rb"\1" + _MASK),
    (frozenset({b"zation"}), _HEADER, rb"\1" + _MASK),
    (_KEY_CLUES, _KEYED, rb"\1" + _MASK),
    (_KEY_CLUES, _KEYED_WITHIN, rb"\1" + _MASK),
)


def mask(raw: bytes) -> bytes:
    """`raw`, a piece of JSON, with the secrets in it masked. Idempotent; linear in the length, whatever is in it.

    Escapes that JSON does not need (`\\u0041`, `\\/`) hide a shape from it; `packing` writes JSON without them.
    """
    if b'"token":"' in raw:
        raw = _VERIFICATION.sub(b'"token":"%s"' % _MASK, raw)
    clues = _CLUE.findall(raw.lower())
    if clues:
        for leading, pattern, replacement in _LEADS:
            if not leading.isdisjoint(clues):
                raw = pattern.sub(replacement, raw)
    return raw


def mask_text(text: str) -> str:
    """The same for a text that is not JSON, such as the name of something."""
    return mask(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")
