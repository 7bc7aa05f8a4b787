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
    pattern; `text` is anywhere in an entry. With `words`, each entry also says in a line what it is, and those that are
    not worth one are left out; with `details` all of them are.
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
    journal, speaker = slack.journal, Speaker.of(slack, body)
    found = speaker.worthy(body.query(body.since or 0).select(journal))
    chosen = found[-body.limit :] if body.since is None else found[: body.limit]
    return {"entries": speaker.told(chosen), "first": journal.first, "last": journal.last}


@room.tells("/journal/trail", Trail)
async def trail(slack: LocalSlack, body: Trail) -> Json:
    """What belongs to an entry, from the person's action to the app's last call.

    Answers `{entries}`.
    """
    found = slack.journal.trail(body.number)
    if not found:
        raise ConfigurationError(f"there is no entry {body.number} in the journal")
    speaker = Speaker(slack, is_wanted=body.words, details=body.details)
    return {"entries": speaker.told(speaker.worthy(found))}


class Speaker:
    """Puts entries into words, in order, if that `is_wanted`; with the names that people and places have just then."""

    def __init__(self, slack: LocalSlack, *, is_wanted: bool, details: bool) -> None:
        self._workspace, self._names, self._is_wanted = slack.workspace, dict[str, str](), is_wanted
        self._words = Words(self._names, details=details, with_app=len(slack.workspace.apps) > 1)

    @classmethod
    def of(cls, slack: LocalSlack, look: Look) -> Speaker:
        """One that says what `look` asks for."""
        return cls(slack, is_wanted=look.words, details=look.details)

    def is_worth_it(self, entry: Entry) -> bool:
        """Whether whoever looks wants to see this one."""
        return not self._is_wanted or self._words.has_one_for(entry)

    def worthy(self, entries: Iterable[Entry]) -> list[Entry]:
        """Those that are."""
        return [each for each in entries if self.is_worth_it(each)]

    def line(self, entry: Entry) -> str:
        """The entry as a line of JSON, with its words."""
        if not self._is_wanted:
            return lines.line(entry)
        self._names.update(self._workspace.names)
        return lines.line(entry, words=self._words.line(entry))

    def told(self, entries: Iterable[Entry]) -> list[Raw]:
        """Several of them, for an answer."""
        return [Raw(self.line(each).encode()) for each in entries]
