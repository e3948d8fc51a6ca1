"""How an order moves from state to state. The table below is the whole rule; the diagram in the docs is drawn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jikimi.model.moves import arrows
from jikimi.model.register import Act, Status

HOLDING: Final = frozenset({Status.IN_FORCE, Status.EXTENDED})
"""In these states an order is in force."""

ENDED: Final = frozenset({Status.EXPIRED, Status.REVOKED, Status.ACQUITTED, Status.DISMISSED})
"""From these nothing leads anywhere. Whoever ended an order by mistake enters a new one."""

_ENDINGS: Final[Mapping[Act, Status]] = {
    Act.EXPIRE: Status.EXPIRED,
    Act.REVOKE: Status.REVOKED,
    Act.LAPSE: Status.REVOKED,
    Act.ACQUIT: Status.ACQUITTED,
    Act.DISMISS: Status.DISMISSED,
}

TABLE: Final[Mapping[Status, Mapping[Act, Status]]] = {
    Status.DRAFTED: {
        Act.COMMENCE: Status.IN_FORCE,
        Act.REQUEST: Status.DRAFTED,
        Act.CONSENT: Status.DRAFTED,
        Act.JOIN: Status.DRAFTED,
        **_ENDINGS,
    },
    Status.IN_FORCE: {
        Act.REQUEST: Status.IN_FORCE,
        Act.CONSENT: Status.IN_FORCE,
        Act.JOIN: Status.IN_FORCE,
        Act.ADD_MEASURE: Status.IN_FORCE,
        Act.END_MEASURE: Status.IN_FORCE,
        Act.EXTEND: Status.EXTENDED,
        Act.SUSPEND: Status.SUSPENDED,
        **_ENDINGS,
    },
    Status.EXTENDED: {
        Act.REQUEST: Status.EXTENDED,
        Act.CONSENT: Status.EXTENDED,
        Act.JOIN: Status.EXTENDED,
        Act.ADD_MEASURE: Status.EXTENDED,
        Act.END_MEASURE: Status.EXTENDED,
        Act.EXTEND: Status.EXTENDED,
        Act.SUSPEND: Status.SUSPENDED,
        **_ENDINGS,
    },
    Status.SUSPENDED: {
        Act.REQUEST: Status.SUSPENDED,
        Act.CONSENT: Status.SUSPENDED,
        Act.JOIN: Status.SUSPENDED,
        Act.ADD_MEASURE: Status.SUSPENDED,
        Act.END_MEASURE: Status.SUSPENDED,
        Act.EXTEND: Status.SUSPENDED,
        Act.RESUME: Status.IN_FORCE,
        Act.RESUME_EXTENDED: Status.EXTENDED,
        **_ENDINGS,
    },
    **{status: {} for status in (Status.EXPIRED, Status.REVOKED, Status.ACQUITTED, Status.DISMISSED)},
}


class NotAllowedError(ValueError):
    """The act does not fit the state. The text says what would."""


def after(status: Status, act: Act) -> Status:
    """Return the state that ``act`` leads to.

    Raises:
        NotAllowedError: the table has no such move.
    """
    moves = TABLE[status]
    if act in moves:
        return moves[act]
    if not moves:
        raise NotAllowedError(f"The order has ended ({status}); nothing changes it any more. Enter a new order.")
    raise NotAllowedError(f"An order that is {status} cannot {act}; possible are {', '.join(sorted(moves))}.")


def diagram() -> str:
    """Return the table as a Mermaid state diagram, one line for each pair of states."""
    ends = [f"    {status} --> [*]" for status in Status if status in ENDED]
    return "\n".join([*arrows(TABLE, Status.DRAFTED), *ends])


if __name__ == "__main__":
    print(diagram())  # noqa: T201  for docs/register.md
