"""What nobody outside Slack knows for certain, each as one named switch with the likelier answer as its default.

A client has to survive either answer; a test flips the switch and looks. Seconds are real seconds, except where a
docstring says that `time_scale` applies.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

__all__ = ["BigFrame", "OverLimit", "RefreshEnd", "SocketModeOff", "Switches"]

#: Who is sent away at the cap of ten: the newcomer before or after its `hello`, or the oldest connection.
OverLimit = Literal["newcomer", "newcomer_after_hello", "oldest"]
#: Where a client learns that Socket Mode is off: on the socket, or from `apps.connections.open`.
SocketModeOff = Literal["link_disabled", "open_fails"]
#: How a connection ends that has been replaced: by a close frame, or by `fin` or `rst` without one.
RefreshEnd = Literal["close", "fin", "rst"]
#: What a client's frame above 20,480 bytes brings: a close with 1009, or nothing at all.
BigFrame = Literal["close", "ignore"]

_HOUR: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """The undocumented sides of Slack. Every field stands alone."""

    #: Delays before retries 1-3 of an un-acked event, counted from the missed deadline; scaled by `time_scale`.
    #: Slack documents "about at once, 1 minute, 5 minutes"; the first came 4 s after the delivery (bolt-js#2487).
    retry_delays: tuple[float, ...] = (1.0, 60.0, 300.0)
    #: The app has Slack's "Delayed Events": after the last retry one more every hour, for 24 hours; scaled as well.
    delayed_events: bool = False
    #: A retry has an `envelope_id` of its own. One report shows the old one (bolt-js#2487).
    retry_new_envelope_id: bool = True
    #: A retry counts up in `retry_attempt`. The same report shows 0 on a later copy.
    retry_is_marked: bool = True
    #: An ack after the deadline stops the retries that are still to come.
    late_ack_stops_retries: bool = False
    #: When a connection becomes ready, waiting retries go out at once instead of on their schedule.
    retry_on_connect: bool = False
    #: Un-acked commands come again when a connection becomes ready (one report: revelrylabs/slax#614).
    commands_again_on_connect: bool = False
    #: Events that an app may be sent in 60 minutes; more are dropped, and `app_rate_limited` comes once a minute.
    #: Slack's number is 30,000 (`allowance.EVENTS_PER_HOUR`). No limit is the default, as with the Web API's limits: a
    #: load test that stops after three seconds would say nothing of the client. Retries are not counted.
    events_per_hour: int | None = None
    #: An app of whose attempts, 1,000 or more in an hour, over 95 % fail is sent no more events, until it is told that
    #: it may have them again (`Line.enable_events`). Documented for HTTP, for Socket Mode neither way.
    failing_apps_lose_events: bool = False
    #: An ack counts on any connection of the app; `False`: only on the one that delivered.
    ack_on_any_connection: bool = True
    #: Envelopes still go to a connection between `refresh_requested` and its close.
    deliver_after_refresh_requested: bool = True
    #: Envelopes also go to ghosts, the registrations that outlive their socket: they are lost, or retried.
    route_to_ghosts: bool = False
    #: `accepts_response_payload` of `block_actions`: captured traffic says false, the documentation true.
    block_actions_accept_payload: bool = False
    #: A ticket burns on any handshake that reaches the server, not only on a 101.
    burn_on_attempt: bool = False
    #: Seconds a ticket lives; `None`: until used.
    ticket_lifetime: float | None = None
    #: A frame of a client above 20,480 bytes. Seen: 1009 (revelrylabs/slax#614); slack-go's source: silence.
    big_client_frame: BigFrame = "close"
    #: Who goes at the cap of ten.
    over_limit: OverLimit = "newcomer"
    #: How "Socket Mode is off" shows.
    socket_mode_off: SocketModeOff = "link_disabled"
    #: Slack leaves TCP open after the close handshake (node-slack-sdk 3.2.0 notes); `False`: it closes it.
    leave_tcp_open: bool = True
    #: Seconds from `warning` to `refresh_requested`; scaled. Documented as about 10.
    refresh_grace: float = 10.0
    #: Seconds from `refresh_requested` to the close frame; scaled. Not documented.
    refresh_linger: float = 1.0
    #: How it ends then. Seen: 1000 (java-slack-sdk#860), no close frame at all (java-slack-sdk#1199), and in one fleet
    #: half-closed as a rule (Abilityai/trinity#684).
    refresh_end: RefreshEnd = "close"
    #: Seconds from hello to the first server ping, at most one ping interval. 3-4 in a public trace.
    first_ping: float = 3.5
    #: Seconds a connection lives with `debug_reconnects=true`.
    debug_connection_time: float = 360.0
    #: Seconds that Slack waits for the other half of a close handshake where it does not leave TCP open.
    close_patience: float = 10.0
    #: `hello` carries `debug_info.started`: in the documentation, in no capture.
    hello_started: bool = False

    @property
    def all_retry_delays(self) -> tuple[float, ...]:
        """The whole schedule of an un-acked event, Delayed Events included."""
        return self.retry_delays + (_HOUR,) * 24 if self.delayed_events else self.retry_delays
