"""What Slack takes for a modal or an App Home, and what it makes of it. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, Literal

from tautwire.local.workspace.blocks import elements_of, finished, problems, with_defaults
from tautwire.local.workspace.content import refused
from tautwire.local.workspace.elements import plain
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.schema import anything, at, flag, shape, text, too_deep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tautwire.local.workspace.model import Json
    from tautwire.local.workspace.schema import Check

__all__ = ["as_stored", "check_view", "places_in"]

#: Slack's bounds for a view (docs.slack.dev/reference/views).
MAX_SHORT: Final = 24
MAX_METADATA: Final = 3000
MAX_CALLBACK: Final = 255
MAX_BYTES: Final = 250_000
_COMMON: Final[dict[str, Check]] = {
    "private_metadata": text(MAX_METADATA),
    "callback_id": text(MAX_CALLBACK),
    "external_id": text(MAX_CALLBACK),
}
_CHECKS: Final[dict[str, Check]] = {
    "modal": shape(
        {"title": plain(MAX_SHORT), "blocks": anything, "type": anything},
        {
            **_COMMON,
            "submit": plain(MAX_SHORT),
            "close": plain(MAX_SHORT),
            "clear_on_close": flag,
            "notify_on_close": flag,
            "submit_disabled": flag,
        },
    ),
    "home": shape({"blocks": anything, "type": anything}, _COMMON),
}


def check_view(given: Any, kind: Literal["modal", "home"]) -> None:
    """Refuse what Slack would not take for a view of this kind: `invalid_arguments` with reasons, `view_too_large`."""
    found = list(_problems(given, kind))
    if found:
        raise refused("invalid_arguments", found)
    if len(json.dumps(given)) > MAX_BYTES:
        raise Refusal("view_too_large")


def _problems(given: Any, kind: Literal["modal", "home"]) -> Iterator[str]:
    if too_deep(given):
        yield at("nested too deeply", "/view")
        return
    yield from _CHECKS[kind](given, "/view")
    if not isinstance(given, dict):
        return
    if "type" in given and given["type"] != kind:
        yield at(f"unsupported type: {given['type']}", "/view/type")
    if "blocks" in given:
        found = problems(given["blocks"], kind, "/view/blocks")
        yield from found or _without_submit(given, kind)


def _without_submit(given: Json, kind: str) -> Iterator[str]:
    """An input in a modal that cannot be submitted."""
    if kind == "modal" and "submit" not in given:
        for index, block in enumerate(given["blocks"]):
            if block["type"] == "input":
                yield at("must define `submit` to use an `input` block in modals", f"/view/blocks/{index}/input")


def as_stored(given: Json, random: Random) -> Json:
    """A copy with the ids of its blocks and elements, which `random` decides where the app has not."""
    stored: Json = with_defaults({name: value for name, value in given.items() if name != "blocks"})
    return {**stored, "blocks": finished(given["blocks"], random)}


def places_in(blocks: list[Json]) -> Iterator[tuple[str, str]]:
    """Where something can be entered: `block_id` and `action_id` of each element."""
    for block in blocks:
        for element in elements_of(block):
            yield str(block["block_id"]), str(element.get("action_id"))
