"""What streams, consumers and subjects are called. Pure.

    <name>.work.<group>.<record>     a record that workers may claim; its line is `<name>.work.<group>.*`
    <name>.held.<record>             one that no worker may see: it waits for its ack, or was leased when it was put
    <name>.state.<record>            what is known about it, in one small message that replaces the one before
    <name>.dead.<record>             a dead letter
    <name>.count                     what was counted since the store was made
    <name>.turn.<group>              said, not stored: the first of a line has gone

Keys and groups come from Slack and may hold anything, so subjects have hashes of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from tautwire.errors import ConfigurationError

__all__ = ["HELD", "NO_GROUP", "WORKERS", "Names", "group_of", "id_of", "is_id"]

#: The durable consumers of the work stream.
WORKERS: Final = "workers"
HELD: Final = "held"

#: The line of those that wait for nobody.
NO_GROUP: Final = "-"

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ID: Final = re.compile(r"[0-9a-f]{32}")


def id_of(key: str) -> str:
    """What a record is called everywhere: 128 bits of a hash, so that two keys never meet."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def is_id(which: str) -> bool:
    """Whether this can be one."""
    return _ID.fullmatch(which) is not None


def group_of(group: str) -> str:
    """The token of a group; two that met would only wait for each other."""
    return blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if group else NO_GROUP


@dataclass(frozen=True, slots=True)
class Names:
    """Everything that is derived from the name of an inbox."""

    name: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError("the name of an inbox has up to 64 letters, digits, - and _, and no dots")

    @property
    def work_stream(self) -> str:
        """Records that have not ended."""
        return f"{self.name}-work"

    @property
    def state_stream(self) -> str:
        """What is known about each."""
        return f"{self.name}-state"

    @property
    def dead_stream(self) -> str:
        """Dead letters."""
        return f"{self.name}-dead"

    def work(self, group: str, id_: str) -> str:
        """Where a record waits in the line of its group; `group` and `id_` may be `*`."""
        return f"{self.name}.work.{group}.{id_}"

    def held(self, id_: str) -> str:
        """Where one waits for its ack."""
        return f"{self.name}.held.{id_}"

    def state(self, id_: str) -> str:
        """Where its state is."""
        return f"{self.name}.state.{id_}"

    def dead(self, id_: str) -> str:
        """Where its dead letter is."""
        return f"{self.name}.dead.{id_}"

    @property
    def count(self) -> str:
        """Where the counts are."""
        return f"{self.name}.count"

    def turn(self, group: str) -> str:
        """Where it is said that a line has moved on."""
        return f"{self.name}.turn.{group}"

    def is_held(self, subject: str) -> bool:
        """Whether a message is one that no worker sees."""
        return subject.startswith(f"{self.name}.held.")
