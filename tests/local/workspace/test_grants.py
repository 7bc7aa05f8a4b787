from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tautwire.local.workspace import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.workspace import App, Workspace


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as caught:
        action()
    return caught.value.error


def test_a_trigger_serves_once_and_soon(workspace: Workspace, app: App) -> None:
    grants = workspace.grants
    value = grants.trigger(app.id, "U0ANN", 10.0, view_id="V1")
    assert re.fullmatch(r"\d+\.\d+\.[0-9a-f]{32}", value)
    assert refusal(lambda: grants.pull(value, "A1", 10.0)) == "invalid_trigger_id"
    assert refusal(lambda: grants.pull("1.2.3", app.id, 10.0)) == "invalid_trigger_id"
    pulled = grants.pull(value, app.id, 13.0)
    assert (pulled.user_id, pulled.view_id) == ("U0ANN", "V1")
    assert refusal(lambda: grants.pull(value, app.id, 13.0)) == "exchanged_trigger_id"
    late = grants.trigger(app.id, "U0ANN", 10.0)
    assert refusal(lambda: grants.pull(late, app.id, 13.1)) == "expired_trigger_id"


def test_a_response_url_serves_five_times_in_half_an_hour(workspace: Workspace, app: App) -> None:
    grants = workspace.grants
    path = grants.response_url("commands", app.id, "U0ANN", "C0GENERAL", 10.0)
    assert re.fullmatch(r"/commands/T0LOCAL01/\d+/[0-9a-f]{24}", path)
    for number in range(5):
        url = grants.answer(path, {"n": number}, 1810.0)
    assert [each["n"] for each in url.received] == [0, 1, 2, 3, 4]
    assert refusal(lambda: grants.answer(path, {}, 1810.0)) == "used_url"
    late = grants.response_url("actions", app.id, "U0ANN", "C0GENERAL", 10.0, message_ts="1.1", is_ephemeral=True)
    assert refusal(lambda: grants.answer(late, {}, 1810.1)) == "expired_url"
    assert refusal(lambda: grants.answer("/commands/x", {}, 10.0)) == "no_team"


def test_a_webhook(workspace: Workspace, app: App) -> None:
    webhook = workspace.grants.webhook(app.id, "C0GENERAL")
    assert re.fullmatch(r"/services/T0LOCAL01/B[0-9A-F]+/[0-9a-f]{24}", webhook.path)
    assert workspace.grants.webhooks == {webhook.path: webhook}


def test_a_code_serves_once_within_ten_minutes(workspace: Workspace, app: App) -> None:
    grants = workspace.grants
    value = grants.code(app.id, "U0ANN", 10.0, redirect_uri="https://x.test", channel_id="C0DEV")

    def exchange(value: str, redirect_uri: str = "https://x.test", now: float = 610.0, app_id: str = app.id) -> object:
        return grants.exchange(value, app_id, redirect_uri, now)

    assert refusal(lambda: exchange("1.2")) == refusal(lambda: exchange(value, app_id="A1")) == "invalid_code"
    assert refusal(lambda: exchange(value, now=610.1)) == "invalid_code"
    assert (
        refusal(lambda: exchange(value, "")) == refusal(lambda: exchange(value, "https://y.test")) == "bad_redirect_uri"
    )
    code = grants.exchange(value, app.id, "https://x.test", 610.0)
    assert (code.user_id, code.channel_id) == ("U0ANN", "C0DEV")
    assert refusal(lambda: exchange(value)) == "code_already_used"
    assert exchange(grants.code(app.id, "U0ANN", 610.0), "https://y.test")


def test_of_many_grants_the_latest_are_known(workspace: Workspace, app: App) -> None:
    grants = workspace.grants
    first, *_, last = [grants.trigger(app.id, "U0ANN", 0.0) for _ in range(12_000)]
    assert refusal(lambda: grants.pull(first, app.id, 0.0)) == "invalid_trigger_id"
    assert grants.pull(last, app.id, 0.0)
    first, *_, last = [grants.response_url("commands", app.id, "U0ANN", "C0GENERAL", 0.0) for _ in range(57_000)]
    assert refusal(lambda: grants.answer(first, {}, 0.0)) == "no_team"
    assert grants.answer(last, {}, 0.0)
    first, *_, last = [grants.code(app.id, "U0ANN", 0.0) for _ in range(12_000)]
    assert refusal(lambda: grants.exchange(first, app.id, "", 0.0)) == "invalid_code"
    assert grants.exchange(last, app.id, "", 0.0)
