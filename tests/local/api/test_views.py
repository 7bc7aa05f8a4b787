from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local import Fault
from tautwire.local.api.methods import METHODS
from tautwire.local.manifest import Manifest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local import LocalSlack
    from tautwire.local.workspace import Workspace

TITLE = {"type": "plain_text", "text": "T"}
MODAL: dict[str, Any] = {"type": "modal", "callback_id": "t", "title": TITLE, "blocks": [{"type": "divider"}]}
HOME: dict[str, Any] = {"type": "home", "blocks": [{"type": "divider"}]}


@pytest.fixture
def trigger(workspace: Workspace, ask: Any) -> Callable[..., str]:
    """A fresh trigger of Ann's."""

    def do(view_id: str = "") -> str:
        return workspace.grants.trigger(workspace.app.id, "U0ANN", ask.wall, view_id=view_id)

    return do


def test_open(ask: Any, trigger: Any, workspace: Workspace) -> None:
    view = ask("views.open", trigger_id=trigger(), view=json.dumps(MODAL | {"private_metadata": "x"}))["view"]
    assert view["title"] == TITLE | {"emoji": True}
    assert view["blocks"] == [{"type": "divider", "block_id": view["blocks"][0]["block_id"]}]
    assert (view["callback_id"], view["private_metadata"], view["state"]) == ("t", "x", {"values": {}})
    assert (view["root_view_id"], view["previous_view_id"]) == (view["id"], None)
    shown = workspace.screens.top(workspace.user("ann"))
    assert shown is not None
    assert (shown.id, shown.hash) == (view["id"], view["hash"])


def test_open_by_an_interactivity_pointer(ask: Any, trigger: Any) -> None:
    assert ask("views.open", interactivity_pointer=trigger(), view=MODAL)["ok"]


def test_a_view_that_is_not_taken_costs_no_trigger(ask: Any, trigger: Any) -> None:
    pulled = trigger()
    answer = ask("views.open", trigger_id=pulled, view={"type": "modal"})
    assert answer["error"] == "invalid_arguments"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] missing required field: title [json-pointer:/view]",
        "[ERROR] missing required field: blocks [json-pointer:/view]",
    ]
    assert ask("views.open", trigger_id=pulled, view=MODAL)["ok"]


def test_push(ask: Any, trigger: Any) -> None:
    first = ask("views.open", trigger_id=trigger(), view=MODAL)["view"]
    second = ask("views.push", trigger_id=trigger(first["id"]), view=MODAL)["view"]
    third = ask("views.push", trigger_id=trigger(second["id"]), view=MODAL)["view"]
    assert [each["previous_view_id"] for each in (second, third)] == [first["id"], second["id"]]
    assert {each["root_view_id"] for each in (first, second, third)} == {first["id"]}


def test_update(ask: Any, trigger: Any) -> None:
    first = ask("views.open", trigger_id=trigger(), view=MODAL | {"external_id": "e"})["view"]
    second = ask("views.push", trigger_id=trigger(first["id"]), view=MODAL)["view"]
    again = ask("views.update", view_id=second["id"], hash=second["hash"], view=MODAL | {"callback_id": "u"})["view"]
    assert (again["id"], again["callback_id"]) == (second["id"], "u")
    assert (again["root_view_id"], again["previous_view_id"]) == (first["id"], first["id"])
    assert again["hash"] != second["hash"]
    again = ask("views.update", external_id="e", view=MODAL | {"external_id": "e", "callback_id": "v"})["view"]
    assert (again["id"], again["callback_id"]) == (first["id"], "v")


def test_publish(ask: Any, workspace: Workspace) -> None:
    view = ask("views.publish", user_id="U0ANN", view=json.dumps(HOME))["view"]
    assert (view["type"], view["previous_view_id"], view["root_view_id"]) == ("home", None, view["id"])
    again = ask("views.publish", user_id="U0ANN", view=HOME | {"callback_id": "h"}, hash=view["hash"])["view"]
    assert (again["id"], again["callback_id"]) == (view["id"], "h")
    assert ask("views.update", view_id=view["id"], view=HOME)["ok"]
    shown = workspace.screens.home(workspace.user("ann"), workspace.app)
    assert shown is not None
    assert shown.id == view["id"]


