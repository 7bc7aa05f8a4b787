"""Interactive elements: finding one in blocks, and what choosing something in it looks like to an app. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tautwire.local.workspace.model import Json

__all__ = ["HOLDING", "Found", "action", "choose", "find", "initial", "interactive", "missing", "state_value", "states"]

Kind = Literal["option", "options", "id", "ids", "text", "number", "rich", "files"]


@dataclass(frozen=True, slots=True)
class _Choice:
    """Where the choice stands in an action and in a view's state, and what the element begins with."""

    key: str
    kind: Kind
    initial: str = ""


#: Every element that holds a choice. Buttons do not: they have a value, and no state.
_CHOICES: Final[dict[str, _Choice]] = {
    "static_select": _Choice("selected_option", "option", "initial_option"),
    "external_select": _Choice("selected_option", "option", "initial_option"),
    "users_select": _Choice("selected_user", "id", "initial_user"),
    "conversations_select": _Choice("selected_conversation", "id", "initial_conversation"),
    "channels_select": _Choice("selected_channel", "id", "initial_channel"),
    "multi_static_select": _Choice("selected_options", "options", "initial_options"),
    "multi_external_select": _Choice("selected_options", "options", "initial_options"),
    "multi_users_select": _Choice("selected_users", "ids", "initial_users"),
    "multi_conversations_select": _Choice("selected_conversations", "ids", "initial_conversations"),
    "multi_channels_select": _Choice("selected_channels", "ids", "initial_channels"),
    "overflow": _Choice("selected_option", "option"),
    "radio_buttons": _Choice("selected_option", "option", "initial_option"),
    "checkboxes": _Choice("selected_options", "options", "initial_options"),
    "datepicker": _Choice("selected_date", "text", "initial_date"),
    "timepicker": _Choice("selected_time", "text", "initial_time"),
    "datetimepicker": _Choice("selected_date_time", "number", "initial_date_time"),
    "plain_text_input": _Choice("value", "text", "initial_value"),
    "email_text_input": _Choice("value", "text", "initial_value"),
    "url_text_input": _Choice("value", "text", "initial_value"),
    "number_input": _Choice("value", "text", "initial_value"),
    "rich_text_input": _Choice("rich_text_value", "rich", "initial_value"),
    "file_input": _Choice("files", "files"),
}
#: Elements whose choice stands in the state; an overflow menu forgets it.
HOLDING: Final = frozenset(_CHOICES) - {"overflow"}
_BUTTONS: Final = frozenset({"button", "workflow_button", "icon_button", "feedback_buttons"})
_LISTS: Final = frozenset({"options", "ids", "files"})
#: What of the element itself an action repeats.
_REPEATED: Final = ("text", "value", "style", "placeholder", "workflow", "initial_option")


