"""When what falls due: by the table, by every order that needs it, and by courts that hold it back."""

import datetime as dt
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.retention.due import DAY_MS, FAR_MS, Calendar, Claim, End, after_ms, claim_of
from jikimi.disclosure.retention.plan import OPEN_INCIDENT_MS, UNCLAIMED_DAYS, PersonDay, Present, due_persons, plan, unclaimed_days
from jikimi.model.register import Act, OrderEvent, Status
from jikimi.model.retention import DataClass, Hold, Outcome, Period
from jikimi.orders.project import NEVER_MS
from jikimi.policy.retention import tables
from tests.orders.world import SEOUL, at, court_order

TABLES = tables()
BEGIN = at("2026-03-02")
END = at("2026-06-02")
FIRST = BEGIN // DAY_MS
ACQUITTED = End(END, Outcome.ACQUITTED)


def claim(name="a", end=ACQUITTED, persons=("m", "p"), policy="kr", begin=BEGIN):
    return Claim(order_id=name, policy_id=policy, persons=frozenset(persons), from_ms=begin, end=end)


def hold(name="a", since=END, until=END + 30 * DAY_MS):
    return Hold(
        hold_id="h", order_id=name, authority="Seoul Central District Court", reason="appeal", by="x", from_ms=since, until_ms=until
    )


def planned(now, *claims, holds=(), **present):
    return plan(Present(claims=claims, **present), Calendar(TABLES, holds, now), now)


def test_an_order_that_was_not_requested_in_time_has_lapsed_and_one_that_a_court_revoked_was_revoked():
    order = court_order(status=Status.REVOKED, ended_ms=END)
    event = OrderEvent(
        order_id="order-1",
        number=9,
        act=Act.LAPSE,
        before=Status.IN_FORCE,
        after=Status.REVOKED,
        at_ms=END,
        recorded_ms=END,
        by="c",
        reason="r",
    )
    assert claim_of(order, [event]).end == End(END, Outcome.LAPSED)
    assert claim_of(order, []).end == End(END, Outcome.REVOKED)
    assert claim_of(court_order(), []).end is None
    assert claim_of(order, []).persons == {"m-1", "p-1"}


def test_acquittal_erases_at_once_and_expiry_with_the_end_of_a_day_five_years_later():
    calendar = Calendar(TABLES, (), END)
    assert calendar.due_ms(claim(), DataClass.POSITIONS) == END
    expired = claim(end=End(END, Outcome.EXPIRED))
    assert calendar.due_ms(expired, DataClass.POSITIONS) == at("2031-06-03")
    assert calendar.due_ms(claim(end=None), DataClass.POSITIONS) is None
    assert calendar.due_ms(claim(policy="nowhere"), DataClass.POSITIONS) is None


def test_several_orders_over_one_person_only_what_no_order_needs_any_more():
    other = claim("b", None, ("m", "q"), begin=BEGIN + 10 * DAY_MS)
    days = {"m": range(FIRST, FIRST + 30), "p": range(FIRST, FIRST + 30)}
    found = planned(END, claim(), other, days=days)
    assert {one.day for one in found.days if one.person_id == "m"} == set(range(FIRST, FIRST + 10))
    assert {one.day for one in found.days if one.person_id == "p"} == set(days["p"])
    assert (found.orders, found.persons) == (("a",), ("p",))


def test_a_legal_hold_stops_erasure_and_ends_by_itself():
    held = hold(since=END + 5, until=END + 30 * DAY_MS)
    for now in (END + 5, END + 30 * DAY_MS - 1):
        found = planned(now, claim(), holds=[held], days={"p": [FIRST]}, incidents={"a": False})
        assert (found.empty, found.next_ms) == (True, END + 30 * DAY_MS)
    assert planned(END + 30 * DAY_MS, claim(), holds=[held], days={"p": [FIRST]}).days == (PersonDay("p", FIRST),)


def test_a_hold_on_one_order_holds_nothing_of_another():
    found = planned(END, claim(), claim("b"), holds=[hold("b")])
    assert (found.orders, found.persons) == (("a",), ())


def test_what_no_order_claims_goes_a_week_later():
    now = (FIRST - 4 + UNCLAIMED_DAYS) * DAY_MS
    found = planned(now, claim(end=None), days={"m": [FIRST - 5, FIRST - 4], "stranger": [FIRST - 5]})
    assert found.unclaimed == (PersonDay("m", FIRST - 5), PersonDay("stranger", FIRST - 5))
    assert found.days == ()


def test_an_incident_under_way_is_not_taken_out_of_peoples_hands_for_half_a_day():
    assert planned(END, claim(), incidents={"a": True}).empty
    found = planned(END + OPEN_INCIDENT_MS, claim(), incidents={"a": True})
    assert (found.incidents, found.orders, found.overdue) == (("a",), ("a",), False)


def test_the_ledger_forgets_whom_its_entries_were_about_years_after_the_register():
    found = planned(END, claim())
    assert found.ledger == dict.fromkeys(("a", "m", "p"), at("2031-06-03"))
    late = at("2031-06-03")
    assert planned(late - 1, subjects={"m": late}).subjects == ()
    assert planned(late, subjects={"m": late}).subjects == ("m",)
    assert planned(late, claim("b", None), subjects={"m": late}).subjects == (), "somebody has an order about him again"


