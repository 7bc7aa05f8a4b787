"""Who we are for NATS: where its servers are, and what proves who we are. Nothing of it is ever shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from tautwire.errors import ConfigurationError
from tautwire.secret import Secret

if TYPE_CHECKING:
    import os
    import ssl
    from collections.abc import Sequence

__all__ = ["Identity", "addresses"]

#: A user's credentials have a JWT and a seed; a seed of a user begins with SU and has 58 letters and digits.
_CREDENTIALS: Final = re.compile(r"BEGIN NATS USER JWT-.*BEGIN USER NKEY SEED-", re.DOTALL)
_SEED: Final = re.compile(r"\A\s*SU[A-Z2-7]{56}\s*\Z")

_SCHEMES: Final = frozenset({"nats", "tls", "ws", "wss"})


def addresses(servers: str | Sequence[str]) -> tuple[Secret, ...]:
    """The servers' URLs, which may hold a password.

    Raises:
        ConfigurationError: there is none, or one that cannot be; what it was is not said.
    """
    texts = servers.split(",") if isinstance(servers, str) else list(servers)
    urls = tuple(Secret(text.strip()) for text in texts if text.strip())
    if not urls:
        raise ConfigurationError("name at least one NATS server, such as nats://localhost:4222")
    for url in urls:
        if not _is_address(url.reveal()):
            raise ConfigurationError(
                "the address of a NATS server looks like nats://host:4222, or tls://, ws://, wss://"
            )
    return urls


def shown(url: Secret) -> str:
    """The address without whoever is in it."""
    parts = urlsplit(url.reveal())
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _check_file(name: str, path: Path, looks_right: re.Pattern[str]) -> None:
    try:
        text = path.read_text("ascii")
    except OSError as error:
        raise ConfigurationError(f"{name} names a file that cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        text = ""
    if not looks_right.search(text):
        raise ConfigurationError(f"{name} names a file with something else in it")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Identity:
    """What a connection is made with, apart from the address."""

    user: str = ""
    password: Secret = field(default_factory=lambda: Secret(""))
    token: Secret = field(default_factory=lambda: Secret(""))
    credentials: str | os.PathLike[str] | None = None
    nkey: str | os.PathLike[str] | None = None
    tls: ssl.SSLContext | None = None

    def check(self) -> None:
        """Raises `ConfigurationError` for what does not go together, or is not there."""
        ways = [bool(self.user), bool(self.token), self.credentials is not None, self.nkey is not None]
        if sum(ways) > 1:
            raise ConfigurationError("give one of user and password, token, credentials and nkey")
        for name, path, looks_right in (
            ("credentials", self.credentials, _CREDENTIALS),
            ("nkey", self.nkey, _SEED),
        ):
            if path is not None:
                _check_file(name, Path(path), looks_right)

    def options(self) -> dict[str, Any]:
        """What nats-py calls it."""
        options = {
            "user": self.user or None,
            "password": self.password.reveal() or None,
            "token": self.token.reveal() or None,
            "user_credentials": None if self.credentials is None else str(self.credentials),
            "nkeys_seed": None if self.nkey is None else str(self.nkey),
            "tls": self.tls,
        }
        return {name: value for name, value in options.items() if value is not None}
