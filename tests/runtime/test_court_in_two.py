"""What takes from an order in force needs two accounts of its court, and the docket and the register move together or not at all."""

from __future__ import annotations

import contextlib
import os

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jikimi.apps.docket import Change, DocketError
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.identity.second import SecondError, Step
from jikimi.model.register import Status as OrderStatus
from jikimi.orders.acts import living
from jikimi.petitions.losses import running
from jikimi.petitions.status import Act, Status
from tests.runtime.court import DAY_MS, HERE, CourtHouse

NUMBER = "2027-0001"
BOTH = ("no_approach", "no_contact")


@pytest.fixture
def court(tmp_path):
    found = CourtHouse(tmp_path)
    found.file()
    return found


def interim(court):
    return court.decide(NUMBER, Act.GRANT_INTERIM).order_ids[0]


def change(court, order_id, what, by="judge", **given):
    return court.ask("change", HERE, NUMBER, Change(order_id=order_id, what=what, reason="사유", **given), by)


def test_a_withdrawal_that_a_clerk_records_waits_for_a_judge_and_says_what_will_end(court):
    """Given an interim order; when a clerk records that she withdrew; then it waits in the inbox, and another clerk cannot confirm it."""
    order_id = interim(court)
    court.act(NUMBER, Act.WITHDRAW, detail="취하서 접수")
    waiting = court.waiting(NUMBER)
    assert (waiting.act, waiting.order_id, waiting.asked_by, waiting.asked_ms) == ("withdraw", order_id, "clerk", court.now_ms)
    assert tuple(one.kind.value for one in waiting.ends) == BOTH
    assert waiting.until_ms == court.now_ms + 3 * DAY_MS
    assert court.ask("case", HERE, NUMBER, "president").proposed.detail == "취하서 접수"
    for by, why in (("usher", "a judge"), ("clerk", "second person as well"), ("stranger", "belong to the court")):
        with pytest.raises(SecondError, match=why):
            court.second(NUMBER, by=by)
    with pytest.raises(SecondError, match="already"):
        court.act(NUMBER, Act.WITHDRAW)
    assert court.orders() == {order_id: OrderStatus.IN_FORCE}
    line = court.second(NUMBER)
    assert (line.status, line.waiting, court.orders()) == (Status.WITHDRAWN, None, {order_id: OrderStatus.REVOKED})
    acts = court.ask("case", HERE, NUMBER, "judge").acts
    assert [(one.act, one.by, one.second, one.what) for one in acts[-2:]] == [
        (Act.PROPOSE, "clerk", None, "withdraw"),
        (Act.WITHDRAW, "clerk", "president", None),
    ]
    said = [one for one in court.said() if one != "opened"]
    assert (said[:2], said[-1]) == (["grant-interim", "propose:withdraw"], "confirm:withdraw"), "who tried stands there as well"


def test_a_clerk_confirms_what_a_judge_proposed_and_what_protects_more_is_one_judges(court):
    order_id = interim(court)
    change(court, order_id, "end_measure", measure_id="no_contact")
    (ends,) = court.waiting(NUMBER).ends
    assert (court.waiting(NUMBER).act, ends.measure_id) == ("end_measure", "no_contact")
    court.second(NUMBER, by="usher")
    assert [one.measure_id for one in running(court.clerk.order(order_id), court.now_ms)] == ["no_approach"]
    line = court.decide(NUMBER, Act.GRANT)
    assert (line.status, line.waiting) == (Status.GRANTED, None), "more than the interim order forbade, as long as the law allows"


def test_a_decision_that_orders_less_or_shorter_than_the_interim_order_waits_and_says_so_before(court):
    interim(court)
    draft = court.ask("draft", HERE, NUMBER, Act.GRANT, "judge")
    assert court.ask("preview", HERE, NUMBER, draft, "judge").loses == ()
    short = msgspec.structs.replace(
        draft, measures=tuple(msgspec.structs.replace(one, until_ms=court.now_ms + DAY_MS) for one in draft.measures)
    )
    assert tuple(one.kind.value for one in court.ask("preview", HERE, NUMBER, short, "judge").loses) == BOTH
    assert court.decide(NUMBER, Act.GRANT_IN_PART, only={"no_contact"}, reasons="일부만").status is Status.INTERIM
    assert [one.kind.value for one in court.waiting(NUMBER).ends] == ["no_approach"]
    proposed = court.ask("case", HERE, NUMBER, "president")
    assert "일부만" in proposed.proposed.decision.text
    assert proposed.decisions[-1].decision.act is Act.GRANT_INTERIM, "what waits is not decided"
    line = court.second(NUMBER)
    assert line.status is Status.GRANTED_IN_PART
    made = court.ask("case", HERE, NUMBER, "judge").decisions[-1]
    assert (made.by, made.second, made.order_id) == ("judge", "president", line.order_ids[-1])
    assert list(court.orders().values()) == [OrderStatus.REVOKED, OrderStatus.IN_FORCE]


