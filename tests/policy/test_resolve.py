"""The court's distances are the floor; rings stay in order; whatever an order says."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.order import Order
from jikimi.model.policy import Ring, Rings
from jikimi.policy.load import presets
from jikimi.policy.resolve import SharedRules, order_doubts, pair_rules, track_rules

PRESETS = presets()
metres = st.none() | st.floats(0, 60_000)
policies = st.sampled_from(sorted(PRESETS)).map(PRESETS.__getitem__)


def order(distance_m: float | None = None, alert_m: float | None = None) -> Order:
    return Order(
        order_id="o",
        policy_id="kr",
        monitored_id="m",
        protected_ids=("p",),
        distance_m=distance_m,
        alert_m=alert_m,
        from_ms=0,
        until_ms=1,
        legal_basis="art. 1",
    )


def rings(policy_id: str, *, place: bool = False, **fields: float) -> tuple[float, float, float]:
    rules = pair_rules(PRESETS[policy_id], order(**fields), place=place)
    return rules.watch_m, rules.warning_m, rules.danger_m


@st.composite
def any_rings(draw):
    """Rings that no loader has checked: the resolver must be safe by itself."""

    def one():
        field = draw(st.sampled_from([None, "distance_m", "alert_m"]))
        bounds = draw(st.tuples(st.none() | st.floats(10, 50_000), st.none() | st.floats(10, 50_000)))
        return Ring(
            metres=draw(st.floats(10, 50_000)), order_field=field, factor=draw(st.floats(1, 20)), least_m=bounds[0], most_m=bounds[1]
        )

    return Rings(watch=one(), warning=one(), danger=one())


@given(policies, any_rings(), metres, metres, st.booleans())
def test_no_order_is_ever_undercut(policy, odd, distance_m, alert_m, place):
    policy = msgspec.structs.replace(policy, **{"place_rings" if place else "rings": odd})
    rules = pair_rules(policy, order(distance_m, alert_m), place=place)
    assert rules.danger_m <= rules.warning_m <= rules.watch_m
    if distance_m is not None:
        assert rules.danger_m >= distance_m
    for ring, got in ((odd.watch, rules.watch_m), (odd.warning, rules.warning_m), (odd.danger, rules.danger_m)):
        said = {"distance_m": distance_m, "alert_m": alert_m, None: None}[ring.order_field]
        assert said is None or got >= said
        assert ring.least_m is None or said is None or got >= ring.least_m


@given(st.lists(st.tuples(policies, metres, metres, st.booleans()), max_size=20))
def test_shared_rules_are_each_orders_own_and_made_once(asked):
    shared = SharedRules()
    for policy, distance_m, alert_m, place in asked * 2:
        one = order(distance_m, alert_m)
        rules = shared(policy, one, place=place)
        assert rules == pair_rules(policy, one, place=place)
        assert shared(policy, one, place=place) is rules


@pytest.mark.parametrize("distance_m", [-1.0, float("nan"), float("inf")])
def test_shared_rules_refuse_a_distance_every_time(distance_m):
    shared = SharedRules()
    for _ in range(2):
        with pytest.raises(ValueError, match="distance_m"):
            shared(PRESETS["kr"], order(distance_m), place=False)


@given(policies, st.floats(0, 50_000), st.floats(0, 10_000), st.booleans())
def test_a_wider_order_never_makes_a_ring_smaller(policy, distance_m, more_m, place):
    near = pair_rules(policy, order(distance_m), place=place)
    far = pair_rules(policy, order(distance_m + more_m), place=place)
    assert (far.watch_m, far.warning_m, far.danger_m) >= (near.watch_m, near.warning_m, near.danger_m)
    assert far.warning_m >= near.warning_m
    assert far.danger_m >= near.danger_m


def test_korea():
    assert rings("kr") == rings("kr", place=True) == (2000, 1000, 100)
    assert rings("kr", distance_m=500) == (2000, 1000, 500)
    assert rings("kr", distance_m=30) == (2000, 1000, 100)
    assert rings("kr", distance_m=0) == (2000, 1000, 100)
    assert rings("kr", distance_m=1500) == (2000, 1500, 1500)


def test_spain():
    assert rings("es") == (2000, 1000, 500)
    assert rings("es", distance_m=100) == (2000, 1000, 100)
    assert rings("es", distance_m=1000) == (4000, 2000, 1000)


def test_france():
    assert rings("fr") == (2000, 1000, 500)
    assert rings("fr", alert_m=3000) == (6000, 3000, 500)
    assert rings("fr", alert_m=10_000, distance_m=1000) == (20_000, 10_000, 1000)
    assert rings("fr", alert_m=500) == (2000, 1000, 500)
    assert rings("fr", alert_m=15_000) == (20_000, 15_000, 500)


def test_a_place_has_rings_of_its_own():
    kr = PRESETS["kr"]
    wide = msgspec.structs.replace(kr, place_rings=msgspec.structs.replace(kr.place_rings, warning=Ring(metres=1700)))
    assert pair_rules(wide, order(), place=True).warning_m == 1700
    assert pair_rules(wide, order(), place=False).warning_m == 1000


def test_the_other_numbers_are_the_policys():
    kr = PRESETS["kr"]
    rules = pair_rules(kr, order(), place=False)
    assert rules.version == "kr 2026-06"
    assert (rules.watch_s, rules.warning_s, rules.danger_s) == (900, 300, 120)
    for name in kr.judging.__struct_fields__:
        assert getattr(rules, name) == getattr(kr.judging, name)
    assert track_rules(kr) is kr.track


@pytest.mark.parametrize("bad", [-1.0, math.nan, math.inf])
@pytest.mark.parametrize("field", ["distance_m", "alert_m"])
def test_a_distance_that_is_none_is_refused(field, bad):
    with pytest.raises(ValueError, match=f"order's {field} must be a distance"):
        pair_rules(PRESETS["kr"], order(**{field: bad}), place=False)


def test_doubts_about_an_order():
    assert order_doubts(PRESETS["kr"], order()) == []
    assert order_doubts(PRESETS["kr"], order(distance_m=400)) == []
    low = order_doubts(PRESETS["kr"], order(distance_m=30))
    assert low[0] == "The order's distance_m makes the danger ring 30 m; the least is 100 m, which is used."
    absent = order_doubts(PRESETS["fr"], order())
    assert absent[0].startswith("The order states no alert_m")
    high = order_doubts(PRESETS["fr"], order(alert_m=15_000))
    assert "The order's alert_m makes the warning ring 15000 m; the law's most is 10000 m, 15000 m is used." in high
    assert order_doubts(PRESETS["fr"], order(alert_m=2000)) == []


def test_rules_of_a_journal_from_before_the_policy_had_them_say_what_the_code_said_then() -> None:
    rules = pair_rules(PRESETS["kr"], order(), place=False)
    later = {field.name for field in msgspec.structs.fields(rules) if field.default is not msgspec.NODEFAULT}
    old = {name: value for name, value in msgspec.to_builtins(rules).items() if name not in later}
    read = msgspec.convert(old, type(rules))
    assert later - {"heading_reach_s"}
    assert all(getattr(read, name) == getattr(rules, name) for name in later - {"heading_reach_s"})
