"""What one member of staff may not do alone: the tables, and the requests in the register."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.identity.account import Account, Status
from jikimi.identity.roles import RIGHTS, Right, Role
from jikimi.identity.second import (
    FRESH_MS,
    MOVES,
    OPEN,
    RULES,
    Deed,
    NotFreshError,
    Present,
    Request,
    SecondError,
    State,
    Step,
    adopted,
    check_settle,
    confirmed,
    is_over,
    may_ask,
    may_confirm,
    moved,
)
from jikimi.storage.identity import SqlStaff
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister
from jikimi.storage.second import SqlSecond
from tests.accounts import here

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
REASON = "the court lifted it today"


@pytest.fixture
def register(tmp_path):
    found = SqlRegister(tmp_path / "register.db", bytes(32))
    staff = SqlStaff(found.engine)
    staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=2)
    for name, role in (("anna", Role.SUPERVISOR), ("bert", Role.TAG_OFFICER), ("carl", Role.OPERATOR), ("dora", Role.AUDITOR)):
        staff.add(name, role, "chief", None, now_ms=1, until_ms=2)
    yield found
    found.close()


@pytest.fixture
def second(register):
    return SqlSecond(register.engine)


def ask(second, deed=Deed.END_ORDER, by="anna", target="o1"):
    return second.ask(deed, target, here(by, 0), REASON, now_ms=0, order_id="o1", detail="revoke" if deed is Deed.END_ORDER else None)


def request(state=State.ASKED, deed=Deed.END_ORDER, shell=None):
    return Request(
        number=1,
        deed=deed,
        target="o1",
        order_id="o1",
        detail=None,
        asked_by="anna",
        asked_ms=0,
        reason="r",
        until_ms=9,
        state=state,
        shell=shell,
    )


@given(st.sampled_from(Deed), st.lists(st.sampled_from(Step), max_size=8))
def test_no_way_through_the_table_is_done_without_a_confirmation_and_none_is_done_twice(deed, steps):
    one, taken = request(deed=deed), []
    for step in steps:
        try:
            one = moved(one, step, at_ms=1, by="bert")
            taken.append(step)
        except SecondError:
            assert step not in MOVES[one.state]
    assert taken.count(Step.DO) <= 1
    assert Step.DO not in taken or taken[: taken.index(Step.DO)].count(Step.CONFIRM) == 1
    assert (one.state in OPEN) == bool(MOVES[one.state])


@given(st.sampled_from(Deed), st.sampled_from(Role), st.sampled_from(Status))
def test_only_an_active_account_of_a_listed_role_asks_or_confirms(deed, role, status):
    account = Account(name="x", role=role, status=status, made_ms=0)
    assert may_ask(account, deed) == (status is Status.ACTIVE and role in RULES[deed].asks)
    assert may_confirm(account, deed) == (status is Status.ACTIVE and role in RULES[deed].confirms)
    assert not may_confirm(None, deed)


def test_every_deed_has_a_rule_and_those_of_the_desk_are_asked_by_roles_that_may_act_in_two():
    assert set(RULES) == set(Deed)
    for deed in (Deed.UNPAIR_TAG, Deed.END_ORDER, Deed.SUSPEND_ORDER):
        for role in RULES[deed].asks | RULES[deed].confirms:
            assert Right.ACT_IN_TWO in RIGHTS[role]


PEOPLE = ("anna", "bert", "erin", "carl", "dora")
"""Two supervisors, a tag officer, and two who may neither ask nor confirm the end of an order."""
ROLES = (Role.SUPERVISOR, Role.TAG_OFFICER, Role.SUPERVISOR, Role.OPERATOR, Role.AUDITOR)
NAMED = {name: Account(name=name, role=role, status=Status.ACTIVE, made_ms=0) for name, role in zip(PEOPLE, ROLES, strict=True)}
AGES = st.sampled_from([None, 0, FRESH_MS, FRESH_MS + 1, -1])
STEPS = st.lists(st.tuples(st.sampled_from(["adopt", "confirm", "refuse"]), st.sampled_from(PEOPLE), AGES), max_size=12)


@given(st.booleans(), st.sampled_from(PEOPLE), AGES, STEPS)
def test_nothing_is_done_by_fewer_than_two_accounts_that_proved_themselves_whatever_the_channel_and_the_order(at_a_shell, by, age, steps):
    """Given a request from a screen or a shell under any name, whatever screens then do in whatever order,
    then it is confirmed only by two different accounts whose sessions proved who sits there within five minutes."""
    now = 10 * FRESH_MS
    proved = {by} if not at_a_shell and age is not None and 0 <= age <= FRESH_MS else set()
    if not at_a_shell and not proved:
        return
    one = request(State.PROPOSED if at_a_shell else State.ASKED)
    one = msgspec.structs.replace(one, asked_by=by, typed_by=by if at_a_shell else None, shell="root" if at_a_shell else None)
    for step, name, since in steps:
        present = Present(name, "desk", None if since is None else now - since)
        try:
            if step == "adopt":
                one = adopted(one, present, NAMED[name], now)
            elif step == "confirm":
                one = confirmed(one, present, NAMED[name], NAMED.get(one.asked_by), now)
            else:
                check_settle(NAMED[name], one)
                one = moved(one, Step.REFUSE, at_ms=now, by=name)
            if step != "refuse" and since is not None and 0 <= since <= FRESH_MS:
                proved.add(name)
        except SecondError:
            continue
    if one.state is State.CONFIRMED:
        assert one.settled_by != one.asked_by
        assert {one.settled_by, one.asked_by} <= proved
        assert {NAMED[one.settled_by].role, NAMED[one.asked_by].role} <= RULES[one.deed].confirms


def test_a_command_line_proposes_and_settles_nothing_whatever_it_types(register):
    shell, screen = SqlSecond(register.engine, shell="root"), SqlSecond(register.engine)
    proposed = shell.propose(Deed.END_ORDER, "o1", "anna", REASON, now_ms=0, order_id="o1", detail="revoke")
    for step in (shell.adopt, shell.confirm):
        with pytest.raises(SecondError, match="command line counts nobody"):
            step(proposed.number, here("bert", 0), now_ms=0)
    with pytest.raises(SecondError, match="command line counts nobody"):
        shell.refuse(proposed.number, here("bert", 0), "no", now_ms=0)
    with pytest.raises(SecondError, match="command line counts nobody"):
        shell.ask(Deed.UNPAIR_TAG, "tag-1", here("anna", 0), REASON, now_ms=0)
    with pytest.raises(SecondError, match="counts nobody: one account makes it its own"):
        screen.confirm(proposed.number, here("bert", 0), now_ms=0)
    with pytest.raises(SecondError, match="roles may ask"):
        screen.adopt(proposed.number, here("carl", 0), now_ms=0)
    assert screen.adopt(proposed.number, here("bert", 5), now_ms=5).asked_by == "bert"
    with pytest.raises(SecondError, match="cannot be the second person"):
        screen.confirm(proposed.number, here("bert", 5), now_ms=5)
    assert screen.confirm(proposed.number, here("anna", 6), now_ms=6).settled_by == "anna", "the name that was typed counted nobody"


def test_what_an_earlier_version_asked_for_at_a_command_line_is_confirmed_by_nobody():
    old = request(shell="root")
    with pytest.raises(SecondError, match="ask anew"):
        confirmed(old, here("bert", 0), NAMED["bert"], NAMED["anna"], 0)
    check_settle(NAMED["bert"], old)


def test_whoever_proved_nothing_lately_neither_asks_nor_adopts_nor_confirms_and_may_refuse(register, second):
    stale = Present("bert", "desk", None)
    shell = SqlSecond(register.engine, shell="root")
    proposed = shell.propose(Deed.UNPAIR_TAG, "tag-1", "anna", REASON, now_ms=0)
    for step in (
        lambda: second.ask(Deed.SUSPEND_ORDER, "o1", stale, REASON, now_ms=0, order_id="o1"),
        lambda: second.adopt(proposed.number, stale, now_ms=0),
        lambda: second.confirm(ask(second).number, stale, now_ms=0),
    ):
        with pytest.raises(NotFreshError):
            step()
    assert second.refuse(proposed.number, stale, "not today", now_ms=0).state is State.REFUSED


@given(st.sampled_from(State), st.integers(0, 20))
def test_what_waits_runs_out_and_what_the_server_carries_out_does_not(state, now_ms):
    assert is_over(request(state), now_ms) == (state in {State.PROPOSED, State.ASKED} and now_ms >= 9)
    assert is_over(request(state, Deed.EXPORT_HISTORY), now_ms) == (state in OPEN and now_ms >= 9)


def test_whoever_asked_cannot_confirm_and_a_colleague_can_once(second):
    asked = ask(second)
    with pytest.raises(SecondError, match="cannot be the second person"):
        second.confirm(asked.number, here("anna", 1), now_ms=1)
    for name in ("carl", "dora", "nobody"):
        with pytest.raises(SecondError, match="roles may confirm"):
            second.confirm(asked.number, here(name, 1), now_ms=1)
    assert second.confirm(asked.number, here("bert", 1), now_ms=1).state is State.CONFIRMED
    with pytest.raises(SecondError, match="confirmed already"):
        second.confirm(asked.number, here("bert", 2), now_ms=2)
    assert second.done(asked.number, now_ms=3).state is State.DONE
    assert second.to_be_done() == []


def test_an_unconfirmed_request_runs_out_and_may_be_asked_anew(second):
    asked = ask(second)
    with pytest.raises(SecondError, match="asked for already"):
        ask(second)
    with pytest.raises(SecondError, match="run out"):
        second.confirm(asked.number, here("bert", DAY_MS), now_ms=DAY_MS)
    assert second.told(DAY_MS, 9)[0].state is State.EXPIRED
    again = second.ask(Deed.END_ORDER, "o1", here("anna", DAY_MS), REASON, now_ms=DAY_MS, order_id="o1", detail="revoke")
    assert again.number > asked.number


def test_an_operator_may_not_ask_and_a_reason_is_needed(second):
    with pytest.raises(SecondError, match="roles may ask"):
        ask(second, by="carl")
    with pytest.raises(SecondError, match="Say why"):
        second.ask(Deed.UNPAIR_TAG, "tag-1", here("anna", 0), "  ", now_ms=0)


def test_an_export_is_claimed_once_by_whoever_asked_and_for_nothing_else(second):
    asked = ask(second, Deed.EXPORT_HISTORY)
    with pytest.raises(SecondError, match="asked already"):
        second.claim(asked.number, Deed.EXPORT_HISTORY, "o1", by="anna", now_ms=1)
    second.confirm(asked.number, here("dora", 1), now_ms=1)
    for target, by in (("o2", "anna"), ("o1", "dora")):
        with pytest.raises(SecondError, match="something else"):
            second.claim(asked.number, Deed.EXPORT_HISTORY, target, by=by, now_ms=2)
    assert second.claim(asked.number, Deed.EXPORT_HISTORY, "o1", by="anna", now_ms=2).settled_by == "dora"
    with pytest.raises(SecondError, match="done already"):
        second.claim(asked.number, Deed.EXPORT_HISTORY, "o1", by="anna", now_ms=3)


def test_a_colleague_refuses_with_a_reason_and_whoever_asked_withdraws(second):
    one = ask(second)
    assert second.refuse(one.number, here("bert", 0), "not decided yet", now_ms=1).word == "not decided yet"
    two = ask(second)
    with pytest.raises(SecondError, match="Only whoever asked"):
        second.withdraw(two.number, here("bert", 1), now_ms=1)
    assert second.withdraw(two.number, here("anna", 1), now_ms=1).state is State.WITHDRAWN


def test_a_role_that_was_lost_meanwhile_confirms_nothing(register, second):
    asked = ask(second)
    SqlStaff(register.engine).disable("bert", "chief", now_ms=1)
    with pytest.raises(SecondError, match="roles may confirm"):
        second.confirm(asked.number, here("bert", 2), now_ms=2)


def test_what_a_role_asked_for_that_was_lost_meanwhile_is_neither_confirmed_nor_claimed(register, second):
    ended, export = ask(second), ask(second, Deed.EXPORT_HISTORY)
    second.confirm(export.number, here("dora", 1), now_ms=1)
    SqlStaff(register.engine).disable("anna", "chief", now_ms=2)
    with pytest.raises(SecondError, match="may not ask for it any more"):
        second.confirm(ended.number, here("bert", 3), now_ms=3)
    with pytest.raises(SecondError, match="may not ask for it any more"):
        second.claim(export.number, Deed.EXPORT_HISTORY, "o1", by="anna", now_ms=3)
    assert second.refuse(ended.number, here("bert", 0), "she has left", now_ms=3).state is State.REFUSED


def test_each_step_is_a_line_for_the_ledger_in_the_transaction_of_the_step(register):
    shell, second = SqlSecond(register.engine, shell="kim"), SqlSecond(register.engine)
    asked = shell.propose(Deed.END_ORDER, "o1", "anna", REASON, now_ms=0, order_id="o1", detail="revoke")
    second.adopt(asked.number, here("anna", 0), now_ms=0)
    second.confirm(asked.number, here("bert", 1), now_ms=1)
    lines = [act for _, act in SqlLines(register.engine).unwritten()]
    assert [(one.what, one.who.value) for one in lines] == [
        ("end_order:proposed", "anna"),
        ("end_order:asked", "anna"),
        ("end_order:confirmed", "bert"),
    ]
    assert [(one.audience, one.client) for one in lines] == [("service", "command_line"), ("desk", "browser"), ("desk", "browser")]
    assert "kim" in lines[0].reason.value
    with pytest.raises(SecondError, match="held a place"):
        second.ask(Deed.UNPAIR_TAG, "tag-1", here("anna", 0), "left at 37.5665, 126.9780", now_ms=1)
    assert len(second.told(2, 9)) == 1
