"""Real NATS servers: one, or a cluster of three, on free ports of 127.0.0.1 and with a store of their own.

    async with Cluster(sync_interval="always") as cluster:
        leader = await cluster.stream_leader("EVENTS")
        leader.kill()
        await leader.restart()

They are `nats-server` processes that are killed at the end of the block, also when a test fails, and by the system when
the test run itself is killed. Ports and stores stay the same over a restart.
"""

from natsservers.cluster import Cluster
from natsservers.security import Credentials, Tls, jwt_operator, nkey_user, password_user
from natsservers.server import NotReadyError, Server

__all__ = [
    "Cluster",
    "Credentials",
    "NotReadyError",
    "Server",
    "Tls",
    "jwt_operator",
    "nkey_user",
    "password_user",
]
