"""When is an envelope acked, and by whom? Pure.

A listener acks. If none has by `ack_deadline` (2.5 s: Slack gives up at 3), `auto_ack` says whether the client does:

- `"never"`: nobody acks. Slack sends events again; a person who clicked sees an error.
- `"events"`: Events API envelopes are acked, because Slack switches off the subscriptions of an app that leaves most
  of them un-acked. Commands and interactions are not: their ack may carry an answer that only a listener can give.
- `"all"`: everything is acked, without a payload.

A listener that raised is never covered up: its envelope stays un-acked, so that Slack's retry is another chance and a
person sees that something went wrong.

With an inbox (`StoragePolicy`) most envelopes are acked when they are stored, before any listener: what is stored will
be handled. What answers *inside* its ack cannot be: its listener is first, as without an inbox, and it is never handled
again by itself, because nobody waits for its answer any more.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tautwire.errors import ConfigurationError
from tautwire.inbox.api import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tautwire.protocol.messages import Envelope

__all__ = [
    "ACK_DEADLINE",
    "ATTEMPTS",
    "COMMIT_DEADLINE",
    "LISTENER_TIMEOUT",
    "SLACK_DEADLINE",
    "AckPolicy",
    "AckWhen",
    "AutoAck",
    "Plan",
    "StoragePolicy",
    "is_late",
    "kind_of",
    "reads_answer",
]

#: Seconds after which the client acks on its own.
ACK_DEADLINE: Final = 2.5

#: Seconds after which Slack has given up, by its documentation.
SLACK_DEADLINE: Final = 3.0

#: Seconds after which an envelope that is not stored yet is left to Slack's retry: the ack has to arrive, too.
COMMIT_DEADLINE: Final = 2.0

#: How often a record is handled before it is a dead letter: with pauses of up to five minutes, the usual restart of a
#: database or a deployment lies in between.
ATTEMPTS: Final = 5

#: Seconds for one listener. Long enough for any work that is meant; a listener that hangs for ever would keep its
#: record from ever ending.
LISTENER_TIMEOUT: Final = 3600.0


class AutoAck(enum.Enum):
    """Which envelopes the client acks when nobody else has."""

    NEVER = "never"
    EVENTS = "events"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class AckPolicy:
    """What happens to an envelope that nobody has acked by `deadline` seconds."""

    auto: AutoAck = AutoAck.EVENTS
    deadline: float = ACK_DEADLINE

    @classmethod
    def of(cls, auto_ack: str, ack_deadline: float) -> AckPolicy:
        """From what a user wrote.

        Raises:
            ConfigurationError: an unknown word, or a deadline that is not between 0 and 3 seconds.
        """
        try:
            auto = AutoAck(auto_ack)
        except ValueError:
            words = ", ".join(repr(word.value) for word in AutoAck)
            raise ConfigurationError(f"auto_ack is {auto_ack!r}; it can be {words}") from None
        if not 0 < ack_deadline <= SLACK_DEADLINE:
            raise ConfigurationError(f"ack_deadline is {ack_deadline!r}; it must be above 0 and at most 3 seconds")
        return cls(auto, ack_deadline)

    def acks_itself(self, type_: str, *, has_failed: bool) -> bool:
        """Whether the client acks an envelope of this type at the deadline."""
        if has_failed or self.auto is AutoAck.NEVER:
            return False
        return self.auto is AutoAck.ALL or type_ == "events_api"


def is_late(seconds: float) -> bool:
    """Whether an ack `seconds` after the envelope comes too late for Slack."""
    return seconds >= SLACK_DEADLINE


class AckWhen(enum.Enum):
    """When an envelope is acked that an inbox keeps."""

    STORED = "stored"
    HANDLED = "handled"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with one envelope. `kind` is its type, or what of `interactive` it is."""

    kind: str
    ack_when: AckWhen
    mode: Mode


#: What Slack reads an answer of in the ack, and nowhere else.
_ANSWERS: Final = frozenset({"view_submission", "block_suggestion", "dialog_submission", "dialog_suggestion"})

