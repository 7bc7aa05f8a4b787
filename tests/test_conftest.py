"""The guard of `conftest.py` is itself held to account: each kind of leak has to fail the test that made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping

CONFIGURATION = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = function
filterwarnings = error
markers =
    long: minutes
    outlives: excuses
"""

LEAKS = """
import asyncio, socket, threading
import pytest

kept = []
release = threading.Event()

async def test_clean():
    reader_side = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*reader_side.sockets[0].getsockname())
    await reader.read()
    writer.close()
    await writer.wait_closed()
    reader_side.close()
    await asyncio.create_task(asyncio.sleep(0))
    await asyncio.to_thread(int)

async def test_task():
    kept.append(asyncio.create_task(asyncio.Event().wait()))

async def test_kept_socket():
    kept.append(socket.create_server(("127.0.0.1", 0)))

def test_kept_socket_without_a_loop():
    kept.append(socket.create_server(("127.0.0.1", 0)))

async def test_socket_that_nobody_can_reach():
    knot = [socket.create_server(("127.0.0.1", 0))]
    knot.append(knot)

def test_socket_that_nobody_can_reach_without_a_loop():
    knot = [socket.create_server(("127.0.0.1", 0))]
    knot.append(knot)

async def test_one_kept_and_one_that_nobody_can_reach():
    kept.append(socket.create_server(("127.0.0.1", 0)))
    knot = [socket.create_server(("127.0.0.1", 0))]
    knot.append(knot)

class Kept(asyncio.Protocol):
    def connection_made(self, transport):
        kept.append(transport)

async def test_transport():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Kept, "127.0.0.1", 0)
    await loop.create_connection(Kept, *server.sockets[0].getsockname())
    server.close()

def test_thread():
    kept.append(threading.Thread(target=release.wait))
    kept[-1].start()

def test_clean_afterwards():
    release.set()
    kept[-1].join()

@pytest.mark.outlives("sockets", reason="shows the excuse")
def test_excused():
    kept.append(socket.create_server(("127.0.0.1", 0)))
"""

OTHERS = """
import os
import pytest

def test_seed(seed):
    assert seed < 0

def test_no_proxies_or_tokens():
    assert not {name for name in os.environ if "proxy" in name or "SLACK" in name}

@pytest.mark.long
def test_long():
    pass
"""

#: What has to be said of each leak, and of no other test.
COMPLAINTS = {
    "test_task": "tasks left behind: <Task pending",
    "test_kept_socket": "sockets left behind: fd ",
    "test_kept_socket_without_a_loop": "sockets left behind: fd ",
    "test_socket_that_nobody_can_reach": "ResourceWarning: unclosed",
    "test_socket_that_nobody_can_reach_without_a_loop": "ResourceWarning: unclosed",
    "test_one_kept_and_one_that_nobody_can_reach": "sockets left behind: fd ",
    "test_transport": "sockets left behind: fd ",
    "test_thread": "threads left behind: <Thread",
}


@pytest.fixture
def house(pytester: pytest.Pytester) -> pytest.Pytester:
    """A directory of tests with this house's conftest and nothing else of it."""
    pytester.makeconftest(Path(__file__).with_name("conftest.py").read_text("utf-8"))
    pytester.makefile(".ini", pytest=CONFIGURATION)
    return pytester


def run(house: pytest.Pytester, *arguments: str, env: Mapping[str, str] | None = None) -> pytest.RunResult:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        return house.runpytest_subprocess("-p", "no:cacheprovider", *arguments)


def test_each_leak_fails_its_own_test_and_no_other(house: pytest.Pytester) -> None:
    house.makepyfile(LEAKS)

    result = run(house, "--tb=short")

    result.assert_outcomes(passed=LEAKS.count("def test_"), errors=len(COMPLAINTS))
    reports = dict(part.split(" ", 1) for part in result.stdout.str().split(" ERROR at teardown of ")[1:])
    assert reports.keys() == COMPLAINTS.keys()
    assert [name for name, words in COMPLAINTS.items() if words not in reports[name]] == []


def test_the_callers_environment_gives_the_seed_and_nothing_else(house: pytest.Pytester) -> None:
    house.makepyfile(OTHERS)
    caller = {"https_proxy": "http://127.0.0.1:9", "no_proxy": "*", "SLACK_APP_TOKEN": "xapp-of-the-caller"}

    result = run(house, env=caller | {"TAUTWIRE_SEED": "271828"})

    result.assert_outcomes(passed=1, failed=1, skipped=1)
    result.stdout.fnmatch_lines(["seed: 271828 *", "*TAUTWIRE_SEED=271828 repeats this test*"])


def test_long_tests_wait_for_their_flag_and_seeds_differ_from_run_to_run(house: pytest.Pytester) -> None:
    house.makepyfile(OTHERS)

    short, long = run(house), run(house, "--long")

    short.assert_outcomes(passed=1, failed=1, skipped=1)
    long.assert_outcomes(passed=2, failed=1)
    assert seed_line(short) != seed_line(long)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_processes_that_share_the_tests_share_the_seed(house: pytest.Pytester, workers: str) -> None:
    house.makepyfile("def test_one(seed):\n    assert seed < 0\ndef test_two(seed):\n    assert seed < 0")

    result = run(house, "-n", workers)

    result.assert_outcomes(failed=2)
    drawn = seed_line(result).split()[1]
    result.stdout.fnmatch_lines([f"TAUTWIRE_SEED={drawn} repeats this test*"] * 2)


def seed_line(result: pytest.RunResult) -> str:
    return next(line for line in result.outlines if line.startswith("seed: "))
