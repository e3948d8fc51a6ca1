"""A court's docket beside a server: received once, opened with the court's key alone, decided in one step."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
import sqlalchemy as sa

from jikimi.apps.api import RefusedError as PageRefusedError
from jikimi.apps.docket import Change, DocketError, LockedError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.model.petition import Party
from jikimi.model.register import MeasureKind
from jikimi.model.register import Status as OrderStatus
from jikimi.petitions.clocks import Clock
from jikimi.petitions.status import Act, Status
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.settings import CourtSettings, SettingsError
from jikimi.storage.schema import metadata
from tests.petitions.case import ANSWERS, FORM
from tests.runtime.court import DAY_MS, ELSEWHERE, HERE, HOUR_MS, KEY, CourtHouse


@pytest.fixture
def court(tmp_path):
    return CourtHouse(tmp_path)


def test_what_she_files_is_in_the_inbox_of_its_court_with_its_clocks_and_no_other(court):
    """Given a court served here; when she files; then it has a number, both clocks run, and she holds the number."""
    receipt = court.file()
    assert receipt.number == "2027-0001"
    inbox = court.ask("inbox", HERE)
    (line,) = inbox.lines
    assert (inbox.locked, line.status, line.wants_interim) == (None, Status.RECEIVED, True)
    assert [one.clock for one in line.dues] == [Clock.INTERIM, Clock.DECISION]
    assert line.dues[0].at_ms == court.now_ms + 48 * HOUR_MS
    assert court.ask("inbox", ELSEWHERE).lines == ()
    assert court.ask("inbox", "nowhere").locked is not None


def test_the_same_package_again_keeps_its_number(court):
    first = court.file()
    _, package = court.filings.filing("0123456789abcdef")
    door = court.filing._doors[HERE][1]
    filing = court.filings.filing("0123456789abcdef")[0]
    again = asyncio.run(door.hand(type("P", (), {"body": package, "petition_id": filing.petition_id})(), court.now_ms + 5))
    assert again.number == first.number
    assert len(court.ask("inbox", HERE).lines) == 1
    assert court.file("fedcba9876543210").number == "2027-0002"


def test_a_case_is_opened_with_its_answers_in_the_forms_order_and_the_ledger_knows_first(court):
    court.file()
    case = court.ask("case", HERE, "2027-0001", "judge")
    assert [one.section_id for one in case.sections] == [
        one.section_id for one in FORM.sections if one.section_id in {c.section_id for c in case.sections}
    ]
    rows = {row.question_id: row for section in case.sections for row in section.rows}
    assert rows["his_name"].lines == (ANSWERS["his_name"],)
    assert rows["your_address"].sealed
    assert not rows["story"].sealed
    assert [(one.days, one.kept) for one in case.in_time] == [(90, True)]
    assert [one.distance_m for one in case.worth] == [100.0]
    assert {one.criterion_id for one in case.criteria} == {one.criterion_id for one in FORM.criteria}
    assert court.said() == ["opened"]
    court.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        court.ask("case", HERE, "2027-0001", "judge")


def test_without_the_key_the_inbox_stands_and_no_case_opens(court):
    court.file()
    court.key_file.unlink()
    inbox = court.ask("inbox", HERE)
    assert "key file" in inbox.locked
    assert len(inbox.lines) == 1
    with pytest.raises(LockedError):
        court.ask("case", HERE, "2027-0001", "judge")
    with pytest.raises(PageRefusedError) as refused:
        court.file("fedcba9876543210")
    assert refused.value.code == "not_handed"
    assert court.said() == []


def test_another_courts_key_opens_nothing(court):
    court.file()
    court.key_file.write_text(str(type(KEY).generate()))
    with pytest.raises(LockedError):
        court.ask("case", HERE, "2027-0001", "judge")


@pytest.mark.parametrize("lost", ["key_file", "owner"])
def test_a_court_here_needs_a_key_outside_the_data_and_an_owner(tmp_path, lost):
    whole = CourtSettings(key=str(KEY.to_public()), way="here", key_file=str(tmp_path / "key"), owner="officer")
    with pytest.raises(SettingsError, match="key_file and owner"):
        CourtKey(HERE, msgspec.structs.replace(whole, **{lost: None}), tmp_path / "data")
    with pytest.raises(SettingsError, match="outside the data folder"):
        CourtKey(HERE, msgspec.structs.replace(whole, key_file=str(tmp_path / "data" / ".." / "data" / "key")), tmp_path / "data")


def test_a_granted_petition_is_an_order_in_force_in_one_step(court):
    """Given a petition; when it is granted as drafted; then both measures run in the register to the longest end that the law allows."""
    court.file()
    line = court.decide("2027-0001", Act.GRANT)
    assert line.status is Status.GRANTED
    (order_id,) = line.order_ids
    order = court.clerk.order(order_id)
    assert order.status is OrderStatus.IN_FORCE
    assert {one.kind for one in order.measures} == {MeasureKind.NO_APPROACH, MeasureKind.NO_CONTACT}
    assert (order.protected[0].person_id, order.owner, order.region, order.tagged) == ("p", "officer", "KR-11", False)
    assert order.measures[0].distance_m == 100.0
    assert court.house.register.label(order.monitored_ids[0]) == ANSWERS["his_name"]
    assert court.said() == ["opened", "grant"]
    case = court.ask("case", HERE, "2027-0001", "judge")
    (made,) = case.decisions
    assert (made.by, made.order_id) == ("judge", order_id)
    assert ANSWERS["his_name"] in made.decision.text
    assert "{" not in made.decision.text
    assert case.orders[0].runs


def test_an_interim_order_holds_until_the_decision_takes_its_place(court):
    court.file()
    first = court.decide("2027-0001", Act.GRANT_INTERIM)
    assert [one.clock for one in first.dues] == [Clock.DECISION]
    interim = court.clerk.order(first.order_ids[0])
    assert interim.until_ms is None
    court.later(days=5)
    last = court.decide("2027-0001", Act.GRANT)
    assert court.clerk.order(first.order_ids[0]).status is OrderStatus.REVOKED
    order = court.clerk.order(last.order_ids[1])
    assert order.status is OrderStatus.IN_FORCE
    assert order.monitored_ids == interim.monitored_ids


def test_a_refusal_ends_the_interim_order_and_needs_its_reasons(court):
    court.file()
    order_id = court.decide("2027-0001", Act.GRANT_INTERIM).order_ids[0]
    with pytest.raises(DocketError, match="reasons"):
        court.decide("2027-0001", Act.REFUSE)
    draft = court.ask("draft", HERE, "2027-0001", Act.REFUSE, "judge")
    with pytest.raises(DocketError, match="kind of its reason"):
        court.ask("decide", HERE, "2027-0001", msgspec.structs.replace(draft, reasons="이유", why="dislike"), "judge")
    assert court.decide("2027-0001", Act.REFUSE, reasons="소명이 부족하다").status is Status.INTERIM
    assert court.clerk.order(order_id).status is OrderStatus.IN_FORCE
    assert court.second("2027-0001").status is Status.REFUSED
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED


def test_a_grant_in_part_orders_less_and_says_why(court):
    court.file()
    with pytest.raises(DocketError, match="in part"):
        court.decide("2027-0001", Act.GRANT, only={"no_contact"})
    line = court.decide("2027-0001", Act.GRANT_IN_PART, only={"no_contact"}, reasons="접근의 우려가 소명되지 않았다")
    assert [one.kind for one in court.clerk.order(line.order_ids[0]).measures] == [MeasureKind.NO_CONTACT]


def test_what_the_law_does_not_allow_is_refused_before_anything_is_written(court):
    court.file()
    with pytest.raises(DocketError, match="at the latest"):
        court.decide("2027-0001", Act.GRANT, days=400)
    assert court.said() == ["opened"], "the draft opened it; nothing else was written"
    assert court.ask("inbox", HERE).lines[0].status is Status.RECEIVED


def test_the_preview_says_what_will_happen_and_does_nothing(court):
    court.file()
    draft = court.ask("draft", HERE, "2027-0001", Act.GRANT, "judge")
    shown = court.ask("preview", HERE, "2027-0001", draft, "judge")
    assert (shown.ends, shown.tagged) == (None, False)
    assert shown.order == {"ko": "피해자보호명령 (스토킹)", "en": "Victim protection order (stalking)"}
    named = {one.party for one in FORM.told} - {Party.TAG_OFFICE}
    assert len(shown.told) == len(named)
    assert court.ask("inbox", HERE).lines[0].order_ids == ()
    assert [(one.what, one.act) for one in court.ledger.acts if one.audience == "court"] == [("draft", "opened"), ("preview", "opened")]
    farther = tuple(msgspec.structs.replace(one, distance_m=250.0) for one in draft.measures)
    with pytest.raises(DocketError, match="A distance that the law names"):
        court.ask("preview", HERE, "2027-0001", msgspec.structs.replace(draft, measures=farther), "judge")


def test_a_decision_is_made_once_and_nothing_of_one_that_lost_a_race_is_anywhere(court):
    """Given a petition that somebody else changed meanwhile; when the judge decides; then neither docket nor register has any of it."""
    court.file()
    court.decide("2027-0001", Act.GRANT_INTERIM)
    kept = court.books.keep
    court.books.keep = lambda *_: False
    with pytest.raises(DocketError, match="meanwhile"):
        court.decide("2027-0001", Act.GRANT)
    court.books.keep = kept
    assert court.orders() == {"petition-0123456789abcdef-1": OrderStatus.IN_FORCE}
    line = court.decide("2027-0001", Act.GRANT)
    assert line.order_ids[1] == "petition-0123456789abcdef-2"
    with pytest.raises(DocketError):
        court.decide("2027-0001", Act.GRANT)
    assert list(court.orders().values()) == [OrderStatus.REVOKED, OrderStatus.IN_FORCE]


def test_a_hearing_a_return_and_a_withdrawal(court):
    court.file()
    with pytest.raises(DocketError, match="still to come"):
        court.act("2027-0001", Act.HEAR)
    at_ms = court.now_ms + 3 * DAY_MS
    assert court.act("2027-0001", Act.HEAR, at_ms=at_ms, detail="법정 301호").hearing_ms == at_ms
    case = court.ask("case", HERE, "2027-0001", "clerk")
    assert [(one.act, one.detail) for one in case.acts] == [(Act.RECEIVE, None), (Act.HEAR, "법정 301호")]
    order_id = court.decide("2027-0001", Act.GRANT_INTERIM).order_ids[0]
    assert court.act("2027-0001", Act.WITHDRAW).status is Status.INTERIM
    assert court.second("2027-0001", by="judge").status is Status.WITHDRAWN
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED
    court.file("fedcba9876543210")
    assert court.act("2027-0002", Act.RETURN, detail="주소가 빠졌다").dues == ()


def test_a_time_entered_to_the_minute_may_lie_before_what_happened_in_that_minute(court):
    """Given arrival, decision and now within one minute; when they are entered to the minute; then they hold, and never before."""
    court.now_ms += 31_000
    minute_ms = court.now_ms // 60_000 * 60_000
    court.file()
    assert court.act("2027-0001", Act.HEAR, at_ms=minute_ms).hearing_ms == minute_ms
    court.now_ms += 5_000
    with pytest.raises(DocketError, match="still to come"):
        court.act("2027-0001", Act.HEAR, at_ms=minute_ms - 60_000)
    decided_ms = court.decide("2027-0001", Act.GRANT).decided_ms
    court.now_ms += 5_000
    for wrong in (minute_ms - 60_000, court.now_ms + 1):
        with pytest.raises(DocketError, match="between the decision and now"):
            court.act("2027-0001", Act.TELL, at_ms=wrong)
    assert court.act("2027-0001", Act.TELL, at_ms=minute_ms).told_ms == decided_ms


def test_a_measure_that_ended_is_added_again_by_one_judge_and_no_other_is(court):
    """Given a grant in part; when its judge adds what was left out; then it runs in the same order, as the law and the form allow."""
    court.file()
    line = court.decide("2027-0001", Act.GRANT_IN_PART, only={"no_contact"}, reasons="일부만")
    (order_id,) = line.order_ids
    shown = court.ask("case", HERE, "2027-0001", "judge").orders[0]
    (may,) = shown.may_add
    assert (may.kind, may.distance_m, may.longest_ms) == (MeasureKind.NO_APPROACH, 100.0, shown.measures[0].until_ms)
    right = Change(order_id=order_id, what="add_measure", kind=may.kind, distance_m=100.0, until_ms=may.longest_ms, reason="다시 찾아왔다")
    for wrong, sentence in (
        ({"distance_m": 50.0}, "the law names"),
        ({"until_ms": None}, "has an end"),
        ({"until_ms": may.longest_ms + 400 * DAY_MS}, "at the latest"),
        ({"kind": MeasureKind.NO_CONTACT}, "already"),
        ({"kind": MeasureKind.DETENTION}, "no such measure"),
    ):
        with pytest.raises(DocketError, match=sentence):
            court.ask("change", HERE, "2027-0001", msgspec.structs.replace(right, **wrong), "judge")
    changed = court.ask("change", HERE, "2027-0001", right, "judge")
    assert [one.kind for one in changed.measures] == [MeasureKind.NO_CONTACT, MeasureKind.NO_APPROACH]
    assert changed.may_add == ()
    assert court.waiting("2027-0001") is None
    done = court.ask("case", HERE, "2027-0001", "judge").acts[-1]
    assert (done.act, done.what, done.detail) == (Act.CHANGE, "add_measure", "다시 찾아왔다")
    court.ask("change", HERE, "2027-0001", Change(order_id=order_id, what="end_measure", measure_id="no_approach", reason="요청"), "judge")
    court.second("2027-0001")
    court.later(hours=1)
    court.ask("change", HERE, "2027-0001", msgspec.structs.replace(right, until_ms=may.longest_ms), "judge")
    assert [one.measure_id for one in court.clerk.order(order_id).measures] == ["no_contact", "no_approach", "no_approach-2"]


def test_an_appeal_stays_nothing_and_its_time_ends_by_itself(court):
    court.file()
    order_id = court.decide("2027-0001", Act.GRANT).order_ids[0]
    told = court.act("2027-0001", Act.TELL)
    appeal = next(one for one in told.dues if one.clock is Clock.APPEAL)
    court.later(days=3)
    line = court.act("2027-0001", Act.APPEAL)
    assert Clock.APPEAL not in {one.clock for one in line.dues}
    assert court.clerk.order(order_id).status is OrderStatus.IN_FORCE
    court.later(days=10)
    assert court.now_ms > appeal.at_ms
    assert court.act("2027-0001", Act.AFFIRM).status is Status.GRANTED
    court.act("2027-0001", Act.REVERSE, by="judge")
    assert court.second("2027-0001").status is Status.REFUSED
    assert court.clerk.order(order_id).status is OrderStatus.REVOKED


def test_an_order_is_extended_in_time_and_only_as_the_law_allows(court):
    court.file()
    line = court.decide("2027-0001", Act.GRANT, days=60)
    assert line.dues[-1].clock is Clock.EXTENSION
    order_id = line.order_ids[0]
    measure = court.ask("case", HERE, "2027-0001", "judge").orders[0].measures[0]
    with pytest.raises(DocketError, match="reason"):
        court.ask("change", HERE, "2027-0001", Change(order_id=order_id, what="revoke", reason=" "), "judge")
    longer = Change(
        order_id=order_id, what="extend", measure_id=measure.measure_id, until_ms=measure.extend_until_ms, reason="위험이 계속된다"
    )
    changed = court.ask("change", HERE, "2027-0001", longer, "judge")
    assert changed.measures[0].until_ms == measure.extend_until_ms
    assert changed.measures[0].extended == 1
    done = court.ask("case", HERE, "2027-0001", "judge").acts[-1]
    assert (done.act, done.what, done.by, done.detail) == (Act.CHANGE, "extend", "judge", "위험이 계속된다"), (
        "the reason stays, under the seal"
    )
    too_long = msgspec.structs.replace(longer, until_ms=measure.extend_until_ms + 400 * DAY_MS)
    with pytest.raises(DocketError, match="at the latest"):
        court.ask("change", HERE, "2027-0001", too_long, "judge")
    with pytest.raises(LookupError):
        court.ask("change", HERE, "2027-0001", msgspec.structs.replace(longer, order_id="order"), "judge")


def test_practice_hides_small_numbers_and_names_nobody(court):
    assert court.ask("practice", HERE, FORM.form_id).rows == ()
    for number in range(6):
        court.file(f"{number:016x}")
        if number < 5:
            court.decide(f"2027-{number + 1:04d}", Act.GRANT)
        else:
            court.decide(f"2027-{number + 1:04d}", Act.REFUSE, reasons="아니다")
        court.now_ms += 60_000
    rows = {one.what: (one.here, one.others) for one in court.ask("practice", HERE, FORM.form_id).rows}
    assert rows == dict.fromkeys(rows, (None, None)), "five and one of six tell what the sixth was"


def test_nothing_of_a_petition_is_readable_without_the_courts_key(court):
    """Whoever holds the open register (so the database and its key, or a backup with it) reads no name, word, place or reason."""
    court.file()
    court.act("2027-0001", Act.HEAR, at_ms=court.now_ms + DAY_MS, detail="비밀스러운 법정")
    court.decide("2027-0001", Act.REFUSE, reasons="소명이 부족하다는 이유")
    with court.house.register.engine.connect() as connection:
        values = [value for table in metadata.sorted_tables for row in connection.execute(sa.select(table)) for value in row]
    kept = b"\n".join(one if isinstance(one, bytes) else str(one).encode() for one in values)
    assert b"0123456789abcdef" in kept
    for text in (ANSWERS["his_name"], ANSWERS["your_address"], "처음에는", "비밀스러운", "소명이"):
        assert text.encode() not in kept
