"""The table of rights: least privilege, said as what must never stand in it."""

from __future__ import annotations

import pytest

from jikimi.identity.account import (
    TABLE,
    Account,
    AccountError,
    Act,
    Status,
    after,
    check_by,
    check_remaining,
    checked_courts,
    checked_name,
    courts_of,
    rights_of,
)
from jikimi.identity.roles import RIGHTS, Right, Role
from jikimi.identity.second import RULES

OVERSIGHT = frozenset({Right.SEE_OVERSIGHT, Right.SETTLE_REVIEWS, Right.RECORD_PERMISSION})
COURT = frozenset({Right.SEE_COURT, Right.KEEP_DOCKET, Right.DECIDE_PETITIONS})
TWO = frozenset({Right.ACT_IN_TWO})
"""Asked for and confirmed wherever somebody has a screen of staff."""
DESK = frozenset(Right) - OVERSIGHT - COURT - TWO - {Right.ADMINISTER}


def account(role=Role.OPERATOR, status=Status.ACTIVE, name="Anna"):
    return Account(name=name, role=role, status=status, made_ms=1)


def test_every_role_stands_in_the_table():
    assert set(RIGHTS) == set(Role)


def test_whoever_runs_accounts_sees_nothing_at_the_desk():
    for role in Role:
        assert Right.ADMINISTER not in RIGHTS[role] or not RIGHTS[role] & DESK


def test_no_right_at_the_desk_without_a_seat_at_it():
    for role in Role:
        assert not RIGHTS[role] & (DESK - {Right.SEE_WALL}) or Right.SEE_BOARD in RIGHTS[role]


def test_who_asks_or_confirms_in_two_has_a_screen_to_do_so():
    for role in Role:
        acts = any(role in rule.asks | rule.confirms for rule in RULES.values())
        assert acts == (Right.ACT_IN_TWO in RIGHTS[role])
        assert not acts or RIGHTS[role] & {Right.SEE_BOARD, Right.SEE_OVERSIGHT, Right.SEE_COURT}


def test_a_wall_sees_the_wall_and_nothing_else():
    assert RIGHTS[Role.WALL] == {Right.SEE_WALL}


def test_whoever_looks_at_those_who_look_sees_no_position_and_runs_no_accounts():
    for role in (Role.AUDITOR, Role.DATA_PROTECTION):
        assert RIGHTS[role] <= OVERSIGHT | TWO
    for role in Role:
        assert not RIGHTS[role] & OVERSIGHT or Right.SEE_OVERSIGHT in RIGHTS[role]
        assert not {Right.SEE_BOARD, Right.SEE_OVERSIGHT} <= RIGHTS[role], "one app a role"


def test_a_court_has_its_own_app_and_nothing_else_and_a_clerk_decides_nothing():
    for role in Role:
        assert not RIGHTS[role] & COURT or RIGHTS[role] <= COURT | TWO
        assert not RIGHTS[role] & COURT or Right.SEE_COURT in RIGHTS[role]
    assert [role for role in Role if Right.DECIDE_PETITIONS in RIGHTS[role]] == [Role.COURT]


def test_only_accounts_of_a_court_belong_to_courts():
    assert checked_courts(Role.COURT_CLERK, ["b-court", "a-court", "b-court"]) == ("a-court", "b-court")
    assert checked_courts(Role.POLICE, []) == ()
    for role, courts in ((Role.POLICE, ["a-court"]), (Role.COURT, ["a court"]), (Role.COURT, [""]), (Role.COURT, ["A"])):
        with pytest.raises(AccountError, match=r"court"):
            checked_courts(role, courts)
    judge = Account(name="Anna", role=Role.COURT, status=Status.ACTIVE, made_ms=1, courts=("a-court",))
    assert courts_of(judge) == ("a-court",)
    for gone in (None, Account(name="Anna", role=Role.COURT, status=Status.DISABLED, made_ms=1, courts=("a-court",)), account()):
        assert courts_of(gone) == ()


def test_only_the_police_read_a_copy_and_whoever_reads_one_records_no_permission():
    assert [role for role in Role if Right.READ_COPY in RIGHTS[role]] == [Role.POLICE]
    assert [role for role in Role if Right.RECORD_PERMISSION in RIGHTS[role]] == [Role.DATA_PROTECTION]


def test_a_tag_officer_opens_no_position_and_the_police_settle_nothing():
    assert Right.OPEN_POSITION not in RIGHTS[Role.TAG_OFFICER]
    assert RIGHTS[Role.POLICE].isdisjoint({Right.ACT_ON_INCIDENTS, Right.SETTLE_TASKS, Right.DECIDE_LINKS, Right.SEE_OFFICE})


def test_a_disabled_account_and_none_have_no_rights():
    assert rights_of(None) == frozenset()
    assert rights_of(account(Role.SUPERVISOR, Status.DISABLED)) == frozenset()
    assert rights_of(account(Role.SUPERVISOR)) == RIGHTS[Role.SUPERVISOR]


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("act", list(Act))
def test_only_what_stands_in_the_table_may_be_done(status, act):
    if act in TABLE[status]:
        assert after(status, act) is TABLE[status][act]
    else:
        with pytest.raises(AccountError, match=r"account"):
            after(status, act)


def test_the_first_account_is_an_administrator_that_adds_itself():
    check_by("Anna", None, target="Anna", role=Role.ADMINISTRATOR, is_first=True)
    for by, role in (("Anna", Role.OPERATOR), ("Berta", Role.ADMINISTRATOR)):
        with pytest.raises(AccountError, match="no administrator yet"):
            check_by(by, None, target="Anna", role=role, is_first=True)


@pytest.mark.parametrize("who", [None, *(account(role) for role in Role if role is not Role.ADMINISTRATOR)])
def test_nobody_but_an_administrator_acts_on_accounts(who):
    with pytest.raises(AccountError, match="Only an administrator"):
        check_by("Anna", who, target="Berta", role=Role.OPERATOR, is_first=False)


def test_a_disabled_administrator_acts_no_more():
    with pytest.raises(AccountError, match="Only an administrator"):
        check_by("Anna", account(Role.ADMINISTRATOR, Status.DISABLED), target="Berta", role=Role.OPERATOR, is_first=False)
    check_by("Anna", account(Role.ADMINISTRATOR), target="Berta", role=Role.OPERATOR, is_first=False)


def test_a_server_keeps_an_administrator():
    check_remaining(1)
    with pytest.raises(AccountError, match="last administrator"):
        check_remaining(0)


@pytest.mark.parametrize("name", ["", " Anna", "Anna ", "1", "a\nb", "a" * 65, "<b>", "-x", "a\x00"])
def test_what_is_no_name(name):
    with pytest.raises(AccountError, match="begins with a letter"):
        checked_name(name)


@pytest.mark.parametrize("name", ["operator", "김 지킴", "j.doe@police.example", "A-7"])
def test_what_is_a_name(name):
    assert checked_name(name) == name
