"""`tautwire worker`, as a program and by its mistakes."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from natsservers import Server, jwt_operator
from tautwire.cli.targets import load
from tautwire.cli.worker import worker
from tautwire.inbox.api import Record, State, Stored
from tautwire.inbox.jetstream import JetStreamInbox
from tautwire.inbox.sqlite import SqliteInbox

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = str(Path(sys.executable).with_name("tautwire"))

DESK = """
import asyncio, json, sys

async def say(word, payload, client=None):
    print(word, payload["event_id"], flush=True)
    if payload.get("is_endless"):
        while not client.closed:
            await asyncio.sleep(0.01)
        print("told to end", flush=True)
        await asyncio.Event().wait()
    if payload.get("is_slow"):
        await asyncio.to_thread(sys.stdin.readline)
        print("finished", payload["event_id"], flush=True)

async def handle(client, request):
    await say("handled", request.payload, client)

class Shop:
    pass

least = min
"""

CLIENT = """
from desk import say
from tautwire import InboxWorker, SocketModeClient, SqliteInbox

client = SocketModeClient("xapp-1", inbox=SqliteInbox("own.db"), handle_stored=False)
deaf = SocketModeClient("xapp-1")

async def handle(client, request):
    await say("by the client's", request.payload)

client.socket_mode_request_listeners.append(handle)
worker = InboxWorker(SqliteInbox("own.db"))
worker.socket_mode_request_listeners.append(handle)
"""

BOLT = """
from desk import say
from slack_bolt import App
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient
from tautwire import SqliteInbox
from tautwire.bolt import AsyncInboxWorker, AsyncSocketModeHandler

async def authorize():
    return AuthorizeResult(
        enterprise_id=None, team_id="T1", bot_token="xoxb-1", bot_id="B1", bot_user_id="U9"
    )

app = AsyncApp(client=AsyncWebClient(), authorize=authorize)
old = object.__new__(App)
handler = AsyncSocketModeHandler(app, "xapp-1", inbox=SqliteInbox("own.db"), handle_stored=False)
worker = AsyncInboxWorker(app, SqliteInbox("own.db"))

@app.event("app_mention")
async def mentioned(body):
    await say("by Bolt", body)
