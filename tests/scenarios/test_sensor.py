"""A simulated device: intervals, outages, batteries, clocks, delays, and the two clocks it lives on."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.core.geodesy import displacement, offset
from jikimi.model.fix import Source
from jikimi.scenarios.motion import WALK, Journey, Line, Standing
from jikimi.scenarios.noise import CELL, OPEN_SKY
from jikimi.scenarios.sensor import Battery, Loss, Outage, Sensor, Spell, sendings

HOME = (37.55, 126.99)
START = 1_767_225_600_000


def sent(sensor, mover=None, *, length_s=60.0, pace=1.0, seed=1):
    mover = mover or Standing(HOME)
    return list(sendings(sensor, mover, Random(seed), device_id="d", run="r", start_ms=START, length_s=length_s, pace=pace))


def seconds(fixes):
    return [(s.fix.fix_time_ms - START) / 1000 for s in fixes]


def test_without_noise_it_reports_the_movement_as_it_is_and_claims_nothing():
    fixes = sent(Sensor(interval_s=5.0))
    assert seconds(fixes) == [n * 5.0 for n in range(13)]
    assert {(s.fix.latitude, s.fix.longitude, s.fix.error_m, s.fix.source, s.fix.battery_pct) for s in fixes} == {
        (*HOME, None, Source.UNKNOWN, None)
    }
    assert [s.fix.fix_id for s in fixes][:2] == ["r-0", "r-1"]
    assert [s.received_ms for s in fixes] == [s.fix.fix_time_ms for s in fixes]


def test_a_lost_outage_leaves_a_hole():
    fixes = sent(Sensor(interval_s=5.0, outages=(Outage(from_s=20.0, to_s=40.0),)))
    assert seconds(fixes) == [0, 5, 10, 15, 40, 45, 50, 55, 60]


def test_a_held_outage_sends_all_late_and_in_order():
    fixes = sent(Sensor(interval_s=5.0, outages=(Outage(from_s=20.0, to_s=40.0, loss=Loss.HELD),)))
    assert seconds(fixes) == [n * 5.0 for n in range(13)]
    late = [s for s in fixes if 20 <= (s.fix.fix_time_ms - START) / 1000 < 40]
    assert {s.received_ms - START for s in late} == {40_000}


def test_a_battery_drains_is_told_and_ends_all():
    fixes = sent(Sensor(interval_s=60.0, battery=Battery(start_pct=50.0, life_h=1.0)), length_s=7200.0)
    assert [s.fix.battery_pct for s in fixes][:3] == [50.0, 48.0, 47.0]
    assert seconds(fixes)[-1] == 29 * 60


def test_a_wrong_clock_dates_fixes_wrongly_but_they_come_when_they_come():
    fixes = sent(Sensor(interval_s=5.0, clock_offset_s=-90.0))
    assert {s.received_ms - s.fix.fix_time_ms for s in fixes} == {90_000}


def test_a_slow_way_delays_but_never_reorders():
    fixes = sent(Sensor(interval_s=1.0, latency_s=3.0), length_s=300.0)
    assert all(a.received_ms <= b.received_ms for a, b in pairwise(fixes))
    delays = [s.received_ms - s.fix.fix_time_ms for s in fixes]
    assert min(delays) >= 0
    assert 2_000 < sum(delays) / len(delays) < 9_000


def test_a_spell_of_other_reception_changes_source_and_claim():
    fixes = sent(Sensor(interval_s=1.0, noise=OPEN_SKY, spells=(Spell(from_s=20.0, to_s=40.0, noise=CELL),)))
    cells = [s.fix for s in fixes if s.fix.source is Source.CELL]
    assert len(cells) == 20
    assert min(fix.error_m for fix in cells) > 500.0
    assert {s.fix.source for s in fixes} == {Source.CELL, Source.GNSS}


def test_speed_and_course_are_claimed_only_on_the_move():
    body = Journey(Line([HOME, offset(*HOME, 0.0, 100.0)]), WALK)
    fixes = sent(Sensor(interval_s=1.0, claims_speed=True), body, length_s=120.0)
    moving = [s.fix for s in fixes if 10 <= (s.fix.fix_time_ms - START) / 1000 <= 60]
    assert all(fix.speed_mps == pytest.approx(1.4, abs=1.0) for fix in moving)
    assert all(fix.course_deg is not None and min(fix.course_deg, 360 - fix.course_deg) < 15 for fix in moving)
    assert all(s.fix.course_deg is None for s in fixes[-30:])
    assert all(s.fix.speed_mps is not None for s in fixes)


def test_pace_moves_the_body_faster_but_reports_as_often_and_claims_the_faster_speed():
    body = Journey(Line([HOME, offset(*HOME, 0.0, 500.0)]), WALK)
    outage = Outage(from_s=100.0, to_s=200.0)
    fixes = sent(Sensor(interval_s=1.0, claims_speed=True, outages=(outage,)), body, length_s=400.0, pace=4.0)
    assert seconds(fixes) == [n for n in range(101) if not 25 <= n < 50]
    north_m = displacement(fixes[60].fix.latitude, 0.0, fixes[61].fix.latitude, 0.0)[1]
    assert north_m == pytest.approx(5.6, abs=0.01)
    assert fixes[60].fix.speed_mps == pytest.approx(5.6, abs=1.0)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 99),
    interval=st.floats(0.5, 20.0),
    pace=st.floats(0.5, 5.0),
    gap=st.tuples(st.floats(0.0, 300.0), st.floats(0.0, 300.0)),
    loss=st.sampled_from(Loss),
    latency=st.floats(0.0, 5.0),
)
def test_the_same_seed_gives_the_same_bytes_and_order_always_holds(seed, interval, pace, gap, loss, latency):
    sensor = Sensor(
        interval_s=interval,
        noise=OPEN_SKY,
        latency_s=latency,
        outages=(Outage(from_s=min(gap), to_s=max(gap), loss=loss),),
        claims_speed=True,
    )
    first = sent(sensor, length_s=300.0, pace=pace, seed=seed)
    assert msgspec.json.encode(first) == msgspec.json.encode(sent(sensor, length_s=300.0, pace=pace, seed=seed))
    assert all(a.received_ms <= b.received_ms for a, b in pairwise(first))
    assert all(a.fix.fix_time_ms < b.fix.fix_time_ms for a, b in pairwise(first))
    assert len({s.fix.fix_id for s in first}) == len(first)
    assert all(s.received_ms >= s.fix.fix_time_ms for s in first)


def test_a_device_changes_its_interval_when_told_and_measures_at_the_change():
    sensor = Sensor(interval_s=10.0, changes=((25.0, 5.0), (40.0, 30.0)))
    heard = sendings(sensor, Standing((37.5, 127.0)), Random(1), device_id="tag", run="r", start_ms=0, length_s=100.0)
    assert [sending.received_ms // 1000 for sending in heard] == [0, 10, 20, 25, 30, 35, 40, 70, 100]
