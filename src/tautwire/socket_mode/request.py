"""`SocketModeRequest`: what a request listener gets."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from tautwire.errors import ConfigurationError

__all__ = ["SocketModeRequest", "SupportsToDict", "payload_of"]


@runtime_checkable
class SupportsToDict(Protocol):
    """Anything that can be written as a dict: slack_sdk's model objects for one."""

    def to_dict(self) -> dict[str, Any]:
        """The dict."""


def payload_of(payload: object) -> dict[str, Any]:
    """The one rule for payloads: a dict as it is, a text as `{"text": …}`, an object by its `to_dict()`.

    Raises:
        ConfigurationError: it is none of these; the text names its type. Also a `ValueError`.
    """
    if isinstance(payload, dict):
        return payload
    if isinstance(payload, str):
        return {"text": payload}
    if isinstance(payload, SupportsToDict):
        return payload.to_dict()
    kind = type(payload).__name__
    raise ConfigurationError(f"a payload cannot be of type {kind}: give a dict, a str, or what has to_dict()")


class SocketModeRequest:
    """An envelope from Slack. Its repr shows no payload."""

    def __init__(
        self,
        type: str,  # noqa: A002  the name that slack_sdk gives it
        envelope_id: str,
        payload: dict[str, Any] | SupportsToDict | str,
        accepts_response_payload: bool | None = None,
        retry_attempt: int | None = None,
        retry_reason: str | None = None,
    ) -> None:
        self.type = type
        self.envelope_id = envelope_id
        self.payload = payload_of(payload)
        #: Whether Slack reads a payload in the ack.
        self.accepts_response_payload = accepts_response_payload or False
        #: 0 on the first delivery of an event, 1 to 3 on redeliveries; `None` for what is never redelivered.
        self.retry_attempt = retry_attempt
        self.retry_reason = retry_reason

    def __repr__(self) -> str:
        return f"SocketModeRequest(type={self.type!r}, envelope_id={self.envelope_id!r})"

    @classmethod
    def from_dict(cls, message: dict[str, Any]) -> SocketModeRequest | None:
        """The request in `message`; `None` unless it has `type`, `envelope_id` and `payload`."""
        if not all(key in message for key in ("type", "envelope_id", "payload")):
            return None
        return cls(
            type=message["type"],
            envelope_id=message["envelope_id"],
            payload=message["payload"],
            accepts_response_payload=message.get("accepts_response_payload"),
            retry_attempt=message.get("retry_attempt"),
            retry_reason=message.get("retry_reason"),
        )

    def to_dict(self) -> dict[str, Any]:
        """`type`, `envelope_id` and `payload`."""
        return {"type": self.type, "envelope_id": self.envelope_id, "payload": self.payload}