"""


EVENT = {"type": "app_mention", "channel": "C1", "user": "U1", "ts": "1.1"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The current directory, with programs in it."""
    for name, text in {"desk": DESK, "with_client": CLIENT, "with_bolt": BOLT}.items():
        (tmp_path / f"{name}.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in ("desk", "with_client", "with_bolt"):
        sys.modules.pop(name, None)


def record(number: int, **more: Any) -> Record:
    payload = {"event_id": f"Ev{number}", "type": "event_callback", "event": EVENT, **more}
    frame = {"type": "events_api", "envelope_id": f"e{number}", "payload": payload}
    return Record(key=f"k{number}", type="events_api", envelope_id=f"e{number}", payload=json.dumps(frame).encode())


def fill(path: Path, *numbers: int, **more: Any) -> None:
    async def put() -> None:
        async with SqliteInbox(path) as inbox:
            for number in numbers:
                await inbox.put(record(number, **more))

    asyncio.run(put())


def looked_at(path: Path, state: State) -> list[Stored]:
    async def look() -> list[Stored]:
        async with SqliteInbox(path, is_visitor=True) as inbox:
            return list(await inbox.list(state))

    return asyncio.run(look())


class Program:
    """The command as a process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdin is not None
        self.stdin = process.stdin

    def lines(self, count: int) -> list[str]:
        assert self._process.stdout is not None
        return [self._process.stdout.readline().strip() for _ in range(count)]

    def signal(self, number: int = signal.SIGTERM) -> None:
        self._process.send_signal(number)

    def end(self) -> tuple[int, str, str]:
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out, err


@contextmanager
def running(*arguments: str, **environ: str) -> Iterator[Program]:
    process = subprocess.Popen(
        [SCRIPT, "worker", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | environ,
    )
    watchdog = threading.Timer(30, process.kill)
    watchdog.daemon = True
    watchdog.start()
    try:
        yield Program(process)
    finally:
        watchdog.cancel()
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("place", "word", "file"),
    [
        ("desk:handle", "handled", "events.db"),
        ("with_client:client", "by the client's", "own.db"),
        ("with_client:worker", "by the client's", "own.db"),
        ("with_bolt:app", "by Bolt", "events.db"),
        ("with_bolt:handler", "by Bolt", "own.db"),
        ("with_bolt:worker", "by Bolt", "own.db"),
    ],
)
def test_it_handles_what_waits_and_ends_at_sigterm(here: Path, place: str, word: str, file: str) -> None:
    fill(here / file, 1, 2)
    with running(place, *(["--inbox", file] if file == "events.db" else [])) as program:
        assert sorted(program.lines(2)) == [f"{word} Ev1", f"{word} Ev2"]
        program.signal()
        code, _, err = program.end()
    assert code == 0, err
    assert f"{place} works: 2 envelopes wait. The first Ctrl-C or SIGTERM lets it finish what it has begun." in err
    assert "Traceback" not in err
    assert len(looked_at(here / file, State.DONE)) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_runs_then_finishes(here: Path, number: int) -> None:
    fill(here / "events.db", 1, is_slow=True)
    with running("desk:handle", TAUTWIRE_INBOX="events.db") as program:
        program.lines(1)
        program.signal(number)
        program.stdin.write("go on\n")
        code, out, err = program.end()
    assert (code, out) == (0, "finished Ev1\n")
    assert "1 envelope waits" in err
    assert len(looked_at(here / "events.db", State.DONE)) == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 1)])
def test_the_second_signal_ends_it_at_once(here: Path, number: int, code: int) -> None:
    fill(here / "events.db", 1, is_endless=True)
    with running("desk:handle", "--inbox", "events.db", "--drain-timeout", "1h") as program:
        program.lines(1)
        program.signal(number)
        assert program.lines(1) == ["told to end"]
        program.signal(number)
        ended, _, err = program.end()
    assert ended == code
    assert "Traceback" not in err


def test_what_does_not_finish_is_given_back(here: Path) -> None:
    fill(here / "events.db", 1, is_endless=True)
    with running("desk:handle", "--inbox", "events.db", "--drain-timeout", "50ms") as program:
        program.lines(1)
        program.signal()
        code, _, err = program.end()
    assert code == 0, err
    (stored,) = looked_at(here / "events.db", State.STORED)
    assert stored.attempt == 0


def test_an_inbox_that_another_process_has_is_a_sentence(here: Path) -> None:
    async def contend() -> tuple[int, str, str]:
        async with SqliteInbox(here / "events.db"):
            with running("desk:handle", "--inbox", "events.db") as program:
                return await asyncio.to_thread(program.end)

    code, out, err = asyncio.run(contend())
    assert (code, out) == (1, "")
    assert err.startswith("Error: The inbox cannot be opened: the process ")
    assert err.endswith("end it first, or give each process an inbox of its own.\n")


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["desk:handle"], "Which inbox? Give --inbox, or set TAUTWIRE_INBOX: a file, or nats://host:4222."),
        (["desk:nobody"], "desk has no 'nobody'."),
        (["desk:Shop"], "desk:Shop is a class; a worker runs a Bolt AsyncApp, a client, "),
        (["desk:__doc__"], "desk:__doc__ is of type NoneType; a worker runs a Bolt AsyncApp, "),
        (["desk:json.loads"], "desk:json.loads does not take a client and a request; a worker runs "),
        (["with_client:deaf"], "with_client:deaf is a client without listeners; add them where "),
        (["with_bolt:old"], "with_bolt:old is a slack_bolt.app.app.App; a worker runs an AsyncApp."),
        (["with_client:worker"], "with_client:worker is a worker with settings of its own; --inbox would be read "),
        (["desk:handle", "--concurrency", "0"], "Invalid value for '--concurrency'"),
        (["desk:handle", "--listener-timeout", "x"], "'x' is no length of time"),
        (["desk:handle", "--listener-timeout", "0"], "Listener_timeout is 0.0; give seconds above 0, or None."),
        (["desk:handle", "--nkey", "seed"], "What was given of it (nkey) is for an inbox on NATS; this one is a file."),
    ],
)
def test_a_mistake_is_a_sentence(arguments: list[str], said: str) -> None:
    inbox = [] if arguments == ["desk:handle"] else ["--inbox", "events.db"]
    result = CliRunner().invoke(worker, [*arguments, *inbox])
    assert result.exit_code == 2, result.output
    assert f"Error: {said}" in result.output
    assert "Traceback" not in result.output


@pytest.mark.usefixtures("here")
def test_another_option_that_a_worker_does_not_read_is_said_too() -> None:
    result = CliRunner().invoke(worker, ["with_bolt:worker", "--listener-timeout", "none"], env={"TAUTWIRE_INBOX": "x"})
    assert result.exit_code == 2
    assert "--listener-timeout would be read by nobody." in result.output


@pytest.mark.usefixtures("here")
def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    load("with_bolt:app")
    monkeypatch.setitem(sys.modules, "tautwire.bolt", None)
    result = CliRunner().invoke(worker, ["with_bolt:app", "--inbox", "events.db"])
    assert result.exit_code == 2
    assert "Error: " in result.output
    assert "Traceback" not in result.output


@pytest.fixture
def ended_at_once(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Workers that end when they begin; each as it was."""
    made: list[Any] = []

    async def run(self: Any) -> None:
        made.append(self)
        await self.close()

    monkeypatch.setattr("tautwire.socket_mode.worker.InboxWorker.run", run)
    return made


@pytest.mark.usefixtures("here")
def test_its_options_reach_the_worker(ended_at_once: list[Any]) -> None:
    options = ["--concurrency", "3", "--attempts", "2", "--listener-timeout", "none", "--drain-timeout", "1m"]
    result = CliRunner().invoke(worker, ["desk:handle", "--inbox", "events.db", *options, "--log-level", "warning"])
    assert result.exit_code == 0, result.output
    (made,) = ended_at_once
    backlog = made._backlog
    assert (backlog.worker.slots.concurrency, backlog.worker._attempts) == (3, 2)
    assert (backlog._listener_timeout, made._drain_timeout) == (None, 60.0)


@pytest.mark.usefixtures("here")
def test_an_inbox_that_is_told_goes_before_the_clients(ended_at_once: list[Any]) -> None:
    for inbox in ("--inbox=told.db", None):
        result = CliRunner().invoke(worker, ["with_client:client", *([inbox] if inbox else [])])
        assert result.exit_code == 0, result.output
    assert [made.inbox.path.name for made in ended_at_once] == ["told.db", "own.db"]


@pytest.mark.usefixtures("here")
def test_a_listener_whose_arguments_nobody_knows_is_taken(ended_at_once: list[Any]) -> None:
    assert CliRunner().invoke(worker, ["desk:least", "--inbox", "events.db"]).exit_code == 0
    assert len(ended_at_once) == 1


def test_it_works_on_nats_with_its_users_credentials(here: Path) -> None:
    code, out, err = asyncio.run(on_nats(here))
    assert (code, out) == (0, ""), err
    assert "desk:handle works: 2 envelopes wait." in err
    assert "BEGIN" not in err


async def on_nats(here: Path) -> tuple[int, str, str]:
    operator = jwt_operator()
    (here / "worker.creds").write_text(operator.creds)
    async with Server(config=operator.config) as server:
        async with JetStreamInbox(server.url, replicas=1, credentials="worker.creds") as inbox:
            for number in (1, 2):
                await inbox.put(record(number))
        options = ["--inbox", server.url, "--replicas", "1", "--credentials", "worker.creds"]
        with running("desk:handle", *options) as program:
            assert sorted(await asyncio.to_thread(program.lines, 2)) == ["handled Ev1", "handled Ev2"]
            program.signal()
            return await asyncio.to_thread(program.end)


def test_a_broker_that_is_not_there_is_a_sentence(here: Path, unused_tcp_port: int) -> None:
    with running("desk:handle", "--inbox", f"nats://ann:sesame@127.0.0.1:{unused_tcp_port}") as program:
        code, out, err = program.end()
    assert here.exists()
    assert (code, out) == (1, "")
    assert err.startswith("Error: The inbox cannot be opened: ")
    assert "sesame" not in err
    assert "Traceback" not in err
