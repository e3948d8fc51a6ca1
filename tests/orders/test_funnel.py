"""From the order to a protected person: which clock runs, and whose it is."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.order import DeviceKind
from jikimi.orders.funnel import Assignment, Funnel, Step, clocks, next_due_ms, owner_of, protected, silent_at_ms, steps, with_step
from jikimi.policy.durations import tables
from tests.orders.world import court_order

LIMITS = tables()["kr"].clocks
MINUTE = 60_000


def funnel(tagged=True, **done):
    return Funnel(order_id="o", person_id="p", tagged=tagged, done={Step(step): at for step, at in done.items()})


def running(one):
    return [(clock.step.value, clock.due_ms // MINUTE) for clock in clocks(one, LIMITS)]


def test_a_clock_runs_from_the_step_before():
    assert running(funnel(ordered=0)) == [("notified", 60)]
    assert running(funnel(ordered=0, notified=10 * MINUTE)) == [("fitted", 1450)]
    assert running(funnel(ordered=0, notified=1, fitted=2, paired=5 * MINUTE)) == [("first_fix", 20)]


def test_steps_done_out_of_sequence_keep_the_clock_of_what_was_left_out():
    assert running(funnel(ordered=0, fitted=30 * MINUTE)) == [("notified", 60), ("paired", 150)]


def test_an_order_without_a_tag_has_no_step_of_one():
    assert steps(tagged=False) == [Step.ORDERED, Step.NOTIFIED, Step.PAIRED, Step.DRILL_DONE]
    assert running(funnel(tagged=False, ordered=0, notified=0)) == [("paired", 120)]
    assert with_step(funnel(tagged=False), Step.FITTED, 5).done == {}


def test_what_was_shown_rings_no_second_time():
    one = msgspec.structs.replace(funnel(ordered=0), shown=frozenset({Step.NOTIFIED}))
    assert next_due_ms(one, LIMITS) is None
    assert running(one) == [("notified", 60)], "it is still late"


def test_a_device_must_be_heard_within_fifteen_minutes():
    given_out = Assignment(device_id="t", kind=DeviceKind.TAG, person_id="m", order_id="o", owner="x", at_ms=0)
    assert silent_at_ms(given_out, LIMITS) == 15 * MINUTE
    assert silent_at_ms(msgspec.structs.replace(given_out, heard_ms=0), LIMITS) is None
    assert silent_at_ms(msgspec.structs.replace(given_out, shown=True), LIMITS) is None


def test_each_step_has_an_owner_by_name():
    order = court_order(tag_officer="tag-kim", protecting_officer="police-lee")
    assert {step.value: owner_of(step, order) for step in Step} == {
        "ordered": "officer-yoon",
        "notified": "officer-yoon",
        "fitted": "tag-kim",
        "paired": "police-lee",
        "first_fix": "tag-kim",
        "drill_done": "police-lee",
    }
    assert owner_of(Step.FITTED, court_order()) == "officer-yoon"


@given(st.permutations(list(Step)), st.booleans())
def test_in_whatever_sequence_steps_are_done_the_end_is_the_same(sequence, tagged):
    one = funnel(tagged)
    for at, step in enumerate(sequence):
        assert not protected(one)
        one = with_step(with_step(one, step, at), step, at + 99)
        if protected(one):
            break
    assert protected(one)
    assert clocks(one, LIMITS) == []
    assert set(one.done) == set(steps(tagged=tagged))
