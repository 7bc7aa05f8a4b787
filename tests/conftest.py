"""What every test gets: a clean environment, a printed seed, and a guard that finds what a test leaves behind."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import hypothesis
import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

pytest_plugins = ["pytester"]

_SEED: Final = pytest.StashKey[int]()
_SEED_OF_ALL: Final = "tautwire_seed"
_COMPLAINTS: Final = pytest.StashKey[list[str]]()
_DESCRIPTORS: Final = Path("/proc/self/fd")
_PROXY_VARIABLES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")

#: Closing takes the loop a few turns, a TLS farewell some more. Turns are counted, never timed.
_FEWEST_TURNS: Final = 5
_MOST_TURNS: Final = 200

#: For a thread that has been told to end and is still on its way out.
_LAST_STEPS: Final = 1.0

hypothesis.settings.register_profile(
    "ci",
    max_examples=60,
    derandomize=False,
    print_blob=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("long", hypothesis.settings.get_profile("ci"), max_examples=2_000)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long", action="store_true", help="run the tests marked long, too, and look harder in the others"
    )
    parser.addoption("--seed", type=int, help="the run's seed, as TAUTWIRE_SEED gives it")
    parser.addoption("--kills", type=int, help="how many processes are killed, where processes are")
    parser.addoption("--seeds", type=int, help="how many lives the simulation looks at, from the run's seed on")


def pytest_configure(config: pytest.Config) -> None:
    _hear_signals()
    given = config.getoption("--seed")
    drawn = int(os.environ.get("TAUTWIRE_SEED") or random.SystemRandom().getrandbits(32))
    mine = drawn if given is None else given
    config.stash[_SEED] = getattr(config, "workerinput", {}).get(_SEED_OF_ALL, mine)
    if not config.getoption("--hypothesis-profile"):
        hypothesis.settings.load_profile("long" if config.getoption("--long") else "ci")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Processes that share the tests share the seed that the head of the report shows."""
    node.workerinput[_SEED_OF_ALL] = node.config.stash[_SEED]


def _hear_signals() -> None:
    """What a shell ignores for a run in the background, the programs that tests start would ignore, too."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
        if signal.getsignal(each) is signal.SIG_IGN:
            signal.signal(each, signal.SIG_DFL)


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.stash[_SEED]} (TAUTWIRE_SEED={config.stash[_SEED]} repeats it)"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="takes minutes; run with --long"))


def pytest_collection_finish() -> None:
    # What was imported stays; the collections after the tests need not look at it again.
    gc.collect()
    gc.freeze()


@pytest.fixture
def unused_tcp_port() -> Iterator[int]:
    """A port that refuses: bound, so that nobody else gets it, and not listened on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The run's seed: drawn anew for each run, or `TAUTWIRE_SEED`. A test that fails shows it."""
    value = request.config.stash[_SEED]
    request.node.add_report_section("call", "seed", f"TAUTWIRE_SEED={value} repeats this test as it was")
    return value


@pytest.fixture
def kills(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """How many processes a test is to kill: as `--kills` says, else of two numbers the second one with `--long`."""
    told, is_long = request.config.getoption("--kills"), request.config.getoption("--long")
    return lambda short, long: told or (long if is_long else short)


@pytest.fixture(scope="session", autouse=True)
def _clean_environment() -> Iterator[None]:
    """The proxies and tokens of whoever runs the tests are none of the tests' business."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper() in _PROXY_VARIABLES or name.startswith("SLACK_"):
                patch.delenv(name)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    # Complaints wait until pytest has collected what was dropped unclosed, or it would blame that on the next test.
    complaints: list[str] = []
    item.stash[_COMPLAINTS] = complaints
    try:
        yield
    except Exception as dropped:
        if complaints:
            raise AssertionError("; ".join(complaints)) from dropped
        raise
    assert not complaints, "; ".join(complaints)


@pytest.fixture(autouse=True)
def _no_socket_or_thread_outlives_its_test(request: pytest.FixtureRequest) -> Iterator[None]:
    threads, sockets = _threads(), _sockets()
    yield
    if pytest_asyncio.is_async_test(request.node) or not _sockets().keys() <= sockets.keys():
        # An object that nobody can reach says here, as an error, that it was never closed.
        gc.collect()
    _complain(request, "sockets", [_where(fd) for inode, fd in _sockets().items() if inode not in sockets])
    _complain(request, "threads", [repr(thread) for thread in _threads() - threads if not _ends(thread)])


@pytest.fixture(autouse=True)
def _no_task_outlives_its_test(
    request: pytest.FixtureRequest,
    _no_socket_or_thread_outlives_its_test: None,  # set up first, so that it looks after the loop is closed
) -> None:
    if pytest_asyncio.is_async_test(request.node):
        request.getfixturevalue("_tasks")


@pytest_asyncio.fixture
async def _tasks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    tasks, sockets = asyncio.all_tasks(), _sockets()
    yield
    for turn in range(_MOST_TURNS):
        await asyncio.sleep(0)
        left = asyncio.all_tasks() - tasks - {asyncio.current_task()}
        if turn >= _FEWEST_TURNS and not left and _sockets().keys() <= sockets.keys():
            break
    _complain(request, "tasks", sorted(map(repr, left)))


def _complain(request: pytest.FixtureRequest, kind: str, left: list[str]) -> None:
    excused = {kind for mark in request.node.iter_markers("outlives") for kind in mark.args}
    if left and kind not in excused:
        request.node.stash[_COMPLAINTS].append(f"{kind} left behind: {', '.join(left)}")


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if not thread.daemon}


def _ends(thread: threading.Thread) -> bool:
    thread.join(_LAST_STEPS)
    return not thread.is_alive()


def _sockets() -> dict[str, int]:
    """Each open socket of this process with its descriptor; empty where the system does not tell."""
    found: dict[str, int] = {}
    if not _DESCRIPTORS.is_dir():
        return found
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208  # iterdir() would make a Path of each, for every test
        try:
            target = os.readlink(_DESCRIPTORS / name)  # noqa: PTH115  # the same
        except OSError:
            continue
        if target.startswith("socket:"):
            found[target] = int(name)
    return found


def _where(descriptor: int) -> str:
    try:
        with socket.socket(fileno=os.dup(descriptor)) as twin:
            return f"fd {descriptor}, bound to {twin.getsockname()}"
    except OSError:
        return f"fd {descriptor}"
