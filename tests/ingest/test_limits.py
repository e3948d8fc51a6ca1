"""How often one key may call."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.ingest.limits import Meter


@given(st.lists(st.integers(0, 500), max_size=300))
def test_never_more_than_the_burst_and_the_rate(gaps_ms):
    meter = Meter(10, 5)
    now_ms = allowed = 0
    for gap_ms in gaps_ms:
        now_ms += gap_ms
        allowed += meter.allow("d", now_ms)
        assert allowed <= 5 + now_ms / 100


@given(st.integers(0, 10**13))
def test_a_rested_key_has_its_whole_burst(start_ms):
    meter = Meter(10, 5)
    assert [meter.allow("d", start_ms) for _ in range(7)] == [True] * 5 + [False] * 2
    assert [meter.allow("d", start_ms + 100) for _ in range(2)] == [True, False]
    assert [meter.allow("d", start_ms + 10_000) for _ in range(6)] == [True] * 5 + [False]


def test_a_key_at_the_rate_is_never_refused():
    meter = Meter(50, 1)
    assert all(meter.allow("d", now_ms) for now_ms in range(0, 100_000, 20))


def test_keys_do_not_share():
    meter = Meter(1, 1)
    assert [meter.allow(key, 0) for key in "aabb"] == [True, False, True, False]


def test_what_is_charged_delays_but_not_for_ever():
    meter = Meter(1, 5)
    meter.charge("d", 0, 1e9)
    assert not meter.allow("d", 5_999)
    assert meter.allow("d", 6_000)


def test_the_wait_told_is_enough():
    meter = Meter(2, 3)
    meter.charge("d", 0, 5.5)
    wait_s = meter.wait_s("d", 0)
    assert not meter.allow("d", (wait_s - 1) * 1000)
    assert meter.allow("d", wait_s * 1000)
    assert meter.wait_s("rested", 0) == 1


def test_keys_without_debt_are_forgotten():
    meter = Meter(10, 5)
    for number in range(100_000):
        meter.allow(str(number), number)
    assert len(meter._paid_ms) <= 1025


def test_a_clock_set_back_silences_nobody():
    meter = Meter(10, 5)
    assert meter.allow("d", 3_600_000)
    assert meter.allow("d", 0)
