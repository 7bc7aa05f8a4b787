"""Interactive elements: finding one in blocks, and what choosing something in it looks like to an app. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from tautwire.errors import ConfigurationError
from tautwire.local.actors.entering import entered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from tautwire.local.workspace.model import Json

__all__ = [
    "HOLDING",
    "Found",
    "action",
    "choose",
    "find",
    "initial",
    "interactive",
    "is_there",
    "missing",
    "state_value",
    "states",
]

Kind = Literal["option", "options", "id", "ids", "text", "rich", "files"]


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
    "datetimepicker": _Choice("selected_date_time", "text", "initial_date_time"),
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
#: What of the element itself an action repeats, besides what it began with (bolt-js, types/actions/block-action).
_REPEATED: Final = ("text", "value", "url", "style", "confirm", "placeholder", "workflow")


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
        return _plain(self.element.get("text")) or _plain(self.block.get("label")) or _plain(self.block.get("text"))

    @property
    def name(self) -> str:
        """What to call it to whoever wrote the test."""
        return self.action_id or self.label

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


def is_there(blocks: Sequence[Json], wanted: str) -> bool:
    """Whether there is an element with that `action_id`, label or `block_id`."""
    return any(wanted in (found.action_id, found.label, found.block_id) for found in interactive(blocks))


def find(blocks: Sequence[Json], wanted: str, value: Any = None) -> Found:
    """The element that `wanted` names: its `action_id`, else what is written on it, else its block's `block_id`.

    Buttons of one name are told apart by their `value`, anything else as `block_id/action_id`. `ConfigurationError`
    names what there is.
    """
    there = list(interactive(blocks))
    ways: tuple[Callable[[Found], str], ...] = (
        lambda found: found.action_id,
        lambda found: found.label,
        lambda found: found.block_id,
        lambda found: f"{found.block_id}/{found.action_id}",
    )
    for name in ways:
        hits = [found for found in there if name(found) == wanted]
        if hits:
            return _only(hits, wanted, value)
    names = ", ".join(repr(found.name) for found in there) or "nothing to click on"
    raise ConfigurationError(f"there is no {wanted!r} here, but {names}")


def _only(hits: list[Found], wanted: str, value: Any) -> Found:
    are_buttons = all(found.type == "button" for found in hits)
    values = ", ".join(repr(found.element.get("value") or found.label) for found in hits)
    if value is not None and are_buttons:
        hits = [found for found in hits if value in (found.element.get("value"), found.label)]
        if not hits:
            raise ConfigurationError(f"no {wanted!r} here has the value {value!r}, but {values}")
    if len(hits) > 1:
        names = ", ".join(repr(f"{found.block_id}/{found.action_id}") for found in hits)
        how = f"give the value of one: {values}" if are_buttons else f"name one: {names}"
        raise ConfigurationError(f"there are {len(hits)} {wanted!r} here; {how}")
    return hits[0]


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
        choice = _CHOICES[found.type]
        told |= {name: found.element[name] for name in (choice.initial,) if name in found.element}
        told[choice.key] = chosen
    elif found.type == "feedback_buttons":
        told |= {"text": chosen["text"], "value": chosen["value"]}
    return told | {"action_ts": action_ts}


def choose(found: Found, given: Any, resolve: Callable[[Found, Any], Any], offered: Sequence[Json] = ()) -> Any:
    """What somebody chose, in Slack's form.

    Options are named by value or by text, or given whole; those of an external select are what the app has `offered`.
    People, places and files go through `resolve`. `ConfigurationError` says what there is to choose.
    """
    if found.type == "feedback_buttons":
        return _feedback(found.element, given)
    if found.type in _BUTTONS:
        return None
    choice = _CHOICES[found.type]
    many = [] if given is None else list(given) if isinstance(given, list | tuple | set) else [given]
    match choice.kind:
        case "options":
            return [_option(found, each, offered) for each in many]
        case "ids" | "files":
            return [resolve(found, each) for each in many]
    if not many:
        return _nothing(found, choice)
    if len(many) > 1:
        raise ConfigurationError(f"{found.name!r} takes one thing, not {len(many)}")
    match choice.kind:
        case "option":
            return _option(found, many[0], offered)
        case "id":
            return resolve(found, many[0])
        case "rich":
            return _rich(many[0])
    return entered(found.element, many[0])


def _nothing(found: Found, choice: _Choice) -> None:
    """To choose nothing is to take a choice back, which an input can allow."""
    if choice.kind in ("option", "id") and not found.is_input:
        raise ConfigurationError(f"say what to choose in {found.name!r}{_there_is(found, ())}")


def _option(found: Found, given: Any, offered: Sequence[Json]) -> Json:
    if isinstance(given, dict):
        return given
    for option in (*_options(found.element), *offered):
        if given in (option.get("value"), _plain(option.get("text"))):
            return option
    raise ConfigurationError(f"{found.name!r} has no option {given!r}{_there_is(found, offered)}")


def _there_is(found: Found, offered: Sequence[Json]) -> str:
    names = ", ".join(repr(option.get("value")) for option in (*_options(found.element), *offered))
    if "external" in found.type:
        return f"; the app offered {names or 'nothing'} (await types(…) asks it)"
    return f"; there is {names}" if names else ""


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
