"""One fault in and out of JSON, and one clear sentence for every way of getting it wrong."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from tautwire.errors import ConfigurationError
from tautwire.local.faults import ENDINGS, FORMS, KINDS, Fault

EVERY = [(where, kind) for where, kinds in KINDS.items() for kind in kinds]
#: For each particular, one value that is not the usual one.
UNUSUAL: dict[str, Any] = {
    "delay": 1.5,
    "status": 503,
    "error": "fatal_error",
    "retry_after": 3,
    "how": "fin",
    "form": "empty",
    "reason": "warning",
    "size": 1000,
}


@pytest.mark.parametrize(("where", "kind"), EVERY)
def test_every_kind_goes_through_json_with_all_it_heeds(where: str, kind: str) -> None:
    plain = Fault(where=where, kind=kind)
    assert plain.to_dict() == {"where": where, "kind": kind}
    full = Fault(
        where=where,
        kind=kind,
        match="x*",
        probability=0.5,
        count=2,
        after=1,
        **{name: UNUSUAL[name] for name in KINDS[where][kind]},
    )
    there = json.loads(json.dumps(full.to_dict()))
    assert set(there) == {"where", "kind", "match", "probability", "count", "after", *KINDS[where][kind]}
    assert Fault.from_dict(there) == full
    assert Fault.from_dict(plain.to_dict()) == plain


def test_every_particular_is_heeded_somewhere() -> None:
    assert {name for kinds in KINDS.values() for heeded in kinds.values() for name in heeded} == set(UNUSUAL)


@pytest.mark.parametrize(("where", "kind"), EVERY)
def test_what_a_kind_does_not_heed_is_refused(where: str, kind: str) -> None:
    for name in set(UNUSUAL) - set(KINDS[where][kind]):
        with pytest.raises(ConfigurationError, match=f"{name!r} .* means nothing"):
            Fault(where=where, kind=kind, **{name: UNUSUAL[name]})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "a fault is an object with 'where' and 'kind', not []"),
        ("drop", "a fault is an object with 'where' and 'kind', not 'drop'"),
        ({}, "a fault needs 'where'; it has nothing at all"),
        ({"kind": "drop"}, "a fault needs 'where'; it has kind"),
        ({"where": "api"}, "a fault needs 'kind'; it has where"),
        ({"where": "kitchen", "kind": "drop"}, "no fault happens at 'kitchen'; choose from api, upload, trigger,"),
        ({"where": "ping", "kind": "html"}, "'ping' knows no 'html'; choose from missing"),
        ({"where": 7, "kind": "html"}, "'where' of a fault is a word, not 7"),
        ({"where": "ping", "kind": None}, "'kind' of a fault is a word, not None"),
        ({"where": "ping", "kind": "missing", "colour": "red"}, "a fault has no 'colour'; it has where, kind, match,"),
        ({"where": "ping", "kind": "missing", 7: "red"}, "a fault has no 7; it has"),
        ({"where": "ping", "kind": "missing", "delay": 2}, "'missing' at 'ping' takes no particulars; 'delay' (2)"),
        ({"where": "hello", "kind": "late", "how": "fin"}, "'late' at 'hello' takes delay; 'how' ('fin')"),
    ],
    ids=str,
)
def test_a_mistake_gets_one_sentence(given: Any, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Fault.from_dict(given)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("probability", 1.5),
        ("probability", -0.1),
        ("probability", math.nan),
        ("probability", "0.5"),
        ("probability", True),
        ("probability", None),
        ("count", 0),
        ("count", 1.5),
        ("count", True),
        ("count", "2"),
        ("after", -1),
        ("after", None),
        ("delay", -1),
        ("delay", math.inf),
        ("delay", math.nan),
        ("delay", "soon"),
        ("status", 99),
        ("status", 600),
        ("status", 500.0),
        ("error", ""),
        ("error", 500),
        ("retry_after", -1),
        ("retry_after", "30"),
        ("how", "gently"),
        ("how", []),
        ("form", "pretty"),
        ("form", []),
        ("reason", ""),
        ("size", 0),
        ("size", 10**12),
        ("match", ""),
        ("match", ["a"]),
    ],
)
def test_a_wrong_value_is_named(name: str, wrong: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"'{name}' of a fault is "):
        Fault.from_dict({"where": "api", "kind": "error", name: wrong})


@pytest.mark.parametrize(("name", "choices"), [("how", ENDINGS), ("form", FORMS)])
def test_where_there_is_a_choice_it_is_told(name: str, choices: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"one of {', '.join(choices)}, not 'x'"):
        Fault.from_dict({"where": "api", "kind": "error", name: "x"})


@pytest.mark.parametrize(
    "right", [{"probability": 0}, {"probability": 1}, {"count": None}, {"delay": 0.001}, {"delay": 3}]
)
def test_the_bounds_are_within(right: dict[str, Any]) -> None:
    assert Fault.from_dict({"where": "api", "kind": "slow", **right})
