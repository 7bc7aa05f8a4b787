from __future__ import annotations

import json
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.local.journal.masking import MASK, mask, mask_text
from tautwire.local.journal.packing import pack

SECRET = "s3cr3tValue"

#: What is written, and how it reads afterwards.
TEXTS = {
    "xoxb-local-bot": "xoxb-•••",
    "XOXB-LOCAL-BOT": "XOXB-•••",
    "Bearer xapp-1-A0LOCAL01-local-app!": "Bearer xapp-•••!",
    "my tokens are xoxp-1-2 and xoxe.xoxb-1-Mi0yLTEy, use them": "my tokens are xoxp-••• and xoxe.xoxb-•••, use them",
    "xwfp-1-2": "xwfp-•••",
    "line\nxapp-test": "line\nxapp-•••",
    "tokenxoxb-1": "tokenxoxb-•••",
    "https%3A%2F%2Fx%2F%3Fa%3Dxapp-9": "https%3A%2F%2Fx%2F%3Fa%3Dxapp-•••",
    "ws://127.0.0.1:1/link/?ticket=s3cr3tValue&app_id=9c1f0be2": "ws://127.0.0.1:1/link/?ticket=•••&app_id=9c1f0be2",
    "wss://x/link/?app_id=1&ticket=s3cr3tValue": "wss://x/link/?app_id=1&ticket=•••",
    "wss%3A%2F%2Fx%2F%3Fticket%3Ds3cr3tValue%26app_id%3D1": "wss%3A%2F%2Fx%2F%3Fticket%3D•••%26app_id%3D1",
    "/api/auth.test?token=s3cr3tValue": "/api/auth.test?token=•••",
    "http://127.0.0.1:1/commands/T0LOCAL01/801/s3cr3tValue": "http://127.0.0.1:1/commands/T0LOCAL01/801/•••",
    "see /actions/T0LOCAL01/801/s3cr3tValue.": "see /actions/T0LOCAL01/801/•••",
    "/app-actions/T0LOCAL01/801/s3cr3tValue?x=1": "/app-actions/T0LOCAL01/801/•••?x=1",
    "/app/E0ORG/801/s3cr3tValue": "/app/E0ORG/801/•••",
    "<https://hooks.slack.com/services/T01/B01/s3cr3tValue|hook>": "<https://hooks.slack.com/services/T01/B01/•••|hook>",
    "https:\\/\\/x\\/commands\\/T01\\/801\\/s3cr3tValue": "https:\\/\\/x\\/commands\\/T01\\/801\\/•••",
    "u=https%3A%2F%2Fx%2Fcommands%2FT01%2F801%2Fs3cr3tValue%22": "u=https%3A%2F%2Fx%2Fcommands%2FT01%2F801%2F•••%22",
    "https://files.slack.com/upload/v1/s3cr3tValue": "https://files.slack.com/upload/v1/•••",
    "Authorization: Bearer s3cr3tValue": "Authorization: •••",
    "authorization=s3cr3tValue,x": "authorization=•••,x",
}

INNOCENT = (
    "hello ann",
    "our token economy, a secret garden, two cookies",
    "linuxapp-dev and maxapp-store",
    "8012345678901.4012345678.0123456789abcdef0123456789abcdef",
    "/deploy api prod",
    "https://example.com/team/T01/about",
    "#tickets?ticket",
    "1795000000.123459",
    "support_ticket=42",
    "•••",
    "",
)