def test_what_is_refused_taken_back_or_run_out_ends_nothing_and_its_reason_stays_under_the_seal(court):
    order_id = interim(court)
    change(court, order_id, "revoke")
    with pytest.raises(DocketError, match="reasons"):
        court.second(NUMBER, Step.REFUSE)
    court.second(NUMBER, Step.REFUSE, reason="위험이 여전하다")
    last = court.ask("case", HERE, NUMBER, "judge").acts[-1]
    assert (last.act, last.by, last.what, last.detail) == (Act.DECLINE, "president", "revoke", "위험이 여전하다")
    change(court, order_id, "revoke")
    with pytest.raises(SecondError, match="whoever asked"):
        court.second(NUMBER, Step.WITHDRAW)
    court.second(NUMBER, Step.WITHDRAW, by="judge")
    change(court, order_id, "revoke")
    number = court.waiting(NUMBER).request
    court.later(days=4)
    assert court.waiting(NUMBER) is None
    with pytest.raises(SecondError, match="any more"):
        court.ask("second", HERE, NUMBER, number, Step.CONFIRM, "president", reason="")
    assert court.orders() == {order_id: OrderStatus.IN_FORCE}
    with court.house.register.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        rows = [row for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}")]
    kept = b"\n".join(one if isinstance(one, bytes) else str(one).encode() for row in rows for one in row)
    for said in ("위험이 여전하다", "사유"):
        assert said.encode() not in kept


def test_nothing_is_confirmed_that_is_not_what_was_shown_and_a_lost_role_confirms_nothing(court):
    order_id = interim(court)
    change(court, order_id, "revoke")
    court.clerk.end_measure(order_id, "no_contact", at_ms=court.now_ms, now_ms=court.now_ms, by="officer", reason="test")
    with pytest.raises(DocketError, match="not what was shown"):
        court.second(NUMBER)
    assert court.waiting(NUMBER).asked_by == "judge", "what failed waits on, and can be refused"
    court.second(NUMBER, Step.REFUSE, reason="다시")
    change(court, order_id, "revoke")
    court.staff.disable("judge", "chief", now_ms=court.now_ms)
    with pytest.raises(SecondError, match="may not ask for it any more"):
        court.second(NUMBER)
    court.ledger.broken = True
    with pytest.raises(LedgerUnavailableError):
        court.second(NUMBER)
    assert court.orders() == {order_id: OrderStatus.IN_FORCE}


# -- no path through the docket ----------------------------------------------------------------------------------------

ACTS = st.sampled_from([Act.WITHDRAW, Act.REVERSE, Act.RETURN, Act.HEAR, Act.TELL, Act.APPEAL])
DECIDED = st.tuples(
    st.sampled_from([Act.GRANT_INTERIM, Act.GRANT, Act.GRANT_IN_PART, Act.REFUSE]),
    st.sampled_from([None, frozenset({"no_contact"}), frozenset({"no_approach"})]),
    st.sampled_from([None, 1, 90]),
)
CHANGED = st.tuples(
    st.sampled_from(["extend", "end_measure", "add_measure", "revoke"]), st.sampled_from(BOTH), st.sampled_from([None, 1, 30, 365])
)
SETTLED = st.sampled_from([Step.CONFIRM, Step.REFUSE, Step.WITHDRAW])


def protection(court, orders):
    """Return until when (None: until the court ends it) and how far each kind of measure of these orders protects her now."""
    measures = [one for name in orders if living(court.clerk.order(name)) for one in running(court.clerk.order(name), court.now_ms)]
    return {(one.kind, one.distance_m): one.until_ms for one in measures}


def lost(before, after, longest_ms):
    """Return what somebody would have lost."""
    return [
        key
        for key, until_ms in before.items()
        if key not in after or (after[key] is not None and after[key] < (until_ms if until_ms is not None else longest_ms))
    ]


