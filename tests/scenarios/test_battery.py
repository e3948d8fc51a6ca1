"""What a reporting schedule costs, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.fix import Fix
from jikimi.scenarios.battery import DAY_S, PHONE, TAG, Drain, Spell, cost, life_h, power_w
from jikimi.scenarios.score.case import Heard

PLAIN = Drain(full_j=3600.0, idle_w=0.1, receiver_w=1.0, fix_s=2.0, radio_w=2.0, tail_s=10.0)
T0 = 1_790_000_000_000
intervals = st.floats(0.5, 600)


def heard(side, *times_s, late_s=0.0):
    return [
        Heard(T0 + round((at + late_s) * 1000), side, Fix(fix_id=str(at), fix_time_ms=T0 + round(at * 1000), latitude=0.0, longitude=0.0))
        for at in times_s
    ]


def test_power_by_hand():
    assert power_w(20.0, PLAIN) == pytest.approx(0.1 + 0.1 * 1.0 + 0.5 * 2.0)
    assert power_w(5.0, PLAIN) == pytest.approx(0.1 + 0.4 * 1.0 + 1.0 * 2.0), "the radio never sleeps"
    assert power_w(1.0, PLAIN) == pytest.approx(3.1)


def test_life_by_hand():
    assert life_h([Spell(20.0, 60.0)], PLAIN) == pytest.approx(1 / 1.2)
    assert life_h([Spell(20.0, 1.0), Spell(1.0, 3.0)], PLAIN) == pytest.approx(1 / (0.25 * 1.2 + 0.75 * 3.1))


def test_cost_of_what_was_heard_is_that_of_its_schedule():
    regular = heard("monitored", *range(0, 3601, 20)) + heard("protected", 0, 1)
    assert cost(regular, "monitored", PLAIN) == pytest.approx(power_w(20.0, PLAIN) * DAY_S / PLAIN.full_j)


def test_a_batch_is_one_transmission():
    singly = heard("monitored", *range(0, 601, 5))
    batched = [Heard(T0 + 1000 * (60 * ((item.fix.fix_time_ms - T0) // 60_000 + 1)), item.side, item.fix) for item in singly]
    assert cost(batched, "monitored", PLAIN) < cost(singly, "monitored", PLAIN)


def test_what_was_hardly_heard_has_no_known_cost():
    assert cost([], "monitored", PLAIN) is None
    assert cost(heard("monitored", 0), "monitored", PLAIN) is None
    assert cost(heard("protected", 0, 10), "monitored", PLAIN) is None


@pytest.mark.parametrize("wrong", [[], [Spell(0.0, 1.0)], [Spell(1.0, 0.0)], [Spell(-1.0, 1.0)]])
def test_a_schedule_that_is_none_is_refused(wrong):
    with pytest.raises(ValueError, match="schedule"):
        life_h(wrong, PLAIN)


@given(intervals, st.floats(0, 600), st.sampled_from([PHONE, TAG, PLAIN]))
def test_fewer_reports_never_cost_more(interval_s, more_s, drain):
    assert power_w(interval_s + more_s, drain) <= power_w(interval_s, drain)
    assert drain.idle_w < power_w(interval_s, drain) <= drain.idle_w + drain.receiver_w + drain.radio_w


@given(st.lists(st.tuples(intervals, st.floats(1, 1e5)), min_size=1, max_size=5), st.floats(0.1, 10))
def test_life_does_not_depend_on_how_long_a_round_is(spells, factor):
    schedule = [Spell(*spell) for spell in spells]
    longer = [Spell(interval_s, duration_s * factor) for interval_s, duration_s in schedule]
    assert life_h(longer) == pytest.approx(life_h(schedule))


@given(st.lists(st.integers(0, 86_400), min_size=2, max_size=50, unique=True), st.floats(0, 30))
def test_a_cost_lies_between_idle_and_everything_on(times_s, late_s):
    found = cost(heard("monitored", *times_s, late_s=late_s), "monitored", TAG)
    everything_w = TAG.idle_w + TAG.receiver_w + TAG.radio_w
    assert TAG.idle_w * DAY_S / TAG.full_j <= found <= everything_w * DAY_S / TAG.full_j * (1 + 1e-9)
