"""The example app of the demo: it acks, answers commands, and remembers what it was asked to do.

The same few lines run on either client, written the way slack_sdk's documentation shows: ack first, then work.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

__all__ = ["App"]


class App:
    """A request listener. `response` is the client's own `SocketModeResponse` class.

    `handled` counts how often the work was done for each event (by `event_id`) and each command or click (by
    `envelope_id`; those never come twice by Slack's doing). An ack that cannot be sent raises, and the work is not
    done: it is left to Slack's redelivery.
    """

    def __init__(self, response: Any) -> None:
        self._response = response
        self.handled: Counter[str] = Counter()

    async def __call__(self, client: Any, request: Any) -> None:
        """Ack, and answer a command in the ack; then work."""
        answer = {"text": f"{request.payload['command']}: done"} if request.type == "slash_commands" else None
        await client.send_socket_mode_response(self._response(envelope_id=request.envelope_id, payload=answer))
        self.handled[request.payload.get("event_id") or request.envelope_id] += 1
