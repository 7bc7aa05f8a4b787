"""What is remembered of clicks does not grow for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripted import actions
from tautwire.local.actors import elements
from tautwire.local.actors.memory import Memory

if TYPE_CHECKING:
    import pytest

    from tautwire.local.actors import Person

SELECT = actions({"type": "external_select", "action_id": "a"})


async def test_the_latest_are_kept(ann: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tautwire.local.actors.memory._MOST", 5)
    memory, found = Memory(), elements.find([SELECT], "a")
    first, last = await ann.says("first"), await ann.says("last")
    for said in (first, *[await ann.says("more") for _ in range(4)]):
        memory.choose(said, found, {"selected_option": said.ts})
        memory.offer(said, found, [{"text": {}, "value": said.ts}])
    assert memory.values(first) == {"row": {"a": {"selected_option": first.ts}}}
    assert memory.offered(first, found)[0]["value"] == first.ts

    memory.choose(last, found, {"selected_option": last.ts})
    memory.offer(last, found, [{"text": {}, "value": last.ts}])
    assert memory.offered(first, found) == []
    assert memory.values(last) == {"row": {"a": {"selected_option": last.ts}}}
    assert memory.values(first) == {}
