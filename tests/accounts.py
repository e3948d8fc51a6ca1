"""Accounts for tests of the whole."""

from __future__ import annotations

from jikimi.identity.roles import Role
from jikimi.runtime.commands import DAY_MS, now_ms
from jikimi.storage.identity import SqlStaff
from jikimi.storage.register import SqlRegister

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
