from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from tautwire.local import LocalSlack


async def test_saying_something(done: Any, app: Any, slack: LocalSlack) -> None:
    said = await done("say", "hi @localbot")
    (message,) = slack.channel("general").messages
    assert said == f"ann in #general: hi @localbot  [{message.ts}]\n"
    assert await done("say", "me too", "--as", "bob", "--thread", message.ts) != said
    assert [(reply.author.name, reply.text) for reply in message.replies] == [("bob", "me too")]
    assert (await done("say", "psst", "--channel", "localbot")).startswith("ann: psst  [")


async def test_why_nothing_comes_of_it(run: Any, slack: LocalSlack) -> None:
    assert (await run("say", "hi")).stderr == "No app is connected, so none has heard it yet.\n"
    assert (await run("say", "hi", "--json")).stderr == ""
    assert (await run("say", "hi", "--channel", "bob")).stderr == (
        "No app is told of that: none is in that place and subscribed to it.\n"
    )


async def test_what_was_not_acked(run: Any, app: Any, slack: LocalSlack, monkeypatch: Any) -> None:
    async def until(self: Any, *_: object, **__: object) -> None:
        """Patience has an end at once."""

    monkeypatch.setattr("tautwire.local.staging.OwnStage.until", until)
    app.silent.add("message")
    result = await run("say", "hi")
    assert (result.exit_code, result.stderr) == (0, "Not acked: message.\n")


async def test_as_json(told: Any, app: Any) -> None:
    answer = await told("say", "hi")
    assert answer["message"]["text"] == "hi"
    assert answer["deliveries"][0]["state"] == "acked"


async def test_reactions(done: Any, app: Any, slack: LocalSlack) -> None:
    await done("say", "one")
    assert await done("react", ":eyes:", "--as", "bob") == "one  :eyes: 1\n"
    assert await done("react", "eyes", "--as", "bob", "--remove") == "one  no reactions\n"


async def test_files(done: Any, failed: Any, app: Any, slack: LocalSlack, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"\x00\xff")
    assert (await done("upload", str(path), "--comment", "look")).startswith("ann uploads a.bin  [")
    (file,) = slack.workspace.core.files.values()
    assert (file.name, file.content) == ("a.bin", b"\x00\xff")
    assert "+ a.bin (2 bytes)" in await done("messages")
    assert await failed("upload", str(tmp_path / "gone")) == (
        2,
        f"{tmp_path / 'gone'} cannot be read: No such file or directory.",
    )
    path.write_bytes(b"x" * 5 * 2**20)
    await done("upload", str(path))
    path.write_bytes(b"x" * (5 * 2**20 + 1))
    assert await failed("upload", str(path)) == (2, f"{path} is too large: this takes 5 MiB at most.")


async def test_what_is_no_text(failed: Any) -> None:
    code, words = await failed("say", "\udcff")
    assert (code, words) == (2, "what is given is no UTF-8 text; the locale may be at fault (LANG=C.UTF-8).")
