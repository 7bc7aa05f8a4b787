"""Which delivery a client has: in memory, or with an inbox."""

from __future__ import annotations

import os
import platform
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from tautwire.delivery.dispatcher import Dispatcher
from tautwire.delivery.durable import DurableDelivery, DurableHandler
from tautwire.delivery.group import grouping, ungrouped
from tautwire.delivery.policy import ATTEMPTS, LISTENER_TIMEOUT, StoragePolicy
from tautwire.errors import ConfigurationError
from tautwire.protocol import codec
from tautwire.socket_mode.request import SocketModeRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tautwire.clock import Clock
    from tautwire.delivery.api import Delivery
    from tautwire.delivery.backlog import LateAnswer
    from tautwire.delivery.group import Grouping
    from tautwire.delivery.policy import AckPolicy
    from tautwire.delivery.sending import Elsewhere
    from tautwire.facts import Fact
    from tautwire.inbox.api import Inbox
    from tautwire.protocol.backoff import Uniform
    from tautwire.protocol.messages import Envelope

    SerializeBy: TypeAlias = str | Callable[[SocketModeRequest], str | None]

__all__ = ["InboxOptions", "checked_inbox", "delivery_of", "owner_name"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxOptions:
    """What a user says of the handling of what is stored. Each means something only with an inbox."""

    serialize_by: SerializeBy | None = None
    attempts: int = ATTEMPTS
    listener_timeout: float | None = LISTENER_TIMEOUT
    ack_when: Mapping[str, str] | None = None
    run_unacked: bool = False
    handle_stored: bool = True


def delivery_of(
    handler: DurableHandler,
    inbox: Inbox | None,
    options: InboxOptions,
    *,
    answers: LateAnswer,
    elsewhere: Elsewhere,
    clock: Clock,
    chance: Uniform,
    emit: Callable[[Fact], None],
    policy: AckPolicy,
    concurrency: int,
) -> Delivery:
    """The delivery with `inbox`, or without any.

    Raises:
        ConfigurationError: something that cannot work; the text says what to give instead.
    """
    if inbox is None:
        _check_unused(options)
        return Dispatcher(handler, elsewhere=elsewhere, clock=clock, emit=emit, policy=policy, concurrency=concurrency)
    return DurableDelivery(
        handler,
        checked_inbox(inbox),
        owner=owner_name(),
        elsewhere=elsewhere,
        clock=clock,
        chance=chance,
        emit=emit,
        policy=policy,
        storage=StoragePolicy.of(
            attempts=options.attempts,
            listener_timeout=options.listener_timeout,
            ack_when=_checked(options.ack_when),
            run_unacked=options.run_unacked,
        ),
        answers=answers,
        group_of=_grouping(options.serialize_by),
        concurrency=concurrency,
        handle_stored=options.handle_stored,
    )


def checked_inbox(inbox: Any) -> Inbox:
    """What is given as an inbox, if it is one. Raises `ConfigurationError`."""
    if isinstance(inbox, type) or not callable(getattr(inbox, "put", None)):
        raise ConfigurationError('inbox is an inbox, SqliteInbox("events.db") for one')
    return cast("Inbox", inbox)


def owner_name() -> str:
    """A name by which leases tell whose they are: a person sees the machine and the process in it."""
    return f"{platform.node()} {os.getpid()} {secrets.token_hex(4)}"


def _check_unused(options: InboxOptions) -> None:
    for field in fields(options):
        if getattr(options, field.name) != field.default:
            raise ConfigurationError(f"{field.name} says what becomes of stored envelopes; it needs inbox= as well")


def _checked(ack_when: Any) -> Mapping[str, str]:
    if ack_when is None or isinstance(ack_when, Mapping):
        return ack_when or {}
    raise ConfigurationError('ack_when is a dict, such as {"slash_commands": "handled"}')


def _grouping(serialize_by: SerializeBy | None) -> Grouping:
    if serialize_by is None:
        return ungrouped
    if not callable(serialize_by):
        return grouping(serialize_by)
    group_of = serialize_by

    def by_request(envelope: Envelope) -> str:
        request = SocketModeRequest(
            envelope.type,
            envelope.envelope_id,
            codec.decode_object(envelope.payload),
            envelope.accepts_response_payload,
            envelope.retry_attempt,
            envelope.retry_reason,
        )
        return str(group_of(request) or "")

    return by_request
