"""What is wrong with streams and consumers that are there, or should be looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Finding", "about_consumer", "about_stream"]

_BILLION: Final = 1_000_000_000
#: Deliveries without an answer below which a few retries keep everybody from working.
_FEWEST_PENDING: Final = 1_000
_ENOUGH_COPIES: Final = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence. With one that is fatal the inbox is not opened."""

    text: str
    is_fatal: bool = True


def about_stream(info: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    """What is to be said of a stream, from what the server says about it and what was wanted."""
    there, name = info["config"], wanted["name"]
    for setting, value, why in _FIXED:
        if setting in wanted and there.get(setting) != wanted[setting]:
            yield Finding(f"the stream {name} {why}, which cannot be changed: use another name for the inbox ({value})")
    if set(wanted["subjects"]) - set(there.get("subjects") or ()):
        yield Finding(f"the stream {name} is not the inbox's: it lacks the subjects {', '.join(wanted['subjects'])}")
    for setting, has_to_be, why, option in _CHANGEABLE:
        is_wanted = wanted.get(setting, has_to_be)
        if there.get(setting, has_to_be) != is_wanted:
            yield Finding(f"the stream {name} {why}: nats stream edit {name} {option}")
    if there.get("persist_mode", "default") not in {"default", ""}:
        yield Finding(f"the stream {name} confirms what it has not written: set its persist mode to default")
    window = wanted.get("duplicate_window", 0)
    if there.get("duplicate_window", 0) < window:
        yield Finding(
            f"the stream {name} knows the keys of {_seconds(there.get('duplicate_window', 0))} only: "
            f"nats stream edit {name} --dupe-window {_seconds(window)}"
        )
    if max(0, there.get("max_msgs", -1)) != max(0, wanted.get("max_msgs", -1)):
        bound = max(0, there.get("max_msgs", -1)) or "no number of"
        yield Finding(f"the stream {name} was made for {bound} records; that bound is kept", is_fatal=False)
    yield from _about_copies(info, wanted)


#: What cannot be changed in a stream: the setting, what it has to be, and what is wrong otherwise.
_FIXED: Final = (
    ("storage", "storage: file", "keeps its messages in memory"),
    ("retention", "retention", "has another retention"),
)
#: What can: the setting, what it is when nothing else is wanted, what is wrong otherwise, and the option that helps.
_CHANGEABLE: Final[tuple[tuple[str, Any, str, str], ...]] = (
    ("discard", "new", "drops old messages when it is full", "--discard new"),
    ("max_age", 0, "forgets messages with time", "--max-age 0"),
    ("max_msgs_per_subject", -1, "keeps another number of messages for each record", "--max-msgs-per-subject"),
    ("allow_direct", True, "does not let its messages be looked at", "--allow-direct"),
    ("allow_msg_ttl", False, "cannot forget what is done", "--allow-msg-ttl"),
    ("no_ack", False, "does not confirm what it stores", "--ack"),
    ("sealed", False, "is sealed", "(it cannot be opened again: use another name for the inbox)"),
    ("deny_delete", False, "does not let messages be deleted", "(it cannot be changed: use another name)"),
)


def _about_copies(info: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    name, copies, asked = wanted["name"], info["config"].get("num_replicas", 1), wanted["num_replicas"]
    if copies < asked:
        yield Finding(
            f"the stream {name} has {_copies(copies)}, and replicas={asked} is asked for:"
            f" nats stream edit {name} --replicas {asked}, or say replicas={copies}"
        )
    elif copies < _ENOUGH_COPIES and (info.get("cluster") or {}).get("name"):
        yield Finding(
            f"the stream {name} has {_copies(copies)}: nothing can be stored while one of the servers that have it is"
            " away; three copies survive that",
            is_fatal=False,
        )


def about_consumer(info: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Finding]:
    """The same of a consumer."""
    there, name = info["config"], f"{info.get('stream_name', '')} > {wanted['durable_name']}"
    if there.get("ack_wait") != wanted["ack_wait"]:
        seconds = there.get("ack_wait", 0) / _BILLION
        yield Finding(f"this inbox was made with lease_seconds={seconds:g}: give it to everybody who uses it")
    for setting, has_to_be, why in _CONSUMER:
        if (there.get(setting) or has_to_be) != wanted.get(setting, has_to_be):
            yield Finding(
                f"the consumer {name} {why}: delete it while nobody works (nothing is lost), and it is made anew"
            )
    pending = there.get("max_ack_pending", 0)
    if 0 < pending < min(_FEWEST_PENDING, wanted["max_ack_pending"]):
        yield Finding(
            f"the consumer {name} lets {pending} records be leased, wait for their retry and for their turn together:"
            f" raise its max_ack_pending to {wanted['max_ack_pending']}",
            is_fatal=False,
        )
    if info.get("paused"):
        yield Finding(f"the consumer {name} is paused: nothing is handled until it is resumed", is_fatal=False)


#: What a consumer has to be, and what is wrong otherwise.
_CONSUMER: Final[tuple[tuple[str, Any, str], ...]] = (
    ("filter_subject", "", "is for other records"),
    ("deliver_policy", "all", "passes over records"),
    ("ack_policy", "explicit", "takes records for handled that are not"),
    ("max_deliver", -1, "gives up on records after some deliveries"),
    ("deliver_subject", "", "pushes records to whoever listens"),
    ("backoff", (), "has its own times for deliveries"),
    ("headers_only", False, "leaves the payloads out"),
    ("inactive_threshold", 0, "goes away when nobody works"),
)


def _copies(number: int) -> str:
    return "one copy" if number == 1 else f"{number} copies"


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds // _BILLION}s"
