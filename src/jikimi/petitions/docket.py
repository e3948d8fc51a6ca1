"""A court's docket: what of a petition stands outside the seal, and how an act changes it. Pure."""

from __future__ import annotations

from typing import Final

import msgspec

from jikimi.model.petition import PetitionForm
from jikimi.petitions import clocks
from jikimi.petitions.clocks import Due
from jikimi.petitions.status import DECIDED, Act, Status, after

_RUNNING: Final = frozenset({Status.RECEIVED, Status.INTERIM})


class Docketed(msgspec.Struct, frozen=True, kw_only=True):
    """One petition as a court keeps it, without a word of it.

    Attributes:
        court_id, number: whose, and its number there.
        petition_id: its name, by which the same package counts once.
        form_id, edition: the form it was written on. policy_id: the form's jurisdiction.
        region: where the court is, by its code of ISO 3166-2, for the public figures alone; None where it was not entered.
        why: the kind of reason for which it was first refused, for the public figures alone; None where it was not.
        status: where it stands.
        received_ms: when the court had it.
        wants_interim: whether an interim order is asked for.
        interim_ms: when that was decided; decided_ms: when the petition was; told_ms: when both sides were told that; None while not.
        hearing_ms: the next hearing, or None.
        appealed: whether the decision is appealed, and the appeal not decided.
        order_ids: what became of it in the register, the oldest first.
    """

    court_id: str
    number: str
    petition_id: str
    form_id: str
    edition: str
    policy_id: str
    region: str | None = None
    why: str | None = None
    status: Status = Status.RECEIVED
    received_ms: int
    wants_interim: bool
    interim_ms: int | None = None
    decided_ms: int | None = None
    told_ms: int | None = None
    hearing_ms: int | None = None
    appealed: bool = False
    order_ids: tuple[str, ...] = ()


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done.

    ``sealed``: its words, to the court's key alone; None where there are none. ``second``: who confirmed it, where it needed two.
    """

    at_ms: int
    act: Act
    by: str
    sealed: bytes | None = None
    order_id: str | None = None
    second: str | None = None


def moved(before: Docketed, act: Act, at_ms: int) -> Docketed:
    """Return a petition after an act.

    Args:
        before: where it stood.
        act: what was done.
        at_ms: when; of ``HEAR``, for when.

    Raises:
        NotAllowedError: it does not fit where the petition stands.
    """
    status = after(before.status, act)
    changed: dict[str, object] = {"status": status}
    if act is Act.HEAR:
        changed["hearing_ms"] = at_ms
    elif act in {Act.GRANT_INTERIM, Act.REFUSE_INTERIM}:
        changed["interim_ms"] = at_ms
    elif act is Act.TELL:
        changed["told_ms"] = at_ms
    elif act in {Act.APPEAL, Act.AFFIRM}:
        changed["appealed"] = act is Act.APPEAL
    elif act is Act.REVERSE:
        # What the court of appeal decides is told to both anew; what it sends back is undecided again.
        changed |= {"decided_ms": at_ms if status in DECIDED else None, "told_ms": None, "appealed": False}
    elif act is not Act.CHANGE and status in DECIDED:
        changed |= {"decided_ms": at_ms, "hearing_ms": None}
    return msgspec.structs.replace(before, **changed)


def dues(form: PetitionForm, row: Docketed, now_ms: int, until_ms: int | None) -> list[Due]:
    """Return the clocks that run for a petition, the soonest first.

    Args:
        form: whose times count.
        row: the petition.
        now_ms: the time now. The time for an appeal is over when it is over; every other clock that ran out stays, until it is done.
        until_ms: when the order that came of it ends, or None.
    """
    found: list[Due] = []
    if row.status in _RUNNING:
        found = clocks.dues(form, received_ms=row.received_ms, wants_interim=row.wants_interim, interim_ms=row.interim_ms, told_ms=None)
    elif row.status in DECIDED and row.told_ms is None and row.decided_ms is not None:
        found = [clocks.telling(form, row.decided_ms)]
    elif row.status in DECIDED and row.told_ms is not None and not row.appealed:
        told = clocks.dues(form, received_ms=row.received_ms, wants_interim=False, interim_ms=None, told_ms=row.told_ms)
        found = [one for one in told if one.at_ms > now_ms]
    if until_ms is not None:
        found.append(clocks.extension(form, until_ms))
    return sorted(found, key=lambda due: due.at_ms)
