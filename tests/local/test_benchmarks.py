"""The benchmarks run, at small size; and a thousand idle connections fit into the memory that was promised."""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MEGABYTE = 1024 * 1024


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the system does not say what is in memory")
async def test_a_thousand_idle_connections_take_less_than_two_hundred_megabytes() -> None:
    cost = await script("local_idle").measure(1000)
    assert 0 < cost.alone < cost.connected < 200 * MEGABYTE, str(cost)
    # A connection that costs nothing has not been there.
    assert cost.each > 1024, str(cost)


def test_memory_that_is_taken_is_seen() -> None:
    resident = script("local_idle").resident
    before = resident()
    taken = bytearray(b"x" * 40 * MEGABYTE)
    assert resident() - before > 30 * MEGABYTE
    del taken


async def test_every_envelope_is_acked_in_books_broker_and_wire() -> None:
    benchmark = script("local_ledger")
    rates = [benchmark.ledger(300), await benchmark.broker(300), await benchmark.wire(300)]
    assert [(rate.name, rate.envelopes) for rate in rates] == [("ledger", 300), ("broker", 300), ("wire", 300)]
    assert all(rate.a_second > 0 for rate in rates)


async def test_a_server_that_fails_leaves_no_process_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> None:
        raise ConnectionError("no")

    started: list[asyncio.subprocess.Process] = []
    start = asyncio.create_subprocess_exec

    async def watched(*args: str, **options: object) -> asyncio.subprocess.Process:
        process = await start(*args, **options)  # type: ignore[arg-type]
        started.append(process)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    idle = script("local_idle")
    monkeypatch.setattr(idle, "connect", refuse)
    with pytest.raises(ConnectionError):
        await idle.measure(2)
    assert [process.returncode is not None for process in started] == [True]


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("local_idle", ["--connections", "3"], ["3 idle connections:", "MiB resident", "KiB each"]),
        ("local_ledger", ["--envelopes", "50"], ["ledger: 50 envelopes,", "broker: 50", "wire: 50", "on one core"]),
    ],
)
def test_they_say_what_they_have_found(name: str, arguments: list[str], words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for word in words:
        assert word in done.stdout
