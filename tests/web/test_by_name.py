from __future__ import annotations

import copy
import inspect
from typing import Any

import pytest

from tautwire.web.async_client import AsyncWebClient
from tautwire.web.catalog import method_of


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("chat_postMessage", "chat.postMessage"),
        ("api_test", "api.test"),
        ("oauth_v2_access", "oauth.v2.access"),
        ("admin_users_session_reset", "admin.users.session.reset"),
        ("admin_conversations_getConversationPrefs", "admin.conversations.getConversationPrefs"),
        ("slackLists_items_list", "slackLists.items.list"),
        ("chat", None),
        ("_chat_x", None),
        ("__len__", None),
        ("chat_", None),
        ("chat__x", None),
        ("Chat_x", None),
        ("chat_ü", None),
        ("chat_x\n", None),
    ],
)
def test_names(name: str, method: str | None) -> None:
    assert method_of(name) == method


def test_a_method_is_a_named_coroutine_function() -> None:
    method = AsyncWebClient("xoxb-1").chat_postMessage
    assert inspect.iscoroutinefunction(method)
    assert (method.__name__, method.__qualname__) == ("chat_postMessage", "AsyncWebClient.chat_postMessage")
    assert "chat.postMessage" in (method.__doc__ or "")


@pytest.mark.parametrize("name", ["_private", "__deepcopy__", "shape", "_ipython_display_"])
def test_what_is_no_method_is_no_attribute(name: str) -> None:
    client = AsyncWebClient("xoxb-1")
    assert not hasattr(client, name)
    with pytest.raises(AttributeError, match=name):
        getattr(client, name)


def test_a_copy_works() -> None:
    client = AsyncWebClient("xoxb-1", team_id="T1")
    assert copy.copy(client).default_params == {"team_id": "T1"}


async def test_the_few_positional_arguments(client: AsyncWebClient, slack: Any) -> None:
    await client.dnd_teamInfo(["U1", "U2"], "T1")
    assert slack.last.fields == {"users": "U1,U2", "team_id": "T1"}
    with pytest.raises(TypeError, match="takes 2 positional arguments, 3 were given"):
        await client.dnd_teamInfo("U1", "T1", "more")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="got users twice"):
        await client.dnd_teamInfo("U1", users="U2")  # type: ignore[misc]
    with pytest.raises(TypeError, match="takes 0 positional"):
        await client.users_info("U1")  # type: ignore[call-arg]
