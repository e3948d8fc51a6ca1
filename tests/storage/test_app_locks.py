"""Her app lock in the register: counted before it is tried, over restarts, and taken away by the office after a re-check."""

from __future__ import annotations

import pytest

from jikimi.disclosure.ledger.leaf import LeafError
from jikimi.identity.app_lock import MOST_TRIES, Lock
from jikimi.identity.guests import Check, InvitationError, Seen
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.guests import SqlGuests
from jikimi.storage.lines import SqlLines
from jikimi.storage.register import SqlRegister

CHECK = Check(person_id="p-1", order_id="o-1", seen=Seen.PASSPORT, by="anna", at_ms=5)
HOUR_MS = 3_600_000


@pytest.fixture
def register(tmp_path):
    made = SqlRegister(tmp_path / "register.db", bytes(32))
    yield made
    made.close()


def said(register):
    return [(line.what, line.who.value) for _, line in SqlLines(register.engine).unwritten()]


def test_tries_are_counted_before_they_are_made_and_waits_hold_in_every_process(register):
    locks, other = SqlAppLocks(register.engine), SqlAppLocks(register.engine)
    assert locks.begin_try("p-1", 1) is None, "there is no PIN to try"
    locks.put_pin("p-1", "kept", 60, 1)
    assert [locks.begin_try("p-1", 10).tries for _ in range(5)] == [0, 1, 2, 3, 4]
    assert other.begin_try("p-1", 10) is None
    assert other.begin_try("p-1", 30_009) is None
    assert other.begin_try("p-1", 30_010).tries == 5
    other.succeeded("p-1")
    assert locks.of("p-1") == Lock(pin="kept", after_s=60, tried_ms=30_010)
    assert locks.begin_try("p-1", 30_011).tries == 0


def test_after_the_last_try_only_the_office_opens_it_and_the_ledger_knows(register):
    locks = SqlAppLocks(register.engine, shell="anna@desk")
    locks.put_pin("p-1", "kept", 60, 1)
    tried = [locks.begin_try("p-1", n * 2 * HOUR_MS) for n in range(1, MOST_TRIES + 4)]
    assert sum(one is not None for one in tried) == MOST_TRIES
    assert locks.reset(CHECK)
    assert locks.of("p-1") == Lock()
    assert SqlGuests(register.engine).checks("p-1") == [CHECK]
    assert said(register) == [("lock:set", "p-1"), ("lock:exhausted", "p-1"), ("lock:reset:passport", "anna")]
    assert not locks.reset(CHECK), "there is none any more"


@pytest.mark.parametrize(("by", "refusal"), [(" ", InvitationError), ("37.5665, 126.9780", LeafError)])
def test_a_reset_that_nobody_answers_for_changes_nothing(register, by, refusal):
    locks = SqlAppLocks(register.engine)
    locks.put_pin("p-1", "kept", 60, 1)
    with pytest.raises(refusal):
        locks.reset(Check(person_id="p-1", order_id="o-1", seen=Seen.PASSPORT, by=by, at_ms=5))
    assert locks.of("p-1").pin == "kept"
    assert SqlGuests(register.engine).checks("p-1") == []
