"""Block Kit's elements and the objects that they are made of: which there are, and their bounds. Pure.

The numbers are those of docs.slack.dev/reference/block-kit (block-elements, composition-objects; 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tautwire.local.workspace.schema import (
    anything,
    either,
    enum,
    flag,
    items,
    kinds,
    number,
    one_of,
    shape,
    text,
)

if TYPE_CHECKING:
    from tautwire.local.workspace.schema import Check

__all__ = [
    "ACTIONS",
    "BUTTON",
    "CONTEXT",
    "CONTEXT_ACTIONS",
    "IMAGE_SOURCE",
    "INPUTS",
    "INTERACTIVE",
    "SECTION",
    "any_text",
    "image",
    "plain",
]

#: Characters of an `action_id` and a `block_id`.
MAX_ID: Final = 255
_OPTION_TEXT: Final = 75
_OPTION_VALUE: Final = 150
_URL: Final = 3000


def _plain(most: int) -> Check:
    return shape({"type": enum("plain_text"), "text": text(most, 1)}, {"emoji": flag}, is_closed=True)


def _mrkdwn(most: int) -> Check:
    return shape({"type": enum("mrkdwn"), "text": text(most, 1)}, {"verbatim": flag}, is_closed=True)


def plain(most: int = 3000) -> Check:
    """A `plain_text` object."""
    return either(kinds({"plain_text": _plain(most)}))


def any_text(most: int = 3000) -> Check:
    """A text object of either kind."""
    return either(kinds({"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)}))


#: An image by its URL, or one that was uploaded.
IMAGE_SOURCE: Final[dict[str, Check]] = {
    "image_url": text(_URL, 1),
    "slack_file": shape({}, {"id": text(), "url": text(_URL)}),
}


def image(most: int = 2000) -> Check:
    """An image element with at most `most` characters of `alt_text`."""
    return shape({"type": enum("image"), "alt_text": text(most)}, IMAGE_SOURCE)


_CONFIRM: Final = shape(
    {}, {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30), "style": text()}
)
_OPTION: Final = shape(
    {"text": any_text(_OPTION_TEXT)},
    {"value": text(_OPTION_VALUE), "description": any_text(_OPTION_TEXT), "url": text(_URL)},
    is_closed=True,
)
_GROUP: Final = shape({"label": plain(_OPTION_TEXT), "options": items(_OPTION, 100, 1)}, {}, is_closed=True)
_STYLE: Final = enum("primary", "danger")
_DISPATCH: Final = shape(
    {}, {"trigger_actions_on": items(enum("on_enter_pressed", "on_character_entered"), None, 1)}, is_closed=True
)
_FILTER: Final = shape(
    {},
    {
        "include": items(enum("im", "mpim", "private", "public"), None, 1),
        "exclude_external_shared_channels": flag,
        "exclude_bot_users": flag,
    },
)
_NAME: Final[dict[str, Check]] = {"action_id": text(MAX_ID)}
_BASE: Final[dict[str, Check]] = {**_NAME, "confirm": _CONFIRM}
_FOCUS: Final[dict[str, Check]] = {**_BASE, "focus_on_load": flag}
_MENU: Final[dict[str, Check]] = {**_FOCUS, "placeholder": plain(150)}
_MULTI: Final[dict[str, Check]] = {**_MENU, "max_selected_items": number}
_INPUT: Final[dict[str, Check]] = {
    **_NAME,
    "focus_on_load": flag,
    "placeholder": plain(150),
    "dispatch_action_config": _DISPATCH,
}
_OPTIONS: Final[dict[str, Check]] = {"options": items(_OPTION, 100, 1), "option_groups": items(_GROUP, 100, 1)}
_CONVERSATIONS: Final[dict[str, Check]] = {"default_to_current_conversation": flag, "filter": _FILTER}
_URL_BACK: Final[dict[str, Check]] = {"response_url_enabled": flag}
_PICTURE: Final = image()


def _element(required: dict[str, Check], optional: dict[str, Check]) -> Check:
    return shape({"type": anything, **required}, optional)


def _few(most: int) -> dict[str, Check]:
    return {"options": items(_OPTION, most, 1)}


_FEEDBACK: Final = shape({"text": plain(75), "value": text(2000)}, {"accessibility_label": text(75)})
BUTTON: Final = _element(
    {"text": plain(75)},
    {**_BASE, "value": text(2000), "url": text(_URL), "style": _STYLE, "accessibility_label": text(75)},
)

#: Every element that somebody can click on, choose from or write into.
INTERACTIVE: Final[dict[str, Check]] = {
    "button": BUTTON,
    "workflow_button": _element(
        {"text": plain(75), "workflow": shape({"trigger": anything}, {})},
        {**_BASE, "style": _STYLE, "accessibility_label": text(75)},
    ),
    "icon_button": _element(
        {"icon": text(), "text": plain(75)},
        {**_BASE, "value": text(2000), "accessibility_label": text(75), "visible_to_user_ids": items(text())},
    ),
    "feedback_buttons": _element({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _NAME),
    "overflow": _element(_few(5), _BASE),
    "checkboxes": _element(_few(10), {**_FOCUS, "initial_options": items(_OPTION, None, 1)}),
    "radio_buttons": _element(_few(10), {**_FOCUS, "initial_option": _OPTION}),
    "datepicker": _element({}, {**_MENU, "initial_date": text()}),
    "timepicker": _element({}, {**_MENU, "initial_time": text(), "timezone": text()}),
    "datetimepicker": _element({}, {**_FOCUS, "initial_date_time": number}),
    "static_select": one_of("options", "option_groups", _element({}, {**_MENU, **_OPTIONS, "initial_option": _OPTION})),
    "external_select": _element({}, {**_MENU, "initial_option": _OPTION, "min_query_length": number}),
    "users_select": _element({}, {**_MENU, "initial_user": text()}),
    "conversations_select": _element({}, {**_MENU, **_CONVERSATIONS, **_URL_BACK, "initial_conversation": text()}),
    "channels_select": _element({}, {**_MENU, **_URL_BACK, "initial_channel": text()}),
    "multi_static_select": one_of(
        "options", "option_groups", _element({}, {**_MULTI, **_OPTIONS, "initial_options": items(_OPTION, None, 1)})
    ),
    "multi_external_select": _element(
        {}, {**_MULTI, "initial_options": items(_OPTION, None, 1), "min_query_length": number}
    ),
    "multi_users_select": _element({}, {**_MULTI, "initial_users": items(text())}),
    "multi_conversations_select": _element({}, {**_MULTI, **_CONVERSATIONS, "initial_conversations": items(text())}),
    "multi_channels_select": _element({}, {**_MULTI, "initial_channels": items(text())}),
    "plain_text_input": _element(
        {}, {**_INPUT, "initial_value": text(3000), "multiline": flag, "min_length": number, "max_length": number}
    ),
    "email_text_input": _element({}, {**_INPUT, "initial_value": text()}),
    "url_text_input": _element({}, {**_INPUT, "initial_value": text()}),
    "number_input": _element(
        {"is_decimal_allowed": flag}, {**_INPUT, "initial_value": text(), "min_value": text(), "max_value": text()}
    ),
    "rich_text_input": _element({}, {**_INPUT, "initial_value": shape({"type": enum("rich_text")}, {})}),
    "file_input": _element({}, {**_NAME, "filetypes": items(text()), "max_files": number}),
}


def _some(*names: str) -> Check:
    return kinds({name: INTERACTIVE[name] for name in names})


_MENUS: Final = tuple(name for name in INTERACTIVE if name.endswith("_select"))
_PICKERS: Final = ("checkboxes", "radio_buttons", "datepicker", "timepicker")
_FIELDS: Final = tuple(name for name in INTERACTIVE if name.endswith("_input"))

#: Which elements fit into which block.
ACTIONS: Final = _some("button", "workflow_button", "overflow", *_PICKERS, "datetimepicker", *_MENUS, "rich_text_input")
SECTION: Final = kinds(
    {
        "image": _PICTURE,
        **{name: INTERACTIVE[name] for name in ("button", "workflow_button", "overflow", *_PICKERS, *_MENUS)},
    }
)
INPUTS: Final = _some(*_PICKERS, "datetimepicker", *_MENUS, *_FIELDS)
CONTEXT: Final = kinds({"image": _PICTURE, "plain_text": _plain(3000), "mrkdwn": _mrkdwn(3000)})
CONTEXT_ACTIONS: Final = _some("feedback_buttons", "icon_button")
