from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest

from tautwire.local.control.operation import Body, Nothing
from tautwire.local.control.wording import sentence


class Sample(Body):
    text: str
    view: Literal["", "modal", "home"] = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1
    seconds: float = 0.0
    flag: bool = False
    blocks: list[dict[str, Any]] | None = None
    name: Annotated[str, msgspec.Meta(pattern="^a")] = "a"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "sample needs text"),
        ({"text": "a", "txt": 1}, "sample knows no 'txt'; it takes text, view, limit, seconds, flag, blocks, name"),
        ({"text": 1}, "sample: text must be text, not a whole number"),
        ({"text": None}, "sample: text must be text, not null"),
        ({"text": "a", "limit": "x"}, "sample: limit must be a whole number, not text"),
        ({"text": "a", "limit": 9}, "sample: limit must be a number <= 5"),
        ({"text": "a", "limit": 0}, "sample: limit must be a number >= 1"),
        ({"text": "a", "seconds": []}, "sample: seconds must be a number, not a list"),
        ({"text": "a", "flag": 1}, "sample: flag must be true or false, not a whole number"),
        ({"text": "a", "blocks": {}}, "sample: blocks must be a list or null, not an object"),
        ({"text": "a", "blocks": ["x"]}, "sample: blocks[0] must be an object, not text"),
        ({"text": "a", "view": "wall"}, "sample: view must be one of 'modal', 'home', not 'wall'"),
        ({"text": "a", "name": "b"}, "sample: name: Expected `str` matching regex '^a'"),
        ([], "sample: the body must be an object, not a list"),
    ],
)
def test_each_mistake_is_a_sentence(given: object, said: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(given, Sample)
    assert sentence("sample", Sample, str(caught.value)) == said


def test_a_body_without_fields_takes_nothing() -> None:
    assert sentence("state", Nothing, "Object contains unknown field `x`") == "state knows no 'x'; it takes nothing"


def test_words_that_are_not_known_are_handed_on() -> None:
    assert sentence("state", Nothing, "Something else") == "state: Something else"