def attempt(court, number, step, by):
    what, given = step
    row = court.books.row(HERE, number)
    with contextlib.suppress(DocketError, SecondError, LookupError):
        if what == "act":
            court.act(number, given, by=by, at_ms=court.now_ms + DAY_MS if given is Act.HEAR else None)
        elif what == "decide":
            act, only, days = given
            reasons = "" if act in {Act.GRANT, Act.GRANT_INTERIM} else "이유"
            court.decide(number, act, only=only, days=days, reasons=reasons, by=by)
        elif what == "change":
            word, measure, days = given
            until_ms = None if days is None else court.now_ms + days * DAY_MS
            kind = {"kind": measure, "distance_m": 100.0 if measure == "no_approach" else None} if word == "add_measure" else {}
            plain = {"order_id": row.order_ids[-1], "what": word, "measure_id": measure, "until_ms": until_ms, "reason": "사유", **kind}
            court.ask("change", HERE, number, msgspec.convert(plain, Change), by)
        elif court.waiting(number) is not None:
            court.second(number, given, by=by, reason="이유")


STEPS = st.one_of(
    st.tuples(st.just("act"), ACTS),
    st.tuples(st.just("decide"), DECIDED),
    st.tuples(st.just("change"), CHANGED),
    st.tuples(st.just("second"), SETTLED),
)


CONFIRM = ("second", Step.CONFIRM)


@example(by="clerk", steps=[("act", Act.WITHDRAW), CONFIRM], is_interim=True)
@example(by="judge", steps=[("act", Act.REVERSE), CONFIRM], is_interim=False)
@example(by="judge", steps=[("decide", (Act.REFUSE, None, None)), CONFIRM], is_interim=True)
@example(by="judge", steps=[("decide", (Act.GRANT, None, 1)), CONFIRM], is_interim=True)
@example(by="judge", steps=[("decide", (Act.GRANT_IN_PART, frozenset({"no_contact"}), None)), CONFIRM], is_interim=True)
@example(
    by="judge",
    steps=[("change", ("end_measure", "no_contact", None)), CONFIRM, ("change", ("revoke", "no_contact", None)), CONFIRM],
    is_interim=False,
)
@given(by=st.sampled_from(["judge", "clerk"]), steps=st.lists(STEPS, min_size=2, max_size=6), is_interim=st.booleans())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_no_path_through_the_docket_takes_from_an_order_with_one_account(court, by, steps, is_interim):
    """Given an order in force; whatever one account of the court does, in whatever sequence, she is protected as far and as long."""
    number = court.file(f"{len(court.books.rows(HERE)):016x}").number
    act = Act.GRANT_INTERIM if is_interim else Act.GRANT
    court.decide(number, act, by="president")
    longest_ms = court.ask("draft", HERE, number, Act.GRANT, "president").measures[0].longest_ms
    for step in steps:
        before = protection(court, court.books.row(HERE, number).order_ids)
        attempt(court, number, step, by)
        assert lost(before, protection(court, court.books.row(HERE, number).order_ids), longest_ms) == []
        court.now_ms += 60_000


# -- killed in the middle ----------------------------------------------------------------------------------------------


def killed_at(court, statement, story):
    """Run a story in a process of its own that dies before its n-th writing statement; return whether it died."""
    engine = court.house.register.engine
    engine.dispose()
    child = os.fork()
    if child == 0:
        left = [statement]

        def die(_connection, _cursor, text, *_):
            if text.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE")):
                left[0] -= 1
                if left[0] == 0:
                    os._exit(9)

        sa.event.listen(engine, "before_cursor_execute", die)
        try:
            story()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("what", ["decision", "confirmation"])
def test_a_server_that_is_killed_in_the_middle_leaves_docket_and_register_as_one(court, what):
    """Given a server that dies before any statement of a decision or a confirmed withdrawal; then all of it stands, or nothing."""
    first = interim(court)
    if what == "confirmation":
        court.act(NUMBER, Act.WITHDRAW, detail="취하")

    def story():
        if what == "decision":
            court.decide(NUMBER, Act.GRANT)
        else:
            court.second(NUMBER)

    def stands():
        (line,) = court.ask("inbox", HERE).lines
        entries = [one.act for one in court.books.entries(HERE, NUMBER)]
        return line.status, line.waiting is None, court.orders(), entries

    before, statement = stands(), 1
    while killed_at(court, statement, story):
        assert stands() == before, statement
        statement += 3
    assert statement > 9, "it was killed at work"
    status, is_settled, orders, entries = stands()
    assert is_settled
    assert orders[first] is OrderStatus.REVOKED
    expected = (Status.GRANTED, Act.GRANT) if what == "decision" else (Status.WITHDRAWN, Act.WITHDRAW)
    assert (status, entries[-1]) == expected
