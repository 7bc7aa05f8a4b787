"""What goes into an input, and what a client would not let in."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.actors.entering import entered

MOMENT = datetime(2026, 1, 31, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("element", "given", "stands"),
    [
        ({"type": "datepicker"}, "2026-01-31", "2026-01-31"),
        ({"type": "datepicker"}, date(2026, 1, 31), "2026-01-31"),
        ({"type": "datepicker"}, MOMENT, "2026-01-31"),
        ({"type": "timepicker"}, "17:30", "17:30"),
        ({"type": "timepicker"}, time(17, 30, 5), "17:30"),
        ({"type": "timepicker"}, MOMENT, "17:30"),
        ({"type": "datetimepicker"}, MOMENT, 1_769_880_600),
        ({"type": "datetimepicker"}, "1769880600", 1_769_880_600),
        ({"type": "number_input"}, 3, "3"),
        ({"type": "number_input", "is_decimal_allowed": True}, "2.50", "2.50"),
        ({"type": "number_input", "min_value": "1", "max_value": "3"}, 3, "3"),
        ({"type": "plain_text_input", "min_length": 2, "max_length": 3}, "abc", "abc"),
        ({"type": "plain_text_input", "min_length": 2}, "", ""),
        ({"type": "plain_text_input"}, 5, "5"),
        ({"type": "email_text_input"}, "ann@acme.test", "ann@acme.test"),
        ({"type": "email_text_input"}, "", ""),
        ({"type": "url_text_input"}, "https://acme.test/x", "https://acme.test/x"),
    ],
)
def test_it_stands_in_slacks_form(element: dict[str, Any], given: Any, stands: Any) -> None:
    assert entered(element, given) == stands


@pytest.mark.parametrize(
    ("element", "given", "words"),
    [
        ({"type": "datepicker"}, "31.1.2026", "takes a date such as 2026-01-31, not '31.1.2026'"),
        ({"type": "datepicker"}, "2026-02-31", "takes a date"),
        ({"type": "datepicker"}, "20260131", "takes a date"),
        ({"type": "timepicker"}, "24:00", "takes a time such as 17:30, not '24:00'"),
        ({"type": "timepicker"}, "5 pm", "takes a time"),
        ({"type": "datetimepicker"}, "tomorrow", "takes a datetime or seconds since 1970, not 'tomorrow'"),
        ({"type": "datetimepicker"}, [], "takes a datetime"),
        ({"type": "number_input"}, "three", "takes a number, not 'three'"),
        ({"type": "number_input"}, "inf", "takes a whole number, not 'inf'"),
        ({"type": "number_input"}, 2.5, "takes a whole number, not 2.5"),
        ({"type": "number_input", "is_decimal_allowed": True}, "nan", "takes a number, not 'nan'"),
        ({"type": "number_input", "min_value": "1"}, 0, "takes at least 1, not 0"),
        ({"type": "number_input", "min_value": 1, "max_value": "3"}, 4, "takes at least 1 and at most 3, not 4"),
        ({"type": "plain_text_input", "min_length": 3}, "ab", "takes at least 3 characters, not 'ab'"),
        ({"type": "plain_text_input", "max_length": 3}, "abcd", "takes at most 3 characters"),
        ({"type": "email_text_input"}, "ann", "takes an email address, not 'ann'"),
        ({"type": "url_text_input"}, "acme.test", "takes a URL with http:// or https://, not 'acme.test'"),
    ],
)
def test_or_the_sentence_says_what_it_takes(element: dict[str, Any], given: Any, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        entered(element | {"action_id": "a"}, given)
    assert words in str(caught.value)
    assert str(caught.value).startswith("'a' takes ")
    with pytest.raises(ConfigurationError, match=f"^'{element['type']}' takes "):
        entered(element, given)
