"""`SocketModeResponse`: an ack."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tautwire.socket_mode.request import payload_of

if TYPE_CHECKING:
    from tautwire.socket_mode.request import SupportsToDict

__all__ = ["SocketModeResponse"]


class SocketModeResponse:
    """The ack of an envelope, with the answer that Slack reads in it, if any. Its repr shows no payload."""

    def __init__(self, envelope_id: str, payload: dict[str, Any] | SupportsToDict | str | None = None) -> None:
        self.envelope_id = envelope_id
        self.payload = None if payload is None else payload_of(payload)

    def __repr__(self) -> str:
        return f"SocketModeResponse(envelope_id={self.envelope_id!r})"

    def to_dict(self) -> dict[str, Any]:
        """`envelope_id`, and `payload` unless it is `None`."""
        response: dict[str, Any] = {"envelope_id": self.envelope_id}
        if self.payload is not None:
            response["payload"] = self.payload
        return response
