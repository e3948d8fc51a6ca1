"""From orders to pairs."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.order import Order, Place
from jikimi.model.zone import Circle
from jikimi.orders.pairs import pair_id, pairs_of
from jikimi.policy import load
from jikimi.policy.resolve import pair_rules

HOME = Place("home", "home", Circle(37.5, 127.0, 50.0))
WORK = Place("work", "work", Circle(37.6, 127.1, 0.0))
ORDER = Order(
    order_id="o-1", policy_id="kr", monitored_id="m", protected_ids=("a", "b"), places=(HOME, WORK), from_ms=0, until_ms=1, legal_basis="x"
)


@pytest.fixture(scope="module")
def policy():
    return load.preset("kr")


def test_everybody_protected_has_a_pair_of_her_own_and_one_for_each_place(policy):
    pairs = pairs_of(ORDER, policy, pair_rules)
    assert [(pair.owner_id, pair.protected_id, pair.place_id, pair.zone) for pair in pairs] == [
        ("a", "a", None, None),
        ("b", "b", None, None),
        ("a", None, "home", HOME.zone),
        ("b", None, "home", HOME.zone),
        ("a", None, "work", WORK.zone),
        ("b", None, "work", WORK.zone),
    ]
    assert {(pair.order_id, pair.monitored_id) for pair in pairs} == {("o-1", "m")}


def test_persons_and_places_are_judged_by_their_own_rules(policy):
    pairs = pairs_of(msgspec.structs.replace(ORDER, distance_m=700.0), policy, pair_rules)
    order = msgspec.structs.replace(ORDER, distance_m=700.0)
    assert [pair.rules for pair in pairs] == [pair_rules(policy, order, place=pair.place_id is not None) for pair in pairs]


def test_an_order_without_a_tag_is_not_watched(policy):
    assert pairs_of(msgspec.structs.replace(ORDER, tagged=False), policy, pair_rules) == []


def test_a_person_named_twice_is_watched_once(policy):
    assert len(pairs_of(msgspec.structs.replace(ORDER, protected_ids=("a", "a"), places=()), policy, pair_rules)) == 1


def test_a_distance_that_is_none_is_refused(policy):
    with pytest.raises(ValueError, match="distance_m"):
        pairs_of(msgspec.structs.replace(ORDER, distance_m=-1.0), policy, pair_rules)


def test_ids_stay_when_the_order_is_renewed_and_name_nobody(policy):
    renewed = msgspec.structs.replace(ORDER, distance_m=900.0, until_ms=99, places=(WORK, HOME))
    first, second = ({pair.pair_id for pair in pairs_of(order, policy, pair_rules)} for order in (ORDER, renewed))
    assert first == second
    assert len(first) == 6
    assert all(len(name) == 24 and int(name, 16) >= 0 for name in first)


def test_an_id_never_changes_between_versions():
    assert pair_id("o-1", "m", "a", None) == "895feb646127eb0177ace411"
    assert pair_id("o-1", "m", "a", "home") == "8580b3687c0739e20431a27b"


@given(st.lists(st.tuples(st.text(), st.text(), st.text(), st.none() | st.text()), min_size=2, max_size=2, unique=True))
def test_different_pairs_have_different_ids(two):
    assert pair_id(*two[0]) != pair_id(*two[1])


def test_parts_do_not_run_into_each_other():
    assert (
        len({pair_id("ab", "c", "d", None), pair_id("a", "bc", "d", None), pair_id("a", "b", "cd", None), pair_id("ab", "c", "d", "")}) == 4
    )
