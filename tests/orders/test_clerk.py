"""Stories of the register: given, when, then. Time is simulated; nothing waits."""

import datetime as dt

import msgspec
import pytest

from jikimi.model.order import DeviceKind
from jikimi.model.register import Act, Protected, Standing, Status
from jikimi.model.zone import Polygon
from jikimi.orders.calendar import in_force
from jikimi.orders.duration import RefusedError
from jikimi.orders.funnel import Step
from jikimi.orders.permissions import Flaw
from jikimi.orders.status import NotAllowedError
from jikimi.orders.tasks import Reason
from tests.orders.test_duration import extended
from tests.orders.test_permissions import once, weekly
from tests.orders.world import HOME, at, away, court_order, measure, tag

MINUTE = 60_000
HOUR = 60 * MINUTE
DECIDED = at("2026-03-01 15:00")
BEGIN = at("2026-03-02")
END = at("2026-06-02")


def decided(*measures, **more):
    return court_order(*measures, **{"decided_ms": DECIDED, "places": (HOME,), **more})


def enter(clerk, *measures, now=BEGIN, **more):
    return clerk.enter(decided(*measures, **more), now_ms=now, by="clerk-han")


def asked(tasks, *reasons):
    return [task for task in tasks if task.reason in reasons]


def watched(books, now):
    """Return what engine and gate go by."""
    return [(one.order_id, one.tagged) for one in in_force(books.orders(), now)]


# -- entering ----------------------------------------------------------------------------------------------------


def test_an_order_that_begins_now_is_in_force_at_once(clerk, books, page):
    # When a decided order is entered on its first day
    entered = enter(clerk)
    # Then it is in force, with an event, and the core is told of it
    assert entered.order.status is Status.IN_FORCE
    assert [(one.number, one.act, one.at_ms, one.by) for one in page.events("order-1")] == [(1, Act.COMMENCE, BEGIN, "clerk-han")]
    assert watched(books, BEGIN) == [("order-1", True)]


def test_an_order_that_begins_later_begins_by_itself(clerk, books, page):
    # Given an order entered the day it was decided
    assert enter(clerk, now=DECIDED).order.status is Status.DRAFTED
    # Then nothing is in force before its first day, and everything from then on, even if the clerk's clock were late
    assert watched(books, BEGIN - 1) == []
    assert watched(books, BEGIN) == [("order-1", True)]
    # And the clerk knows when to wake
    clerk.advance(BEGIN - 1)
    assert page.events("order-1") == []
    (event,) = clerk.advance(BEGIN)
    assert (event.act, event.at_ms, event.by) == (Act.COMMENCE, BEGIN, "clock")


def test_a_draft_binds_nobody_until_the_court_decides(clerk, books, page):
    entered = clerk.enter(court_order(decided_ms=None), now_ms=DECIDED, by="clerk-han")
    assert (entered.order.status, entered.tasks) == (Status.DRAFTED, [])
    assert clerk.next_due_ms() is None
    assert watched(books, BEGIN) == []
    # It may be entered again, corrected, while it is a draft
    clerk.enter(court_order(decided_ms=None, owner="officer-bae"), now_ms=DECIDED, by="clerk-han")
    clerk.decide("order-1", decided_ms=DECIDED, now_ms=BEGIN, by="clerk-han")
    assert page.dossier("order-1").order.owner == "officer-bae"
    assert watched(books, BEGIN) == [("order-1", True)]
    with pytest.raises(RefusedError, match="decided already"):
        clerk.decide("order-1", decided_ms=DECIDED, now_ms=BEGIN, by="clerk-han")
    with pytest.raises(RefusedError, match="of this name already"):
        enter(clerk)


def test_what_the_law_does_not_allow_is_refused_and_nothing_is_kept(clerk, books, page):
    with pytest.raises(RefusedError) as refused:
        enter(clerk, away(until="2026-06-03"), tag(until="2026-07-01"))
    assert len(refused.value.sentences) == 2
    assert page.dossiers() == []
    assert books.orders() == []
    with pytest.raises(RefusedError, match="known are es, fr, kr"):
        enter(clerk, policy_id="xx")


def test_an_order_without_a_tag_is_told_to_her_app_and_watched_by_nobody(clerk, books):
    enter(clerk, away())
    assert watched(books, BEGIN) == [("order-1", False)]


