"""Which proxy, if any: the order of the variables, and everything that `NO_PROXY` can say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tautwire.proxy import bypasses_proxy, proxy_for, proxy_from_environment

SLACK = "wss-primary.slack.com"


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"http_proxy": "http://d"}, "http://d"),
        ({"http_proxy": "http://d", "HTTP_PROXY": "http://c"}, "http://c"),
        ({"http_proxy": "http://d", "HTTP_PROXY": "http://c", "https_proxy": "http://b"}, "http://b"),
        ({"HTTP_PROXY": "http://c", "https_proxy": "http://b", "HTTPS_PROXY": "http://a"}, "http://a"),
        ({"HTTPS_PROXY": "  ", "https_proxy": "", "HTTP_PROXY": " http://c "}, "http://c"),
        ({"HTTPS_PROXY": "  "}, None),
        ({"ALL_PROXY": "socks5://e"}, None),
    ],
)
def test_the_first_variable_that_is_not_blank_counts(environ: dict[str, str], expected: str | None) -> None:
    assert proxy_from_environment(environ) == expected


def test_the_process_environment_is_read_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(SLACK) is None
    monkeypatch.setenv("https_proxy", "http://corner:3128")
    assert proxy_from_environment() == proxy_for(SLACK) == "http://corner:3128"
    monkeypatch.setenv("no_proxy", "slack.com")
    assert bypasses_proxy(SLACK)
    assert proxy_for(SLACK) is None


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("*", SLACK, None),
        ("localhost,*", SLACK, 443),
        ("slack.com", "slack.com", None),
        ("slack.com", SLACK, None),
        (".slack.com", SLACK, None),
        (".slack.com", "slack.com", None),
        ("*.slack.com", SLACK, None),
        ("SLACK.com", "Wss-Primary.Slack.COM", None),
        ("slack.com", "slack.com.", None),
        ("slack.com.", "slack.com", None),
        (" example.com ,  slack.com ", SLACK, None),
        ("example.com slack.com", SLACK, None),
        ("slack.com:443", SLACK, 443),
        (".slack.com:443", SLACK, 443),
        ("127.0.0.1", "127.0.0.1", 80),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("10.0.0.0/8", "10.20.30.40", None),
        ("10.1.2.3/8", "10.20.30.40", None),
        ("::1", "::1", None),
        ("::1", "[::1]", 443),
        ("[::1]", "::1", 443),
        ("[::1]:443", "::1", 443),
        ("0:0:0:0:0:0:0:1", "::1", None),
        ("fe80::/10", "fe80::1", None),
    ],
)
def test_no_proxy_names_the_host(entry: str, host: str, port: int | None) -> None:
    assert bypasses_proxy(host, port, {"NO_PROXY": entry})
    assert proxy_for(host, port, environ={"NO_PROXY": entry, "HTTPS_PROXY": "http://corner"}) is None


@pytest.mark.parametrize(
    ("entry", "host", "port"),
    [
        ("", SLACK, None),
        (" , ", SLACK, None),
        ("example.com", SLACK, None),
        ("lack.com", "slack.com", None),
        ("slack.com", "notslack.com", None),
        ("slack.com", "slack.com.example.com", None),
        ("slack.com:443", SLACK, 8443),
        ("slack.com:443", SLACK, None),
        ("10.0.0.0/8", "11.0.0.1", None),
        ("10.0.0.0/99", "10.0.0.1", None),
        ("10.0.0.0/8", "ten.example.com", None),
        ("127.0.0.1:80", "127.0.0.1", 81),
        ("fe80::/10", "10.0.0.1", None),
        ("::1", "::2", None),
    ],
)
def test_no_proxy_does_not_name_the_host(entry: str, host: str, port: int | None) -> None:
    assert not bypasses_proxy(host, port, {"NO_PROXY": entry})
    assert proxy_for(host, port, environ={"NO_PROXY": entry, "HTTPS_PROXY": "http://corner"}) == "http://corner"


def test_a_blank_no_proxy_leaves_the_word_to_the_small_one() -> None:
    assert bypasses_proxy(SLACK, environ={"NO_PROXY": " ", "no_proxy": "slack.com"})
    assert not bypasses_proxy(SLACK, environ={"NO_PROXY": "example.com", "no_proxy": "slack.com"})


def test_an_explicit_proxy_is_taken_as_it_is_and_a_blank_one_is_none() -> None:
    environ = {"HTTPS_PROXY": "http://corner", "NO_PROXY": "example.com"}
    assert proxy_for("example.com", explicit=" http://mine ", environ=environ) == "http://mine"
    assert proxy_for(SLACK, explicit="  ", environ=environ) == "http://corner"
    assert proxy_for(SLACK, explicit=None, environ={}) is None


@given(entry=st.text(), host=st.text(), port=st.none() | st.integers(0, 65535))
def test_no_text_is_too_strange(entry: str, host: str, port: int | None) -> None:
    assert bypasses_proxy(host, port, {"NO_PROXY": entry}) in (True, False)


@given(octets=st.tuples(*[st.integers(0, 255)] * 4), bits=st.integers(0, 32))
def test_every_address_lies_in_each_block_around_it(octets: tuple[int, ...], bits: int) -> None:
    address = ".".join(map(str, octets))
    assert bypasses_proxy(address, 443, {"no_proxy": f"example.com,{address}/{bits}"})
