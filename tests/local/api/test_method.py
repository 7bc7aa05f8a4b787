from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.api.call import warn
from tautwire.local.api.method import SHARED_ERRORS, Argument, Call, Family, optional, required
from tautwire.local.api.methods import METHODS
from tautwire.local.faults import Faults
from tautwire.local.workspace import Refusal, Workspace

if TYPE_CHECKING:
    from tautwire.local.api.method import Method

family = Family()


@family.method(
    "a.b",
    required("channel"),
    required("name", missing="no_name"),
    optional("blocks", "json"),
    errors="one two",
    scopes="channels:read groups:read chat:write",
    user_scopes="im:read",
    is_paged=True,
)
def example(call: Call) -> dict[str, Any]:
    """Says what it does.

    And more.
    """
    return {"name": call.text("name")}


METHOD = family.methods["a.b"]


def call(method: Method = METHOD, **args: Any) -> Call:
    return Call(
        method=method,
        args=args,
        workspace=Workspace(),
        key=None,
        wall=0.0,
        now=0.0,
        base_url="",
        open_url=lambda _app: "",
        faults=Faults(),
    )


def error(doing: Any, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(Refusal) as caught:
        doing(*args, **kwargs)
    return caught.value.error


def test_what_is_entered() -> None:
    assert (METHOD.summary, METHOD.tier, sorted(METHOD.tokens)) == ("Says what it does.", 3, ["bot", "user"])
    assert [each.name for each in METHOD.arguments] == ["channel", "name", "blocks", "cursor", "limit"]
    assert METHOD.errors == {"one", "two", "invalid_cursor"}
    assert METHOD.scopes_of("bot") == ("channels:read", "groups:read", "chat:write")
    assert METHOD.scopes_of("bot", "group") == ("groups:read",)
    assert METHOD.scopes_of("bot", "im") == ()
    assert METHOD.scopes_of("user") == ("im:read",)


def test_every_method_says_what_it_does_and_asks_in_order() -> None:
    for name, method in METHODS.items():
        assert method.name == name
        assert method.summary, name
        assert len({each.name for each in method.arguments}) == len(method.arguments), name
        assert method.errors.isdisjoint({""}), name
    assert list(METHODS) == sorted(METHODS)
    assert "ratelimited" in SHARED_ERRORS


def test_required_arguments() -> None:
    call(channel="", name="").check_arguments()
    with pytest.raises(Refusal) as caught:
        call(name="x", blocks=[], limit={}).check_arguments()
    assert caught.value.body == {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {
            "messages": [
                "[ERROR] missing required field: channel",
                "[ERROR] must provide a string [json-pointer:/limit]",
            ]
        },
    }
    assert error(call(channel="C1").check_arguments) == "no_name"


def test_without_a_token_there_is_nobody() -> None:
    assert error(lambda: call().user) == "not_authed"
    call().check_scopes()


@pytest.mark.parametrize("value", ["1", "true", "True", True, 1, "yes", "on", "t"])
def test_yes(value: Any) -> None:
    assert call(flag=value).flag("flag")


@pytest.mark.parametrize("value", ["0", "false", False, 0, "no", "maybe"])
def test_no(value: Any) -> None:
    assert not call(flag=value).flag("flag", default=True)
    assert call(flag="").flag("flag", default=True)


def test_texts_numbers_and_lists() -> None:
    assert (call(a=1.5).text("a"), call(a=[]).text("a", "x"), call().text("a")) == ("1.5", "x", "")
    assert (call(a="3").integer("a", 0), call(a="").integer("a", 7)) == (3, 7)
    assert error(call(a="x").integer, "a", 0) == "invalid_arguments"
    for given in ("a, b,,", ["a", "b"], '["a", "b"]'):
        assert call(users=given).names("users") == ["a", "b"]
    assert call().names("users") == []
    assert error(call(users="[a").names, "users") == "invalid_arguments"
    assert call(view='{"a": 1}').structure("view") == {"a": 1}
    assert (call(view="").structure("view"), call(view={"a": 1}).structure("view")) == (None, {"a": 1})
    assert error(call(view="{").structure, "view", error="bad") == "bad"


def test_warnings_add_up() -> None:
    answer = warn(warn({"ok": True, "response_metadata": {"next_cursor": ""}}, "one"), "two")
    assert answer == {
        "ok": True,
        "warning": "one,two",
        "response_metadata": {"next_cursor": "", "warnings": ["one", "two"]},
    }


def test_an_argument_is_optional_unless_it_says_so() -> None:
    assert optional("a") == Argument("a")
    assert required("a").is_required
