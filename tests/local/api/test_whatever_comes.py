"""Whatever a program sends, it gets an answer of Slack's: never a traceback, and only errors that are declared."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tautwire.local.api.method import SHARED_ERRORS, Call, Method
from tautwire.local.api.methods import METHODS
from tautwire.local.faults import Faults
from tautwire.local.workspace import Content, Refusal, Workspace

WORKSPACE = Workspace(Random(0))
APP = WORKSPACE.install()
ANN = WORKSPACE.user("ann")
SAID = WORKSPACE.talk.post(WORKSPACE.channel("general"), Content(text="hi"), by=ANN, wall=1.0)
FILE = WORKSPACE.uploads.share(WORKSPACE.channel("general"), "a.txt", b"x", by=ANN, wall=1.0).file_ids[0]
KEYS = [WORKSPACE.key(token) for token in (APP.bot_token, APP.app_token, WORKSPACE.user_token(APP, ANN))]

#: What exists, so that a call gets past the first question.
REAL = [
    "C0GENERAL", "general", "C0SECRET", "D0ANN", "U0ANN", "U0ANN,U0BOB", "nobody", SAID.ts, FILE, APP.identity.bot_id,
    "public_channel,im", "eyes", "1", "0", "-1", "true", "away", "now", "ann@acme.test", "T0LOCAL01", "[]", "{}",
    '[{"type": "section"}]', '{"type": "home", "blocks": []}', '[{"id": "F1"}]', '["U0BOB"]', "{", "bmV4dDp4", "\x00",
]  # fmt: skip
ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**20), 10**20),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=20),
        st.sampled_from(REAL),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def arguments(method: Method) -> st.SearchStrategy[dict[str, Any]]:
    value = st.one_of(st.sampled_from(REAL), ANYTHING)
    return st.fixed_dictionaries({}, optional={each.name: value for each in method.arguments})


def answer(method: Method, args: dict[str, Any], key: Any) -> dict[str, Any]:
    call = Call(
        method=method,
        args=args,
        workspace=WORKSPACE,
        key=key,
        wall=1_795_000_000.0,
        now=1.0,
        base_url="http://127.0.0.1:1",
        open_url=lambda app: f"ws://127.0.0.1:1/link/?app={app.id}",
        faults=Faults(),
    )
    try:
        call.check_scopes()
        call.check_arguments()
        return {"ok": True, **method.run(call)}
    except Refusal as refusal:
        return refusal.body


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"api.test", "auth.revoke"}))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_an_answer_of_slacks(name: str, data: st.DataObject) -> None:
    method = METHODS[name]
    keys = [each for each in KEYS if each and each.kind in method.tokens]
    key = data.draw(st.sampled_from(keys)) if keys else None
    body = answer(method, data.draw(arguments(method)), key)
    json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    assert body["ok"] or body["error"] in method.errors | SHARED_ERRORS, f"{name} does not declare {body['error']}"
