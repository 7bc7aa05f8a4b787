"""What can go wrong where: the points at which the rooms ask, and the kinds of trouble that each point knows. Pure."""

from __future__ import annotations

from typing import Final

__all__ = ["ENDINGS", "KINDS"]

#: The ways in which a connection is lost: with a close frame, by half-closing TCP without a word, hard.
ENDINGS: Final = ("close", "fin", "rst")

#: Points, what can happen at each, and which particulars of a `Fault` each kind heeds. The subjects, which `match` is
#: tried against, are in brackets; wherever a connection is concerned, they are its id and its app's.
KINDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    # A Web API call [the method's name].
    "api": {
        "ratelimited": ("retry_after", "delay"),  # 429, with or without Retry-After
        "error": ("error", "delay"),  # Slack's "no", with this code
        "status": ("status", "delay"),  # a bare HTTP status
        "html": ("status", "delay"),  # an edge's page where JSON is due
        "not_json": ("delay",),
        "hang": ("delay",),  # silence, for so long; 0: until the other side gives up
        "reset": ("delay",),  # TCP is cut
        "slow": ("delay",),  # answered properly, later
    },
    # The upload of a file's bytes [the file's id].
    "upload": {"status": ("status", "delay"), "hang": ("delay",), "reset": ("delay",), "slow": ("delay",)},
    # A trigger_id that is about to be used [itself; the method's name].
    "trigger": {"expired": (), "exchanged": (), "invalid": ()},
    # A ticket that is shown at the door [its app].
    "ticket": {"expired": ()},
    # A WebSocket upgrade, ahead of any verdict on its ticket [the ticket's app].
    "handshake": {"status": ("status", "delay"), "hang": ("delay",), "reset": ("delay",), "slow": ("delay",)},
    # The first message of a connection.
    "hello": {"missing": (), "late": ("delay",), "not_json": ()},
    # A living connection, asked when the fault is put in force and then every second.
    "connection": {
        "drop": ("how",),
        "half_open": (),  # swallows whatever comes and never says anything again
        "stall": ("delay",),  # neither reads nor writes for so long, then goes on; 0: for ever
        "disconnect": ("reason",),  # a disconnect message, and the close frame right behind it
        "notice": ("reason",),  # the message alone
        "refresh": ("delay",),  # Slack's planned replacement; so long between warning and request, 0: as always
        "ghost": ("how", "delay"),  # dropped, while the registration lives on for so long; 0: for ever
        "malformed": ("form",),  # a frame from the catalogue
        "oversized": ("size",),  # a text frame of so many bytes
    },
    # An envelope on its way out [its type; its event, command or interaction type; its envelope_id; its app].
    "envelope": {
        "lost": (),  # entered as sent, never on the wire
        "duplicate": (),  # twice on the same connection
        "duplicate_new_id": (),  # twice, the second with an envelope_id of its own
        "duplicate_new_event": (),  # an event twice, the second with an event_id of its own, as two events
        "elsewhere": ("delay",),  # once more on another connection of the app, so much later
        "reorder": ("delay",),  # behind the next one; after so long at the latest, 0: one second
        "late": ("delay",),
        "drop": ("how", "delay"),  # the connection is lost in its stead; with a delay: delivered, then lost
        "half_open": ("delay",),  # likewise
        "stall": ("delay",),  # the connection stalls, with the envelope in it
    },
    # A frame sent just ahead of an envelope [as above].
    "frame": {"malformed": ("form",), "oversized": ("size",)},
    # An ack on its way in [its envelope's type; its app].
    "ack": {"ignored": (), "late": ("delay",)},
    # The server's own ping; its pong to a client's ping.
    "ping": {"missing": ()},
    "pong": {"missing": ()},
    # A disconnect message [its reason; the connection's id; its app's].
    "disconnect": {"missing": ()},
    # A connection that has gone: its registration may outlive it, for so long; 0: for ever.
    "end": {"ghost": ("delay",)},
}
