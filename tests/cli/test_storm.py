"""The command with everything in it: both clients, each in its process, in real time."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tautwire import __version__

if TYPE_CHECKING:
    from collections.abc import Callable


def test_a_storm_in_json(storm: Callable[[], tuple[int, str, str]]) -> None:
    code, stdout, stderr = storm()

    assert code == 0, (stdout, stderr)
    assert stderr == ""
    found = json.loads(stdout)
    ours, theirs = found["clients"]
    assert found["lost_nothing_it_could_have_kept"] is True
    assert (ours["client"], ours["missed"], ours["twice"]) == (f"tautwire {__version__}", 0, 0)
    assert ours["without_connection"]["refresh"] == 0
    assert (ours["faults"]["refresh"], ours["faults"]["drop"]) == (4, 3)
    assert ours["sent"] == theirs["sent"] > 100
    assert ours["kept"] > 0.7 * ours["sent"]
    assert theirs["client"].startswith("slack_sdk ")
    for each in (ours, theirs):
        parts = [each[name] for name in ("kept", "missed", "swallowed", "nobody", "awaited")]
        assert sum(parts) == each["sent"]
        assert 0 < each["latency_p50"] <= each["latency_p99"] <= each["latency_max"]
