from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.manifest import Manifest
from tautwire.local.workspace import Message, Refusal
from tautwire.local.workspace.unfurls import unfurled

if TYPE_CHECKING:
    from tautwire.local.workspace import App, Workspace

URL = "https://docs.x.test/a?b=1&c=2"


def said(text: str = "", **more: Any) -> Message:
    return Message("1.000001", "C0GENERAL", "U0ANN", text, **more)


@pytest.mark.parametrize(
    "message",
    [
        said(f"see {URL}"),
        said(f"see <{URL.replace('&', '&amp;')}|this>"),
        said(blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": f"<{URL}>"}}]),
    ],
)
def test_a_link_becomes_an_attachment(message: Message, app: App) -> None:
    (shown,) = unfurled(message, {URL: {"text": "A", "from_url": "elsewhere"}}, app)
    assert shown == {
        "text": "A",
        "from_url": URL,
        "app_unfurl_url": URL,
        "is_app_unfurl": True,
        "app_id": app.id,
        "bot_id": app.identity.bot_id,
    }


def test_a_second_time_changes_what_the_first_has_shown(app: App) -> None:
    message = said(f"see {URL} and {URL}2", attachments=[{"text": "mine"}])
    message.attachments = unfurled(message, {URL: {"text": "A"}}, app)
    message.attachments = unfurled(message, {URL + "2": {"text": "B"}, URL: {"text": "C"}}, app)
    assert [each["text"] for each in message.attachments] == ["mine", "B", "C"]


@pytest.mark.parametrize(
    ("unfurls", "error"),
    [
        ([], "invalid_unfurls_format"),
        ({URL: []}, "cannot_parse_attachment"),
        ({URL: {"blocks": [{}]}}, "cannot_parse_attachment"),
        ({"docs.x.test": {}}, "cannot_unfurl_url"),
        ({"https://[": {}}, "cannot_unfurl_url"),
        ({"https://y.test": {}}, "cannot_unfurl_url"),
        ({URL + "x": {}}, "cannot_unfurl_message"),
    ],
)
def test_what_is_refused(unfurls: Any, error: str, workspace: Workspace) -> None:
    manifest = {"display_information": {"name": "A"}, "features": {"unfurl_domains": ["x.test"]}}
    app = workspace.install(Manifest.from_dict(manifest))
    with pytest.raises(Refusal) as caught:
        unfurled(said(f"see {URL}"), unfurls, app)
    assert caught.value.error == error
    assert unfurled(said(f"see {URL}"), {URL: {}}, app)