@dataclass(frozen=True, slots=True)
class Found:
    """An element and the block that it stands in."""

    block: Json
    element: Json

    @property
    def type(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def action_id(self) -> str:
        """The app's name for the element."""
        return str(self.element.get("action_id") or "")

    @property
    def block_id(self) -> str:
        """The app's name for the block."""
        return str(self.block.get("block_id") or "")

    @property
    def label(self) -> str:
        """What a person reads on it or beside it."""
        return _plain(self.element.get("text")) or _plain(self.block.get("label"))

    @property
    def is_input(self) -> bool:
        """Whether it stands in an input block, and so is told of with the submission."""
        return self.block.get("type") == "input"

    @property
    def dispatches(self) -> bool:
        """Whether choosing something in it is told at once."""
        return not self.is_input or bool(self.block.get("dispatch_action"))


def interactive(blocks: Sequence[Json]) -> Iterator[Found]:
    """Every interactive element in `blocks`, in the order of reading."""
    for block in blocks:
        inside = [block.get("accessory"), block.get("element"), *block.get("elements", ())]
        for element in inside:
            if isinstance(element, dict) and (element.get("type") in _CHOICES or element.get("type") in _BUTTONS):
                yield Found(block, element)


def find(blocks: Sequence[Json], wanted: str) -> Found:
    """The element that `wanted` names: its `action_id`, else what is written on it, else its block's `block_id`.

    `ConfigurationError` names what there is.
    """
    there = list(interactive(blocks))
    ways: tuple[Callable[[Found], str], ...] = (
        lambda found: found.action_id,
        lambda found: found.label,
        lambda found: found.block_id,
    )
    for name in ways:
        hits = [found for found in there if name(found) == wanted]
        if hits:
            return hits[0]
    names = ", ".join(repr(found.action_id or found.label) for found in there) or "nothing to click on"
    raise ConfigurationError(f"there is no {wanted!r} here, but {names}")


def initial(element: Json) -> Any:
    """What an element holds before anybody has touched it."""
    choice = _CHOICES[element["type"]]
    if choice.kind in _LISTS:
        return list(element.get(choice.initial) or ())
    return element.get(choice.initial) if choice.initial else None


def state_value(found: Found, chosen: Any) -> Json:
    """How a choice stands in `state.values`."""
    choice = _CHOICES[found.type]
    return {"type": found.type, choice.key: chosen}


def states(blocks: Sequence[Json], values: Json) -> Json:
    """`state.values` for everything in `blocks` that holds a choice: as chosen, else as it began."""
    told: Json = {}
    for found in interactive(blocks):
        if found.type in HOLDING:
            known = values.get(found.block_id, {}).get(found.action_id)
            value = known if known is not None else state_value(found, initial(found.element))
            told.setdefault(found.block_id, {})[found.action_id] = value
    return told


def missing(blocks: Sequence[Json], values: Json) -> list[str]:
    """The labels of inputs that have to be filled in and are not."""
    told = states(blocks, values)
    return [
        repr(found.label or found.action_id)
        for found in interactive(blocks)
        if found.is_input
        and not found.block.get("optional")
        and found.type in HOLDING
        and told[found.block_id][found.action_id][_CHOICES[found.type].key] in (None, "", [])
    ]


def action(found: Found, chosen: Any, *, action_ts: str) -> Json:
    """An element of `actions` in `block_actions`. `chosen` has been through `choose`."""
    told: Json = {"type": found.type, "action_id": found.action_id, "block_id": found.block_id}
    told |= {name: found.element[name] for name in _REPEATED if name in found.element}
    if found.type in _CHOICES:
        told[_CHOICES[found.type].key] = chosen
    elif found.type == "feedback_buttons":
        told |= {"text": chosen["text"], "value": chosen["value"]}
    return told | {"action_ts": action_ts}


def choose(found: Found, given: Any, resolve: Callable[[str], str]) -> Any:
    """What somebody chose, in Slack's form.

    Options are named by value or by text, or given whole; people and channels by name or id, which `resolve` turns
    into ids. `ConfigurationError` says what there is to choose.
    """
    if found.type == "feedback_buttons":
        return _feedback(found.element, given)
    if found.type in _BUTTONS:
        return None
    choice = _CHOICES[found.type]
    many = [] if given is None else list(given) if isinstance(given, list | tuple | set) else [given]
    match choice.kind:
        case "option":
            return _option(found, many[0]) if many else None
        case "options":
            return [_option(found, each) for each in many]
        case "id":
            return resolve(str(many[0])) if many else None
        case "ids" | "files":
            return [resolve(str(each)) for each in many]
        case "number":
            return int(many[0]) if many else None
        case "rich":
            return _rich(many[0]) if many else None
    return str(many[0]) if many else None


def _option(found: Found, given: Any) -> Json:
    if isinstance(given, dict):
        return given
    options = list(_options(found.element))
    for option in options:
        if given in (option.get("value"), _plain(option.get("text"))):
            return option
    names = ", ".join(repr(option.get("value")) for option in options) or "no options of its own; give the whole option"
    raise ConfigurationError(f"{found.action_id or found.label!r} has no option {given!r}, but {names}")


def _options(element: Json) -> Iterator[Json]:
    yield from element.get("options", ())
    for group in element.get("option_groups", ()):
        yield from group.get("options", ())


def _feedback(element: Json, given: Any) -> Json:
    for name in ("positive_button", "negative_button"):
        button: Json = element.get(name, {})
        if given in (name, name.removesuffix("_button"), button.get("value"), _plain(button.get("text"))):
            return button
    raise ConfigurationError("feedback is 'positive' or 'negative'")


def _rich(given: Any) -> Json:
    if isinstance(given, dict):
        return given
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(given)}]}
    return {"type": "rich_text", "elements": [section]}


def _plain(text: Any) -> str:
    return str(text.get("text", "")) if isinstance(text, dict) else ""
