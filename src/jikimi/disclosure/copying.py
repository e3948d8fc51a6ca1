"""A copy of positions of a past time, for an investigation: made once a court's permission is recorded, or in an emergency before that.

What an investigator says is no permission. Another account records it, which saw the court's document: its hash stands beside court
and number. The gate is shown no permission that the copy's own officer recorded.

Without a permission in time the copy is erased, and so it is when the permission ends. The clock is a moment in the books, so a
restart changes nothing.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Mapping
from typing import Final

import msgspec

from jikimi.model.access import AccessRules, Permission

DAY_MS: Final = 86_400_000


class CopyError(ValueError):
    """An act on a copy is refused. The text is a sentence for whoever asked."""


class Status(enum.StrEnum):
    """Where a copy stands."""

    ASKED = "asked"
    """Nothing was copied yet: a permission must be recorded first."""
    WAITING = "waiting"
    """It exists, and the court's permission is to follow."""
    PERMITTED = "permitted"
    ERASED = "erased"
    LAPSED = "lapsed"
    """It was asked for, and nobody recorded a permission: nothing was ever copied."""


class Act(enum.StrEnum):
    """What happens to a copy."""

    PERMIT = "permit"
    ERASE = "erase"


TABLE: Final[Mapping[Status, Mapping[Act, Status]]] = {
    Status.ASKED: {Act.PERMIT: Status.PERMITTED, Act.ERASE: Status.LAPSED},
    Status.WAITING: {Act.PERMIT: Status.PERMITTED, Act.ERASE: Status.ERASED},
    Status.PERMITTED: {Act.ERASE: Status.ERASED},
    Status.ERASED: {},
    Status.LAPSED: {},
}
"""From each state, what may happen and where it leads. What is erased does not come back."""


GONE: Final = frozenset({Status.ERASED, Status.LAPSED})
ASKED_MS: Final = 14 * DAY_MS
"""So long a copy that was asked for waits for its permission."""
SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A court's permission as it was recorded.

    Attributes:
        court, number: which court, and the number of its decision.
        decided_ms, until_ms: when it decided, and when the permission ends.
        by: who recorded it and attests to have seen the document.
        document: the SHA-256 of that document, in hexadecimal.
    """

    court: str
    number: str
    decided_ms: int
    until_ms: int
    by: str = ""
    document: str = ""


class Copy(msgspec.Struct, frozen=True, kw_only=True):
    """One copy.

    Attributes:
        copy_id: its name.
        order_id, person_id: under which order, of whom.
        officer: who may read it.
        reason: why it was asked for.
        from_ms, to_ms: the time it covers.
        made_ms, due_ms: when it was made, and when it is erased.
        status: where it stands.
        decision: the court's, or None while an emergency waits for one.
        unpermitted: True once it was erased because no permission came in time.
        told: True once the notice of that is on its way.
    """

    copy_id: str
    order_id: str
    person_id: str
    officer: str
    reason: str
    from_ms: int
    to_ms: int
    made_ms: int
    due_ms: int
    status: Status
    decision: Decision | None = None
    unpermitted: bool = False
    told: bool = False


def permission_of(copy: Copy) -> Permission:
    """Return what the gate is shown for a copy: no permission that nobody but the copy's own officer recorded."""
    given = copy.decision if copy.decision is not None and copy.decision.by not in {"", copy.officer} else None
    return Permission(
        order_id=copy.order_id,
        person_id=copy.person_id,
        officer=copy.officer,
        court=None if given is None else given.court,
        number=None if given is None else given.number,
        decided_ms=None if given is None else given.decided_ms,
        # One that only its own officer vouches for is no emergency either.
        until_ms=copy.due_ms if given is copy.decision else copy.made_ms,
        from_ms=copy.from_ms,
        to_ms=copy.to_ms,
    )


def begin(rules: AccessRules, now_ms: int, *, emergency: bool) -> tuple[Status, int]:
    """Return how a copy begins, and when it is erased or given up.

    Raises:
        CopyError: the law knows no copy before a court decided.
    """
    if not emergency:
        return Status.ASKED, now_ms + ASKED_MS
    if rules.emergency_s <= 0.0:
        raise CopyError("This law lets nobody read positions before a court decided: ask for a copy, and have the permission recorded.")
    return Status.WAITING, now_ms + int(rules.emergency_s * 1000.0)


def check(rules: AccessRules, decision: Decision, now_ms: int) -> None:
    """Raise unless a decision can be one.

    Raises:
        CopyError: it has no court or number, lies in the future, has ended, or lasts longer than the law lets it.
    """
    if not decision.court.strip() or not decision.number.strip():
        raise CopyError("Name the court and the number of its decision.")
    if SHA256.fullmatch(decision.document) is None:
        raise CopyError("Give the court's document, so that its hash stands beside the permission.")
    if decision.decided_ms > now_ms:
        raise CopyError("The decision lies in the future.")
    if decision.until_ms <= now_ms:
        raise CopyError("The permission has ended.")
    if decision.until_ms > decision.decided_ms + int(rules.permission_days * DAY_MS):
        raise CopyError(f"No permission lasts longer than {rules.permission_days:g} days here: the court is asked again.")


def permitted(copy: Copy, rules: AccessRules, decision: Decision, now_ms: int) -> Copy:
    """Return a copy for which the court's permission was recorded in time, by somebody else than may read it.

    Raises:
        CopyError: it was erased, it has a permission, its own officer records it, or the decision cannot be one.
    """
    if decision.by in {"", copy.officer}:
        raise CopyError("Whoever asked for a copy does not record its permission; a colleague who saw the document does.")
    if now_ms >= copy.due_ms:
        raise CopyError("The time for the permission has run out: the copy is erased.")
    status = _after(copy, Act.PERMIT)
    check(rules, decision, now_ms)
    return msgspec.structs.replace(copy, status=status, decision=decision, due_ms=decision.until_ms)


def erased(copy: Copy) -> Copy:
    """Return a copy as erased.

    Raises:
        CopyError: it was before.
    """
    return msgspec.structs.replace(copy, status=_after(copy, Act.ERASE), unpermitted=copy.status is Status.WAITING)


def _after(copy: Copy, act: Act) -> Status:
    found = TABLE[copy.status].get(act)
    if found is None:
        raise CopyError("This copy was erased." if copy.status in GONE else "A permission was recorded for this copy already.")
    return found
