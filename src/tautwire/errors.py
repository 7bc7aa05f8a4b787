"""Every error this library raises, in one tree.

    TautwireError
    ├── ConfigurationError             an argument, a token's kind, a missing extra; also a ValueError
    ├── SlackClientError
    │   ├── SlackRequestError          the Web API could not be reached or did not answer in its language
    │   └── SlackApiError              Slack said no; `.response["error"]` is its code
    │       └── RateLimitedError       Slack said later; `.retry_after` seconds
    ├── ActionRefusedError             a person in the local Slack tried what Slack does not allow; `.code` says why
    ├── InboxError                     the inbox cannot do what it was asked, until somebody changes something
    │   ├── InboxUnavailableError      it cannot now: the disk is full or fails, there is no broker
    │   ├── InboxFullError             its bound is reached; nothing was stored
    │   ├── InboxLockedError           another process has it
    │   └── LeaseLostError             the record has gone to another owner since
    ├── RequestLeftError               a `requests()` loop was left before it took this request
    ├── ListenerTimeoutError           a listener took longer than it may; also a TimeoutError
    └── SocketModeError
        ├── FatalConnectionError       no retry can help; what `connect()` and `run()` raise
        │   ├── InvalidTokenError      `.code` is Slack's error, or the HTTP status
        │   └── SocketModeDisabledError  Socket Mode is switched off in the app's settings
        ├── DialError                  one attempt to connect failed; the engine tries again
        │   ├── DialTimeoutError
        │   ├── HandshakeRefusedError  `.status` is the HTTP status
        │   └── UntrustedUrlError      Slack's answer pointed at a host that is not Slack's
        ├── NotConnectedError          nothing to send on; also a ConnectionError
        ├── ClientClosedError          the client was closed for good; also a RuntimeError
        ├── MessageTooLargeError       20,480 bytes or more; Slack would close the socket; also a ValueError
        └── BoltStatusError            Bolt answered a request with `.status`, which is not acked

`retryable` says whether the same call may succeed later without anybody changing anything.
No message of these errors carries a token, a ticket, a header or a payload.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FATAL_API_ERRORS",
    "FATAL_HTTP_STATUSES",
    "ActionRefusedError",
    "BoltStatusError",
    "ClientClosedError",
    "ConfigurationError",
    "DialError",
    "DialTimeoutError",
    "FatalConnectionError",
    "HandshakeRefusedError",
    "InboxError",
    "InboxFullError",
    "InboxLockedError",
    "InboxUnavailableError",
    "InvalidTokenError",
    "LeaseLostError",
    "ListenerTimeoutError",
    "MessageTooLargeError",
    "NotConnectedError",
    "RateLimitedError",
    "RequestLeftError",
    "SlackApiError",
    "SlackClientError",
    "SlackRequestError",
    "SocketModeDisabledError",
    "SocketModeError",
    "TautwireError",
    "UntrustedUrlError",
    "quotable",
]

_CODE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")

#: Answers of `apps.connections.open` after which asking again is pointless. Union of what the Node and Go SDKs stop
#: on and of what Slack documents as a property of the token or the organisation.
FATAL_API_ERRORS: Final = frozenset(
    {
        "access_denied",
        "account_inactive",
        "ekm_access_denied",
        "invalid_auth",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_disabled",
        "token_expired",
        "token_revoked",
        "user_removed_from_team",
    }
)

#: HTTP statuses of the same meaning, for `apps.connections.open` only: a failed WebSocket handshake is transient.
FATAL_HTTP_STATUSES: Final = frozenset({401, 403, 404})


class TautwireError(Exception):
    """Base of everything raised here."""

    retryable: ClassVar[bool] = False

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls the class with the message alone, which most classes below do not take.
        return _restore, (type(self), self.args), vars(self)


class ConfigurationError(TautwireError, ValueError):
    """What was given cannot work; the message says what to give instead."""


class ActionRefusedError(TautwireError):
    """Somebody in the local Slack tried what Slack would not let them do. `code` is Slack's word for it."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class InboxError(TautwireError):
    """The inbox cannot do what it was asked: it is closed, read-only, damaged, or no inbox. Nothing may be acked."""