async def test_a_fault_makes_a_trigger_too_old(slack: LocalSlack, call: Any) -> None:
    slack.faults.add(Fault(where="trigger", kind="expired", count=1))
    command = slack.send_command()
    given = {"trigger_id": command.payload["trigger_id"], "view": MODAL}
    assert (await call(slack, "views.open", json=given))[2]["error"] == "expired_trigger_id"
    assert (await call(slack, "views.open", json=given))[2]["ok"]


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("views.open", {"trigger_id": "{fresh}"}, "invalid_arguments"),
    ("views.open", {"trigger_id": "{fresh}", "view": "{"}, "invalid_arguments"),
    ("views.open", {"trigger_id": "{fresh}", "view": "[]"}, "invalid_arguments"),
    ("views.open", {"trigger_id": "{fresh}", "view": HOME}, "invalid_arguments"),
    ("views.open", {"view": MODAL}, "invalid_arguments"),
    ("views.open", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.open", {"trigger_id": "{used}", "view": MODAL}, "exchanged_trigger_id"),
    ("views.open", {"trigger_id": "{old}", "view": MODAL}, "expired_trigger_id"),
    ("views.open", {"trigger_id": "{fresh}", "view": MODAL | {"external_id": "e"}}, "duplicate_external_id"),
    ("views.open", {"trigger_id": "{fresh}", "view": MODAL | {"more": "x" * 250_000}}, "view_too_large"),
    ("views.push", {"trigger_id": "1.2.3", "view": MODAL}, "invalid_trigger_id"),
    ("views.push", {"trigger_id": "{used}", "view": MODAL}, "exchanged_trigger_id"),
    ("views.push", {"trigger_id": "{old}", "view": MODAL}, "expired_trigger_id"),
    ("views.push", {"trigger_id": "{fresh}", "view": MODAL | {"external_id": "e"}}, "duplicate_external_id"),
    ("views.push", {"trigger_id": "{fresh}", "view": MODAL | {"more": "x" * 250_000}}, "view_too_large"),
    ("views.push", {"trigger_id": "{fresh}", "view": MODAL}, "push_limit_reached"),
    ("views.push", {"trigger_id": "{elsewhere}", "view": MODAL}, "not_found"),
    ("views.update", {"view": MODAL}, "invalid_arguments"),
    ("views.update", {"view_id": "V1", "view": MODAL}, "not_found"),
    ("views.update", {"external_id": "f", "view": MODAL}, "not_found"),
    ("views.update", {"view_id": "{top}", "view": HOME}, "invalid_arguments"),
    ("views.update", {"view_id": "{top}", "view": MODAL, "hash": "0.0"}, "hash_conflict"),
    ("views.update", {"view_id": "{top}", "view": MODAL | {"external_id": "e"}}, "duplicate_external_id"),
    ("views.update", {"view_id": "{top}", "view": MODAL | {"more": "x" * 250_000}}, "view_too_large"),
    ("views.publish", {"view": HOME}, "invalid_arguments"),
    ("views.publish", {"user_id": "U0NOBODY", "view": HOME}, "user_not_found"),
    ("views.publish", {"user_id": "U0ANN", "view": MODAL}, "invalid_arguments"),
    ("views.publish", {"user_id": "U0ANN", "view": HOME, "hash": "0.0"}, "hash_conflict"),
    ("views.publish", {"user_id": "U0ANN", "view": HOME | {"external_id": "e"}}, "duplicate_external_id"),
    ("views.publish", {"user_id": "U0ANN", "view": HOME | {"more": "x" * 250_000}}, "view_too_large"),
    ("views.publish", {"user_id": "U0ANN", "view": HOME, "as": "homeless"}, "not_enabled"),
]


@pytest.mark.parametrize(("method", "given", "error"), REFUSED)
def test_what_is_refused(
    method: str, given: dict[str, Any], error: str, ask: Any, trigger: Any, workspace: Workspace, asker: Any
) -> None:
    old = trigger()
    ask.wall += 5
    used = trigger()
    assert ask("views.open", trigger_id=used, view=MODAL | {"external_id": "e"})["ok"]
    for _ in range(2):
        top = ask("views.push", trigger_id=trigger(), view=MODAL)["view"]["id"]
    known = {"{fresh}": trigger(), "{used}": used, "{old}": old, "{top}": top, "{elsewhere}": trigger("V1")}
    args = {name: known.get(str(value), value) for name, value in given.items() if name != "as"}
    who = ask
    if "as" in given:
        manifest = {"display_information": {"name": "Homeless"}, "features": {"bot_user": {"display_name": "h"}}}
        who = asker(workspace.install(Manifest.from_dict(manifest)).bot_token)
    assert who.error(method, **args) == error


@pytest.mark.parametrize("method", ["views.open", "views.push", "views.update", "views.publish"])
def test_every_declared_error_is_provoked_above(method: str) -> None:
    provoked = {error for name, _, error in REFUSED if name == method} - {"invalid_arguments"}
    assert provoked == METHODS[method].errors
