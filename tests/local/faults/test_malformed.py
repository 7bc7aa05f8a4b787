from __future__ import annotations

import json
import struct

import pytest

from tautwire.local.faults.malformed import FORMS, close_frame, oversized, raw_frame


@pytest.mark.parametrize(
    ("size", "head"),
    [(125, b"\x81\x7d"), (126, b"\x81\x7e\x00\x7e"), (65_536, b"\x81\x7f" + struct.pack("!Q", 65_536))],
)
def test_the_three_ways_of_giving_a_length(size: int, head: bytes) -> None:
    assert raw_frame(0x1, b"x" * size) == head + b"x" * size


def test_masks_bits_and_ends() -> None:
    assert raw_frame(0x1, b"a", masked=True) == b"\x81\x81\0\0\0\0a"
    assert raw_frame(0x1, b"a", fin=False, rsv=0b100) == b"\x41\x01a"
    assert close_frame(1000, "bye") == b"\x88\x05\x03\xe8bye"


@pytest.mark.parametrize("size", [1, 100, 20_480, 1_000_000])
def test_an_oversized_frame_is_one_well_formed_message(size: int) -> None:
    frame = oversized(size)
    assert frame[0] == 0x81
    text = frame[frame.index(b"{") :]
    assert json.loads(text)["type"] == "novelty_notice"
    assert len(text) == max(size, 38)


def test_every_form_is_something() -> None:
    assert all(FORMS.values())
