"""From a refusal by the police to the end of an order: whole stories, at the times that they say."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt

import msgspec
import pytest

from jikimi.apps.api import RefusedError
from jikimi.apps.docket import Change, DocketError
from jikimi.model.petition import Party
from jikimi.model.register import CourtOrder, Measure, MeasureKind
from jikimi.model.register import Status as OrderStatus
from jikimi.orders.dossier import LinkState
from jikimi.orders.matching import Identifiers, Strength
from jikimi.orders.tasks import Reason
from jikimi.outcomes.row import Decision, OrderRow, PetitionRow
from jikimi.petitions.answers import standing
from jikimi.petitions.clocks import Clock
from jikimi.petitions.status import Act, Status
from jikimi.petitions.steps import Step
from jikimi.policy.load import presets
from jikimi.runtime.keeper import opened
from jikimi.runtime.stores import Stores
from jikimi.storage.books import SqlBooks
from jikimi.storage.outcomes import SqlOutcomes
from tests.petitions.case import ANSWERS, FORM, answers
from tests.runtime.court import DAY_MS, DECLINED, HERE, HOUR_MS, CourtHouse, noon

NUMBER = "2027-0001"
PETITION = "0123456789abcdef"
BORN = dt.date(1985, 5, 6)


@pytest.fixture
def court(tmp_path):
    return CourtHouse(tmp_path)


def reads(court, person_id="p"):
    """What she reads on her phone."""
    return asyncio.run(court.filing.standing(person_id, PETITION))


@contextlib.contextmanager
def book(court):
    with SqlBooks(court.house.register.engine).reading() as page:
        yield page


def tasks(court, **which):
    with book(court) as page:
        return page.tasks(is_open=True, **which)


def untold(court, order_id):
    """Who is still to be told under an order."""
    return {one.about for one in tasks(court, order_id=order_id) if one.reason is Reason.TELL_DECISION}


def rows(court):
    return SqlOutcomes(court.house.register.engine, presets()).rows()


def petition_rows(court):
    return [row for row in rows(court) if isinstance(row, PetitionRow)]


def test_refused_by_the_police_on_day_0_she_is_in_time_on_day_89_and_on_day_91_she_reads_why_not_and_what_else_is_open(tmp_path):
    """Given the police declined on day 0; when she files on day 89, the court has it in time; on day 91 nothing goes, and she reads why."""
    day_89, day_91 = DECLINED + dt.timedelta(days=89), DECLINED + dt.timedelta(days=91)
    (tmp_path / "89").mkdir()
    court = CourtHouse(tmp_path / "89", day_89)
    assert court.file().number == NUMBER
    (checked,) = court.ask("case", HERE, NUMBER, "judge").in_time
    assert (checked.from_day, checked.filed_on, checked.last_day) == (DECLINED, day_89, DECLINED + dt.timedelta(days=90))
    assert checked.kept
    assert reads(court).word == Step.RECEIVED

    (tmp_path / "91").mkdir()
    late = CourtHouse(tmp_path / "91", day_91)
    (stop,) = standing(FORM, answers(), day_91).stops
    assert stop.last_day == DECLINED + dt.timedelta(days=90)
    assert stop.check.say.keys() >= {"ko", "en"}
    assert {way.call for way in FORM.ways} >= {"112", "1366"}, "whom she can call instead"
    with pytest.raises(RefusedError) as refused:
        late.file()
    assert refused.value.code == "not_ready"
    assert late.ask("inbox", HERE).lines == ()
    assert late.ledger.acts == []
    with pytest.raises(RefusedError):
        reads(late)


def test_an_interim_order_in_an_hour_meets_the_tag_of_another_offence_and_both_offices_have_their_part(court):
    """Given a man who wears a tag; when a court forbids him in an hour to come near; then his office and hers are asked."""
    worn = CourtOrder(
        order_id="sentence",
        policy_id="kr",
        basis_id="kr-attachment",
        legal_basis="test",
        owner="probation",
        tag_officer="probation-tag",
        monitored_ids=("wears-a-tag",),
        measures=(
            Measure(measure_id="tag", kind=MeasureKind.MONITORING, from_ms=court.now_ms - DAY_MS, until_ms=court.now_ms + 900 * DAY_MS),
        ),
        decided_ms=court.now_ms - DAY_MS,
    )
    who = {"wears-a-tag": Identifiers(names=(ANSWERS["his_name"],), birth_date=BORN)}
    court.clerk.enter(worn, now_ms=court.now_ms - DAY_MS, by="probation", who=who)

    filed_ms = court.now_ms
    court.file(his_birth=BORN.isoformat())
    court.later(hours=1)
    shown = court.ask("preview", HERE, NUMBER, court.ask("draft", HERE, NUMBER, Act.GRANT_INTERIM, "judge"), "judge")
    assert shown.tagged
    assert Party.TAG_OFFICE in shown.told
    line = court.decide(NUMBER, Act.GRANT_INTERIM)
    (order_id,) = line.order_ids
    assert untold(court, order_id) == {"petitioner", "lawyer", "respondent", "prosecutor", "police"}, "each whom the law names"
    order = court.clerk.order(order_id)
    assert (order.status, order.from_ms - filed_ms, order.until_ms) == (OrderStatus.IN_FORCE, HOUR_MS, None)
    assert reads(court).word == Step.INTERIM

    with book(court) as page:
        (link,) = page.links(order_id)
    assert (link.strength, link.state, link.owner) == (Strength.LIKELY, LinkState.REVIEW, "probation-tag")
    (asked,) = tasks(court, owner="probation-tag")
    assert (asked.reason, asked.due_ms - court.now_ms) == (Reason.LINK, HOUR_MS)
    court.clerk.decide_link(link.link_id, confirmed=True, now_ms=court.now_ms + 60_000, by="probation-tag", reason="same man")
    parts = {one.owner: one.order_id for one in tasks(court) if one.reason is Reason.LINK_CONFIRMED}
    assert parts == {"probation-tag": "sentence", "officer": order_id}, "his office answers for the tag, hers for her"
    assert court.clerk.order(order_id).monitored_ids == ("wears-a-tag",)

    court.later(days=6)
    final = court.decide(NUMBER, Act.GRANT)
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED
    assert court.clerk.order(final.order_ids[-1]).monitored_ids == ("wears-a-tag",), "the decision binds the man as he is known by now"
    (row,) = petition_rows(court)
    assert (row.decision, row.decided_s, row.region) == (Decision.GRANTED, 3600, "KR-11"), "the first answer came after an hour"


def test_an_extension_is_asked_for_in_time_and_the_order_goes_on_without_a_gap(court):
    court.file()
    line = court.decide(NUMBER, Act.GRANT, days=60)
    (order_id,) = line.order_ids
    (due,) = (one for one in line.dues if one.clock is Clock.EXTENSION)
    end_ms = court.clerk.order(order_id).until_ms
    court.later(days=45)
    assert court.now_ms < due.at_ms
    assert not [one for one in tasks(court, order_id=order_id) if one.reason is Reason.MEASURE_ENDS]
    court.later(days=2)
    asked = [one for one in tasks(court, order_id=order_id) if one.reason is Reason.MEASURE_ENDS]
    assert {one.due_ms for one in asked} == {end_ms}, "its owner is told two weeks ahead"
    for measure in court.ask("case", HERE, NUMBER, "judge").orders[0].measures:
        change = Change(
            order_id=order_id, what="extend", measure_id=measure.measure_id, until_ms=measure.extend_until_ms, reason="그는 다시 왔다"
        )
        court.ask("change", HERE, NUMBER, change, "judge")
    court.later(days=14)
    order = court.clerk.order(order_id)
    assert court.now_ms > end_ms
    assert (order.status, order.until_ms) == (OrderStatus.EXTENDED, change.until_ms)
    assert not [one for one in tasks(court, order_id=order_id) if one.reason is Reason.MEASURE_ENDS and one.due_ms == end_ms]
    assert court.said()[-2:] == ["order:extend"] * 2


def test_whoever_was_told_of_an_order_is_told_of_each_change_of_it(court):
    """Given an order of which all were told; when it is extended, and later ended by two; then each time all are to be told anew."""
    court.file()
    (order_id,) = court.decide(NUMBER, Act.GRANT, days=60).order_ids
    everybody = untold(court, order_id)

    def all_told():
        for task in tasks(court, order_id=order_id):
            if task.reason is Reason.TELL_DECISION:
                court.clerk.settle(task.task_id, now_ms=court.now_ms, by="officer", outcome="told by letter")
        assert untold(court, order_id) == set()

    all_told()
    measure = court.ask("case", HERE, NUMBER, "judge").orders[0].measures[0]
    longer = {"measure_id": measure.measure_id, "until_ms": measure.extend_until_ms}
    court.ask("change", HERE, NUMBER, Change(order_id=order_id, what="extend", reason="그는 다시 왔다", **longer), "judge")
    assert untold(court, order_id) == everybody
    all_told()
    court.later(hours=1)
    court.ask("change", HERE, NUMBER, Change(order_id=order_id, what="revoke", reason="요청"), "judge")
    assert untold(court, order_id) == set(), "what is only proposed is told to nobody"
    court.second(NUMBER)
    assert untold(court, order_id) == everybody


def test_an_appeal_stays_nothing_and_what_the_court_of_appeal_sets_aside_ends(court):
    """Given an order; when he appeals within seven days; then it holds on, until the court above sets it aside."""
    court.file()
    (order_id,) = court.decide(NUMBER, Act.GRANT).order_ids
    assert reads(court).word == Step.GRANTED
    court.act(NUMBER, Act.TELL)
    assert untold(court, order_id) == {"prosecutor", "police"}, "the sides were told by the court"
    assert reads(court).appeal_ms == noon(DECLINED + dt.timedelta(days=3 + 8)) - 12 * HOUR_MS, "seven days, the day of telling not counted"
    court.later(days=6)
    court.act(NUMBER, Act.APPEAL)
    assert reads(court).appeal_ms is None
    court.later(days=20)
    assert court.clerk.order(order_id).status is OrderStatus.IN_FORCE
    for task in tasks(court, order_id=order_id):
        if task.reason is Reason.TELL_DECISION:
            court.clerk.settle(task.task_id, now_ms=court.now_ms, by="officer", outcome="told by letter")
    court.act(NUMBER, Act.REVERSE, by="judge")
    assert court.clerk.order(order_id).status is OrderStatus.IN_FORCE, "one account ends no order"
    court.second(NUMBER, by="clerk")
    assert untold(court, order_id) >= {"respondent", "police"}, "whoever knows of the order learns that it ended"
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED
    assert reads(court).word == Step.DECIDED, "that it is over she hears from the court, not from a telephone"
    court.act(NUMBER, Act.TELL)
    assert reads(court).word == Step.REFUSED
    (row,) = petition_rows(court)
    assert row.decision is Decision.GRANTED, "counted is what the court said first"


def test_a_refusal_is_told_by_the_court_first_and_her_appeal_opens_the_case_again(court):
    court.file()
    (interim,) = court.decide(NUMBER, Act.GRANT_INTERIM).order_ids
    court.later(days=3)
    court.decide(NUMBER, Act.REFUSE, reasons="소명이 부족하다")
    court.second(NUMBER)
    assert court.clerk.order(interim).status is OrderStatus.REVOKED
    assert reads(court).word == Step.DECIDED
    assert [one.clock for one in court.ask("inbox", HERE).lines[0].dues] == [Clock.TELL]
    court.later(days=5)
    (due,) = court.ask("inbox", HERE).lines[0].dues
    assert due.at_ms < court.now_ms, "what is not told stays in the inbox, overdue, until it is"
    assert "petitioner" in untold(court, interim), "and it is a task of whoever owns the order that ended"
    court.act(NUMBER, Act.TELL)
    assert [one.clock for one in court.ask("inbox", HERE).lines[0].dues] == [Clock.APPEAL]
    assert reads(court).word == Step.REFUSED
    assert reads(court).appeal_ms is not None
    court.act(NUMBER, Act.APPEAL)
    court.later(days=30)
    line = court.act(NUMBER, Act.REVERSE)
    assert (line.status, reads(court).word) == (Status.RECEIVED, Step.RECEIVED)
    line = court.decide(NUMBER, Act.GRANT)
    assert court.clerk.order(line.order_ids[-1]).status is OrderStatus.IN_FORCE
    (row,) = petition_rows(court)
    assert row.decision is Decision.REFUSED


def test_what_is_sent_back_is_hers_to_mend_and_what_she_withdraws_ends(court):
    court.file()
    at_ms = court.now_ms + 2 * DAY_MS
    court.act(NUMBER, Act.HEAR, at_ms=at_ms, detail="301호")
    assert (reads(court).word, reads(court).hearing_ms) == (Step.HEARING, at_ms)
    court.later(days=3)
    assert (reads(court).word, reads(court).hearing_ms) == (Step.RECEIVED, None)
    court.act(NUMBER, Act.RETURN, detail="주소가 빠졌다")
    assert reads(court).word == Step.RETURNED
    assert petition_rows(court) == []
    court.file("fedcba9876543210", his_address="달빛로 3")
    (order_id,) = court.decide("2027-0002", Act.GRANT_INTERIM).order_ids
    court.act("2027-0002", Act.WITHDRAW)
    court.second("2027-0002")
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED
    assert [row.decision for row in petition_rows(court)] == [Decision.WITHDRAWN]


def test_when_the_order_ends_everything_closes_and_erasure_starts(court):
    """Given an order of sixty days; when its last day is over; then nothing is open, erasure takes it, and the figures stay."""
    court.file()
    (order_id,) = court.decide(NUMBER, Act.GRANT, days=60).order_ids
    court.act(NUMBER, Act.TELL)
    end_ms = court.clerk.order(order_id).until_ms
    court.later(days=61)
    assert court.clerk.order(order_id).status is OrderStatus.EXPIRED
    assert {(one.reason, one.about) for one in tasks(court, order_id=order_id)} == {
        (Reason.TELL_DECISION, one) for one in ("prosecutor", "police")
    }
    for task in tasks(court, order_id=order_id):
        court.clerk.settle(task.task_id, now_ms=court.now_ms, by="officer", outcome="told by letter")
    (line,) = court.ask("inbox", HERE).lines
    assert (line.status, line.dues) == (Status.GRANTED, ())
    assert tasks(court, order_id=order_id) == []
    change = Change(order_id=order_id, what="extend", measure_id="no_contact", until_ms=end_ms + DAY_MS, reason="그는 다시 왔다")
    with pytest.raises(DocketError):
        court.ask("change", HERE, NUMBER, change, "judge")
    before = rows(court)
    assert {type(row) for row in before} == {PetitionRow, OrderRow}

    settings = court.house.settings
    with opened(settings, court.now_ms) as keeper:
        assert not keeper.look().due
        next_ms = keeper.plan().next_ms
    assert next_ms is not None
    court.now_ms = max(next_ms, court.now_ms) + 400 * DAY_MS
    journal = asyncio.run(_turned(court))
    with opened(settings, court.now_ms) as keeper:
        assert "p" in keeper.look().leaving
        assert not keeper.erase(journal).due
    assert not court.clerk.keeps(order_id)
    assert court.filings.filing(PETITION) is None, "her own copy went with her"
    assert bare(rows(court)) == bare(before), "an erasure changes no figure"
    (line,) = court.ask("inbox", HERE).lines
    assert line.status is Status.GRANTED
    assert court.ask("case", HERE, NUMBER, "judge").orders == ()
    with pytest.raises(RefusedError):
        reads(court)


def test_only_she_reads_where_her_petition_stands(court):
    court.file()
    with pytest.raises(RefusedError) as refused:
        reads(court, "somebody-else")
    assert refused.value.code == "not_found"


def bare(found):
    return sorted(msgspec.msgpack.encode(msgspec.structs.replace(row, group="")) for row in found)


async def _turned(court):
    journal = Stores(court.house.settings).journal()
    number = await journal.turn()
    journal.close()
    return number