#: JSON, and whether the secret in it is one.
KEYS = (
    {"token": SECRET},
    {"Authorization": f"Basic {SECRET}"},
    {"authorization": SECRET},
    {"Proxy-Authorization": SECRET},
    {"access_token": SECRET},
    {"authed_user": {"refresh_token": SECRET}},
    {"client_secret": SECRET},
    {"signing_secret": SECRET},
    {"X-Slack-Signature": f"v0={SECRET}"},
    {"Cookie": f"d={SECRET}"},
    {"set-cookie": SECRET},
    {"token": f'qu"ote\\{SECRET}'},
    {"response_url": f"http://127.0.0.1/elsewhere/{SECRET}"},
    {"upload_url": f"http://127.0.0.1/elsewhere/{SECRET}"},
    {"url": f"ws://127.0.0.1/link/?ticket={SECRET}"},
    {"response_urls": [{"response_url": f"http://x/app/T0LOCAL01/1/{SECRET}"}]},
    {"private_metadata": json.dumps({"response_url": f"http://x/y/{SECRET}", "n": 1})},
    {"private_metadata": json.dumps({"url": f"http://x/commands/T01/1/{SECRET}"}).replace("/", "\\/")},
    {"private_metadata": json.dumps({"token": SECRET})},
    {"a": json.dumps({"b": json.dumps({"token": SECRET})})},
    {"text": '{"token": "' + SECRET},
    {"text": f"token={SECRET}&x=1", "body": f"x=1&token={SECRET}"},
    {"a": f"x?client_secret={SECRET}"},
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_secret_is_masked_where_it_stands(text: str) -> None:
    assert mask_text(text) == TEXTS[text]


@pytest.mark.parametrize("text", TEXTS)
def test_and_in_json(text: str) -> None:
    assert json.loads(mask(json.dumps({"text": text}).encode())) == {"text": TEXTS[text]}


@pytest.mark.parametrize("text", INNOCENT)
def test_what_is_no_secret_stays(text: str) -> None:
    assert mask_text(text) == text
    raw = json.dumps({"text": text, "token": "", "errors": {"ticket": "Too short"}}).encode()
    assert mask(raw) == raw


@pytest.mark.parametrize("data", KEYS, ids=str)
def test_a_secret_is_known_by_its_key(data: dict[str, Any]) -> None:
    masked = mask(json.dumps(data).encode())
    assert SECRET.encode() not in masked
    assert MASK in json.dumps(json.loads(masked), ensure_ascii=False)
    assert json.loads(masked).keys() == data.keys()


def test_the_kind_of_a_token_can_still_be_read() -> None:
    given = {"token": "xoxb-1", "Authorization": "Bearer xapp-1-a", "other_token": "abc"}
    assert json.loads(mask(json.dumps(given).encode())) == {
        "token": "xoxb-•••",
        "Authorization": "Bearer xapp-•••",
        "other_token": MASK,
    }


def test_only_strings_are_masked_by_key() -> None:
    raw = b'{"token":{"type":"plain_text_input","value":"x"},"secret":[1,2],"cookie":null}'
    assert mask(raw) == raw


def test_nothing_to_mask_costs_no_copy() -> None:
    raw = b'{"text":"hello"}'
    assert mask(raw) is raw


@pytest.mark.parametrize(
    "nasty",
    [
        b"\\",
        b'"',
        b'\\"',
        b'"token',
        b'"token":"\\',
        b'\\"token\\":\\"',
        b"/t",
        b"//",
        b"\\/",
        b"/commands",
        b"/commands/T01/1/",
        b"app/T",
        b"%2f",
        b"%2fcommands%2fT1",
        b'"response_url":"/',
        b'response_url":"',
        b"authorization:",
        b"authorization: ",
        b"zation",
        b"xox",
        b"xoxb-",
        b"xapp",
        b"?ticket=",
        b"%3fticket%3d",
        b"secret",
        b"token",
    ],
)
def test_no_text_costs_its_length_squared(nasty: bytes) -> None:
    """It takes a hundredth of a second each, where a hundred thousand squared would take a minute."""
    before = process_time()
    for tail in (b"", b"xoxb-1", b'"token":"a"', b"/t", b"\\/"):
        mask(nasty * (100_000 // len(nasty)) + tail)
    assert process_time() - before < 5


secrets = st.sampled_from(
    [
        f"xoxb-{SECRET}",
        f"xapp-1-{SECRET}",
        f"ws://127.0.0.1:9/link/?ticket={SECRET}&app_id=1",
        f"https://hooks.slack.com/commands/T01/801/{SECRET}",
        json.dumps({"token": SECRET, "response_url": f"http://h/x/{SECRET}"}),
    ]
)
before = st.text(st.sampled_from("aZ9 \n\t\"'\\/?&=%:{}[]<>é日•-_."), max_size=6)
# A secret ends where it ends: what follows directly must not be a part of it.
after = st.one_of(st.just(""), st.builds("{} {}".format, st.sampled_from(" \n\t\"'"), before))
texts = st.one_of(before, st.builds("{}{}{}".format, before, secrets, after))
documents = st.dictionaries(
    st.sampled_from(["text", "token", "url", "response_url", "a"]),
    st.recursive(texts, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(before, inner, max_size=3)),
    max_size=4,
)


@given(documents)
def test_no_secret_gets_through_whatever_is_around_it(document: dict[str, Any]) -> None:
    packed = pack(document, 1 << 20)
    assert SECRET.encode() not in packed
    assert _shape(json.loads(packed)) == _shape(document)
    assert mask(packed) == packed


@given(documents)
def test_nor_through_what_a_client_writes_its_own_way(document: dict[str, Any]) -> None:
    for text in (
        json.dumps(document, indent=2),
        json.dumps(document).replace("/", "\\/"),
        json.dumps(document).replace("-", "\\u002d").replace("=", "\\u003d"),
    ):
        assert SECRET.encode() not in pack(text.encode(), 1 << 20)


def test_the_check_can_fail() -> None:
    """The control: without the mask, the same documents show what they hold."""
    leaks = [data for data in KEYS if SECRET.encode() in json.dumps(data).encode()]
    assert leaks == list(KEYS)


def _shape(data: Any) -> Any:
    if isinstance(data, dict):
        return {mask_text(name): _shape(value) for name, value in data.items()}
    return [_shape(item) for item in data] if isinstance(data, list) else type(data)
