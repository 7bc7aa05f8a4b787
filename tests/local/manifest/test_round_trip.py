"""Manifests of every kind, through JSON, YAML and back; and whatever else somebody may hand in."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tautwire.errors import ConfigurationError
from tautwire.local.manifest import Manifest
from tautwire.local.manifest.events import SCOPES

Json = dict[str, Any]


def words(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.text(st.characters(codec="utf-8"), min_size=shortest, max_size=longest)


def group(required: Json, **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Json]:
    return st.fixed_dictionaries(required, optional=optional)


NAMES = st.lists(words(50), max_size=5, unique=True)
ADDRESS = words(50).map(lambda rest: f"https://{rest}")
FLAG = st.booleans()
ANY_JSON = st.recursive(
    st.none() | FLAG | st.integers() | words(5) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words(5), inner, max_size=3),
    max_leaves=5,
)
COMMANDS = st.lists(
    group(
        {"command": words(31).map("/{}".format), "description": words(50)},
        usage_hint=words(50),
        should_escape=FLAG,
        url=ADDRESS,
    ),
    min_size=1,
    max_size=3,
)
SHORTCUTS = st.lists(
    group(
        {
            "name": words(24),
            "type": st.sampled_from(["global", "message"]),
            "callback_id": words(255),
            "description": words(150),
        }
    ),
    min_size=1,
    max_size=3,
)
EVENTS = st.lists(st.sampled_from(sorted(SCOPES)), max_size=6, unique=True) | NAMES
MANIFESTS = group(
    {
        "display_information": group(
            {"name": words(35)},
            description=words(140),
            long_description=words(200, 174),
            background_color=st.from_regex(r"\A#[0-9a-fA-F]{3}\Z"),
        )
    },
    _metadata=group({}, major_version=st.sampled_from([1, 2]), minor_version=st.integers()),
    features=group(
        {},
        app_home=group(
            {}, home_tab_enabled=FLAG, messages_tab_enabled=FLAG, messages_tab_read_only_enabled=FLAG, novelty=ANY_JSON
        ),
        bot_user=group({"display_name": words(80)}, always_online=FLAG),
        slash_commands=COMMANDS,
        shortcuts=SHORTCUTS,
        unfurl_domains=st.lists(st.from_regex(r"\A[a-z0-9]{1,9}\.com\Z"), min_size=1, max_size=5, unique=True),
        assistant_view=ANY_JSON,
    ),
    oauth_config=group(
        {}, redirect_urls=NAMES, scopes=group({}, bot=NAMES, bot_optional=NAMES, user=NAMES, user_optional=NAMES)
    ),
    settings=group(
        {},
        event_subscriptions=group({}, bot_events=EVENTS, user_events=EVENTS, request_url=ADDRESS),
        interactivity=group({"is_enabled": FLAG}, request_url=ADDRESS),
        incoming_webhooks=group({}, incoming_webhooks_enabled=FLAG),
        org_deploy_enabled=FLAG,
        socket_mode_enabled=FLAG,
        token_rotation_enabled=FLAG,
    ),
    functions=ANY_JSON,
)


@given(MANIFESTS)
def test_what_is_written_reads_the_same(data: Json) -> None:
    found = Manifest.from_dict(data)
    again = Manifest.parse(json.dumps(found.to_dict()), "app.json")
    assert again == found
    assert again.warnings == found.warnings
    assert again.to_dict() == found.to_dict()


@given(MANIFESTS)
def test_json_and_yaml_read_the_same(data: Json) -> None:
    as_yaml = yaml.safe_dump(data, allow_unicode=False, sort_keys=False)
    assert Manifest.parse(json.dumps(data), "app.json") == Manifest.parse(as_yaml) == Manifest.from_dict(data)


@given(
    st.recursive(
        st.none() | FLAG | st.integers() | words(9),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["display_information", "name", "features", "slash_commands", "settings", "oauth_config"]
                )
                | words(9),
                inner,
            )
        ),
    )
)
def test_whatever_it_is_it_is_a_manifest_or_one_sentence(data: Any) -> None:
    caught = ""
    try:
        Manifest.parse(json.dumps(data), "app.json")
    except ConfigurationError as error:
        caught = str(error)
    assert "\n" not in caught
    assert not caught or caught.startswith("app.json")
    assert len(caught) < 600


@given(words(200))
def test_no_text_does_worse_than_one_sentence(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Manifest.parse(text)
    assert "\n" not in str(caught.value)
