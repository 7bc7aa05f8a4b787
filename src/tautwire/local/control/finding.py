"""Which message, which view is meant, by whoever says it from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tautwire.errors import ConfigurationError
from tautwire.local.actors import elements

if TYPE_CHECKING:
    from tautwire.local.actors import Person, Place, Said, Shown
    from tautwire.local.app import LocalSlack

__all__ = ["home", "message", "modal", "own_message", "place", "target"]


def place(slack: LocalSlack, person: Person, name: str) -> Place:
    """A channel by name or id, or the direct conversation of `person` with somebody; `ConfigurationError` for neither.

    A conversation that was never opened is opened by this.
    """
    core = slack.workspace.core
    if core.find_channel(name) is None and (other := core.find_user(name)) is not None:
        return slack.direct(person.id, other.id)
    return slack.channel(name)


def message(slack: LocalSlack, person: Person, channel: str, ts: str) -> Said:
    """The message `ts`, also one that only `person` sees; without a `ts` the latest one in `channel`."""
    there = place(slack, person, channel)
    for each in [*there.messages, *person.ephemerals][:: 1 if ts else -1]:
        if ts == each.ts or (not ts and not each.is_ephemeral):
            return each
    raise ConfigurationError(f"there is no message {ts} in #{there.name}" if ts else f"#{there.name} is empty")


def own_message(slack: LocalSlack, person: Person, channel: str, ts: str) -> Said:
    """The same, but without a `ts` the latest one that is by `person`."""
    if ts:
        return message(slack, person, channel, ts)
    there = place(slack, person, channel)
    own = [each for each in there.messages if each.record.user_id == person.id]
    if not own:
        raise ConfigurationError(f"{person.name} has said nothing in #{there.name}")
    return own[-1]


def modal(person: Person) -> Shown:
    """The modal on top of somebody's screen."""
    view = person.screen
    if view is None:
        raise ConfigurationError(f"{person.name} has no modal open")
    return view


def home(person: Person, app: str) -> Shown:
    """An app's home as somebody sees it."""
    view = person.home(app)
    if view is None:
        raise ConfigurationError(f"{app or 'the app'} has published no home for {person.name}")
    return view


def target(
    slack: LocalSlack, person: Person, wanted: str, *, channel: str, ts: str, view: str, app: str
) -> Said | Shown:
    """What `wanted` is to be clicked on in.

    `view` or `ts` say it; else it is the modal on top, if it has `wanted`, or the latest message in `channel` that has
    it, those included that only `person` sees.
    """
    if view == "home":
        return home(person, app)
    if view == "modal":
        return modal(person)
    if ts:
        return message(slack, person, channel, ts)
    screen = person.screen
    if screen is not None and _offers(screen, wanted):
        return screen
    there = place(slack, person, channel)
    ephemerals = [each for each in person.ephemerals if each.channel_id == there.id]
    clickable = [each for each in [*there.messages, *ephemerals] if each.offers(wanted)]
    if not clickable:
        raise ConfigurationError(f"no message in #{there.name} has {wanted!r} to click on{_rest(there, screen)}")
    return max(clickable, key=lambda each: each.ts)


def _offers(view: Shown, wanted: str) -> bool:
    return any(wanted in (each.action_id, each.label, each.block_id) for each in elements.interactive(view.blocks))


def _rest(there: Place, screen: Shown | None) -> str:
    """What there is instead."""
    blocks = [block for each in there.messages for block in each.blocks] + (screen.blocks if screen else [])
    names = dict.fromkeys(repr(each.action_id or each.label) for each in elements.interactive(blocks))
    return f", but {', '.join(names)}" if names else ""
