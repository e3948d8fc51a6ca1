"""What the core is told of a court's order: who, how far, from when until when, with or without a tag."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.register import Consent, MeasureKind, Protected, Standing, Status, Suspension
from jikimi.orders.pairs import pairs_of
from jikimi.orders.project import NEVER_MS, core_orders, orders_in_force
from jikimi.policy.load import preset
from jikimi.policy.resolve import pair_rules
from tests.orders.world import HOME, SCHOOL, at, away, court_order, measure, tag


def spans(order):
    return [(one.order_id, one.from_ms, one.until_ms, one.tagged) for one in core_orders(order)]


def test_a_plain_order_with_a_tag_is_one_stretch_of_its_own_name():
    (one,) = core_orders(court_order(places=(HOME,)))
    assert (one.order_id, one.monitored_id, one.protected_ids) == ("order-1", "m-1", ("p-1",))
    assert (one.distance_m, one.tagged, one.places) == (100.0, True, (HOME,))
    assert (one.from_ms, one.until_ms) == (at("2026-03-02"), at("2026-06-02"))


def test_an_order_without_a_tag_is_in_force_and_makes_no_pair():
    order = court_order(away(), places=(HOME,))
    (one,) = orders_in_force([order], at("2026-04-01"))
    assert not order.tagged
    assert not one.tagged
    assert one.places == (HOME,)
    assert pairs_of(one, preset("kr"), pair_rules) == []


def test_an_order_that_only_forbids_contact_is_in_force_without_a_tag():
    (one,) = core_orders(court_order(measure("no_contact", "2026-03-02", "2026-06-02"), tag()))
    assert not one.tagged


def test_when_the_tag_ends_first_she_stays_protected_without_a_position():
    order = court_order(away(), tag(until="2026-05-01"))
    assert spans(order) == [
        ("order-1", at("2026-03-02"), at("2026-05-01"), True),
        ("order-1~2", at("2026-05-01"), at("2026-06-02"), False),
    ]


def test_a_tag_that_outlives_the_measure_shows_nothing_after_it():
    assert spans(court_order(away(until="2026-05-01"), tag())) == [("order-1", at("2026-03-02"), at("2026-05-01"), True)]


def test_a_suspended_order_is_not_in_force_and_goes_on_under_a_name_of_its_own():
    order = court_order(suspensions=(Suspension(from_ms=at("2026-04-01"), until_ms=at("2026-04-11")),))
    assert orders_in_force([order], at("2026-04-05")) == []
    assert [name for name, *_ in spans(order)] == ["order-1", "order-1~2"]
    still = msgspec.structs.replace(order, suspensions=(Suspension(from_ms=at("2026-04-01")),))
    assert spans(still) == [("order-1", at("2026-03-02"), at("2026-04-01"), True)]


def test_an_ended_order_ends_every_stretch_at_that_millisecond():
    order = court_order(status=Status.ACQUITTED, ended_ms=at("2026-04-01 10:00"))
    assert orders_in_force([order], at("2026-04-01 10:00") - 1) != []
    assert orders_in_force([order], at("2026-04-01 10:00")) == []


def test_a_draft_is_never_in_force():
    assert core_orders(court_order(status=Status.DRAFTED)) == []


def test_a_measure_without_an_end_runs_until_the_court_ends_it():
    (one,) = core_orders(court_order(away(until=None), tag(until=None)))
    assert one.until_ms == NEVER_MS


def test_each_distance_and_each_monitored_person_has_a_lane():
    order = court_order(
        away(name="her", protected_ids=("p-1",)),
        away(name="child", distance_m=300.0, protected_ids=("p-2",), place_ids=("school",)),
        tag(monitored_ids=("m-1",)),
        monitored_ids=("m-1", "m-2"),
        protected=(Protected(person_id="p-1", standing=Standing.VICTIM), Protected(person_id="p-2", standing=Standing.FAMILY)),
        places=(HOME, SCHOOL),
    )
    seen = [(one.order_id, one.monitored_id, one.protected_ids, one.distance_m, len(one.places), one.tagged) for one in core_orders(order)]
    assert seen == [
        ("order-1", "m-1", ("p-1",), 100.0, 2, True),
        ("order-1.2", "m-1", ("p-2",), 300.0, 1, True),
        ("order-1.3", "m-2", ("p-1",), 100.0, 2, False),
        ("order-1.4", "m-2", ("p-2",), 300.0, 1, False),
    ]


def test_a_zone_keeps_him_from_its_places_and_not_from_her():
    (one,) = core_orders(court_order(measure("exclusion", "2026-03-02", "2026-06-02"), tag(), places=(HOME,)))
    assert [pair.place_id for pair in pairs_of(one, preset("kr"), pair_rules)] == ["home"]


def test_who_declined_is_not_followed_and_the_others_are():
    no = Protected(person_id="p-1", standing=Standing.VICTIM, consent=Consent(given=False, at_ms=1))
    unasked = Protected(person_id="p-2", standing=Standing.HOUSEMATE)
    (one,) = core_orders(court_order(protected=(no, unasked)))
    assert one.protected_ids == ("p-2",)
    (one,) = core_orders(court_order(protected=(no,), places=(HOME,)))
    assert [pair.place_id for pair in pairs_of(one, preset("kr"), pair_rules)] == ["home"], "her home stays protected"


TIMES = st.integers(0, 40)


@st.composite
def orders(draw):
    def one(kind, name):
        begin = draw(TIMES)
        return measure(kind, "2026-03-02", "2026-06-02", name=name), begin, begin + draw(st.integers(1, 20))

    drawn = [one("no_approach", "a"), one("monitoring", "b"), one("monitoring", "c")]
    measures = tuple(msgspec.structs.replace(m, from_ms=begin, until_ms=end) for m, begin, end in drawn)
    cuts = sorted(draw(st.sets(TIMES, min_size=2, max_size=4)))
    pauses = tuple(Suspension(from_ms=a, until_ms=b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
    return court_order(*measures, suspensions=pauses, ended_ms=draw(st.none() | TIMES))


@given(orders(), st.integers(-1, 61))
def test_at_every_moment_the_core_is_told_what_the_measures_say(order, now):
    def runs(kind):
        paused = any(pause.from_ms <= now < pause.until_ms for pause in order.suspensions)
        ended = order.ended_ms is not None and order.ended_ms <= now
        return not paused and not ended and any(m.kind is kind and m.from_ms <= now < m.until_ms for m in order.measures)

    told = orders_in_force([order], now)
    assert len(told) == runs(MeasureKind.NO_APPROACH)
    assert all(one.tagged == runs(MeasureKind.MONITORING) for one in told)