class InboxUnavailableError(InboxError):
    """It cannot now: the disk is full or fails, the broker is away. Nothing may be acked; Slack will try again."""

    retryable = True


class InboxFullError(InboxError):
    """The bound that was set is reached. Nothing was stored, and nothing may be acked."""

    retryable = True


class InboxLockedError(InboxError):
    """Another process works with this inbox, and only one can."""

    retryable = True


class LeaseLostError(InboxError):
    """The lease has ended, and the record has gone to another owner: what was done with it counts for nothing here."""


class RequestLeftError(TautwireError):
    """A `requests()` loop was left before it took this request; an inbox has it back, and no attempt is lost."""

    retryable = True


class ListenerTimeoutError(TautwireError, TimeoutError):
    """A listener took longer than `listener_timeout`; it was cancelled, and its envelope is tried again."""

    retryable = True


class SlackClientError(TautwireError):
    """Base of the Web API's errors; the name that slack_sdk uses."""


class SlackRequestError(SlackClientError):
    """The request got no answer of Slack's: DNS, TCP, TLS, a proxy, a timeout, HTML instead of JSON."""

    retryable = True

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class SlackApiError(SlackClientError):
    """Slack answered `ok: false`, or with an HTTP error.

    `response` reads like a dict: `error.response["error"]` is Slack's code; `.status_code` and `.headers` where the
    answer came over HTTP.
    """

    def __init__(self, message: str, response: Any) -> None:
        self.response = response
        code = _code_of(response)
        super().__init__(f"{message} ({quotable(code)})" if code else message)

    @property
    def code(self) -> str:
        """Slack's error code, or `""` when the answer had none."""
        return _code_of(self.response)


class RateLimitedError(SlackApiError):
    """Slack asks to wait. `retry_after` is what it said, in seconds, or `None` when it said nothing usable."""

    retryable = True

    def __init__(self, message: str, response: Any, *, retry_after: float | None) -> None:
        super().__init__(message, response)
        self.retry_after = retry_after


class SocketModeError(TautwireError):
    """Base of the connection's errors."""


class FatalConnectionError(SocketModeError):
    """Connecting again cannot help until somebody changes the token or the app's settings."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidTokenError(FatalConnectionError):
    """Slack refuses the app-level token. `code` is Slack's word (`invalid_auth`, …) or `http_401`, …"""


class SocketModeDisabledError(FatalConnectionError):
    """Socket Mode is off."""

    def __init__(self) -> None:
        super().__init__(
            "Socket Mode is off: switch it on under Settings > Socket Mode of the app, then connect again",
            code="link_disabled",
        )


class DialError(SocketModeError):
    """One attempt to connect failed."""

    retryable = True


class DialTimeoutError(DialError):
    """The API call, the handshake or the wait for `hello` took longer than its ten seconds."""


class HandshakeRefusedError(DialError):
    """The server, or a proxy before it, answered the WebSocket handshake with `status` instead of 101."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


class UntrustedUrlError(DialError):
    """`apps.connections.open` gave a URL that is not `wss` on Slack's hosts, or a redirect led away from them."""


class NotConnectedError(SocketModeError, ConnectionError):
    """There is no open connection to send on."""

    retryable = True


class ClientClosedError(SocketModeError, RuntimeError):
    """The client was closed for good; make a new one."""


class MessageTooLargeError(SocketModeError, ValueError):
    """Slack closes a socket that sends a frame of 20,480 bytes or more, so it is not sent at all."""


class BoltStatusError(SocketModeError):
    """Bolt answered a request with a status that leaves it un-acked, on purpose: see `docs/bolt.md`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"Bolt answered with status {status}")
        self.status = status


def _restore(kind: type[TautwireError], args: tuple[object, ...]) -> TautwireError:
    return kind.__new__(kind, *args)


def quotable(code: str) -> str:
    """`code` if it looks like one of Slack's, for a text that people read: what a gateway echoes may be anything."""
    return code if _CODE.fullmatch(code) else "an error that is no code of Slack's"


def _code_of(response: Mapping[str, Any] | Any) -> str:
    try:
        code = response.get("error")
    except AttributeError:
        return ""
    return code if isinstance(code, str) else ""
