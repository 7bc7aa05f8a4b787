"""Messages and views as a person sees them, live: what changes in the workspace changes here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.local.actors import elements
from tautwire.local.actors.stage import PATIENCE, name_of
from tautwire.local.workspace import User, shapes

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.local.actors.stage import Stage
    from tautwire.local.workspace import Message, View
    from tautwire.local.workspace.model import Json

__all__ = ["Said", "Shown"]


class Said:
    """One message. Read its attributes at any time; `await` its `until` and `reply` to see what comes."""

    def __init__(self, stage: Stage, message: Message) -> None:
        self._stage = stage
        self.record = message

    def __repr__(self) -> str:
        return f"<{self.author.name} in {self.channel_name}: {self.text!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Said) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)

    @property
    def ts(self) -> str:
        """Its id in its channel."""
        return self.record.ts

    @property
    def text(self) -> str:
        """What it says now."""
        return self.record.text

    @property
    def blocks(self) -> list[Json]:
        """Its blocks now."""
        return self.record.blocks

    @property
    def attachments(self) -> list[Json]:
        """Its attachments now."""
        return self.record.attachments

    @property
    def controls(self) -> list[Json]:
        """The blocks that there may be something to click on in: its own, and those of its attachments."""
        return [*self.blocks, *(block for each in self.attachments for block in each.get("blocks") or ())]

    @property
    def subtype(self) -> str:
        """`channel_join` and its like; `""` for what somebody has said."""
        return self.record.subtype

    @property
    def thread_ts(self) -> str:
        """The thread it is in, or `""`."""
        return self.record.thread_ts

    @property
    def author(self) -> User:
        """Who said it: a person, or an app's bot user."""
        user_id = self.record.user_id
        # A workspace that was loaded may have words of people whom it has not.
        return self._stage.workspace.users.get(user_id) or User(user_id, user_id.lower())

    @property
    def channel_id(self) -> str:
        """Where."""
        return self.record.channel_id

    @property
    def channel_name(self) -> str:
        """Where, in words."""
        place = self._stage.workspace.channels.get(self.record.channel_id)
        return place.name if place else self.record.channel_id

    @property
    def is_ephemeral(self) -> bool:
        """Whether one person alone sees it."""
        return bool(self.record.seen_by)

    @property
    def is_deleted(self) -> bool:
        """Whether it is gone."""
        workspace = self._stage.workspace
        if self.is_ephemeral:
            return self.ts not in workspace.answers.ephemerals
        place = workspace.channels.get(self.record.channel_id)
        return place is None or place.messages.get(self.ts) is not self.record

    @property
    def is_edited(self) -> bool:
        """Whether it was changed since it was said."""
        return bool(self.record.edited_ts)

    @property
    def reactions(self) -> dict[str, list[str]]:
        """Emoji, and the names of who put them there."""
        stage = self._stage
        return {name: [name_of(stage, each) for each in who] for name, who in self.record.reactions.items()}

    @property
    def files(self) -> list[str]:
        """The names of its files."""
        files = self._stage.workspace.core.files
        return [files[each].name for each in self.record.file_ids if each in files]

    @property
    def replies(self) -> list[Said]:
        """What is in the thread under it, oldest first; for a reply, what came after it in its thread."""
        place = self._stage.workspace.channels.get(self.record.channel_id)
        if place is None:
            return []
        under = place.threads.get(self.thread_ts or self.ts, ())
        after = self.ts if self.record.is_reply else ""
        return [Said(self._stage, place.messages[ts]) for ts in under if ts > after]

    def offers(self, wanted: str) -> bool:
        """Whether there is something in it to click on by that `action_id`, label or `block_id`."""
        return elements.is_there(self.controls, wanted)

    def as_dict(self) -> Json:
        """As the Web API shows it."""
        return shapes.message(self._stage.workspace.core, self.record, base_url=self._stage.base_url)

    async def until(self, holds: Callable[[Said], object], *, timeout: float = PATIENCE) -> Said:
        """Return this message once `holds(it)`; `TimeoutError` after `timeout` real seconds."""
        await self._stage.until(lambda: holds(self), f"change of {self!r}", timeout, instead=lambda: f"it is {self!r}")
        return self

    async def reply(self, number: int = 1, *, timeout: float = PATIENCE) -> Said:
        """The `number`-th reply in its thread, waiting for it when needed."""
        await self._stage.until(
            lambda: len(self.replies) >= number,
            f"reply {number} to {self!r}",
            timeout,
            instead=lambda: f"there are {self.replies}",
        )
        return self.replies[number - 1]


class Shown:
    """One modal or App Home on somebody's screen."""

    def __init__(self, stage: Stage, view: View) -> None:
        self._stage = stage
        self.record = view

    def __repr__(self) -> str:
        return f"<{self.record.kind} {self.title or self.callback_id!r}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and other.record is self.record

    def __hash__(self) -> int:
        return id(self.record)

    @property
    def id(self) -> str:
        """`V…`."""
        return self.record.id

    @property
    def title(self) -> str:
        """What stands on top of it."""
        return str((self.record.given.get("title") or {}).get("text", ""))

    @property
    def callback_id(self) -> str:
        """The app's name for it."""
        return self.record.callback_id

    @property
    def private_metadata(self) -> str:
        """What the app has put away in it."""
        return str(self.record.given.get("private_metadata") or "")

    @property
    def blocks(self) -> list[Json]:
        """What it shows now."""
        blocks: list[Json] = self.record.given.get("blocks", [])
        return blocks

    @property
    def controls(self) -> list[Json]:
        """The blocks that there may be something to click on in."""
        return self.blocks

    def offers(self, wanted: str) -> bool:
        """Whether there is something in it to click on by that `action_id`, label or `block_id`."""
        return elements.is_there(self.controls, wanted)

    @property
    def text(self) -> str:
        """All plain words of its blocks, for a test to look into."""
        return "\n".join(_words(self.blocks))

    @property
    def values(self) -> Json:
        """What was entered so far: `{block_id: {action_id: {…}}}`."""
        return self.record.values

    @property
    def errors(self) -> dict[str, str]:
        """What the app complains about, by `block_id`."""
        return self.record.errors

    @property
    def trouble(self) -> str:
        """What Slack shows when the app did not answer, or `""`."""
        return self.record.trouble

    @property
    def is_open(self) -> bool:
        """Whether it can still be seen."""
        return self.record.is_open

    def as_dict(self) -> Json:
        """As apps get it."""
        return shapes.view(self._stage.workspace.apps[self.record.app_id].identity, self.record)

    async def until(self, holds: Callable[[Shown], object], *, timeout: float = PATIENCE) -> Shown:
        """Return this view once `holds(it)`; `TimeoutError` after `timeout` real seconds."""
        await self._stage.until(lambda: holds(self), f"change of {self!r}", timeout, instead=lambda: f"it is {self!r}")
        return self


def _words(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [word for value in node.values() if not isinstance(value, str) for word in _words(value)]
    return [word for each in node for word in _words(each)] if isinstance(node, list) else []
