"""A file with a million records that are done, and a hundred thousand that wait: nobody notices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[3] / "benchmarks" / "inbox.py"


def measured(folder: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCHMARK), "--json", "--folder", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_the_benchmark_measures(tmp_path: Path) -> None:
    found = measured(tmp_path, "--done=100", "--waiting=100", "--records=100", "--pace=100", "--seconds=1")
    assert 0 < found["window_p50"] <= found["window_p99"]
    assert 0 < found["pace_p50"] <= found["pace_p99"] <= found["pace_worst"]
    assert found["file_bytes"] > 100 * 2_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_full_file_is_as_good_as_an_empty_one(tmp_path: Path) -> None:
    """Opened in 2 s, the memory flat, an ack in 50 ms at 500 events a second."""
    found = measured(tmp_path, "--done=1000000", "--waiting=100000")
    assert found["open_seconds"] < 2.0
    assert found["memory_bytes"] - found["memory_before"] < 40_000_000
    assert found["pace_p99"] < 0.050
