"""The description of the control API: complete, and the one in the docs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tautwire.local.control import PREFIX, description
from tautwire.local.control.api import OPERATIONS
from tautwire.local.control.streaming import STREAMS

ROOT = Path(__file__).parents[3]
DOCUMENT = description()


def references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [each for value in node.values() for each in references(value)]
    return [each for value in node for each in references(value)] if isinstance(node, list) else []


def test_the_docs_have_it_as_it_is() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "generate_openapi.py"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, "run scripts/generate_openapi.py"
    assert json.loads((ROOT / "docs" / "local-openapi.json").read_text("utf-8")) == DOCUMENT


def test_a_stale_one_is_noticed(tmp_path: Path) -> None:
    script = [sys.executable, str(ROOT / "scripts" / "generate_openapi.py")]
    target = tmp_path / "openapi.json"
    target.write_text("{}")
    assert subprocess.run([*script, "--check", str(target)], timeout=60, check=False).returncode == 1
    assert subprocess.run([*script, str(target)], timeout=60, check=False).returncode == 0
    assert json.loads(target.read_text("utf-8")) == DOCUMENT


def test_every_operation_is_in_it_once() -> None:
    told = {(verb.upper(), path) for path, verbs in DOCUMENT["paths"].items() for verb in verbs}
    known = [(each.verb, PREFIX + each.path) for each in OPERATIONS]
    known += [(each.verb, PREFIX + each.path) for each in STREAMS]
    assert sorted(told) == sorted(known)
    names = [each["operationId"] for verbs in DOCUMENT["paths"].values() for each in verbs.values()]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert found
    for each in found:
        node: Any = DOCUMENT
        for step in each.removeprefix("#/").split("/"):
            node = node[step]


@pytest.mark.parametrize("path", sorted(DOCUMENT["paths"]))
def test_every_operation_says_what_it_does_and_what_it_answers(path: str) -> None:
    for told in DOCUMENT["paths"][path].values():
        assert told["summary"].endswith(".")
        assert told["description"]
        assert "200" in told["responses"]


def test_a_body_says_which_fields_it_needs() -> None:
    say = DOCUMENT["components"]["schemas"]["Say"]
    assert (say["required"], say["additionalProperties"]) == (["text"], False)
    assert say["properties"]["user"]["description"] == "Somebody, by name or id."
    assert DOCUMENT["paths"]["/control/v1/close"]["post"]["requestBody"]["required"] is False


async def test_it_is_served(control: Any) -> None:
    assert await control.told("/openapi.json") == json.loads(json.dumps(DOCUMENT))
