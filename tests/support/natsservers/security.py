"""Who may connect, as text for a server's configuration; and TLS."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import nkeys  # type: ignore[import-untyped]  # it has none
import trustme

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Credentials", "Tls", "jwt_operator", "nkey_user", "password_user"]


def password_user(user: str, password: str) -> str:
    """One user with a password."""
    return f"authorization {{ user: {user}, password: {json.dumps(password)} }}"


def nkey_user() -> tuple[str, str]:
    """The configuration for one user with a key pair, and the user's seed."""
    seed = _seed(nkeys.PREFIX_BYTE_USER)
    return f"authorization {{ users: [ {{ nkey: {_public(seed)} }} ] }}", seed


@dataclass(frozen=True)
class Credentials:
    """`config` for the server; `creds` is the text of the file that the user has."""

    config: str
    creds: str


def jwt_operator() -> Credentials:
    """An operator with one account that has JetStream, and one user of it, by signed claims."""
    operator, account, system, user = (
        _seed(kind)
        for kind in (
            nkeys.PREFIX_BYTE_OPERATOR,
            nkeys.PREFIX_BYTE_ACCOUNT,
            nkeys.PREFIX_BYTE_ACCOUNT,
            nkeys.PREFIX_BYTE_USER,
        )
    )
    limits = {"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": True, "conn": -1}
    stored = {"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1}
    accounts = {
        _public(account): _signed(operator, account, "account", {"limits": limits | stored}),
        _public(system): _signed(operator, system, "account", {"limits": limits}),
    }
    config = [
        f"operator: {_signed(operator, operator, 'operator', {'system_account': _public(system)})}",
        "resolver: MEMORY",
        "resolver_preload: {",
        *(f"  {name}: {claims}" for name, claims in accounts.items()),
        "}",
    ]
    claims = _signed(account, user, "user", {"subs": -1, "data": -1, "payload": -1})
    creds = (
        f"-----BEGIN NATS USER JWT-----\n{claims}\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{user}\n------END USER NKEY SEED------\n"
    )
    return Credentials("\n".join(config), creds)


@dataclass(frozen=True)
class Tls:
    """A certificate for `localhost` from an authority of its own; `is_mutual` when clients need one, too."""

    authority: trustme.CA
    is_mutual: bool = False

    @classmethod
    def fresh(cls, *, is_mutual: bool = False) -> Tls:
        """With a new authority."""
        return cls(trustme.CA(), is_mutual)

    def config(self, directory: Path) -> str:
        """The server's part; its files go into the directory."""
        certificate = self.authority.issue_cert("localhost", "127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(str(directory / "server.pem"))
        self.authority.cert_pem.write_to_path(str(directory / "ca.pem"))
        pem, ca = (json.dumps(str(directory / name)) for name in ("server.pem", "ca.pem"))
        verify = ", verify: true" if self.is_mutual else ""
        return f"tls {{ cert_file: {pem}, key_file: {pem}, ca_file: {ca}{verify} }}"

    def context(self) -> ssl.SSLContext:
        """The client's part."""
        context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        self.authority.configure_trust(context)
        if self.is_mutual:
            self.authority.issue_cert("client@example.org").configure_cert(context)
        return context


def _seed(kind: int) -> str:
    return str(nkeys.encode_seed(os.urandom(32), kind).decode())


def _public(seed: str) -> str:
    return str(nkeys.from_seed(seed.encode()).public_key.decode())


def _signed(issuer: str, subject: str, kind: str, nats: dict[str, Any]) -> str:
    claims: dict[str, Any] = {
        "iss": _public(issuer),
        "sub": _public(subject),
        "name": kind,
        "iat": 0,
        "nats": nats | {"type": kind, "version": 2},
    }
    claims["jti"] = base64.b32encode(hashlib.sha256(json.dumps(claims).encode()).digest()).decode().rstrip("=")
    parts = [_part(json.dumps(each).encode()) for each in ({"typ": "JWT", "alg": "ed25519-nkey"}, claims)]
    signature = nkeys.from_seed(issuer.encode()).sign(".".join(parts).encode())
    return ".".join([*parts, _part(signature)])


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
