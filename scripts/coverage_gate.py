"""Holds the measured coverage against the house's bars and names each file that is below its own.

Reads the data that `coverage combine` left (or, as an argument, a report of `coverage json`). The whole has to reach
95 %; the pure rooms, the inbox and the fault table have to reach 100 %, lines and branches.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

TOTAL_BAR: Final = 95.0
FULL: Final = (
    "src/tautwire/protocol/",
    "src/tautwire/delivery/",
    "src/tautwire/inbox/",
    "src/tautwire/local/faults/",
)


def main(arguments: list[str]) -> int:
    """Print the verdict; the exit status is 1 when a bar is missed."""
    report = json.loads(Path(arguments[0]).read_text("utf-8")) if arguments else _measured()
    complaints = verdict(report)
    for complaint in complaints:
        print(complaint)
    print(f"coverage: {report['totals']['percent_covered']:.2f} % of lines and branches, {len(complaints)} complaints")
    return 1 if complaints else 0


def verdict(report: dict[str, Any]) -> list[str]:
    """One sentence for each bar that is missed; empty when all are reached."""
    files = {path.replace("\\", "/"): found for path, found in report["files"].items()}
    complaints = [_shortfall(path, found) for path, found in sorted(files.items()) if _must_be_full(path, found)]
    complaints += [
        f"{room}: nothing was measured, so its 100 % cannot be shown" for room in FULL if not _seen(room, files)
    ]
    total = report["totals"]["percent_covered"]
    if total < TOTAL_BAR:
        complaints.append(f"the whole: {total:.2f} % is below {TOTAL_BAR:.0f} %; furthest behind: {_worst(files)}")
    return complaints


def _measured() -> Any:
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "coverage.json")
        subprocess.run([sys.executable, "-m", "coverage", "json", "-q", "-o", target], check=True)
        return json.loads(target.read_text("utf-8"))


def _must_be_full(path: str, found: dict[str, Any]) -> bool:
    summary = found["summary"]
    missed = summary["missing_lines"] + summary["missing_branches"]
    return bool(missed) and path.startswith(FULL)


def _seen(room: str, files: dict[str, Any]) -> bool:
    return any(path.startswith(room) for path in files)


def _shortfall(path: str, found: dict[str, Any]) -> str:
    lines = ", ".join(_runs(found["missing_lines"]))
    branches = ", ".join(f"{start}->{'exit' if end < 0 else end}" for start, end in found["missing_branches"])
    gaps = "; ".join(f"{what} {where}" for what, where in (("lines", lines), ("branches", branches)) if where)
    return f"{path}: {found['summary']['percent_covered']:.2f} % is below 100 %; not run: {gaps}"


def _runs(lines: list[int]) -> list[str]:
    """`[3, 4, 5, 9]` as `3-5`, `9`."""
    runs: list[list[int]] = []
    for line in lines:
        if runs and runs[-1][-1] == line - 1:
            runs[-1].append(line)
        else:
            runs.append([line])
    return [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]


def _worst(files: dict[str, Any]) -> str:
    def missed(path: str) -> int:
        summary = files[path]["summary"]
        return int(summary["missing_lines"] + summary["missing_branches"])

    return ", ".join(f"{path} ({missed(path)})" for path in sorted(files, key=missed, reverse=True)[:5])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
