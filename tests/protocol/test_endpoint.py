from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.errors import UntrustedUrlError
from tautwire.protocol.endpoint import check_endpoint, is_response_url, is_slack_host

SLACK = "https://slack.com/api/"
TICKET = "7d0c5a1e-3b52-4a0d"


@pytest.mark.parametrize("host", ["slack.com", "wss-primary.slack.com", "SLACK.COM", "a.b.slack-gov.com", "slack.com."])
def test_slacks_hosts(host: str) -> None:
    assert is_slack_host(host)


@pytest.mark.parametrize("host", ["", "slack.com.evil.test", "notslack.com", "slack.comm", "com", "slack", ".com"])
def test_hosts_that_only_look_like_it(host: str) -> None:
    assert not is_slack_host(host)


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        ("wss://wss-primary.slack.com/link/?ticket=1", SLACK),
        ("WSS://WSS-Primary.Slack.com:443/link/", SLACK),
        ("wss://wss.slack-gov.com/link/", "https://slack-gov.com/api/"),
        ("wss://wss-primary.slack.com/link/", "http://127.0.0.1:4000/api/"),
        ("ws://127.0.0.1:4001/link/", "http://127.0.0.1:4000/api/"),
        ("ws://localhost:4001/link/", "http://127.0.0.1:4000/api/"),
        ("ws://[::1]:4001/link/", "http://localhost:4000/api/"),
        ("wss://slack.corp.test/link/", "https://slack.corp.test/api/"),
    ],
)
def test_what_is_dialled(url: str, api_url: str) -> None:
    check_endpoint(url, api_url)


@pytest.mark.parametrize(
    ("url", "api_url"),
    [
        ("ws://wss-primary.slack.com/link/", SLACK),
        ("https://wss-primary.slack.com/link/", SLACK),
        ("wss://evil.test/link/", SLACK),
        ("wss://slack.com.evil.test/link/", SLACK),
        ("wss://slack.com@evil.test/link/", SLACK),
        ("wss://evil.test/slack.com/", SLACK),
        ("ws://127.0.0.1:4001/link/", SLACK),
        ("ws://localhost/link/", "https://slack.corp.test/api/"),
        ("wss://evil.test/link/", "http://127.0.0.1:4000/api/"),
        ("http://127.0.0.1:4001/link/", "http://127.0.0.1:4000/api/"),
        ("wss:///link/", "https://slack.com/api/"),
        ("wss:///link/", ""),
        ("wss://[broken/link/", SLACK),
        ("", SLACK),
    ],
)
def test_what_is_refused(url: str, api_url: str) -> None:
    with pytest.raises(UntrustedUrlError):
        check_endpoint(url, api_url)


def test_a_refusal_names_the_host_and_never_the_url() -> None:
    with pytest.raises(UntrustedUrlError, match=r"wss URL on host 'evil\.test'") as caught:
        check_endpoint(f"wss://evil.test/link/?ticket={TICKET}", SLACK)
    assert TICKET not in str(caught.value)
    with pytest.raises(UntrustedUrlError) as caught:
        check_endpoint(f"wss://{'e' * 100_000}.test/", SLACK)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "url",
    [
        "wss://user@wss.slack.com/",
        f"wss://user:{TICKET}@wss.slack.com/",
        "wss://[2001:db8::1%25.slack.com]/",
        "wss://evil.com%2f.slack.com/",
        "wss://evil com.slack.com/",
        "wss://evil;.slack.com/",
        "wss://.slack.com/",
        "wss://a..slack.com/",
        "wss://wss.slack.com:99999/",
        "wss://wss.slack.com:port/",
    ],
)
def test_what_somebody_on_the_way_may_read_otherwise_is_refused(url: str) -> None:
    with pytest.raises(UntrustedUrlError) as caught:
        check_endpoint(url, SLACK)
    assert TICKET not in str(caught.value)


def test_a_plain_answer_to_an_encrypted_question_is_refused() -> None:
    check_endpoint("wss://gw.example/x", "https://gw.example/api/")
    check_endpoint("ws://gw.example/x", "http://gw.example/api/")
    with pytest.raises(UntrustedUrlError):
        check_endpoint("ws://gw.example:8080/x", "https://gw.example/api/")


@given(st.text(max_size=60), st.text(max_size=30))
def test_any_text_is_taken_or_refused(rest: str, api_url: str) -> None:
    for url in (rest, f"wss://{rest}", f"ws://{rest}"):
        try:
            check_endpoint(url, api_url)
        except UntrustedUrlError:
            continue
        assert url.lower().startswith(("ws://", "wss://"))


@pytest.mark.parametrize(
    ("url", "api_url", "is_one"),
    [
        ("https://hooks.slack.com/commands/T1/1/x", SLACK, True),
        ("https://hooks.slack-gov.com/actions/T1/1/x", SLACK, True),
        ("http://hooks.slack.com/commands/T1/1/x", SLACK, False),
        ("https://hooks.slack.com.evil.test/x", SLACK, False),
        ("https://evil.test/x", SLACK, False),
        ("https://me@hooks.slack.com/x", SLACK, False),
        ("wss://hooks.slack.com/x", SLACK, False),
        ("http://127.0.0.1:9/commands/x", "http://localhost:8/api/", True),
        ("http://127.0.0.1:9/commands/x", SLACK, False),
        ("https://gw.example/x", "https://gw.example/api/", True),
        ("http://gw.example/x", "https://gw.example/api/", False),
        ("", SLACK, False),
        ("https://[", SLACK, False),
    ],
)
def test_where_answers_may_go(url: str, api_url: str, is_one: bool) -> None:
    assert is_response_url(url, api_url) is is_one
