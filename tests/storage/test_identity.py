"""Accounts in the register: what an act ends, who may do it, and what waits for the ledger."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from jikimi.identity.account import DOOR, AccountError, Act, Status, may_sign_in, rights_of
from jikimi.identity.roles import Role
from jikimi.runtime.staffing import entry_of
from jikimi.storage.database import writing
from jikimi.storage.identity import SqlStaff
from jikimi.storage.migrate import migrate
from jikimi.storage.register import SqlRegister
from jikimi.storage.schema import REVISION

KEY = bytes(range(32))
CODE, OTHER = "7KQ2M-9XWPA", "7KQ2M-9XWPB"
FAR_MS = 1_000


@pytest.fixture
def register(tmp_path):
    found = SqlRegister(tmp_path / "register.db", KEY)
    yield found
    found.close()


@pytest.fixture
def staff(register):
    found = SqlStaff(register.engine)
    found.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=FAR_MS)
    return found


def add(staff, name="anna", role=Role.OPERATOR, code=CODE):
    return staff.add(name, role, "chief", code, now_ms=2, until_ms=FAR_MS)


def signed_in(register, code=CODE):
    token = register.redeem(code, "desk", 3, FAR_MS)
    assert token is not None
    return token


def test_an_account_signs_in_with_its_code_once(register, staff):
    assert add(staff).status is Status.ACTIVE
    assert register.session(signed_in(register), "desk", 4).subject == "anna"
    assert register.redeem(CODE, "desk", 4, FAR_MS) is None


def test_disabling_ends_sessions_and_codes_in_the_same_moment(register, staff):
    add(staff)
    token = signed_in(register)
    staff.give_code("anna", "chief", OTHER, now_ms=4, until_ms=FAR_MS)
    before = register.version()
    staff.disable("anna", "chief", now_ms=5)
    assert register.session(token, "desk", 6) is None
    assert register.redeem(OTHER, "desk", 6, FAR_MS) is None
    assert register.version() > before, "a running server notices"


def test_another_role_means_signing_in_anew_and_nobody_else_is_touched(register, staff):
    add(staff)
    add(staff, "berta", code=OTHER)
    hers, other = signed_in(register), signed_in(register, OTHER)
    staff.change_role("anna", Role.POLICE, "chief", now_ms=5)
    assert register.session(hers, "desk", 6) is None
    assert register.session(other, "desk", 6).subject == "berta"


def test_a_judge_belongs_to_courts_and_to_others_only_by_signing_in_anew(register, staff):
    made = staff.add("anna", Role.COURT, "chief", CODE, now_ms=2, until_ms=FAR_MS, courts=["seoul-western", "seoul-central"])
    assert made.courts == ("seoul-central", "seoul-western")
    token = register.redeem(CODE, "court", 3, FAR_MS)
    assert register.session(token, "court", 4).subject == "anna"
    assert register.session(token, "desk", 4) is None
    staff.give_code("anna", "chief", OTHER, now_ms=4, until_ms=FAR_MS)
    staff.belong("anna", ["seoul-western"], "chief", now_ms=5)
    assert register.session(token, "court", 6) is None, "nothing of the court that she left stays on a screen"
    assert register.redeem(OTHER, "court", 6, FAR_MS) is not None, "her code stays good"
    assert [one.courts for one in staff.acts()[1:]] == [made.courts, made.courts, ("seoul-western",)]
    assert staff.change_role("anna", Role.COURT_CLERK, "chief", now_ms=7).courts == ()
    assert staff.accounts()[0].courts == ()


def test_the_protected_person_of_the_same_name_keeps_her_session(register, staff):
    register.add_invitation(OTHER, "protected", "anna", FAR_MS)
    token = register.redeem(OTHER, "protected", 3, FAR_MS)
    add(staff)
    staff.disable("anna", "chief", now_ms=5)
    assert register.session(token, "protected", 6) is not None


def test_a_refused_act_leaves_nothing_behind(register, staff):
    before = staff.accounts(), staff.acts()
    refused = [
        lambda: staff.add("anna", Role.ADMINISTRATOR, "chief", CODE, now_ms=2, until_ms=FAR_MS),
        lambda: staff.add("anna", Role.POLICE, "chief", CODE, now_ms=2, until_ms=FAR_MS, courts=["seoul-central"]),
        lambda: staff.belong("chief", ["seoul-central"], "chief", now_ms=2),
        lambda: staff.add("anna", Role.OPERATOR, "anna", CODE, now_ms=2, until_ms=FAR_MS),
        lambda: staff.add("chief", Role.OPERATOR, "chief", CODE, now_ms=2, until_ms=FAR_MS),
        lambda: staff.add("lat 37.5665", Role.OPERATOR, "chief", CODE, now_ms=2, until_ms=FAR_MS),
        lambda: staff.disable("nobody", "chief", now_ms=2),
        lambda: staff.disable("chief", "chief", now_ms=2),
        lambda: staff.change_role("chief", Role.OPERATOR, "chief", now_ms=2),
    ]
    for act in refused:
        with pytest.raises(AccountError):
            act()
    with pytest.raises(ValueError, match="ten letters"):
        staff.add("anna", Role.OPERATOR, "chief", "short", now_ms=2, until_ms=FAR_MS)
    assert (staff.accounts(), staff.acts()) == before
    assert register.redeem(CODE, "desk", 3, FAR_MS) is None


def test_a_used_name_is_never_used_again(staff):
    add(staff)
    staff.disable("anna", "chief", now_ms=5)
    for act in (lambda: add(staff), lambda: staff.give_code("anna", "chief", OTHER, now_ms=6, until_ms=FAR_MS)):
        with pytest.raises(AccountError, match="not used again"):
            act()


def test_one_administrator_may_go_when_another_is_there(staff):
    add(staff, "deputy", Role.ADMINISTRATOR, None)
    staff.disable("chief", "deputy", now_ms=5)
    with pytest.raises(AccountError, match="Only an administrator"):
        add(staff, "late")
    assert staff.add("late", Role.OPERATOR, "deputy", None, now_ms=6, until_ms=FAR_MS).role is Role.OPERATOR


def test_acts_are_numbered_and_wait_for_the_ledger(staff):
    add(staff)
    staff.change_role("anna", Role.SUPERVISOR, "chief", now_ms=5)
    assert [(one.number, one.name, one.act, one.role, one.by) for one in staff.unwritten()] == [
        (1, "chief", Act.ADD, Role.ADMINISTRATOR, "chief"),
        (2, "anna", Act.ADD, Role.OPERATOR, "chief"),
        (3, "anna", Act.ROLE, Role.SUPERVISOR, "chief"),
    ]
    staff.mark_written(2)
    assert [one.number for one in staff.unwritten()] == [1, 3]
    assert len(staff.acts()) == 3


def test_whoever_sat_at_the_desk_before_there_were_accounts_still_does(register):
    with writing(register.engine) as connection:
        migrate(connection, "0005")
        for table, name in (("sessions", "anna"), ("invitations", "berta")):
            column = "token_sha256" if table == "sessions" else "code_sha256"
            sql = f"INSERT INTO {table} ({column}, audience, subject, until_ms) VALUES (:digest, 'desk', :name, {FAR_MS})"
            connection.execute(sa.text(sql), {"digest": bytes(32), "name": name})
        connection.commit()
    with writing(register.engine) as connection:
        migrate(connection, REVISION)
        assert sa.inspect(connection).has_table("account_acts")
    staff = SqlStaff(register.engine)
    assert [(one.name, one.role) for one in staff.accounts()] == [("anna", Role.OPERATOR), ("berta", Role.OPERATOR)]
    staff.change_role("anna", Role.ADMINISTRATOR, "anna", now_ms=5)
    assert staff.disable("berta", "anna", now_ms=6).status is Status.DISABLED


def test_five_failures_lock_an_account_and_an_administrator_unlocks_it(register, staff):
    add(staff)
    token = signed_in(register)
    assert [staff.failed("anna", now_ms=5) for _ in range(4)] == [1, 2, 3, 4]
    assert staff.accounts()[0].status is Status.ACTIVE
    staff.failed("anna", now_ms=6)
    (anna, _) = staff.accounts()
    assert (anna.status, may_sign_in(anna)) == (Status.LOCKED, False)
    assert rights_of(anna), "whoever attacks an account throws nobody out of a control room"
    assert register.session(token, "desk", 7) is not None
    staff.failed("anna", now_ms=7)
    for act in (
        lambda: staff.give_code("anna", "chief", OTHER, now_ms=8, until_ms=FAR_MS),
        lambda: staff.change_role("anna", Role.POLICE, "chief", now_ms=8),
    ):
        with pytest.raises(AccountError, match="locked"):
            act()
    with pytest.raises(AccountError):
        staff.unlock("anna", "anna", now_ms=8)
    assert staff.unlock("anna", "chief", now_ms=9).status is Status.ACTIVE
    assert staff.failed("anna", now_ms=10) == 1
    assert [(one.act, one.by) for one in staff.acts()[-2:]] == [(Act.LOCK, DOOR), (Act.UNLOCK, "chief")]


def test_a_success_begins_the_count_anew_and_a_stranger_is_only_counted(staff):
    add(staff)
    for _ in range(4):
        staff.failed("anna", now_ms=5)
    staff.succeeded("anna")
    assert staff.failed("anna", now_ms=6) == 1
    for _ in range(9):
        staff.failed("nobody", now_ms=7)
    assert [one.act for one in staff.acts()] == [Act.ADD, Act.ADD]


def test_an_administrator_unlocks_a_code_that_somebody_guessed_at(register, staff):
    add(staff)
    for n in range(5):
        register.redeem(f"7KQ2M-{n:05}", "desk", 3, FAR_MS)
    assert register.redeem(CODE, "desk", 4, FAR_MS) is None
    staff.unlock("anna", "chief", now_ms=5)
    assert register.redeem(CODE, "desk", 6, FAR_MS) is not None


def test_an_act_at_the_shell_keeps_the_operating_systems_account(register):
    SqlStaff(register.engine, shell="root, logged in as mina").add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=1, until_ms=FAR_MS)
    (done,) = SqlStaff(register.engine).acts()
    assert done.shell == "root, logged in as mina"
    assert "mina" in entry_of(done).reason.value