def test_a_state_that_was_typed_in_counts_for_nothing(clerk):
    typed = decided(status=Status.REVOKED, ended_ms=1)
    assert clerk.enter(typed, now_ms=BEGIN, by="x").order.status is Status.IN_FORCE


# -- ends --------------------------------------------------------------------------------------------------------


def test_an_order_expires_by_itself_at_the_millisecond_and_never_returns(clerk, books, page):
    enter(clerk)
    assert watched(books, END - 1) == [("order-1", True)]
    assert watched(books, END) == []
    events = clerk.advance(END)
    assert [(one.act, one.after, one.at_ms) for one in events if one.act is Act.EXPIRE] == [(Act.EXPIRE, Status.EXPIRED, END)]
    for act in (Act.RESUME, Act.REVOKE):
        with pytest.raises(NotAllowedError, match="has ended"):
            clerk.act("order-1", act, at_ms=END, now_ms=END, by="x", reason="x")
    with pytest.raises(NotAllowedError, match="has ended"):
        clerk.extend("order-1", {"no_approach": END + 1}, at_ms=END, now_ms=END, by="x", reason="x")
    assert clerk.next_due_ms() is None


@pytest.mark.parametrize(
    ("act", "status"), [(Act.REVOKE, "revoked"), (Act.ACQUIT, "ended_by_acquittal"), (Act.DISMISS, "ended_by_dismissal")]
)
def test_who_ends_an_order_ends_it_for_engine_and_gate_in_the_same_moment(clerk, books, page, act, status):
    # Given an order in force
    enter(clerk)
    # When the court ends it
    now = at("2026-04-01 11:00")
    clerk.advance(now)
    order = clerk.act("order-1", act, at_ms=now, now_ms=now, by="court-desk", reason="decision of today")
    # Then what engine and gate go by ends at that millisecond, and the event says who and why
    assert (order.status, order.ended_ms) == (status, now)
    assert watched(books, now - 1) != []
    assert watched(books, now) == []
    assert page.events("order-1")[-1].by == "court-desk"
    assert clerk.next_due_ms() is None
    assert asked(page.tasks(is_open=True), Reason.MEASURE_ENDS, Reason.STEP_LATE) == []


def test_an_end_decided_for_a_later_day_comes_on_that_day(clerk, books, page):
    enter(clerk)
    clerk.act("order-1", Act.REVOKE, at_ms=at("2026-05-01"), now_ms=at("2026-04-01"), by="court-desk", reason="agreed")
    assert page.dossier("order-1").order.status is Status.IN_FORCE
    events = clerk.advance(at("2026-05-01"))
    assert (events[-1].act, events[-1].at_ms, events[-1].by) == (Act.REVOKE, at("2026-05-01"), "court-desk")
    assert watched(books, at("2026-05-01")) == []


def test_what_was_planned_and_fits_no_longer_changes_nothing(clerk, page):
    enter(clerk)
    clerk.act("order-1", Act.SUSPEND, at_ms=at("2026-05-01"), now_ms=BEGIN, by="x", reason="trial")
    clerk.act("order-1", Act.RESUME, at_ms=at("2026-05-10"), now_ms=BEGIN, by="x", reason="trial")
    with pytest.raises(NotAllowedError):
        clerk.act("order-1", Act.SUSPEND, at_ms=at("2026-05-05"), now_ms=BEGIN, by="x", reason="trial")
    clerk.act("order-1", Act.SUSPEND, at_ms=at("2026-04-20"), now_ms=at("2026-04-20"), by="x", reason="earlier")
    clerk.advance(at("2026-05-02"))
    assert [one.act for one in page.events("order-1")] == [Act.COMMENCE, Act.SUSPEND]
    clerk.advance(at("2026-05-11"))
    assert page.dossier("order-1").order.status is Status.IN_FORCE


def test_a_suspended_order_is_not_watched_and_goes_on_as_what_it_was(clerk, books):
    enter(clerk)
    clerk.extend(
        "order-1", {"no_approach": at("2026-09-02"), "monitoring": at("2026-09-02")}, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x"
    )
    pause, again = at("2026-04-01"), at("2026-04-10")
    assert clerk.act("order-1", Act.SUSPEND, at_ms=pause, now_ms=pause, by="x", reason="detained").status is Status.SUSPENDED
    assert watched(books, pause) == []
    assert clerk.act("order-1", Act.RESUME, at_ms=again, now_ms=again, by="x", reason="released").status is Status.EXTENDED
    assert watched(books, again) == [("order-1~2", True)]
    with pytest.raises(RefusedError, match="later suspension"):
        clerk.act("order-1", Act.SUSPEND, at_ms=again - 1, now_ms=again, by="x", reason="x")


