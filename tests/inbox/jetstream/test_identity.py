"""Addresses, and what proves who we are: none of it is ever shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from natsservers import jwt_operator, nkey_user
from tautwire.errors import ConfigurationError
from tautwire.inbox.jetstream.identity import Identity, addresses, shown
from tautwire.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path


def test_addresses_come_in_one_text_or_in_a_list() -> None:
    wanted = ["nats://a:4222", "tls://b"]
    assert [url.reveal() for url in addresses("nats://a:4222, tls://b,")] == wanted
    assert [url.reveal() for url in addresses(wanted)] == wanted


@pytest.mark.parametrize("servers", ["", " , ", []])
def test_there_has_to_be_one(servers: Any) -> None:
    with pytest.raises(ConfigurationError, match="at least one NATS server"):
        addresses(servers)


@pytest.mark.parametrize(
    "bad", ["a:4222", "http://a", "nats://", "nats://s3cret@", "nats://u:s3cret@h:99999", "nats://[s3cret"]
)
def test_one_that_cannot_be_is_refused_and_not_quoted(bad: str) -> None:
    with pytest.raises(ConfigurationError, match="looks like nats://host:4222") as caught:
        addresses(bad)
    assert "s3cret" not in str(caught.value)


def test_whoever_is_in_an_address_is_not_shown() -> None:
    assert shown(Secret("nats://user:s3cret@host:4222")) == "nats://host:4222"
    assert shown(Secret("tls://t0ken@host")) == "tls://host"


def test_an_identity_shows_nothing(tmp_path: Path) -> None:
    identity = Identity(user="u", password=Secret("s3cret"))
    assert "s3cret" not in repr(identity)
    assert identity.options() == {"user": "u", "password": "s3cret"}
    assert Identity().options() == {}
    assert Identity(credentials=tmp_path, nkey="seed").options() == {
        "user_credentials": str(tmp_path),
        "nkeys_seed": "seed",
    }


def test_one_proof_is_enough(tmp_path: Path) -> None:
    Identity().check()
    credentials, seed, other = (tmp_path / name for name in ("credentials", "seed", "other"))
    credentials.write_text(jwt_operator().creds)
    seed.write_text(f"{nkey_user()[1]}\n")
    other.write_bytes(b"s3cret\xff")
    Identity(credentials=credentials).check()
    Identity(nkey=seed).check()
    with pytest.raises(ConfigurationError, match="give one of"):
        Identity(user="u", token=Secret("t")).check()
    for name in ("credentials", "nkey"):
        with pytest.raises(ConfigurationError, match=f"{name} names a file that cannot be read: No such file"):
            Identity(**{name: tmp_path / "away"}).check()  # type: ignore[arg-type]
        for path in (other, seed if name == "credentials" else credentials):
            with pytest.raises(ConfigurationError, match=f"{name} names a file with something else in it"):
                Identity(**{name: path}).check()  # type: ignore[arg-type]
