"""Which orders are in force."""

from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.order import Order
from jikimi.orders.calendar import in_force, next_change_ms


def order(from_ms, until_ms):
    return Order(order_id="o", policy_id="kr", monitored_id="m", protected_ids=("p",), from_ms=from_ms, until_ms=until_ms, legal_basis="x")


ORDERS = st.lists(st.builds(order, st.integers(0, 30), st.integers(0, 30)), max_size=6)


def test_an_order_is_in_force_from_its_first_moment_until_before_its_last():
    one = order(10, 20)
    assert [bool(in_force([one], now)) for now in (9, 10, 19, 20)] == [False, True, True, False]


def test_nothing_changes_any_more_after_the_last_order():
    assert next_change_ms([], 0) is None
    assert next_change_ms([order(10, 20)], 20) is None


def test_an_order_that_ends_before_it_begins_changes_nothing():
    assert next_change_ms([order(20, 10), order(5, 5)], 0) is None


@given(ORDERS, st.integers(-5, 35))
def test_until_the_next_change_the_answer_stays(orders, now):
    change = next_change_ms(orders, now)
    end = change if change is not None else 40
    assert all(in_force(orders, moment) == in_force(orders, now) for moment in range(now, end))


@given(ORDERS, st.integers(-5, 35))
def test_every_order_is_seen_to_begin(orders, now):
    moments = [now]
    while (change := next_change_ms(orders, moments[-1])) is not None:
        assert change > moments[-1]
        moments.append(change)
    assert all(one.from_ms in moments for one in orders if now < one.from_ms < one.until_ms)
