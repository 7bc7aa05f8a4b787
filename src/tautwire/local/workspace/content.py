"""What somebody wants to say, and what Slack would not take for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from tautwire.local.workspace.blocks import finished, in_attachments, problems
from tautwire.local.workspace.refusal import Refusal
from tautwire.local.workspace.schema import too_deep

if TYPE_CHECKING:
    from random import Random

    from tautwire.local.workspace.model import Json

__all__ = ["MAX_TEXT", "Content", "attachments_as_stored", "blocks_as_stored", "check", "check_parts", "refused"]

#: Characters of a message's text; Slack cuts there and says so.
MAX_TEXT: Final = 40_000
MAX_ATTACHMENTS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What somebody wants to say. `None` for what was not given, which matters when a message is changed."""

    text: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    metadata: Json | None = None
    thread_ts: str = ""
    is_broadcast: bool = False
    username: str = ""
    icons: Json | None = None
    subtype: str = ""
    file_ids: tuple[str, ...] = ()
    extra: Json = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not (self.text or self.blocks or self.attachments or self.file_ids)


def check(content: Content) -> None:
    """Refuse what Slack would not take for a message: `no_text`, and what `check_parts` refuses."""
    if content.is_empty:
        raise Refusal("no_text")
    check_parts(content)


def check_parts(content: Content) -> None:
    """Refuse blocks and attachments that Slack would not take; that there are none is fine.

    `invalid_blocks`, `too_many_attachments`, `invalid_attachments`; and `invalid_metadata_format` for what is nested
    too deeply to be sent on.
    """
    if content.blocks is not None:
        _must_be_none("invalid_blocks", problems(content.blocks, "message"))
    if too_deep(content.metadata):
        raise Refusal("invalid_metadata_format")
    if content.attachments is not None:
        if len(content.attachments) > MAX_ATTACHMENTS:
            raise Refusal("too_many_attachments")
        _must_be_none("invalid_attachments", in_attachments(content.attachments))


def _must_be_none(error: str, found: list[str]) -> None:
    if found:
        raise refused(error, found, errors=found)


def refused(error: str, found: list[str], **more: Any) -> Refusal:
    """A refusal that says why, in `response_metadata.messages`."""
    return Refusal(error, **more, response_metadata={"messages": [f"[ERROR] {each}" for each in found]})


def blocks_as_stored(content: Content, random: Random) -> list[Json]:
    """The blocks with their ids, which `random` decides where the sender has not."""
    return finished(content.blocks or [], random)


def attachments_as_stored(content: Content, random: Random) -> list[Json]:
    """The attachments, numbered from one, with the ids of the blocks that are in them."""
    return [
        {
            "id": number,
            "fallback": "[no preview available]",
            **given,
            **({"blocks": finished(given["blocks"], random)} if "blocks" in given else {}),
        }
        for number, given in enumerate(content.attachments or [], 1)
    ]
