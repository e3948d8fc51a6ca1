"""Accounts of staff, and what may be done to them."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from jikimi.identity.roles import RIGHTS, Right, Role

DOOR: Final = "the door"
"""Who locks an account: nobody but the program."""
MOST_FAILURES: Final = 5
"""Failures in a row after which an account, an invitation or a PIN is locked."""

_NAME: Final = re.compile(r"[^\W\d_][\w.@ -]{0,63}")
_COURT: Final = re.compile(r"[a-z][a-z0-9-]{0,59}")


class AccountError(ValueError):
    """An act on an account is refused. The text is a sentence for whoever asked."""


class Status(enum.StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    LOCKED = "locked"
    """Failed to prove itself too often: it signs in nowhere until an administrator unlocks it. Sessions that are open go on, so that
    whoever attacks an account throws nobody out of a control room."""
    DISABLED = "disabled"


class Act(enum.StrEnum):
    """What is done to an account, as it is written down."""

    ADD = "added"
    ROLE = "role_changed"
    COURTS = "courts_changed"
    """It belongs to other courts than before."""
    CODE = "code_given"
    ENROL = "passkey_made"
    REMOVE = "passkey_removed"
    TIE = "sso_tied"
    LOCK = "locked"
    UNLOCK = "unlocked"
    DISABLE = "disabled"


TABLE: Final[Mapping[Status | None, Mapping[Act, Status]]] = {
    None: {Act.ADD: Status.ACTIVE},
    Status.ACTIVE: {
        Act.ROLE: Status.ACTIVE,
        Act.COURTS: Status.ACTIVE,
        Act.CODE: Status.ACTIVE,
        Act.ENROL: Status.ACTIVE,
        Act.REMOVE: Status.ACTIVE,
        Act.TIE: Status.ACTIVE,
        Act.LOCK: Status.LOCKED,
        Act.UNLOCK: Status.ACTIVE,
        Act.DISABLE: Status.DISABLED,
    },
    Status.LOCKED: {Act.REMOVE: Status.LOCKED, Act.UNLOCK: Status.ACTIVE, Act.DISABLE: Status.DISABLED},
    Status.DISABLED: {},
}
"""From each state (None: no such account), what may be done and where it leads. A name that was used is never used again:
what stands in the ledger under it would otherwise be two persons'."""

_REFUSALS: Final[Mapping[Status | None, str]] = {
    None: "There is no account of that name.",
    Status.ACTIVE: "There is an account of that name already.",
    Status.LOCKED: "That account is locked after too many failures: unlock it first.",
    Status.DISABLED: "That account was disabled; its name is not used again. Add another account.",
}


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A member of staff.

    Attributes:
        name: how the ledger, incidents and colleagues know the account.
        role: what it is for.
        status: whether it may be used.
        made_ms: since when it exists.
        courts: whose petitions it sees, by the courts' names in the forms; of a role of a court only.
    """

    name: str
    role: Role
    status: Status
    made_ms: int
    courts: tuple[str, ...] = ()


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """One act on an account. Acts are numbered from 1, written once and never changed.

    Attributes:
        number: the act's.
        at_ms: when.
        name: the account.
        act: what was done.
        role: the account's role afterwards.
        by: the administrator; for the first administrator of a server, and for its own passkey, the account itself; ``DOOR`` where the
            program acts.
        shell: the operating system's account behind a command line, or None where it was done in a browser.
        courts: those the account belongs to afterwards.
    """

    number: int
    at_ms: int
    name: str
    act: Act
    role: Role
    by: str
    shell: str | None = None
    courts: tuple[str, ...] = ()


def rights_of(account: Account | None) -> frozenset[Right]:
    """Return what an account's sessions may do now: nothing where there is none, or where it was disabled."""
    if account is None or account.status is Status.DISABLED:
        return frozenset()
    return RIGHTS[account.role]


def may_sign_in(account: Account | None) -> bool:
    """Whether an account may begin a session, or unlock one."""
    return account is not None and account.status is Status.ACTIVE


def after(status: Status | None, act: Act) -> Status:
    """Return the state that an act leads to; ``status`` is None where there is no such account.

    Raises:
        AccountError: the table has no such move.
    """
    found = TABLE[status].get(act)
    if found is None:
        raise AccountError(_REFUSALS[status])
    return found


def courts_of(account: Account | None) -> tuple[str, ...]:
    """Return the courts whose petitions an account may see now."""
    return account.courts if account is not None and Right.SEE_COURT in rights_of(account) else ()


def checked_courts(role: Role, courts: Iterable[str]) -> tuple[str, ...]:
    """Return the courts that an account of this role may belong to, each once, by name.

    Raises:
        AccountError: the role is none of a court, or a name is none.
    """
    found = tuple(sorted(set(courts)))
    if found and Right.SEE_COURT not in RIGHTS[role]:
        raise AccountError("Only accounts of a court belong to courts: the roles court and court_clerk.")
    if not all(_COURT.fullmatch(one) for one in found):
        raise AccountError("A court is named as in the form: small letters, digits and dashes, such as seoul-central.")
    return found


def checked_name(name: str) -> str:
    """Return a name that an account may have.

    Raises:
        AccountError: it may not be one.
    """
    if _NAME.fullmatch(name) is None or name != name.strip():
        raise AccountError("An account's name begins with a letter and has at most 64 letters, digits, spaces and . _ @ -.")
    return name


def check_by(by: str, administrator: Account | None, *, target: str, role: Role, is_first: bool) -> None:
    """Raise unless somebody may act on an account.

    Args:
        by: who asks.
        administrator: the account of who asks, or None where there is none.
        target: the account's name.
        role: the role it shall have.
        is_first: whether the server has no administrator yet. The first one makes itself.

    Raises:
        AccountError: with the reason.
    """
    if is_first:
        if by != target or role is not Role.ADMINISTRATOR:
            raise AccountError("This server has no administrator yet: first add one, who makes the other accounts.")
    elif Right.ADMINISTER not in rights_of(administrator):
        raise AccountError("Only an administrator whose account is active may do this: name yours with --by.")


def check_remaining(others: int) -> None:
    """Raise where an act would leave a server without an administrator; ``others`` are active beside the one acted on.

    Raises:
        AccountError: nobody would be left.
    """
    if others == 0:
        raise AccountError("This is the last administrator: add another one first.")
