"""The register's words: a court's order with its measures, the persons it binds and protects, and their places.

``jikimi.model.order.Order`` is what the decision core reads: one monitored person, one distance, one span of time. A
``CourtOrder`` is what a court writes: several measures, each with its own end, several persons on both sides. The function
``jikimi.orders.project.core_orders`` turns one into the other.
"""

from __future__ import annotations

import enum
import re
from typing import Final

import msgspec

from jikimi.model.order import Place

REGION: Final = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
"""A part of a country by ISO 3166-2."""


class Status(enum.StrEnum):
    """Where an order stands. The moves between these are a table: ``jikimi.orders.status``."""

    DRAFTED = "drafted"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    EXTENDED = "extended"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ACQUITTED = "ended_by_acquittal"
    DISMISSED = "ended_by_dismissal"


class Act(enum.StrEnum):
    """What can be done to an order."""

    COMMENCE = "commence"
    REQUEST = "request"
    """The request for a judge's approval was made (Korea: within 48 hours of an urgent measure)."""
    EXTEND = "extend"
    SUSPEND = "suspend"
    RESUME = "resume"
    RESUME_EXTENDED = "resume_extended"
    EXPIRE = "expire"
    REVOKE = "revoke"
    ADD_MEASURE = "add_measure"
    """The court imposed one more measure, a tag perhaps."""
    JOIN = "join"
    """A man known under two records is known under one."""
    CONSENT = "consent"
    """A protected person accepted, declined or left."""
    END_MEASURE = "end_measure"
    """One measure came to its end, or was ended early; others of the order go on."""
    LAPSE = "lapse"
    """The time for the request passed without one: the order is cancelled by law."""
    ACQUIT = "acquit"
    DISMISS = "dismiss"


class Standing(enum.StrEnum):
    """Why somebody is protected."""

    VICTIM = "victim"
    HOUSEMATE = "housemate"
    FAMILY = "family"


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """What a protected person said to being protected by a device of hers. ``given`` is None until she answered."""

    given: bool | None = None
    at_ms: int | None = None
    terms: str | None = None
    """The version of the terms she was shown."""


class Protected(msgspec.Struct, frozen=True, kw_only=True):
    """One person an order protects. Each answers for herself, carries her own device, and has her own log."""

    person_id: str
    standing: Standing
    consent: Consent = Consent()


class MeasureKind(enum.StrEnum):
    """What an order may impose."""

    NO_APPROACH = "no_approach"
    NO_CONTACT = "no_contact"
    EXCLUSION = "exclusion"
    MONITORING = "monitoring"
    """He wears a tag. Where no measure of this kind runs, no position of his exists."""
    DETENTION = "detention"


class Extension(msgspec.Struct, frozen=True, kw_only=True):
    """One extension of a measure: decided when, from which end to which."""

    at_ms: int
    from_ms: int
    until_ms: int


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One thing an order imposes, with a time of its own.

    Attributes:
        measure_id: its name within the order.
        kind: what is imposed.
        from_ms, until_ms: runs from (inclusive) to (exclusive); None where it runs until the court ends it.
        distance_m: the distance the court set, or unknown (then the policy's).
        alert_m: the alert distance the judge chose, where the law asks for one.
        monitored_ids, protected_ids, place_ids: whom and which places of the order it concerns; all where empty.
        extensions: those already granted, oldest first; ``until_ms`` is the end of the last one.
    """

    measure_id: str
    kind: MeasureKind
    from_ms: int
    until_ms: int | None
    distance_m: float | None = None
    alert_m: float | None = None
    monitored_ids: tuple[str, ...] = ()
    protected_ids: tuple[str, ...] = ()
    place_ids: tuple[str, ...] = ()
    extensions: tuple[Extension, ...] = ()


class Suspension(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which an order did not hold; ``until_ms`` is None while it lasts."""

    from_ms: int
    until_ms: int | None = None


class CourtOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A court's decision as it was written, and where it stands.

    Attributes:
        order_id: the register's name for it.
        policy_id: the jurisdiction, whose numbers and durations apply.
        basis_id: the kind of order in the jurisdiction's table of durations (``kr-provisional``).
        legal_basis: the article, as the court cites it.
        owner: the member of staff who answers for it.
        tag_officer, protecting_officer: who answers for the tag and for the protected persons; the owner where None.
        monitored_ids: who must stay away; at least one.
        protected: whom it protects; empty where a tag serves no particular person (a sentence).
        places: places it names.
        measures: what it imposes; at least one.
        decided_ms: when the court decided; None for a draft, which never comes into force by itself.
        status: where it stands.
        suspensions: when it did not hold, oldest first.
        requested_ms: when the approval was requested, where the basis asks for that; None until then.
        ended_ms: when it ended, or None while it has not.
        region: where the court is, by its code of ISO 3166-2 (``KR-11``), for the public figures alone; None where it was not entered.
    """

    order_id: str
    policy_id: str
    basis_id: str
    legal_basis: str
    owner: str
    tag_officer: str | None = None
    protecting_officer: str | None = None
    monitored_ids: tuple[str, ...]
    protected: tuple[Protected, ...] = ()
    places: tuple[Place, ...] = ()
    measures: tuple[Measure, ...]
    decided_ms: int | None = None
    status: Status = Status.DRAFTED
    suspensions: tuple[Suspension, ...] = ()
    requested_ms: int | None = None
    ended_ms: int | None = None
    region: str | None = None

    @property
    def protected_ids(self) -> tuple[str, ...]:
        """Whom it protects, by name."""
        return tuple(one.person_id for one in self.protected)

    def takes_part(self, person_id: str) -> bool | None:
        """Return whether a person whom it protects takes part, None while she was not asked.

        Raises:
            StopIteration: it does not protect this person.
        """
        return next(one.consent.given for one in self.protected if one.person_id == person_id)

    @property
    def tagged(self) -> bool:
        """Whether anybody wears a tag under this order. Without one there is no position to show, and the app says so."""
        return any(measure.kind is MeasureKind.MONITORING for measure in self.measures)

    @property
    def from_ms(self) -> int:
        """When its first measure begins."""
        return min(measure.from_ms for measure in self.measures)

    @property
    def until_ms(self) -> int | None:
        """When its last measure ends; None where one runs until the court ends it."""
        ends = [measure.until_ms for measure in self.measures]
        return None if None in ends else max(end for end in ends if end is not None)


class OrderEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One change of an order's state. The events of an order, in sequence, are its log.

    Attributes:
        order_id: which order.
        number: 1 for its first event, then without gaps.
        act: what was done.
        before, after: the status it moved from and to.
        at_ms: when it took effect.
        recorded_ms: when it was entered; later than ``at_ms`` where a court decided before staff knew.
        by: the member of staff, or ``clock`` where time alone did it.
        reason: why, in the words of who entered it. Names nobody.
        person_id: the protected person it is about, for her own log; None where it is about the order.
    """

    order_id: str
    number: int
    act: Act
    before: Status
    after: Status
    at_ms: int
    recorded_ms: int
    by: str
    reason: str
    person_id: str | None = None
