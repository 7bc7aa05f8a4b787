"""What can be entered into an input, in Slack's form; Slack's client takes nothing else. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from tautwire.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace.model import Json

__all__ = ["entered"]

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL: Final = re.compile(r"https?://\S+", re.IGNORECASE)


def entered(element: Json, given: Any) -> Any:
    """`given` as the element's state has it; `ConfigurationError` says what it takes instead."""
    return _reader(element["type"])(element, given)


def _reader(kind: str) -> Callable[[Json, Any], Any]:
    return _READERS.get(kind, _read_text)


def _refuse(element: Json, given: Any, takes: str) -> ConfigurationError:
    return ConfigurationError(f"{element.get('action_id') or element['type']!r} takes {takes}, not {given!r}")


def _read_date(element: Json, given: Any) -> str:
    text = given.date().isoformat() if isinstance(given, datetime) else str(given)
    if _DATE.fullmatch(text):
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            pass
    raise _refuse(element, given, "a date such as 2026-01-31")


def _read_time(element: Json, given: Any) -> str:
    text = f"{given:%H:%M}" if isinstance(given, time | datetime) else str(given)
    if not _TIME.fullmatch(text):
        raise _refuse(element, given, "a time such as 17:30")
    return text


def _read_moment(element: Json, given: Any) -> int:
    if isinstance(given, datetime):
        return int(given.timestamp())
    try:
        return int(given)
    except (TypeError, ValueError):
        raise _refuse(element, given, "a datetime or seconds since 1970") from None


def _read_number(element: Json, given: Any) -> str:
    text = str(given).strip()
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise _refuse(element, given, "a number") from None
    if not number.is_finite() or (number % 1 and not element.get("is_decimal_allowed")):
        raise _refuse(element, given, "a number" if element.get("is_decimal_allowed") else "a whole number")
    least, most = element.get("min_value"), element.get("max_value")
    if (least is not None and number < Decimal(str(least))) or (most is not None and number > Decimal(str(most))):
        raise _refuse(element, given, " and ".join(_bounds("at least", least) + _bounds("at most", most)))
    return text


def _read_text(element: Json, given: Any) -> str:
    text = str(given)
    least, most = element.get("min_length"), element.get("max_length")
    if text and ((least is not None and len(text) < least) or (most is not None and len(text) > most)):
        bounds = " and ".join(_bounds("at least", least) + _bounds("at most", most))
        raise _refuse(element, given, f"{bounds} characters")
    return text


def _bounds(words: str, bound: Any) -> list[str]:
    return [] if bound is None else [f"{words} {bound}"]


def _read_email(element: Json, given: Any) -> str:
    if given and not _EMAIL.fullmatch(str(given)):
        raise _refuse(element, given, "an email address")
    return str(given)


def _read_url(element: Json, given: Any) -> str:
    if given and not _URL.fullmatch(str(given)):
        raise _refuse(element, given, "a URL with http:// or https://")
    return str(given)


_READERS: Final[dict[str, Callable[[Json, Any], Any]]] = {
    "datepicker": _read_date,
    "timepicker": _read_time,
    "datetimepicker": _read_moment,
    "number_input": _read_number,
    "email_text_input": _read_email,
    "url_text_input": _read_url,
}
