"""The inbox for many machines: NATS JetStream.

`inbox` is what a user has, `parts` what it is wired of, `link` the only module that knows nats-py, `broker` the
connection that is always made again. What is said to it is in `rooms` (streams), `pulling` (consumers), `scanning` (for
people) and `streams` (what is made, and checked). `names`, `notes`, `deciding`, `settings`, `checking` are pure.

A record is a message in the work stream, and a note in the state stream once something has happened to it. Each change
is a new note under the condition that the one before is still there, and its place in that stream is the fence of a
lease. That makes the server the judge of who was first, and no clock is needed for it. Everything else follows from the
note, and is done by whoever meets the record next if it was left undone:

    the note says           and the message in the work stream
    nothing, stored         is delivered to a worker, when its time has come
    leased                  comes again when its owner has not said anything for a lease
    done                    is taken away
    dead                    is copied to the dead letters, and taken away
"""

try:
    from tautwire.inbox.jetstream.inbox import JetStreamInbox
except ModuleNotFoundError as error:
    if (error.name or "").partition(".")[0] not in {"nats", "nkeys"}:
        raise
    raise ImportError('an inbox on NATS needs an extra: pip install "tautwire[nats]"', name="nats") from None

__all__ = ["JetStreamInbox"]
