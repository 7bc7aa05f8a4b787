"""Whole lives of the real client in virtual time, each from its seed, and an oracle that watches every step.

`--seed N` begins with that seed, `--seeds N` says how many; `--long` makes them a hundred thousand.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from simulated.life import Outcome, simulate, sweep

SUPPORT = Path(__file__).parents[1] / "support"
CHUNK = 500


def sweep_in_processes(seeds: range) -> list[Outcome]:
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=multiprocessing.get_context("spawn")) as pool:
        return [outcome for outcomes in pool.map(sweep, chunks) for outcome in outcomes]


def test_every_promise_is_kept(seed: int, seeds: int) -> None:
    wanted = range(seed, seed + seeds)
    failures = sweep(wanted) if len(wanted) < 10 * CHUNK else sweep_in_processes(wanted)
    others = [outcome.seed for outcome in failures[1:]]
    assert not failures, f"{len(failures)} of {seeds} seeds broke a promise.\n{failures[0]}\nalso seeds {others[:50]}"


def test_every_promise_is_kept_with_an_inbox(seed: int, seeds: int) -> None:
    failures = sweep(range(seed, seed + max(1, seeds // 4)), with_inbox=True)
    others = [outcome.seed for outcome in failures[1:]]
    assert not failures, f"{len(failures)} seeds broke a promise.\n{failures[0]}\nalso seeds {others[:50]}"


def test_the_lives_are_worth_watching(seed: int) -> None:
    """A simulation in which nothing happens would keep every promise."""
    outcomes = [simulate(number) for number in range(seed, seed + 60)]
    assert sum(outcome.envelopes for outcome in outcomes) > 500
    assert sum(outcome.gaps for outcome in outcomes) > 20
    assert sum(outcome.seconds for outcome in outcomes) > 1800
    assert len({outcome.scenario.name for outcome in outcomes}) > 5


def test_a_seed_replays(seed: int) -> None:
    for number in range(seed, seed + 10):
        first, second = simulate(number, keep_all=True), simulate(number, keep_all=True)
        assert first.trace
        assert first.trace == second.trace


@pytest.mark.parametrize("number", [3, 8])
def test_a_seed_replays_in_another_process(number: int) -> None:
    """The order of a set of texts differs from process to process; nothing may depend on it."""
    traces = [
        subprocess.run(
            [sys.executable, "-m", "simulated", "--seed", str(number), "--trace"],
            cwd=SUPPORT,
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout
        for hash_seed in ("1", "2")
    ]
    assert traces[0] == traces[1]
    assert len(traces[0].splitlines()) > 20
