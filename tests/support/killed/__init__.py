"""Processes that work with an inbox and are killed for it.

`Nursery` is a process that has everything imported and forks a child for each life, which takes a few milliseconds
instead of the third of a second that a new interpreter does. What a child does it says on its standard output, a line
in one write: `stored 5` when `put` has come back, `begun 5`, `failed 5`, `done 5`, `dead 5`. A line that a killed
process has written is there, and one that it has not is not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

__all__ = ["ATTEMPTS", "WINDOW", "Life", "Nursery", "Story"]

#: Attempts after which a child buries a record.
ATTEMPTS = 5
#: Records that a child puts, and handles, at once.
WINDOW = 20


@dataclass(frozen=True)
class Life:
    """What a child is to do: put these records, and handle what there is; `to_the_end` until nothing is left."""

    path: str
    first: int
    records: int
    seed: int
    to_the_end: bool = False
    #: A store that is broken in a way that has to be noticed; see `killed.stores`.
    store: str = "SqliteInbox"


@dataclass
class Story:
    """What all children have said, and what must not have been."""

    stored: set[int] = field(default_factory=set)
    ended: dict[int, str] = field(default_factory=dict)
    begun: Counter[int] = field(default_factory=Counter)
    failed: Counter[int] = field(default_factory=Counter)
    #: Records at work when their process was killed, each time.
    broken_off: Counter[int] = field(default_factory=Counter)
    kills: int = 0
    complaints: list[str] = field(default_factory=list)
    _at_work: set[int] = field(default_factory=set)

    def hear(self, line: str) -> None:
        """One line."""
        what, _, rest = line.partition(" ")
        number = int(rest or 0)
        if what in {"begun", "done", "dead", "failed"} and number in self.ended:
            self.complaints.append(f"{line}, which was {self.ended[number]}")
        match what:
            case "stored":
                self.stored.add(number)
            case "twice":
                self.complaints.append(f"{number} was stored twice")
            case "begun":
                self.begun[number] += 1
                self._at_work.add(number)
            case "failed":
                self.failed[number] += 1
                self._at_work.discard(number)
            case "done" | "dead":
                self.ended[number] = what
                self._at_work.discard(number)
            case _:
                raise AssertionError(f"a child said {line!r}")

    def end(self, *, was_killed: bool) -> None:
        """A child is gone."""
        self.kills += was_killed
        self.broken_off.update(self._at_work)
        self._at_work.clear()

    def look(self, there: dict[int, str]) -> list[str]:
        """What is wrong, given what each record is in the end."""
        wrong = list(self.complaints)
        wrong += [f"{number} was stored and is lost" for number in sorted(self.stored - there.keys())]
        wrong += [f"{number} is {state}" for number, state in there.items() if state not in {"done", "dead"}]
        wrong += [
            f"{number} was {said} and is {there.get(number)}"
            for number, said in self.ended.items()
            if there.get(number, "lost") != said
        ]
        # One that is dead may never have been begun: a process that is killed at its start takes an attempt each time.
        done = [number for number, state in there.items() if state == "done"]
        wrong += [f"{number} is done and was never begun" for number in done if not self.begun[number]]
        for number, times in self.begun.items():
            most = 1 + self.failed[number] + self.broken_off[number]
            if times > most or times > ATTEMPTS:
                wrong.append(f"{number} was begun {times} times, where {min(most, ATTEMPTS)} can be")
        return wrong


class Nursery:
    """Has one child at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=30)

    def raise_one(self, life: Life, story: Story, *, lines: int | None = None) -> None:
        """Let a child live, until it has said so many lines, or to its own end."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asdict(life)) + "\n")
        self._process.stdin.flush()
        said = self._lines()
        pid = int(next(said).removeprefix("born "))
        if lines == 0:
            os.kill(pid, signal.SIGKILL)
        for heard, line in enumerate(said, 1):
            if line.startswith("gone "):
                was_killed = line == f"gone {-signal.SIGKILL}"
                assert was_killed or line == "gone 0", line
                assert lines is None or was_killed or life.to_the_end
                story.end(was_killed=was_killed)
                return
            story.hear(line)
            if heard == lines:
                os.kill(pid, signal.SIGKILL)
        raise AssertionError("the nursery is gone")

    def _lines(self) -> Iterator[str]:
        stdout: Any = self._process.stdout
        for line in stdout:
            yield line.rstrip("\n")