def test_a_revocation_learned_of_late_counts_from_the_courts_day(clerk, books, page):
    enter(clerk)
    clerk.act("order-1", Act.REVOKE, at_ms=at("2026-04-01"), now_ms=at("2026-04-03"), by="x", reason="letter came late")
    event = page.events("order-1")[-1]
    assert (event.at_ms, event.recorded_ms) == (at("2026-04-01"), at("2026-04-03"))
    assert watched(books, at("2026-04-01")) == []


# -- an urgent measure -------------------------------------------------------------------------------------------

URGENT = {"basis_id": "kr-urgent", "legal_basis": "Stalking Punishment Act, art. 4"}


def test_an_urgent_measure_is_cancelled_after_48_hours_without_a_request(clerk, books, page):
    begin = at("2026-03-02 21:30")
    one = msgspec.structs.replace(away(until="2026-04-02"), from_ms=begin)
    entered = enter(clerk, one, now=begin, **URGENT)
    # The officer has a task, due when the law cancels the measure
    (task,) = asked(entered.tasks, Reason.REQUEST_APPROVAL)
    assert (task.owner, task.due_ms) == ("officer-yoon", begin + 48 * HOUR)
    clerk.advance(begin + 48 * HOUR - 1)
    assert watched(books, begin + 48 * HOUR - 1) != []
    events = clerk.advance(begin + 48 * HOUR)
    assert [(event.act, event.after) for event in events] == [(Act.LAPSE, Status.REVOKED)]
    assert watched(books, begin + 48 * HOUR) == []
    assert asked(page.tasks(is_open=True), Reason.REQUEST_APPROVAL) == []


def test_an_urgent_measure_with_a_request_runs_its_month(clerk, books, page):
    enter(clerk, away(until="2026-04-02"), **URGENT)
    clerk.act("order-1", Act.REQUEST, at_ms=BEGIN + 47 * HOUR, now_ms=BEGIN + 47 * HOUR, by="prosecutor", reason="filed")
    clerk.advance(at("2026-04-01 23:59"))
    assert watched(books, at("2026-04-01 23:59")) != []
    assert [task.outcome for task in asked(page.tasks(), Reason.REQUEST_APPROVAL)] == ["requested"]
    clerk.advance(at("2026-04-02"))
    assert page.dossier("order-1").order.status is Status.EXPIRED


def test_a_request_already_made_at_entry_is_not_asked_for(clerk):
    entered = enter(clerk, away(until="2026-04-02"), requested_ms=BEGIN, **URGENT)
    assert asked(entered.tasks, Reason.REQUEST_APPROVAL) == []


# -- dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("measures", "about"),
    [((away(until="2026-05-02"), tag()), "tag_outlives"), ((away(), tag(until="2026-05-02")), "tag_falls_short")],
)
def test_a_tag_that_ends_on_another_day_than_its_measure_is_asked_about_at_entry(clerk, measures, about):
    (task,) = asked(enter(clerk, *measures).tasks, Reason.ENDS_DIFFER)
    assert (task.owner, task.about, task.person_id) == ("officer-yoon", about, "m-1")
    assert task.due_ms == BEGIN + 24 * HOUR


