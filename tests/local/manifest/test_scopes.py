from __future__ import annotations

import re

from tautwire.local.manifest.scopes import BOT_SCOPES, NEEDS, USER_SCOPES, replaced


def test_names_are_well_formed_and_there_once() -> None:
    for scopes in (BOT_SCOPES, USER_SCOPES):
        assert len(set(scopes)) == len(scopes)
        assert all(re.fullmatch(r"[a-z][a-z_.:-]+", scope) for scope in scopes)


def test_what_only_one_kind_of_token_can_have() -> None:
    assert {"app_mentions:read", "chat:write.public", "channels:join"} <= set(BOT_SCOPES) - set(USER_SCOPES)
    assert {"admin", "search:read", "users.profile:write"} <= set(USER_SCOPES) - set(BOT_SCOPES)
    assert "chat:write" in BOT_SCOPES
    assert "chat:write" in USER_SCOPES


def test_needs_are_among_the_known() -> None:
    assert {*NEEDS, *NEEDS.values()} <= set(BOT_SCOPES)


def test_names_of_old_have_one_of_today() -> None:
    assert replaced("chat:write:bot") == replaced("chat:write:user") == "chat:write"
    assert replaced("chat:write.public") == "chat:write.public"
