"""What a client starts out with, after a look: its base URL and its proxy, and nothing else of it."""

from __future__ import annotations

import importlib
import inspect
import sys
from importlib.machinery import ModuleSpec, SourceFileLoader
from typing import TYPE_CHECKING, Any

import pytest

from tautwire.local.inject.redirection import Finder, is_same_place, is_slack_itself

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import ModuleType

LOCAL = "http://127.0.0.1:4390/api/"
PROXY = "http://proxy.example:3128"

#: A slack_sdk in miniature: what it gives its clients, and how it finds a proxy.
MODULES = {
    "web/base_client.py": """
class BaseClient:
    "A docstring."
    def __init__(self, token=None, base_url="https://slack.com/api/", proxy="http://proxy.example:3128"):
        self.token, self.base_url, self.proxy = token, base_url, proxy
""",
    "webhook/client.py": """
class WebhookClient:
    def __init__(self, url, proxy="http://proxy.example:3128"):
        self.url, self.proxy = url, proxy
""",
    "socket_mode/aiohttp.py": """
class SocketModeClient:
    def __init__(self, app_token, web_client, proxy="http://proxy.example:3128"):
        self.app_token, self.web_client, self.proxy = app_token, web_client, proxy
""",
    "web/async_base_client.py": "value = 1",
    "web/legacy_base_client.py": "raise RuntimeError('broken')",
    "webhook/async_client.py": """
class AsyncWebhookClient:
    __slots__ = ()
    def __init__(self, url):
        pass
""",
    "web/other.py": "",
}


