"""The plugin in other people's test-suites: under every runner of async tests, with every fixture, and in failures."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Suite = Callable[..., pytest.RunResult]

STRICT = "asyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\n"
AUTO = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"

#: What each runner has to make possible.
TALK = """
    said = await tautwire_slack.user("ann").says("hi")
    assert tautwire_slack.channel("general").last == said
    assert len(asyncio.all_tasks()) > 1  # the Slack is in this loop
"""


def test_pytest_finds_it_by_itself() -> None:
    (found,) = metadata.entry_points(group="pytest11", name="tautwire")
    assert found.value == "tautwire.testing.plugin"


def test_at_the_start_of_pytest_it_imports_next_to_nothing(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_modules():
            ours = sorted(name for name in sys.modules if name.partition(".")[0] == "tautwire")
            assert ours == [
                "tautwire", "tautwire.testing", "tautwire.testing.asyncio_fixtures", "tautwire.testing.plugin",
                "tautwire.testing.watching", "tautwire.version",
            ]
            assert not {"aiohttp", "msgspec", "slack_sdk", "click"} & sys.modules.keys()
        """
    )
    # Another plugin, such as one that measures, might import anything.
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")
    result.assert_outcomes(passed=1)


def test_its_import_takes_no_time_to_speak_of() -> None:
    program = (
        "import pytest, pytest_asyncio, time; before = time.perf_counter();"
        "import tautwire.testing.plugin, tautwire.testing.asyncio_fixtures; print(time.perf_counter() - before)"
    )
    seconds = [
        float(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60).stdout)
        for _ in range(3)
    ]
    # Five milliseconds where this was written; the client and the local Slack would take three hundred.
    assert min(seconds) < 0.1


@pytest.mark.parametrize("ini", [STRICT, AUTO], ids=["strict", "auto"])
def test_under_pytest_asyncio(suite: Suite, ini: str) -> None:
    mark = "@pytest.mark.asyncio" if ini is STRICT else ""
    method = TALK.replace("\n", "\n    ")
    result = suite(
        ini=ini,
        test_it=f"""
import asyncio, pytest

{mark}
async def test_it(tautwire_slack):{TALK}

class TestMethods:
    {mark}
    async def test_it(self, tautwire_slack):{method}

    @pytest.mark.asyncio(loop_scope="class")
    async def test_class(self, tautwire_slack):{method}

@pytest.mark.parametrize("scope", [1, 2])
@pytest.mark.asyncio(loop_scope="module")
async def test_module(tautwire_slack, scope):{TALK}

@pytest.mark.asyncio(loop_scope="session")
async def test_session(tautwire_slack):{TALK}
""",
    )
    result.assert_outcomes(passed=6)


