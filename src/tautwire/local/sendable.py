"""JSON from outside, as far as it can be sent on: one rule for the Web API, acks, hooks and the control API. Pure.

Python reads more than JSON has: `NaN`, numbers that become infinite, half of a surrogate pair. Whatever of that got in
would come out again in answers and events, or make them fail, for everybody who looks at the same channel.
"""

from __future__ import annotations

import json
from typing import Any, Final

__all__ = ["loads"]

#: Levels of arrays and objects in each other. Slack's own never come near, and Python's JSON gives up at a thousand,
#: less what it is called by.
MOST_DEEP: Final = 600


def loads(text: str) -> Any:
    """What `text` says. `ValueError` for what is no JSON, or could not be written as JSON in UTF-8 again."""
    try:
        found = _DECODER.decode(text)
        if "\\u" in text or not text.isascii():
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if text.count("[") + text.count("{") > MOST_DEEP and _is_deeper(found, MOST_DEEP):
        raise ValueError("nested too deeply")
    return found


def _is_deeper(value: Any, most: int) -> bool:
    level = [value]
    for _ in range(most):
        inside = (part.values() if isinstance(part, dict) else part for part in level if isinstance(part, dict | list))
        level = [each for parts in inside for each in parts]
        if not level:
            return False
    return any(isinstance(part, dict | list) for part in level)


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("no number is that large")
    return number


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_DECODER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_no_number)
