"""TLS, users, tokens, keys and credentials; and that none of them is ever shown."""

from __future__ import annotations

import traceback
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from natsservers import Server, Tls, jwt_operator, nkey_user, password_user
from storing import record
from tautwire.errors import InboxError, InboxUnavailableError
from tautwire.inbox.jetstream import JetStreamInbox
from tautwire.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

_NUMBERS = count()
S3CRET = "s3cret-4711"


async def works(servers: Any, **how: Any) -> None:
    async with JetStreamInbox(servers, name=f"t{next(_NUMBERS)}", replicas=1, max_bytes=1 << 20, **how) as inbox:
        assert not (await inbox.put(record(1))).is_duplicate
        (lease,) = await inbox.claim("ann")
        await inbox.done(lease)
        assert S3CRET not in repr(inbox)


async def refused(servers: Any, **how: Any) -> InboxError:
    inbox = JetStreamInbox(servers, replicas=1, max_bytes=1 << 20, **how)
    with pytest.raises(InboxError) as caught:
        await inbox.open()
    told = "".join(traceback.format_exception(caught.value))
    assert S3CRET not in told
    assert "nats.errors" not in told
    return caught.value


async def test_a_user_with_a_password() -> None:
    async with Server(config=password_user("ann", S3CRET)) as server:
        await works(server.url, user="ann", password=S3CRET)
        await works(server.url, user="ann", password=Secret(S3CRET))
        await works(server.url.replace("nats://", f"nats://ann:{S3CRET}@"))
        where = f"127.0.0.1:{server.port}"
        for how in ({}, {"user": "ann", "password": f"{S3CRET}!"}, {"token": S3CRET}):
            error = await refused(server.url, **how)
            assert str(error).startswith(f"NATS at {where} does not know this user: check the user")
            assert not error.retryable


async def test_a_token() -> None:
    async with Server(config=f"authorization {{ token: {S3CRET} }}") as server:
        await works(server.url, token=S3CRET)
        await works(server.url.replace("nats://", f"nats://{S3CRET}@"))


async def test_a_key_pair(tmp_path: Path) -> None:
    config, seed = nkey_user()
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(seed)
    bad.write_text(nkey_user()[1])
    async with Server(config=config) as server:
        await works(server.url, nkey=good)
        assert "does not know this user" in str(await refused(server.url, nkey=bad))


async def test_credentials(tmp_path: Path) -> None:
    operator = jwt_operator()
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(operator.creds)
    bad.write_text(jwt_operator().creds)
    async with Server(config=operator.config) as server:
        await works(server.url, credentials=good)
        assert "does not know this user" in str(await refused(server.url, credentials=bad))


@pytest.mark.parametrize("is_mutual", [False, True])
async def test_tls(is_mutual: bool) -> None:
    tls = Tls.fresh(is_mutual=is_mutual)
    async with Server(tls=tls) as server:
        await works(server.url, tls=tls.context())
        error = await refused(server.url)
        assert str(error).startswith(f"TLS to NATS at localhost:{server.port}: ")
        assert "certificate" in str(error)
        other = await refused(server.url, tls=Tls.fresh().context())
        assert str(other).startswith("TLS to NATS at ")


async def test_a_user_who_may_not_is_told_what_to_allow() -> None:
    config = """
    authorization { users: [
      { user: ann, password: x, permissions: { publish: ["_INBOX.>"], subscribe: ["_INBOX.>"] } }
    ] }"""
    async with Server(config=config) as server:
        error = await refused(server.url, user="ann", password="x")
        assert "does not let this user work with the inbox: allow it to publish $JS.API.>" in str(error)


async def test_a_server_without_jetstream() -> None:
    async with Server(jetstream=False) as server:
        error = await refused(server.url)
        assert "JetStream" in str(error)


async def test_nobody_there(unused_tcp_port: int) -> None:
    error = await refused(f"nats://ann:{S3CRET}@127.0.0.1:{unused_tcp_port}")
    assert isinstance(error, InboxUnavailableError)
    assert str(error) == f"NATS at 127.0.0.1:{unused_tcp_port} cannot be reached: Connection refused"


async def test_a_name_that_is_no_host() -> None:
    error = await refused("nats://no-such-host.invalid:4222")
    assert isinstance(error, InboxUnavailableError)
    assert str(error).startswith("NATS at no-such-host.invalid:4222 cannot be reached")


async def test_the_others_are_tried(unused_tcp_port: int) -> None:
    async with Server() as server:
        await works([f"nats://127.0.0.1:{unused_tcp_port}", server.url, f"nats://127.0.0.1:{unused_tcp_port}"])