def test_in_the_loop_that_the_configuration_says(suite: Suite) -> None:
    result = suite(
        ini=AUTO + "asyncio_default_test_loop_scope = session\n",
        test_it=f"""
import asyncio

loops = set()

async def test_one(tautwire_slack):{TALK}
    loops.add(id(asyncio.get_running_loop()))

async def test_other(tautwire_slack):{TALK}
    loops.add(id(asyncio.get_running_loop()))
    assert len(loops) == 1
""",
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("ini", [STRICT, None], ids=["beside-pytest-asyncio", "alone"])
def test_under_anyio(suite: Suite, ini: str | None) -> None:
    result = suite(
        *(() if ini else ("-p", "no:asyncio")),
        ini=ini or "",
        test_it=f"""
import asyncio, pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_it(tautwire_slack, tautwire_env):{TALK}
""",
    )
    result.assert_outcomes(passed=1)


def test_hypothesis_is_no_disguise(suite: Suite) -> None:
    result = suite(
        ini=AUTO,
        test_it="""
from hypothesis import HealthCheck, given, settings, strategies

@settings(max_examples=3, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(text=strategies.sampled_from(["a", "b"]))
async def test_it(tautwire_slack, text):
    assert (await tautwire_slack.user("ann").says(text)).text == text
""",
    )
    result.assert_outcomes(passed=1)


ASYNC = "async def test_it(tautwire_slack): pass"
TRIO = """
import pytest

@pytest.fixture
def anyio_backend():
    return "trio"

@pytest.mark.anyio
async def test_trio(tautwire_slack): pass
"""


@pytest.mark.parametrize(
    ("args", "ini", "tests", "sentences"),
    [
        (
            "",
            STRICT,
            f"def test_sync(tautwire_slack): pass\n{ASYNC}",
            (
                "tautwire_slack is for async tests; this one takes tautwire_sync_slack",
                "pytest-asyncio runs this test once it is marked @pytest.mark.asyncio, or with asyncio_mode = auto",
            ),
        ),
        (
            "-p no:asyncio",
            "",
            TRIO + ASYNC,
            (
                "tautwire_slack needs asyncio: have the fixture anyio_backend return 'asyncio', or write the test *",
                "anyio's plugin runs this test once it is marked @pytest.mark.anyio",
            ),
        ),
        (
            "-p no:asyncio -p no:anyio",
            "",
            ASYNC,
            ("nothing here runs async tests: pip install pytest-asyncio (or anyio), or write the test without *",),
        ),
    ],
)
def test_who_cannot_have_one_is_told_in_a_sentence(
    suite: Suite, args: str, ini: str, tests: str, sentences: tuple[str, ...]
) -> None:
    result = suite(*args.split(), ini=ini, test_it=tests)
    result.assert_outcomes(errors=len(sentences))
    result.stdout.fnmatch_lines(sentences)
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*During handling of*")


def test_options_come_from_the_fixture_and_the_markers(suite: Suite) -> None:
    result = suite(
        ini=AUTO,
        test_it="""
import pytest

pytestmark = pytest.mark.tautwire_slack(deadline=7, time_scale=0.25)

@pytest.fixture
def tautwire_slack_options(tmp_path):
    return {"bot_token": "xoxb-mine", "deadline": 8, "time_scale": 0.125}

@pytest.mark.tautwire_slack(time_scale=0.5)
async def test_async(tautwire_slack):
    exchange = tautwire_slack.line().exchange
    assert (tautwire_slack.bot_token, exchange.deadline, exchange.time_scale) == ("xoxb-mine", 7, 0.5)

def test_sync(tautwire_sync_slack):
    exchange = tautwire_sync_slack.local.line().exchange
    assert (tautwire_sync_slack.bot_token, exchange.deadline, exchange.time_scale) == ("xoxb-mine", 7, 0.25)
""",
    )
    result.assert_outcomes(passed=2)


MANIFEST = '{"display_information": {"name": "Desk"}, "features": {"bot_user": {"display_name": "desk"}}}'


def test_a_manifest_is_looked_for_beside_the_test_and_above(suite: Suite, pytester: pytest.Pytester) -> None:
    tests = pytester.mkdir("tests")
    pytester.path.joinpath("manifest.json").write_text(MANIFEST, "utf-8")
    tests.joinpath("other.json").write_text(MANIFEST.replace("Desk", "Other"), "utf-8")
    tests.joinpath("test_it.py").write_text(
        """
import pytest
from pathlib import Path

@pytest.mark.tautwire_slack(manifests=["manifest.json", Path("other.json"), {"display_information": {"name": "D"}}])
def test_it(tautwire_sync_slack):
    assert [app.identity.app_name for app in tautwire_sync_slack.apps] == ["Desk", "Other", "D"]

@pytest.mark.tautwire_slack(manifests=["nowhere.json"])
def test_missing(tautwire_sync_slack): pass
""",
        "utf-8",
    )
    result = suite("--rootdir", str(pytester.path))
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*nowhere.json: it cannot be read (No such file or directory)"])


def test_an_option_that_cannot_be_is_one_sentence(suite: Suite) -> None:
    result = suite(
        test_it="""
import pytest

@pytest.mark.tautwire_slack(0.01)
def test_unnamed(tautwire_sync_slack): pass

@pytest.mark.tautwire_slack(timescale=0.01)
def test_misspelt(tautwire_sync_slack): pass

@pytest.mark.tautwire_slack(bot_token="xoxb-" + "1234567890-1234567890-abcdefghijklmnopqrstuvwx")
def test_real(tautwire_sync_slack): pass
"""
    )
    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        [
            "the marker tautwire_slack takes arguments by name: @pytest.mark.tautwire_slack(time_scale=0.01)",
            "LocalSlack has no argument 'timescale'; it has port, *time_scale*",
            "that has the shape of a real Slack token; *",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_environment_leads_to_it_and_back(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "before")
    monkeypatch.setenv("NO_PROXY", "corp.example")
    result = suite(
        ini=AUTO,
        test_it="""
import os, subprocess, sys

async def test_async(tautwire_env, monkeypatch):
    monkeypatch.undo()
    assert os.environ["SLACK_API_URL"].startswith("http://127.0.0.1:")
    assert os.environ["SLACK_BOT_TOKEN"] == tautwire_env["SLACK_BOT_TOKEN"] == "xoxb-local-bot"
    assert os.environ["SLACK_APP_TOKEN"].startswith("xapp-")
    assert os.environ["SLACK_SIGNING_SECRET"]
    assert os.environ["NO_PROXY"].split(",") == ["corp.example", "127.0.0.1", "localhost"]

def test_after():
    assert os.environ["SLACK_BOT_TOKEN"] == "before"
    assert "SLACK_API_URL" not in os.environ

def test_the_slack_is_the_one_that_suits(tautwire_env, tautwire_sync_slack):
    assert tautwire_env["SLACK_API_URL"] == tautwire_sync_slack.api_url

async def test_or_the_one_that_is_asked_for(tautwire_env, tautwire_sync_slack):
    assert tautwire_env["SLACK_API_URL"] == tautwire_sync_slack.api_url

async def test_of_two_the_one_that_suits(tautwire_env, tautwire_sync_slack, tautwire_slack):
    assert tautwire_env["SLACK_API_URL"] == tautwire_slack.api_url

def test_or_any(tautwire_env):
    assert tautwire_env["SLACK_API_URL"]
""",
    )
    result.assert_outcomes(passed=6)


FAILING = """
import pytest

async def test_call(tautwire_slack):
    await tautwire_slack.user("ann").says("before the call")
    assert False

async def test_good(tautwire_slack):
    await tautwire_slack.user("ann").says("all is well")

@pytest.fixture
def broken(tautwire_sync_slack):
    tautwire_sync_slack.user("bob").says("before the setup")
    raise RuntimeError

def test_setup(broken): pass

@pytest.fixture
def ragged(tautwire_sync_slack):
    yield
    tautwire_sync_slack.close()
    raise RuntimeError

def test_teardown(ragged, tautwire_sync_slack):
    tautwire_sync_slack.user("bob").says("before the teardown")

async def test_quiet(tautwire_slack, tautwire_sync_slack):
    assert False

def test_without_any():
    assert False

def test_long(tautwire_sync_slack):
    bob = tautwire_sync_slack.user("bob")
    for number in range(150):
        bob.says(f"number {number} " + "x" * 300)
    assert False
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["here", "xdist"])
def test_a_failure_shows_what_was_said(suite: Suite, workers: tuple[str, ...]) -> None:
    result = suite(*workers, ini=AUTO, test_it=FAILING)
    result.assert_outcomes(passed=2, failed=4, errors=2)
    said = result.stdout.str()
    for words in ("before the call", "before the setup", "before the teardown"):
        assert sum(words in line for line in result.outlines if line[2:3] == ":") == 1, words
    assert "all is well" not in said
    assert said.count("-- local Slack 1 --") == said.count("-- local Slack 2 --") == 1
    assert said.count("nothing was said") == 2
    # Of 300 lines, what somebody reads.
    long = [line for line in result.outlines if "bob in #general: number" in line]
    assert "number 149" in long[-1]
    assert len(long) <= 100
    assert max(map(len, long)) <= 160


def test_a_test_that_is_run_again_tells_of_its_last_run(suite: Suite) -> None:
    result = suite(
        conftest="""
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    runtestprotocol(item, nextitem=nextitem, log=False)
    for report in runtestprotocol(item, nextitem=nextitem, log=False):
        item.ihook.pytest_runtest_logreport(report=report)
    return True
""",
        test_it="""
runs = []

def test_it(tautwire_sync_slack):
    runs.append(tautwire_sync_slack)
    tautwire_sync_slack.user("ann").says(f"run {len(runs)}")
    assert False
""",
    )
    result.assert_outcomes(failed=1)
    assert "run 2" in result.stdout.str()
    assert "run 1" not in result.stdout.str().replace("run {len", "")


def test_no_secret_is_shown(suite: Suite) -> None:
    result = suite(
        test_it="""
import json, urllib.request

def test_it(tautwire_sync_slack, tautwire_env):
    slack = tautwire_sync_slack
    request = urllib.request.Request(slack.api_url + "apps.connections.open", method="POST", headers={
        "Authorization": "Bearer " + slack.app_token, "Content-Type": "application/x-www-form-urlencoded"})
    with urllib.request.urlopen(request) as response:
        url = json.load(response)["url"]
    slack.user("ann").command("/deploy", channel="general")
    slack.user("ann").says("is this xoxb-1111-2222-secret or " + url)
    assert False, slack
"""
    )
    result.assert_outcomes(failed=1)
    shown = result.stdout.str().partition("local Slack ---")[2]
    assert "apps.connections.open" in shown
    assert "is this xoxb-••• or" in shown
    assert "ticket=•••" in shown
