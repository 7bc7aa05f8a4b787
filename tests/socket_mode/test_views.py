"""Old names that show the engine: nothing is stored twice."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from tautwire.secret import Secret
from tautwire.socket_mode.views import SessionViews, SettingViews


class Views(SettingViews, SessionViews):
    def __init__(self) -> None:
        self.now = 1000.0
        self.ping_interval = 5.0
        self.nudges = 0
        self._endpoints: Any = SimpleNamespace(app_token=Secret("xapp-1"), web_client="web", proxy=None, wss_uri=None)
        self._plan: Any = SimpleNamespace(auto_reconnect=True)
        self._supervisor: Any = SimpleNamespace(newest_ready=None, is_connected=False, nudge=self._nudge)
        self._clock: Any = SimpleNamespace(monotonic=lambda: self.now, wall=lambda: 0.0)

    def _nudge(self) -> None:
        self.nudges += 1

    def ready(self, **more: Any) -> Any:
        """The newest ready connection, from now on."""
        runner = SimpleNamespace(
            connection=SimpleNamespace(native=object(), session=object()),
            reader=None,
            watcher=None,
            last_pong=None,
            last_pong_wall=None,
            first_ping=None,
            is_suspect=False,
        )
        vars(runner).update(more)
        self._supervisor.newest_ready = runner
        self._supervisor.is_connected = True
        return runner


@pytest.fixture
def views() -> Views:
    return Views()


def test_settings_live_where_they_are_used(views: Views) -> None:
    views.app_token, views.web_client, views.proxy, views.wss_uri = "xapp-2", "other", "http://proxy", "wss://x/?t=1"
    endpoints = views._endpoints
    assert (endpoints.app_token, endpoints.web_client) == (Secret("xapp-2"), "other")
    assert (endpoints.proxy, endpoints.wss_uri) == ("http://proxy", Secret("wss://x/?t=1"))
    assert (views.app_token, views.web_client, views.proxy, views.wss_uri) == (
        "xapp-2",
        "other",
        "http://proxy",
        "wss://x/?t=1",
    )
    views.wss_uri = None
    assert (endpoints.wss_uri, views.wss_uri) == (None, None)


def test_no_dump_shows_a_token_or_a_ticket(views: Views) -> None:
    views.app_token, views.wss_uri = "xapp-verysecret", "wss://slack.invalid/?ticket=verysecret"
    assert "verysecret" not in repr(vars(views))


def test_reconnecting_can_be_switched_at_any_time_and_is_looked_at_at_once(views: Views) -> None:
    switched = [views.auto_reconnect_enabled]
    for views.auto_reconnect_enabled in (False, True):
        switched += [views.auto_reconnect_enabled, views._plan.auto_reconnect]
    assert (switched, views.nudges) == ([True, False, False, True, True], 2)


async def test_without_a_session_there_is_nothing_to_see(views: Views) -> None:
    assert views.current_session is None
    assert views.aiohttp_client_session is None
    assert views.message_receiver is None
    assert views.current_session_monitor is None
    assert views.last_ping_pong_time is None
    assert views.stale is False
    assert await views.is_connected() is False
    assert await views.is_ping_pong_failing() is False
    assert await views.session_id() == ""
    await views.monitor_current_session()
    await views.receive_messages()


async def test_a_session_is_shown_as_the_engine_has_it(views: Views) -> None:
    task = asyncio.create_task(asyncio.sleep(0))
    runner = views.ready(reader=task, watcher=task, last_pong_wall=17.5, is_suspect=True)
    assert views.current_session is runner.connection.native
    assert views.aiohttp_client_session is runner.connection.session
    assert views.message_receiver is views.current_session_monitor is task
    assert (views.last_ping_pong_time, views.stale, await views.is_connected()) == (17.5, True, True)
    await task


def test_a_connection_without_an_aiohttp_session_has_none(views: Views) -> None:
    views.ready(connection=SimpleNamespace(native=object()))
    assert views.aiohttp_client_session is None


async def test_the_session_id_is_the_sessions(views: Views) -> None:
    first = views.ready().connection.native
    first_id = await views.session_id()
    assert first_id == await views.session_id() == views.build_session_id(first)
    assert first_id.startswith("s_")
    views.ready()
    assert await views.session_id() != first_id


@pytest.mark.parametrize(
    ("first_ping", "last_pong", "is_failing"),
    [
        (None, None, False),
        (980.1, None, False),
        (980.0, None, True),
        (900.0, 980.1, False),
        (900.0, 980.0, True),
    ],
)
async def test_pongs_fail_after_four_intervals(
    views: Views, first_ping: float | None, last_pong: float | None, is_failing: bool
) -> None:
    views.ready(first_ping=first_ping, last_pong=last_pong)
    assert await views.is_ping_pong_failing() is is_failing


@pytest.mark.parametrize(("method", "part"), [("monitor_current_session", "watcher"), ("receive_messages", "reader")])
async def test_following_a_session_lasts_as_long_as_it_does_and_owns_nothing(
    views: Views, method: str, part: str
) -> None:
    gate = asyncio.Event()

    async def work() -> None:
        await gate.wait()
        raise ZeroDivisionError  # Its owner hears of it, a follower does not.

    task = asyncio.create_task(work())
    views.ready(**{part: task})
    following, leaving = (asyncio.create_task(getattr(views, method)()) for _ in range(2))
    await asyncio.sleep(0)
    leaving.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert (following.done(), leaving.cancelled(), task.done()) == (False, True, False)
    gate.set()
    await following
    assert isinstance(task.exception(), ZeroDivisionError)
