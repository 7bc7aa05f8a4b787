from __future__ import annotations

import math
from typing import Any

import click
import pytest
from click.testing import CliRunner

from tautwire.cli.mistakes import MistakeError
from tautwire.cli.numbers import length, number


def read(value: str, *bounds: float, **more: Any) -> Any:
    @click.command()
    @click.option("--n", callback=number(*bounds, **more))
    def command(n: float) -> None:
        click.echo(repr(n))

    return CliRunner().invoke(command, ["--n", value])


@pytest.mark.parametrize(
    ("value", "bounds", "more", "found"),
    [
        ("5", (5, 10), {}, 5.0),
        ("1e1", (5, 10), {}, 10.0),
        ("0", (0,), {}, 0.0),
        ("0.001", (0, 1000), {"above": True}, 0.001),
    ],
)
def test_a_number_within_the_bounds(value: str, bounds: Any, more: Any, found: float) -> None:
    assert read(value, *bounds, **more).output == f"{found!r}\n"


@pytest.mark.parametrize(
    ("value", "bounds", "more", "said"),
    [
        ("x", (5, 10), {}, "from 5 to 10"),
        ("4.9", (5, 10), {}, "from 5 to 10"),
        ("nan", (5, 10), {}, "from 5 to 10"),
        ("11", (5, 10), {}, "from 5 to 10"),
        ("0", (0, 1000), {"above": True}, "above 0 and up to 1000"),
        ("-1", (0,), {}, "from 0 on"),
        ("inf", (0,), {}, "from 0 on"),
        ("0", (0,), {"above": True}, "above 0"),
    ],
)
def test_and_one_that_is_not(value: str, bounds: Any, more: Any, said: str) -> None:
    done = read(value, *bounds, **more)
    assert (done.exit_code, done.output) == (2, f"Error: --n {value!r} is not a number {said}.\n")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90.0), ("90s", 90.0), ("1.5", 1.5), ("5m", 300.0), ("1h30m", 5400.0), ("1d", 86_400.0), ("250ms", 0.25)],
)
def test_a_length_of_time(text: str, seconds: float) -> None:
    assert math.isclose(length(text), seconds)


@pytest.mark.parametrize("text", ["", "x", "5x", "m5", "-5", "1h30x", "\N{ARABIC-INDIC DIGIT ONE}", "1e3", "inf"])
def test_what_is_none(text: str) -> None:
    with pytest.raises(MistakeError) as caught:
        length(text)
    assert str(caught.value) == f"{text!r} is no length of time; 90, 90s, 5m, 1h30m and 1d are some."
