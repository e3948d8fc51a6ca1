"""What is kept about an order beside the order itself, and about two records that may be one man."""

from __future__ import annotations

import enum
import hashlib

import msgspec

from jikimi.model.register import Act, CourtOrder
from jikimi.orders.matching import Strength
from jikimi.orders.permissions import Permission
from jikimi.orders.status import after


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """An act that takes effect later, as a court may decide it: revoked from the first of June."""

    act: Act
    at_ms: int
    by: str
    reason: str


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """One order and its clockwork.

    Attributes:
        order: as the court wrote it, and where it stands.
        permissions: meetings that are allowed.
        planned: acts still to come.
        met: names of the moments that were met already, so that none is met twice.
        events: how many events the order has.
    """

    order: CourtOrder
    permissions: tuple[Permission, ...] = ()
    planned: tuple[Planned, ...] = ()
    met: frozenset[str] = frozenset()
    events: int = 0


def planned_too(dossier: Dossier, planned: Planned) -> Dossier:
    """Return the dossier with one more act to come.

    Raises:
        NotAllowedError: in the sequence of their times, the planned acts would not all fit.
    """
    status = dossier.order.status
    to_come = [one for number, one in enumerate(dossier.planned) if f"planned {number}" not in dossier.met]
    for one in sorted((*to_come, planned), key=lambda one: one.at_ms):
        status = after(status, one.act)
    return msgspec.structs.replace(dossier, planned=(*dossier.planned, planned))


class LinkState(enum.StrEnum):
    """Where a proposal to link two records stands."""

    REVIEW = "review"
    """Not certain: somebody compares the records first."""
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """A man who must stay away under one order, and a man tagged under another: the same?

    Attributes:
        link_id: made of the four names below.
        order_id, person_id: the order that protects somebody, and whom it binds.
        tag_order_id, tag_person_id: the order under which a tag is worn, and who wears it.
        strength, kinds: how surely, and by which kinds of identifier; ``record`` where it is one record.
        owner: who decides: the one who answers for the tag.
        opened_ms: when it was found.
        state: where it stands.
        decided_ms, decided_by, reason: the decision; None while there is none.
    """

    link_id: str
    order_id: str
    person_id: str
    tag_order_id: str
    tag_person_id: str
    strength: Strength
    kinds: tuple[str, ...]
    owner: str
    opened_ms: int
    state: LinkState
    decided_ms: int | None = None
    decided_by: str | None = None
    reason: str | None = None


def link_id(order_id: str, person_id: str, tag_order_id: str, tag_person_id: str) -> str:
    """Return the name of a link: 24 hexadecimal digits that tell a reader nothing."""
    digest = hashlib.sha256(b"jikimi link 1")
    for part in (order_id, person_id, tag_order_id, tag_person_id):
        digest.update(b"%d:%b" % (len(part.encode()), part.encode()))
    return digest.hexdigest()[:24]