def test_extending_only_one_of_two_measures_is_asked_about_and_answered_by_extending_the_other(clerk, page):
    enter(clerk)
    clerk.extend("order-1", {"no_approach": at("2026-09-02")}, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")
    (task,) = asked(page.tasks(is_open=True), Reason.ENDS_DIFFER)
    assert task.about == "tag_falls_short"
    clerk.extend("order-1", {"monitoring": at("2026-09-02")}, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")
    assert asked(page.tasks(is_open=True), Reason.ENDS_DIFFER) == []


def test_fourteen_days_before_a_measure_ends_its_end_is_a_task(clerk, page):
    enter(clerk, away(), tag(until="2026-05-02"))
    clerk.advance(at("2026-04-18") - 1)
    assert asked(page.tasks(), Reason.MEASURE_ENDS) == []
    clerk.advance(at("2026-04-18"))
    (task,) = asked(page.tasks(is_open=True), Reason.MEASURE_ENDS)
    assert (task.about, task.made_ms, task.due_ms) == ("monitoring", at("2026-04-18"), at("2026-05-02"))
    clerk.advance(at("2026-05-19"))
    assert [task.about for task in asked(page.tasks(), Reason.MEASURE_ENDS)] == ["monitoring", "no_approach"]


def test_a_measure_entered_in_its_last_days_is_a_task_at_once(clerk):
    entered = enter(clerk, now=at("2026-05-25"))
    assert {task.about for task in asked(entered.tasks, Reason.MEASURE_ENDS)} == {"monitoring", "no_approach"}


def test_an_extension_answers_the_task_and_the_new_end_is_watched_again(clerk, page):
    enter(clerk)
    now = at("2026-05-20")
    clerk.advance(now)
    until = {"no_approach": at("2026-09-02"), "monitoring": at("2026-09-02")}
    assert clerk.extend("order-1", until, at_ms=now, now_ms=now, by="x", reason="court of today").status is Status.EXTENDED
    assert {task.outcome for task in asked(page.tasks(), Reason.MEASURE_ENDS)} == {"extended"}
    clerk.advance(at("2026-08-19"))
    assert len(asked(page.tasks(is_open=True), Reason.MEASURE_ENDS)) == 2
    clerk.advance(at("2026-09-02"))
    assert page.dossier("order-1").order.status is Status.EXPIRED


def test_an_extension_beyond_the_law_is_refused_with_the_latest_lawful_day(clerk):
    enter(clerk)
    for until, words in (("2026-09-03", "2026-09-01"), ("2026-06-01", "must end later")):
        with pytest.raises(RefusedError, match=words):
            clerk.extend("order-1", {"no_approach": at(until)}, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")
    for until in ({}, {"nothing": END + 1}):
        with pytest.raises(RefusedError, match="names the measures"):
            clerk.extend("order-1", until, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")


def test_an_order_that_comes_with_its_extensions_is_taken_as_it_is(clerk, books):
    enter(clerk, extended(away(), "2026-09-02"), extended(tag(), "2026-09-02"), now=at("2026-07-01"))
    assert watched(books, at("2026-08-01")) == [("order-1", True)]


def test_the_end_of_one_measure_of_several_is_an_event(clerk, books):
    enter(clerk, away(), tag(until="2026-05-02"))
    events = clerk.advance(at("2026-05-02"))
    assert [(event.act, event.before, event.after) for event in events] == [(Act.END_MEASURE, Status.IN_FORCE, Status.IN_FORCE)]
    assert watched(books, at("2026-05-02")) == [("order-1~2", False)]


def test_a_clerk_that_slept_for_months_meets_every_moment_as_of_its_time(clerk, page):
    enter(clerk, away(), tag(until="2026-05-02"))
    clerk.advance(at("2027-01-01"))
    assert [(one.act, one.at_ms) for one in page.events("order-1")] == [
        (Act.COMMENCE, BEGIN),
        (Act.END_MEASURE, at("2026-05-02")),
        (Act.EXPIRE, END),
    ]
    assert {one.recorded_ms for one in page.events("order-1")[1:]} == {at("2027-01-01")}


def test_it_does_not_matter_how_often_the_clerk_wakes(clerk, page):
    enter(clerk, away(), tag(until="2026-05-02"))
    before = None
    while (due := clerk.next_due_ms()) is not None:
        assert before is None or due > before
        clerk.advance(due)
        before = due
    assert [one.at_ms for one in page.events("order-1")] == [BEGIN, at("2026-05-02"), END]
    assert len(asked(page.tasks(), Reason.MEASURE_ENDS)) == 2


def test_a_measure_that_the_court_ends_early_ends_and_the_others_go_on(clerk, books, page):
    enter(clerk)
    now = at("2026-05-25")
    clerk.advance(now)
    clerk.end_measure("order-1", "monitoring", at_ms=now, now_ms=now, by="court-desk", reason="tag taken off")
    assert watched(books, now) == [("order-1~2", False)]
    assert [(task.about, task.outcome) for task in asked(page.tasks(is_open=False), Reason.MEASURE_ENDS)] == [("monitoring", "ended early")]
    assert [task.about for task in asked(page.tasks(is_open=True), Reason.ENDS_DIFFER)] == ["tag_falls_short"]
    with pytest.raises(RefusedError, match="would still run"):
        clerk.end_measure("order-1", "monitoring", at_ms=now, now_ms=now, by="x", reason="x")
    # The last one takes the order with it
    assert clerk.end_measure("order-1", "no_approach", at_ms=now, now_ms=now, by="x", reason="x").status is Status.EXPIRED
    assert [one.act for one in page.events("order-1")] == [Act.COMMENCE, Act.END_MEASURE, Act.END_MEASURE, Act.EXPIRE]


def test_a_tag_that_the_court_adds_later_is_watched_and_has_its_steps(clerk, books, page):
    enter(clerk, away())
    clerk.step("order-1", Step.NOTIFIED, at_ms=BEGIN, by="x")
    now = at("2026-03-20")
    later = tag(since="2026-03-20", until="2026-06-02")
    clerk.add_measure("order-1", later, at_ms=now, now_ms=now, by="court-desk", reason="he came again")
    assert watched(books, now) == [("order-1~2", True)]
    (funnel,) = page.funnels("order-1")
    assert funnel.tagged
    clerk.advance(now)
    assert "fitted" in {task.about for task in asked(page.tasks(), Reason.STEP_LATE)}
    too_long = tag(since="2026-03-20", until="2026-07-02", name="second")
    with pytest.raises(RefusedError, match="2026-06-19"):
        clerk.add_measure("order-1", too_long, at_ms=now, now_ms=now, by="x", reason="x")


def test_a_device_that_came_back_is_waited_for_no_longer(clerk, page):
    enter(clerk)
    clerk.give_out("order-1", "tag-7", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="x")
    clerk.advance(BEGIN + HOUR)
    clerk.take_back("tag-7", now_ms=BEGIN + HOUR, by="x")
    assert clerk.awaited() == frozenset()
    assert [task.outcome for task in asked(page.tasks(), Reason.NOT_REPORTING)] == ["returned"]
    with pytest.raises(LookupError):
        clerk.take_back("tag-8", now_ms=BEGIN, by="x")


@pytest.mark.parametrize("name", ["order-1.2", "order-1~2", "", "a b", "x" * 65, "주문"])
def test_no_order_takes_the_name_of_anothers_part(clerk, name):
    with pytest.raises(RefusedError, match="letters, digits"):
        enter(clerk, order_id=name)
    with pytest.raises(RefusedError, match="letters, digits"):
        enter(clerk, msgspec.structs.replace(away(), measure_id=name))


@pytest.mark.parametrize("moment", [-1, 2**62, 10**18])
def test_a_time_outside_every_calendar_is_refused(clerk, moment):
    for changed in ({"from_ms": moment}, {"until_ms": moment}):
        with pytest.raises(RefusedError):
            enter(clerk, msgspec.structs.replace(away(), **changed))
    enter(clerk)
    with pytest.raises(RefusedError):
        clerk.extend("order-1", {"no_approach": moment}, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")


def test_a_permission_that_nobody_could_follow_is_refused(clerk, page):
    enter(clerk)
    good = once("2026-03-10 10:00", "2026-03-10 12:00")
    for changed, words in (
        ({"time_zone": "Asia/Soul"}, "time zone"),
        ({"monitored_id": "m-9"}, "belongs to this order"),
        ({"when": msgspec.structs.replace(good.when, until_day=dt.date(9999, 12, 31))}, "ten years"),
        ({"when": msgspec.structs.replace(good.when, until_day=dt.date(2026, 1, 1))}, "before it ends"),
        ({"zone": Polygon(((1.0, 1.0), (2.0, 2.0)))}, "three corners"),
        ({"when": weekly([7], "09:00", "10:00").when}, "Days of the week"),
    ):
        bad = msgspec.structs.replace(good, **changed)
        with pytest.raises(RefusedError, match=words):
            clerk.permit("order-1", [bad], now_ms=BEGIN)
        with pytest.raises(RefusedError, match=words):
            clerk.enter(decided(order_id="order-2"), now_ms=BEGIN, by="x", permissions=[msgspec.structs.replace(bad, order_id="order-2")])
    assert page.dossier("order-1").permissions == ()


# -- protected persons -------------------------------------------------------------------------------------------

FAMILY = (
    Protected(person_id="p-1", standing=Standing.VICTIM),
    Protected(person_id="p-2", standing=Standing.HOUSEMATE),
)


def test_who_leaves_is_followed_no_longer_and_her_officer_has_a_minute(clerk, books, page):
    enter(clerk, protected=FAMILY, protecting_officer="police-lee")
    now = at("2026-03-05")
    clerk.consent("order-1", "p-1", given=True, terms="2026-06", now_ms=now, by="p-1")
    assert asked(page.tasks(), Reason.DECLINED) == []
    clerk.consent("order-1", "p-1", given=False, terms="2026-06", now_ms=now + HOUR, by="p-1")
    (task,) = asked(page.tasks(is_open=True), Reason.DECLINED)
    assert (task.owner, task.person_id, task.due_ms - task.made_ms) == ("police-lee", "p-1", MINUTE)
    (one,) = in_force(books.orders(), now + HOUR)
    assert one.protected_ids == ("p-2",)


def test_each_protected_person_has_a_log_of_her_own(clerk, page):
    enter(clerk, protected=FAMILY)
    clerk.consent("order-1", "p-1", given=True, terms="2026-06", now_ms=BEGIN, by="p-1")
    clerk.consent("order-1", "p-2", given=False, terms="2026-06", now_ms=BEGIN + 1, by="p-2")
    assert [(one.act, one.reason) for one in page.log_of("p-1")] == [(Act.CONSENT, "accepted")]
    assert [(one.act, one.reason) for one in page.log_of("p-2")] == [(Act.CONSENT, "declined")]
    with pytest.raises(RefusedError, match="does not protect"):
        clerk.consent("order-1", "m-1", given=True, terms="x", now_ms=BEGIN, by="x")


def test_a_person_may_be_protected_by_many_orders_and_a_man_bound_by_many(clerk, books, page):
    enter(clerk)
    enter(clerk, order_id="order-2", monitored_ids=("m-2",))
    enter(clerk, order_id="order-3", monitored_ids=("m-1", "m-2"), protected=FAMILY)
    assert [one.order.order_id for one in page.dossiers_of(["p-1"])] == ["order-1", "order-2", "order-3"]
    assert [one.order.order_id for one in page.dossiers_of(["m-2"])] == ["order-2", "order-3"]
    assert [name for name, _ in watched(books, BEGIN)] == ["order-1", "order-2", "order-3", "order-3.2"]


# -- order to protected ------------------------------------------------------------------------------------------


def test_every_late_step_shows_to_its_owner_and_is_answered_when_it_is_done(clerk, page):
    enter(clerk, tag_officer="tag-kim", protecting_officer="police-lee")
    clerk.advance(BEGIN + HOUR)
    (task,) = asked(page.tasks(is_open=True), Reason.STEP_LATE)
    assert (task.owner, task.about, task.person_id) == ("officer-yoon", "notified", "p-1")
    clerk.step("order-1", Step.NOTIFIED, at_ms=BEGIN + 2 * HOUR, by="officer-yoon")
    assert asked(page.tasks(is_open=True), Reason.STEP_LATE) == []
    clerk.advance(BEGIN + 26 * HOUR)
    assert [(one.owner, one.about) for one in page.tasks(owner="tag-kim", is_open=True)] == [("tag-kim", "fitted")]


def test_a_tag_that_is_fitted_and_not_heard_is_somebodys_task_after_fifteen_minutes(clerk, page):
    enter(clerk, tag_officer="tag-kim")
    clerk.give_out("order-1", "tag-7", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="tag-kim")
    assert clerk.awaited() == {"tag-7"}
    clerk.advance(BEGIN + 15 * MINUTE - 1)
    assert asked(page.tasks(), Reason.NOT_REPORTING) == []
    clerk.advance(BEGIN + 15 * MINUTE)
    (task,) = asked(page.tasks(is_open=True), Reason.NOT_REPORTING)
    assert (task.owner, task.about, task.made_ms) == ("tag-kim", "tag-7", BEGIN + 15 * MINUTE)
    clerk.heard("tag-7", at_ms=BEGIN + 20 * MINUTE)
    assert asked(page.tasks(is_open=True), Reason.NOT_REPORTING) == []
    assert clerk.awaited() == frozenset()


def test_from_the_order_to_a_protected_person(clerk, page):
    enter(clerk)
    clerk.step("order-1", Step.NOTIFIED, at_ms=BEGIN + 1, by="officer-yoon")
    clerk.give_out("order-1", "tag-7", DeviceKind.TAG, "m-1", now_ms=BEGIN + 2, by="tag-kim")
    clerk.signed_in("p-1", at_ms=BEGIN + 3)
    clerk.heard("tag-7", at_ms=BEGIN + 4)
    clerk.heard("tag-7", at_ms=BEGIN + 400)
    clerk.heard("somebody's phone", at_ms=BEGIN + 5)
    clerk.tried_help("p-1", at_ms=BEGIN + 5)
    (funnel,) = page.funnels("order-1")
    assert [funnel.done[step] - BEGIN for step in Step] == [0, 1, 2, 3, 4, 5]
    clerk.advance(at("2026-04-01"))
    assert asked(page.tasks(), Reason.STEP_LATE, Reason.NOT_REPORTING) == []


def test_a_phone_that_was_paired_and_is_not_heard_is_noticed_too(clerk, page):
    enter(clerk, away(), protecting_officer="police-lee")
    clerk.give_out("order-1", "phone-1", DeviceKind.HANDSET, "p-1", now_ms=BEGIN, by="x")
    clerk.advance(BEGIN + 15 * MINUTE)
    assert [task.owner for task in asked(page.tasks(), Reason.NOT_REPORTING)] == ["police-lee"]
    with pytest.raises(RefusedError, match="names the person"):
        clerk.give_out("order-1", "phone-2", DeviceKind.HANDSET, "p-9", now_ms=BEGIN, by="x")


def test_no_clock_of_an_ended_order_rings(clerk, page):
    enter(clerk)
    clerk.give_out("order-1", "tag-7", DeviceKind.TAG, "m-1", now_ms=BEGIN, by="x")
    clerk.act("order-1", Act.REVOKE, at_ms=BEGIN + 1, now_ms=BEGIN + 1, by="x", reason="x")
    clerk.advance(at("2027-01-01"))
    assert page.tasks(is_open=True) == []
    clerk.step("order-1", Step.NOTIFIED, at_ms=BEGIN + 2, by="x")
    assert clerk.next_due_ms() is None


# -- allowed meetings --------------------------------------------------------------------------------------------


def test_doubts_about_a_schedule_are_told_when_it_is_entered(clerk, page):
    enter(clerk)
    hearing = once("2026-06-01 10:00", "2026-06-03 12:00")
    assert [doubt.flaw for doubt in clerk.permit("order-1", [hearing], now_ms=BEGIN)] == [Flaw.OUTSIDE]
    assert page.dossier("order-1").permissions == (hearing,)
    clerk.act("order-1", Act.ACQUIT, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")
    with pytest.raises(RefusedError, match="nothing is permitted"):
        clerk.permit("order-1", [], now_ms=BEGIN)


# -- what is not there -------------------------------------------------------------------------------------------


def test_what_is_not_there_is_said_to_be_so(clerk):
    for call in (
        lambda: clerk.act("none", Act.REVOKE, at_ms=1, now_ms=1, by="x", reason="x"),
        lambda: clerk.decide("none", decided_ms=1, now_ms=1, by="x"),
        lambda: clerk.permit("none", [], now_ms=1),
        lambda: clerk.decide_link("none", confirmed=True, now_ms=1, by="x", reason="x"),
    ):
        with pytest.raises(LookupError):
            call()
    enter(clerk)
    for act in set(Act) - {Act.REQUEST, Act.SUSPEND, Act.RESUME, Act.REVOKE, Act.ACQUIT, Act.DISMISS}:
        with pytest.raises(RefusedError, match="not done by hand"):
            clerk.act("order-1", act, at_ms=BEGIN, now_ms=BEGIN, by="x", reason="x")


def test_detention_and_contact_are_measures_with_ends_of_their_own(clerk, books):
    cell = measure("detention", "2026-03-02", "2026-04-02")
    calls = measure("no_contact", "2026-03-02", "2026-06-02")
    enter(clerk, cell, calls, away(until="2026-05-02"))
    assert watched(books, at("2026-03-10")) == [("order-1", False)]
    assert [one.act for one in clerk.advance(at("2026-05-02"))] == [Act.END_MEASURE, Act.END_MEASURE]
