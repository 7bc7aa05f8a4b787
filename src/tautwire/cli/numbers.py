"""Numbers on the command line, with one sentence for what is none, or is out of bounds."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from tautwire.cli.mistakes import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable

    import click

__all__ = ["length", "number"]

_UNITS: Final = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|[smhd]?)")


def number(
    least: float, most: float = math.inf, *, above: bool = False
) -> Callable[[click.Context, click.Parameter, str], float]:
    """A callback for an option: reads a number from `least` (with `above`, above it) to `most`."""
    begin = f"above {least:g}" if above else f"from {least:g}"
    end = " on" if math.isinf(most) and not above else "" if math.isinf(most) else f" to {most:g}"
    words = f"{begin}{' and up' if above and end else ''}{end}"

    def read(_ctx: click.Context, param: click.Parameter, value: str) -> float:
        try:
            found = float(value)
        except ValueError:
            found = math.nan
        if math.isinf(found) or not (least < found if above else least <= found) or not found <= most:
            raise MistakeError(f"{_name(param)} {value!r} is not a number {words}.")
        return found

    return read


def length(text: str) -> float:
    """Seconds, from `90`, `90s`, `5m`, `1h30m` or `1d`. Raises `MistakeError`."""
    found = _PART.findall(text)
    if not found or "".join(count + unit for count, unit in found) != text:
        raise MistakeError(f"{text!r} is no length of time; 90, 90s, 5m, 1h30m and 1d are some.")
    return sum(float(count) * _UNITS[unit] for count, unit in found)


def _name(param: click.Parameter) -> str:
    return param.opts[0] if param.param_type_name == "option" else str(param.human_readable_name)