def test_what_is_not_finished_a_day_after_it_fell_due_is_overdue():
    assert not planned(END + DAY_MS - 1, claim()).overdue
    assert planned(END + DAY_MS, claim()).overdue


moments = st.integers(min_value=BEGIN, max_value=BEGIN + 400 * DAY_MS)
ends = st.none() | st.builds(End, moments, st.sampled_from(Outcome))
claims = st.lists(
    st.builds(
        claim,
        name=st.sampled_from("abcde"),
        end=ends,
        persons=st.lists(st.sampled_from("mnpq"), min_size=1, max_size=3),
        policy=st.sampled_from(["kr", "fr", "es"]),
        begin=moments,
    ),
    max_size=5,
    unique_by=lambda one: one.order_id,
)


@given(claims, st.integers(min_value=BEGIN, max_value=BEGIN + 4000 * DAY_MS))
def test_nothing_that_an_order_in_force_needs_is_ever_erased(some, now):
    days = {person: list(range(FIRST, FIRST + 400, 37)) for person in "mnpq"}
    found = planned(now, *some, days=days, incidents={one.order_id: False for one in some})
    living = [one for one in some if one.end is None]
    for one in living:
        assert one.order_id not in {*found.orders, *found.incidents}
        assert not one.persons & {*found.persons}
        assert not [erased for erased in (*found.days, *found.unclaimed) if erased.person_id in one.persons and one.touches(erased.day)]


@given(claims, st.integers(min_value=BEGIN, max_value=BEGIN + 4000 * DAY_MS), st.integers(min_value=1, max_value=400))
def test_what_is_due_stays_due_until_it_is_erased_and_then_nothing_is(some, now, later):
    days = {person: list(range(FIRST, FIRST + 400, 37)) for person in "mnpq"}
    first = planned(now, *some, days=days)
    second = planned(now + later * DAY_MS, *some, days=days)
    assert {*first.days} <= {*second.days}
    assert {*first.orders} <= {*second.orders}
    assert first.next_ms is None or first.next_ms > now
    left = [one for one in some if one.order_id not in first.orders]
    kept = {person: [day for day in days[person] if PersonDay(person, day) not in {*first.days, *first.unclaimed}] for person in days}
    again = planned(now, *left, days={person: some_days for person, some_days in kept.items() if person not in first.persons})
    assert (again.days, again.orders, again.persons) == ((), (), ())


@given(
    moments,
    st.sampled_from(["days", "months", "years"]),
    st.integers(min_value=0, max_value=80),
    st.sampled_from(["Asia/Seoul", "Europe/Paris"]),
)
def test_a_period_is_never_shorter_than_the_law_says_and_at_most_a_day_longer(end, unit, number, zone):
    due = after_ms(end, Period(source="s", **{unit: number}), ZoneInfo(zone))
    begun, over = (dt.datetime.fromtimestamp(one / 1000, ZoneInfo(zone)) for one in (end, due))
    if number == 0:
        assert due == end
    elif unit == "days":
        assert begun + dt.timedelta(days=number) <= over <= begun + dt.timedelta(days=number + 1, hours=2)
    else:
        months = (over.year - begun.year) * 12 + over.month - begun.month
        assert months - number * (12 if unit == "years" else 1) in {0, 1}
        assert over.hour == 0


@given(claims, st.lists(st.tuples(moments, st.integers(min_value=1, max_value=900)), max_size=3))
def test_a_hold_only_ever_delays_and_never_beyond_its_end(some, spans):
    now = BEGIN
    holds = [hold("a", since, since + days * DAY_MS) for since, days in spans]
    for one in some:
        free, held = (Calendar(TABLES, these, now).due_ms(one, DataClass.POSITIONS) for these in ((), holds))
        if free is None:
            assert held is None
        else:
            assert free <= held <= max([free, *(each.until_ms for each in holds)])


def test_calendar_days_are_those_of_the_jurisdiction():
    evening = at("2026-06-01 23:30")
    assert after_ms(evening, Period(days=1, source="s"), SEOUL) == at("2026-06-03")


def test_what_was_never_meant_to_end_never_falls_due():
    for end in (NEVER_MS, NEVER_MS - 1, FAR_MS):
        assert after_ms(end, Period(years=100, source="s"), SEOUL) == NEVER_MS
    assert after_ms(FAR_MS - 1, Period(years=100, source="s"), SEOUL) < NEVER_MS


@given(claims, st.integers(min_value=BEGIN, max_value=BEGIN + 4000 * DAY_MS))
def test_it_is_enough_to_look_at_the_days_of_whom_a_due_order_names(some, now):
    days = {person: list(range(FIRST - 5, FIRST + 400, 37)) for person in "mnpq"}
    calendar = Calendar(TABLES, (), now)
    due = due_persons(some, calendar, now)
    some_days = {person: of for person, of in days.items() if person in due}
    whole, looked = planned(now, *some, days=days), planned(now, *some, days=some_days)
    assert {*looked.days} == {*whole.days}
    assert (looked.orders, looked.persons) == (whole.orders, whole.persons)
    alone = {
        PersonDay(person, day) for person in days for day in unclaimed_days(days[person], [one for one in some if person in one.persons])
    }
    assert {*whole.unclaimed} <= alone
    assert not alone & {*whole.days}
