"""Who may see where somebody is, what for, and what counts as looking too much: a jurisdiction's own numbers."""

from __future__ import annotations

import enum

import msgspec


class Purpose(enum.StrEnum):
    """What a position is asked for. A closed list: another purpose is no purpose. Which of them exist is each policy's own."""

    OWN_SAFETY = "own_safety"
    """The protected person sees the danger to herself."""
    RESPONSE = "response"
    """The desk watches over a pair and brings help."""
    INVESTIGATION = "investigation"
    """A court permitted that positions of a past time be read; or they are read at once and the permission follows."""
    EXPORT = "export"
    """An order's or a person's whole record goes to a court, to the person, or to another office: two persons stand for it."""


class Urgency(enum.StrEnum):
    """What opens his position to her while an alarm lasts."""

    RULE = "rule"
    """The policy's ring."""
    OPERATOR = "operator"
    """A person at the desk, with a reason."""
    EITHER = "either"


class Told(enum.StrEnum):
    """How the protected person is told who looked at her."""

    ROLE = "role"
    NAME = "name"


class Bound(enum.StrEnum):
    """Whether something of hers must be bound to her phone, or may be, as she likes."""

    MAY = "may"
    MUST = "must"


class AccessRules(msgspec.Struct, frozen=True, kw_only=True):
    """Access to positions, and what is unusual about it. Numbers of look-ups are whole.

    Attributes:
        purposes: those that the law knows; any other is refused.
        urgency: what opens her view of him while an alarm lasts.
        renew_s: her view closes so long after it opened or was last renewed, whatever the alarm does.
        emergency_s: a copy made before the court's permission is erased after so long without one; 0: never before.
        permission_days: no court's permission is taken to last longer.
        many_views, many_views_s: so many maps opened by one viewer within so many seconds are looked into.
        toward_s: she goes towards him for so long while she sees where he is.
        without_incident, without_incident_s: so many quiet pairs looked up within so many seconds.
        colleagues, colleagues_s: so many incidents of colleagues looked up within so many seconds.
        review_s: a review that nobody decided is late after so long.
        her_told: how she is told who looked at her.
        her_passkey: whether she must bind her phone by a passkey before she sees where he is.
        his_delay_days: a look-up is told to the monitored person so long after it, whatever happens then.
    """

    purposes: tuple[Purpose, ...]
    urgency: Urgency
    renew_s: float
    emergency_s: float
    permission_days: float
    many_views: float
    many_views_s: float
    toward_s: float
    without_incident: float
    without_incident_s: float
    colleagues: float
    colleagues_s: float
    review_s: float
    her_told: Told
    her_passkey: Bound
    his_delay_days: float


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """His position opened to her by a person at the desk.

    Attributes:
        by: who.
        reason: why, in free words.
        until_ms: until when at the longest; the end of the alarm ends it as well.
    """

    by: str
    reason: str
    until_ms: int


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """What lets an investigator read positions of a past time.

    Attributes:
        order_id: the order under which they were taken.
        person_id: whose positions.
        officer: who may read.
        court, number, decided_ms: the decision; all None while an emergency waits for it.
        until_ms: when reading ends; in an emergency, when the copy is erased.
        from_ms, to_ms: the past time that it covers, the end exclusive.
    """

    order_id: str
    person_id: str
    officer: str
    court: str | None
    number: str | None
    decided_ms: int | None
    until_ms: int
    from_ms: int
    to_ms: int
