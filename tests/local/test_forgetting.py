from __future__ import annotations

from tautwire.local.forgetting import Recent, forget


def test_a_list_keeps_the_latest() -> None:
    seen = Recent[int](80)
    for number in range(1000):
        seen.append(number)
        assert number - seen[0] <= 90
        assert len(seen) >= min(number + 1, 80)
    assert seen[-3:] == [997, 998, 999]


def test_a_list_that_is_not_full_keeps_everything() -> None:
    seen = Recent(8, [1, 2])
    seen.append(3)
    assert seen == [1, 2, 3]


def test_a_dict_loses_what_came_first() -> None:
    known = dict.fromkeys(range(90))
    forget(known, 80)
    assert len(known) == 90
    known[90] = None
    forget(known, 80)
    assert list(known) == list(range(11, 91))