@pytest.fixture
def sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Import one of its modules, anew, with the finder in place."""
    for name, text in MODULES.items():
        path = tmp_path / "slack_sdk" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        for folder in (path.parent, tmp_path / "slack_sdk"):
            (folder / "__init__.py").touch()
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "slack_sdk"}
    monkeypatch.syspath_prepend(str(tmp_path))
    place = Finder(LOCAL, None)
    place._place = place
    monkeypatch.setattr(sys, "meta_path", [place, *sys.meta_path])
    yield lambda name: importlib.import_module(f"slack_sdk.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "slack_sdk"]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.mark.parametrize(
    "url",
    ["https://slack.com/api/", "https://slack.com/api", "https://www.slack.com/api/", "HTTPS://SLACK.COM:443/api/"],
)
def test_who_would_call_slack_calls_the_local_one(url: str, sdk: Callable[[str], Any]) -> None:
    client = sdk("web.base_client").BaseClient("xoxb-x", base_url=url)
    assert (client.token, client.base_url, client.proxy) == ("xoxb-x", LOCAL, None)


def test_govslack_is_slack(sdk: Callable[[str], Any]) -> None:
    assert sdk("web.base_client").BaseClient(base_url="https://slack-gov.com/api/").base_url == LOCAL


@pytest.mark.parametrize("url", ["https://proxy.corp.example/slack/", "http://127.0.0.1:9999/api/", "https://[oops"])
def test_who_was_sent_elsewhere_goes_there_as_he_would_have(url: str, sdk: Callable[[str], Any]) -> None:
    client = sdk("web.base_client").BaseClient(base_url=url)
    assert (client.base_url, client.proxy) == (url, PROXY)


@pytest.mark.parametrize("url", ["http://localhost:4390/api/", "http://127.0.0.1:4390/other/", "http://[::1]:4390/"])
def test_who_was_sent_there_already_goes_straight(url: str, sdk: Callable[[str], Any]) -> None:
    client = sdk("web.base_client").BaseClient(base_url=url)
    assert (client.base_url, client.proxy) == (url, None)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [("http://127.0.0.1:4390/commands/T/1/x", None), ("https://hooks.corp.example/services/T/B/x", PROXY)],
)
def test_a_webhook_keeps_its_url(url: str, proxy: str | None, sdk: Callable[[str], Any]) -> None:
    client = sdk("webhook.client").WebhookClient(url)
    assert (client.url, client.proxy) == (url, proxy)


@pytest.mark.parametrize("host", ["hooks.slack.com", "hooks.slack-gov.com"])
def test_a_webhook_of_slacks_own_is_led_there(host: str, sdk: Callable[[str], Any]) -> None:
    client = sdk("webhook.client").WebhookClient(f"https://{host}/services/T1/B2/secret")
    assert (client.url, client.proxy) == (f"http://127.0.0.1:4390/{host}/services/T1/B2/secret", None)


@pytest.mark.parametrize(("base_url", "proxy"), [("https://slack.com/api/", None), ("https://corp.example/", PROXY)])
def test_a_socket_goes_the_way_of_its_web_client(base_url: str, proxy: str | None, sdk: Callable[[str], Any]) -> None:
    web_client = sdk("web.base_client").BaseClient(base_url=base_url)
    assert sdk("socket_mode.aiohttp").SocketModeClient("xapp-x", web_client).proxy == proxy


def test_the_module_and_its_class_show_nothing_of_it(sdk: Callable[[str], Any]) -> None:
    module = sdk("web.base_client")
    assert type(module.__loader__) is type(module.__spec__.loader) is SourceFileLoader
    assert "def __init__" in inspect.getsource(module)
    parameters = inspect.signature(module.BaseClient).parameters
    assert parameters["base_url"].default == "https://slack.com/api/"
    assert module.BaseClient.__init__.__name__ == "__init__"


def test_a_reload_is_looked_at_again(sdk: Callable[[str], Any]) -> None:
    module = importlib.reload(sdk("web.base_client"))
    assert module.BaseClient().base_url == LOCAL


def test_other_modules_are_not_touched(sdk: Callable[[str], Any], capsys: pytest.CaptureFixture[str]) -> None:
    sdk("web.other")
    with pytest.raises(ModuleNotFoundError, match="no_such"):
        sdk("no_such")
    with pytest.raises(ModuleNotFoundError, match="builtin"):
        sdk("socket_mode.builtin.client")
    assert capsys.readouterr().err == ""


def test_an_sdk_without_the_class_is_one_line(sdk: Callable[[str], Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert sdk("web.async_base_client").value == 1
    said = "tautwire: slack_sdk.web.async_base_client does not use SLACK_API_URL (AttributeError)\n"
    assert capsys.readouterr().err == said


def test_a_client_of_another_shape_is_one_line(sdk: Callable[[str], Any], capsys: pytest.CaptureFixture[str]) -> None:
    sdk("webhook.async_client").AsyncWebhookClient("https://secret.example/hook")
    said = "tautwire: AsyncWebhookClient does not use SLACK_API_URL (AttributeError)\n"
    assert capsys.readouterr().err == said


def test_nobody_to_tell_is_no_reason_to_fail(sdk: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    assert sdk("web.async_base_client").value == 1


def test_a_module_that_is_broken_is_broken_as_before(sdk: Callable[[str], Any]) -> None:
    with pytest.raises(RuntimeError, match="broken"):
        sdk("web.legacy_base_client")


def test_finders_and_loaders_of_the_old_kind_are_left_alone() -> None:
    class OldFinder:
        pass

    class OldLoader:
        def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec:
            return ModuleSpec(name, None)

    finder = Finder(LOCAL, None)
    finder._place = finder
    others: list[Any] = [OldFinder(), OldLoader()]
    before, sys.meta_path[:] = sys.meta_path[:], [finder, *others]
    try:
        spec = finder.find_spec("slack_sdk.web.base_client")
        assert spec is not None
        assert spec.loader is None
        sys.meta_path[:] = [finder, others[0]]
        assert finder.find_spec("slack_sdk.web.base_client") is None
    finally:
        sys.meta_path[:] = before


def test_a_base_url_ends_in_a_slash() -> None:
    class Client:
        base_url, proxy = "https://slack.com/api/", PROXY

    Finder("http://127.0.0.1:4390/api", None)._lead("web", client := Client())
    assert client.base_url == LOCAL


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://127.0.0.1/", "http://localhost:80/x", True),
        ("https://127.0.0.1/", "http://127.0.0.1/", False),
        ("http://slack.example:1/", "http://SLACK.example:1/", True),
        ("http://slack.example:1/", "http://127.0.0.1:1/", False),
        ("http://127.0.0.1:1/", "http://127.0.0.1:2/", False),
    ],
)
def test_what_is_the_same_place(one: str, other: str, same: bool) -> None:
    assert is_same_place(one, other) is same is is_same_place(other, one)


def test_what_only_looks_like_slack_is_not() -> None:
    assert not is_slack_itself("https://slack.com.example/api/")
    assert not is_slack_itself("https://example.com/slack.com/")
    assert not is_slack_itself("slack.com")
