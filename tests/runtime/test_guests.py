"""`jikimi invite` and `jikimi clear-pin`: for whom the office may do so, and what it hears."""

from __future__ import annotations

import pytest

from jikimi.cli import app
from jikimi.orders.tasks import Reason
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.guests import SqlGuests
from jikimi.storage.lines import SqlLines
from tests.runtime.test_counter import add, office

__all__ = ["office"]


def said(capsys, *words, command="invite"):
    try:
        app([command, *words])
    except SystemExit as ended:
        return ended.code or 0, capsys.readouterr()
    return 0, capsys.readouterr()


def test_an_order_alone_gives_no_code_and_a_check_gives_one_to_the_person_named(office, capsys):
    order_id = add(capsys)
    register = office().register
    status, out = said(capsys, "p", "--order", order_id, "--seen", "passport", "--by", "officer")
    assert status == 0
    code = out.out.split()[1]
    assert register.session(register.redeem(code, "protected", 1, 10**15), "protected", 1).subject == "p"
    ((check,),) = [SqlGuests(register.engine).checks("p")]
    assert (check.order_id, check.seen, check.by) == (order_id, "passport", "officer")


@pytest.mark.parametrize("person", ["m", "stranger"])
def test_whom_the_order_does_not_protect_is_given_none(office, capsys, person):
    order_id = add(capsys)
    status, out = said(capsys, person, "--order", order_id, "--seen", "in_person", "--by", "officer")
    assert (status, out.out) == (1, "")
    assert "nobody to invite" in out.err
    assert SqlGuests(office().register.engine).checks(person) == []


def test_who_declines_at_the_office_is_a_task_of_her_officer_at_once(office, capsys):
    order_id = add(capsys)
    assert said(capsys, "p", "--order", order_id, "--by", "officer", command="decline")[0] == 0
    (task,) = [one for one in office().clerk.overview().tasks if one.reason is Reason.DECLINED]
    assert (task.person_id, task.due_ms - task.made_ms) == ("p", 60_000)
    assert [act.what for _, act in SqlLines(office().register.engine).unwritten()][-1] == "consent:declined"
    assert said(capsys, "m", "--order", order_id, "--by", "officer", command="decline")[0] == 1


def test_without_an_order_there_is_none(office, capsys):
    office()
    status, out = said(capsys, "p", "--order", "none", "--seen", "in_person", "--by", "officer")
    assert status == 1
    assert out.err.count("\n") == 1


def test_a_forgotten_pin_is_cleared_after_a_check_and_for_the_person_named_alone(office, capsys):
    order_id = add(capsys)
    register = office().register
    locks = SqlAppLocks(register.engine)
    locks.put_pin("p", "kept", 60, 1)
    by = ("--order", order_id, "--seen", "passport", "--by", "officer")
    status, _ = said(capsys, "somebody", *by, command="clear-pin")
    assert status != 0
    assert locks.of("p").pin == "kept"
    status, out = said(capsys, "p", *by, command="clear-pin")
    assert (status, locks.of("p").pin) == (0, None)
    assert "is gone" in out.out
    _, out = said(capsys, "p", *by, command="clear-pin")
    assert "nothing was changed" in out.out
