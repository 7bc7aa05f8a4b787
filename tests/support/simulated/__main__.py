"""Replays one seed with its whole trace, or looks through many."""

from __future__ import annotations

import argparse
import sys

from simulated.life import simulate


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m simulated", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the seed, or the first of many")
    parser.add_argument("--seeds", type=int, default=1, help="how many")
    parser.add_argument("--trace", action="store_true", help="print what happened, also when nothing is wrong")
    parser.add_argument("--inbox", action="store_true", help="with an inbox")
    options = parser.parse_args()
    failures = 0
    for seed in range(options.seed, options.seed + options.seeds):
        outcome = simulate(seed, keep_all=options.seeds == 1, with_inbox=options.inbox)
        failures += outcome.failure is not None
        if options.seeds == 1:
            print("\n".join(outcome.trace) if options.trace else outcome)
        elif outcome.failure is not None:
            print(f"seed {seed} ({outcome.scenario.name}): {outcome.failure}", flush=True)
    print(f"{options.seeds} seeds, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
