"""How a petition moves: one table. The diagram in the docs is drawn from it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Final

from jikimi.model.moves import arrows


class Status(enum.StrEnum):
    """Where a petition stands."""

    DRAFT = "draft"
    FILED = "filed"
    """Handed over; the court has not confirmed it yet."""
    RECEIVED = "received"
    INTERIM = "interim"
    """An interim order holds; the petition is not decided."""
    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Act(enum.StrEnum):
    """What is done about a petition."""

    FILE = "file"
    RECEIVE = "receive"
    RETURN = "return"
    """The court sends it back: something is missing. It is a draft again."""
    HEAR = "hear"
    """A day for a hearing is set. It changes no state."""
    GRANT_INTERIM = "grant_interim"
    REFUSE_INTERIM = "refuse_interim"
    GRANT = "grant"
    GRANT_IN_PART = "grant_in_part"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CHANGE = "change"
    """An order that came of it was extended, shortened or ended. It changes no state of the petition."""
    PROPOSE = "propose"
    """One account of the court proposed what takes from an order in force; another one must confirm it. Like ``DECLINE`` no move."""
    DECLINE = "decline"
    """A second account refused what was proposed, or whoever proposed it took it back."""
    TELL = "tell"
    """Both sides were told the decision: the time for an appeal runs from here."""
    APPEAL = "appeal"
    """One side appeals within the time. What was decided goes on to hold where the law says that an appeal does not stay it."""
    AFFIRM = "affirm"
    """The court of appeal left the decision as it is."""
    REVERSE = "reverse"
    """It set the decision aside: what was granted ends, what was refused is decided anew."""


_OPEN: Final[Mapping[Act, Status]] = {
    Act.GRANT: Status.GRANTED,
    Act.GRANT_IN_PART: Status.GRANTED_IN_PART,
    Act.REFUSE: Status.REFUSED,
    Act.WITHDRAW: Status.WITHDRAWN,
}
_AFTERWARDS: Final = (Act.TELL, Act.APPEAL, Act.AFFIRM)
TABLE: Final[Mapping[Status, Mapping[Act, Status]]] = {
    Status.DRAFT: {Act.FILE: Status.FILED, Act.WITHDRAW: Status.WITHDRAWN},
    Status.FILED: {Act.RECEIVE: Status.RECEIVED, Act.WITHDRAW: Status.WITHDRAWN},
    Status.RECEIVED: {
        Act.RETURN: Status.DRAFT,
        Act.HEAR: Status.RECEIVED,
        Act.GRANT_INTERIM: Status.INTERIM,
        Act.REFUSE_INTERIM: Status.RECEIVED,
        **_OPEN,
    },
    Status.INTERIM: {Act.HEAR: Status.INTERIM, Act.CHANGE: Status.INTERIM, **_OPEN},
    Status.GRANTED: {**dict.fromkeys((Act.CHANGE, *_AFTERWARDS), Status.GRANTED), Act.REVERSE: Status.REFUSED},
    Status.GRANTED_IN_PART: {**dict.fromkeys((Act.CHANGE, *_AFTERWARDS), Status.GRANTED_IN_PART), Act.REVERSE: Status.REFUSED},
    Status.REFUSED: {**dict.fromkeys(_AFTERWARDS, Status.REFUSED), Act.REVERSE: Status.RECEIVED},
    Status.WITHDRAWN: {},
}
DECIDED: Final = frozenset({Status.GRANTED, Status.GRANTED_IN_PART, Status.REFUSED})


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
    possible = ", ".join(sorted(moves)) or "nothing more"
    raise NotAllowedError(f"A petition that is {status} cannot {act}; possible is {possible}.")


def diagram() -> str:
    """Return the table as a Mermaid state diagram, one line for each pair of states."""
    return "\n".join(arrows(TABLE, Status.DRAFT))


if __name__ == "__main__":
    print(diagram())  # noqa: T201  for docs/petitions.md
