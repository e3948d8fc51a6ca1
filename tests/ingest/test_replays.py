"""Replayed signatures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.ingest.replays import MAX_KEPT, WINDOW_MS, Replays


@given(st.lists(st.tuples(st.integers(0, 400_000), st.sampled_from("abc"), st.integers(0, 50_000)), max_size=200))
def test_no_signature_is_new_twice(calls):
    replays = Replays()
    accepted = []
    now_ms = 300_000
    for time_ms, name, step_ms in calls:
        now_ms += step_ms
        if abs(now_ms - time_ms) <= WINDOW_MS and replays.is_new("d", time_ms, name, now_ms):
            accepted.append((time_ms, name))
    assert len(accepted) == len(set(accepted))


def test_sending_in_order_is_never_refused_however_much():
    replays = Replays()
    assert all(replays.is_new("d", time_ms, str(time_ms), time_ms) for time_ms in range(1000, 11_000))


def test_a_moderate_disorder_is_taken():
    replays = Replays()
    times = [1000 + (number ^ 7) for number in range(1000)]
    assert all(replays.is_new("d", time_ms, str(time_ms), 1000 + number) for number, time_ms in enumerate(times))


def test_a_flood_makes_only_its_own_device_forget():
    replays = Replays()
    assert replays.is_new("calm", 500_000, "s", 500_000)
    for number in range(10 * MAX_KEPT):
        assert replays.is_new("wild", 500_000 + number, "s", 500_000)
    assert not replays.is_new("wild", 500_000, "new", 500_000)
    assert not replays.is_new("calm", 500_000, "s", 500_000)
    assert replays.is_new("calm", 500_000, "t", 500_000)


def test_a_clock_set_back_opens_nothing():
    replays = Replays()
    assert replays.is_new("d", 1_000_000, "s", 1_000_000)
    assert replays.is_new("d", 2_000_000, "t", 2_000_000)
    assert not replays.is_new("d", 1_000_000, "s", 1_000_000)
