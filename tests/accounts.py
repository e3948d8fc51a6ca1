"""Accounts for tests of the whole."""

from __future__ import annotations

from jikimi.identity.roles import Role
from jikimi.identity.second import Present, Request
from jikimi.orders.clerk import Clerk
from jikimi.runtime.commands import DAY_MS, now_ms
from jikimi.runtime.second import Hands, finish
from jikimi.storage.identity import SqlStaff
from jikimi.storage.register import SqlRegister
from jikimi.storage.second import SqlSecond

CHIEF = "chief"


def sign_up(register: SqlRegister, name: str, code: str, role: Role = Role.SUPERVISOR) -> SqlStaff:
    """Let ``code`` sign in at the desk as ``name``, of whom nobody may have heard yet."""
    staff = SqlStaff(register.engine)
    known = {account.name for account in staff.accounts()}
    until_ms = now_ms() + DAY_MS
    if CHIEF not in known:
        staff.add(CHIEF, Role.ADMINISTRATOR, CHIEF, None, now_ms=now_ms(), until_ms=until_ms)
    if name in known:
        staff.give_code(name, CHIEF, code, now_ms=now_ms(), until_ms=until_ms)
    else:
        staff.add(name, role, CHIEF, code, now_ms=now_ms(), until_ms=until_ms)
    return staff


def here(name: str, at_ms: int | None = None, audience: str = "desk") -> Present:
    """Return an account at its screen, which proved a moment ago (or at ``at_ms``) who sits there."""
    return Present(name, audience, now_ms() if at_ms is None else at_ms)


def stand_for(register: SqlRegister, clerk: Clerk, number: int, first: str, second: str) -> Request:
    """Have two accounts stand, at their screens, for what a command line proposed; a server carries it out."""
    requests = SqlSecond(register.engine)
    requests.adopt(number, here(first), now_ms=now_ms())
    confirmed = requests.confirm(number, here(second), now_ms=now_ms())
    return finish(requests, Hands(register, clerk), confirmed, now_ms())
