"""The program as a process of its own, and programs of users beside a Slack that the test holds."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest

from tautwire.cli.local.child import run
from tautwire.local import LocalSlack
from tautwire.local.environment import program_environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

PROGRAM = str(Path(sys.executable).with_name("tautwire"))


@pytest.fixture
def tautwire() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `tautwire …` to its end; `env` is added to this process's."""

    def do(*args: str, env: dict[str, str] | None = None, **more: Any) -> subprocess.CompletedProcess[str]:
        environ = os.environ | (env or {})
        return subprocess.run(
            [PROGRAM, *args], env=environ, capture_output=True, text=True, timeout=60, check=False, **more
        )

    return do


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start `tautwire …`, with pipes, outside of any terminal. What still runs at the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def do(*args: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [PROGRAM, *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield do
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def read_until() -> Callable[[IO[str] | None, str], str]:
    """Everything up to and including the line that holds these words; fails at the end of the stream."""

    def do(stream: IO[str] | None, words: str) -> str:
        assert stream is not None
        said = ""
        while words not in said:
            line = stream.readline()
            assert line, f"{words!r} never came: {said}"
            said += line
        return said

    return do


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    """A Python program in a file; its path."""

    def do(text: str, name: str = "app.py") -> str:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return str(path)

    return do


@pytest.fixture
async def slack(seed: int) -> AsyncIterator[LocalSlack]:
    async with LocalSlack(seed=seed) as local:
        yield local


@pytest.fixture
def dead_proxy(unused_tcp_port: int) -> dict[str, str]:
    """The variables of somebody behind a proxy, which is not there: whatever goes through it fails."""
    names = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
    return dict.fromkeys(names, f"http://127.0.0.1:{unused_tcp_port}") | {"NO_PROXY": "example.com"}


@pytest.fixture
def running(
    slack: LocalSlack, dead_proxy: dict[str, str]
) -> Callable[..., AbstractAsyncContextManager[asyncio.Task[int]]]:
    """A Python program on `slack`, behind that proxy, for the time of a block; at its end it is killed."""

    @asynccontextmanager
    async def do(program: str) -> AsyncIterator[asyncio.Task[int]]:
        environ = program_environment(slack, os.environ | dead_proxy)
        task = asyncio.create_task(run([sys.executable, program], environ))
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return do
