"""The journal from outside: searched, and what belongs together in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Raw

from tautwire.errors import ConfigurationError
from tautwire.local.control.operation import AppId, Body, Count, Json, Room
from tautwire.local.journal import Query, lines
from tautwire.local.journal.wording import Words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tautwire.local.app import LocalSlack
    from tautwire.local.journal import Entry

__all__ = ["Look", "Number", "Speaker", "room"]

room: Final = Room()

Number = Annotated[int, Meta(ge=0, description="The number of an entry.")]


class Look(Body):
    """What is looked for; what is left empty fits everything.

    `kind` is one kind of entry or several, with commas between them, or patterns (`frame.*`); `subject` is a shell
    pattern; `text` is anywhere in an entry. With `words`, each entry also says in a line what it is, if that is worth a
    line; with `details` all of them do.
    """

    kind: str = ""
    app: AppId = ""
    subject: str = ""
    text: str = ""
    envelope_id: str = ""
    connection: str = ""
    chain: Number = 0
    words: bool = False
    details: bool = False

    def query(self, since: int = 0) -> Query:
        """The same as a query for what is above `since`."""
        return Query(
            kind=[each.strip() for each in self.kind.split(",")],
            app_id=self.app,
            subject=self.subject,
            text=self.text,
            envelope_id=self.envelope_id,
            connection=self.connection,
            chain=self.chain,
            since=since,
        )


class Search(Look):
    """The latest entries that fit, or (`since`) the first ones after that number."""

    since: Number | None = None
    limit: Count = 200


class Trail(Body):
    """The number of an entry."""

    number: Number
    words: bool = False
    details: bool = False


@room.tells("/journal", Search)
async def search_journal(slack: LocalSlack, body: Search) -> Json:
    """What was said both ways, oldest first.

    Answers `{entries, first, last}`: entries as a line of a journal's file has them, and between which numbers there
    are any.
    """
    journal, query = slack.journal, body.query(body.since or 0)
    found = query.select(journal, limit=body.limit, latest=body.since is None)
    speaker = Speaker(slack, details=body.details) if body.words else None
    return {"entries": _raw(found, speaker), "first": journal.first, "last": journal.last}


@room.tells("/journal/trail", Trail)
async def trail(slack: LocalSlack, body: Trail) -> Json:
    """What belongs to an entry, from the person's action to the app's last call.

    Answers `{entries}`.
    """
    found = slack.journal.trail(body.number)
    if not found:
        raise ConfigurationError(f"there is no entry {body.number} in the journal")
    return {"entries": _raw(found, Speaker(slack, details=body.details) if body.words else None)}


class Speaker:
    """Puts entries into words, in order; people and places are called what they are called then."""

    def __init__(self, slack: LocalSlack, *, details: bool = False) -> None:
        self._workspace, self._names = slack.workspace, dict[str, str]()
        self._words = Words(self._names, details=details, with_app=len(slack.workspace.apps) > 1)

    def words(self, entry: Entry) -> str:
        """The line, or `""` for an entry that is not worth one."""
        self._names.update(self._workspace.names)
        return self._words.line(entry) if self._words.has_one_for(entry) else ""


def _raw(entries: Iterable[Entry], speaker: Speaker | None) -> list[Raw]:
    return [Raw(lines.line(each, words=speaker.words(each) if speaker else "").encode()) for each in entries]
