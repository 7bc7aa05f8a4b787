"""What an inbox may cost a client: measured by the benchmark, in a short form here and in full with `--long`.

Processor time is compared, and not the clock's, wherever a machine that has other work would make a difference.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "inbox_delivery.py"


def measured(folder: Path, *arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(BENCHMARK), "--json", "--folder", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def test_it_costs_a_few_times_what_a_client_costs_without_one(tmp_path: Path) -> None:
    """Some three times by measurement; one commit for each event would be ten times."""
    found = measured(tmp_path, "--bare", "--rounds=3", "--events=1500", "--seconds=0")
    assert found["cpu_ratio"] < 6
    assert found["inbox_per_second"] > 0


def test_an_ack_is_soon_and_a_start_is_quick(tmp_path: Path) -> None:
    """The median of the acks, which a busy machine does not move as it does the slowest; Slack waits for 3 s."""
    found = measured(tmp_path, "--rounds=0", "--pace=100", "--seconds=2", "--waiting=5000")
    assert found["pace_p50"] < 0.05
    assert found["connected_seconds"] < 2
    assert found["first_handled_seconds"] < 4
    assert found["ack_p99_meanwhile"] < 3


@pytest.mark.long
def test_the_promised_rate(tmp_path: Path) -> None:
    """At least half of that in memory at a window of 100, and 99 acks of 100 within 50 ms at 500 events a second."""
    found = measured(tmp_path, "--rounds=7", "--seconds=20")
    assert found["rate_ratio"] >= 0.5, found
    assert found["pace_p99"] < 0.05, found


@pytest.mark.long
def test_a_start_with_a_hundred_thousand_that_wait(tmp_path: Path) -> None:
    """Connected within 2 s, and what comes meanwhile is acked in time."""
    found = measured(tmp_path, "--rounds=0", "--seconds=0", "--waiting=100000")
    assert found["connected_seconds"] < 2, found
    assert found["ack_p99_meanwhile"] < 2, found