#: Acked when stored, whatever the envelope says of a payload in its ack: of `block_actions` Slack's documentation and
#: its traffic say different things, a shortcut's is ignored, and a command can be answered at its `response_url`.
_STORED: Final = frozenset(
    {"events_api", "slash_commands", "block_actions", "shortcut", "message_action", "view_closed"}
)

#: They come once, and a person sees an error when they are not acked.
_ONCE: Final = frozenset({"slash_commands", "interactive"})


@dataclass(frozen=True, slots=True)
class StoragePolicy:
    """What an inbox means for each kind of envelope.

    `ack_when` holds what its user wants otherwise. With `run_unacked`, a command or a click that was stored but not
    acked is handled all the same; otherwise it is a dead letter, because its person has seen an error and may have
    tried again.
    """

    attempts: int = ATTEMPTS
    listener_timeout: float | None = LISTENER_TIMEOUT
    ack_when: Mapping[str, AckWhen] = field(default_factory=dict)
    run_unacked: bool = False

    @classmethod
    def of(
        cls,
        *,
        attempts: int = ATTEMPTS,
        listener_timeout: float | None = LISTENER_TIMEOUT,
        ack_when: Mapping[str, str] | None = None,
        run_unacked: bool = False,
    ) -> StoragePolicy:
        """From what a user wrote.

        Raises:
            ConfigurationError: something that cannot work; the text says what to give instead.
        """
        if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
            raise ConfigurationError(f"attempts is {attempts!r}; it must be a number of at least 1")
        if listener_timeout is not None and not (isinstance(listener_timeout, int | float) and listener_timeout > 0):
            raise ConfigurationError(f"listener_timeout is {listener_timeout!r}; give seconds above 0, or None")
        return cls(attempts, listener_timeout, _moments(ack_when or {}), run_unacked)

    def plan(self, envelope: Envelope) -> Plan:
        """What is to be done with `envelope`."""
        kind = kind_of(envelope)
        ack_when = self.ack_when.get(kind) or _usual(kind, accepts=envelope.accepts_response_payload)
        return Plan(kind, ack_when, self._mode(envelope.type, kind, ack_when))

    def _mode(self, type_: str, kind: str, ack_when: AckWhen) -> Mode:
        if ack_when is AckWhen.HANDLED:
            return Mode.NEVER
        if self.run_unacked or type_ not in _ONCE or kind == "view_closed":  # Of that one nobody sees an error.
            return Mode.AGAIN
        return Mode.ONCE_ACKED


def reads_answer(kind: str) -> bool:
    """Whether an answer in the ack of this kind is one that Slack reads."""
    return kind == "slash_commands" or kind not in _STORED


class _Interaction(msgspec.Struct, gc=False):
    type: str = "interactive"


_decode = msgspec.json.Decoder(_Interaction).decode


def kind_of(envelope: Envelope) -> str:
    """Its type; of what is `interactive`, the payload's: `block_actions`, `view_submission`, …."""
    if envelope.type != "interactive":
        return envelope.type
    try:
        return _decode(envelope.payload).type
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return envelope.type


def _usual(kind: str, *, accepts: bool) -> AckWhen:
    if kind in _ANSWERS or (accepts and kind not in _STORED):
        return AckWhen.HANDLED
    return AckWhen.STORED


def _moments(words: Any) -> dict[str, AckWhen]:
    known = {each.value: each for each in AckWhen}
    for kind, word in words.items():
        if kind not in _STORED | _ANSWERS:
            kinds = ", ".join(sorted(_STORED | _ANSWERS))
            raise ConfigurationError(f"ack_when has {kind!r}, which is no kind of request; it can have {kinds}")
        if word not in known:
            raise ConfigurationError(f"ack_when of {kind} is {word!r}; it can be 'stored' or 'handled'")
    if words.get("events_api") == AckWhen.HANDLED.value:
        raise ConfigurationError(
            "events_api is acked when stored, which is what an inbox is for; without inbox= it is acked when handled"
        )
    return {kind: known[word] for kind, word in words.items()}
