"""What the core says: tiers, sight, transitions with reasons, and the evidence behind a pair at one moment."""

from __future__ import annotations

import enum

import msgspec

from jikimi.model.fix import Source


class Tier(enum.IntEnum):
    """How near danger is, for one pair. Ordered: a higher one is worse."""

    CLEAR = 0
    WATCH = 1
    WARNING = 2
    DANGER = 3


class Sight(enum.IntEnum):
    """How well one side is seen. Ordered: a higher one is worse."""

    LIVE = 0
    STALE = 1
    BLIND = 2


class Cause(enum.StrEnum):
    """Why a transition happened."""

    DISTANCE = "distance"
    """Some point of the region is within the ring."""
    TIME = "time"
    """Contact is possible within the time."""
    GROWTH = "growth"
    """Nothing new was seen, and the region in which he or she could be has grown into the ring."""
    SEGMENT = "segment"
    """The straight way between two fixes came within the ring."""
    HEADING = "heading"
    """The way gone leads one to the other: half the width of the cone there, and the widest that counts."""
    SOON = "soon"
    """Coming nearer, they could meet before the devices report again."""
    LOST = "lost"
    """A side is not seen any more, and they came nearer when it was."""
    ANEW = "anew"
    """A side turned up near, unseen on the way."""
    SUSPECT = "suspect"
    """One surprising fix, so close that waiting for a second would be wrong."""
    LEFT = "left"
    """The whole region has been outside by the margin for the dwell time."""
    AGED = "aged"
    """The last usable fix of a side grew too old."""
    VAGUE = "vague"
    """The error of a side is too wide."""
    SEEN = "seen"
    """A side is seen again."""


class Reason(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One reason. ``rule`` names the policy's number (``warning_m``), ``value`` what was found, ``limit`` the number.

    Units follow the rule's name (``_m`` metres, ``_s`` seconds). ``side`` is ``monitored`` or ``protected`` where
    the reason is about one of them, else None.
    """

    cause: Cause
    rule: str
    value: float
    limit: float
    side: str | None = None


class Approach(enum.StrEnum):
    """Whose movement closes the distance."""

    MONITORED = "monitored"
    PROTECTED = "protected"
    BOTH = "both"
    CANNOT_TELL = "cannot_tell"
    NONE = "none"
    """The distance is not closing."""


class Movement(enum.StrEnum):
    """How the distance changes."""

    APPROACHING = "approaching"
    LEAVING = "leaving"
    STEADY = "steady"
    UNKNOWN = "unknown"


class Transition(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A change of tier or of a side's sight. The only output of the core. Holds no coordinates.

    Attributes:
        pair_id: the pair.
        number: counts the pair's transitions from 1.
        at_ms: when it became true.
        tier_before, tier: before and after.
        monitored_before, monitored: sight of the monitored person's side.
        protected_before, protected: sight of the protected side; a place is always LIVE.
        reasons: at least one.
        low_m, high_m: separation, or None while a side was never seen.
        contact_s: time to contact, or None.
        movement, approach: how the distance changes and through whom.
        monitored_fix, protected_fix: ids of the last fixes used, or None.
        order_id: the order.
        rules: version of the rules that judged.
    """

    pair_id: str
    number: int
    at_ms: int
    tier_before: Tier
    tier: Tier
    monitored_before: Sight
    monitored: Sight
    protected_before: Sight
    protected: Sight
    reasons: tuple[Reason, ...]
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    movement: Movement
    approach: Approach
    monitored_fix: str | None
    protected_fix: str | None
    order_id: str
    rules: str


class SideView(msgspec.Struct, frozen=True, kw_only=True):
    """One side as believed at one moment. Holds coordinates: only the gate may pass it on.

    Attributes:
        latitude, longitude: believed position, degrees.
        error_m: radius that holds the true position with 95 %, at the time of the fix.
        reach_m: the same radius grown by the age of the fix.
        age_s: age of the last usable fix.
        fix_time_ms: its time.
        speed_mps, course_deg: filtered movement; None when unknown or at rest.
        source: what the last fix came from; a CELL fix never makes a pin.
    """

    latitude: float
    longitude: float
    error_m: float
    reach_m: float
    age_s: float
    fix_time_ms: int
    speed_mps: float | None
    course_deg: float | None
    source: Source


class Unconfirmed(msgspec.Struct, frozen=True):
    """A surprising report of one side that waits for a second one to agree, and would put the two nearer: how near at least, metres."""

    side: str
    low_m: float


class PairView(msgspec.Struct, frozen=True, kw_only=True):
    """A pair at one moment. Holds coordinates: only the gate may pass it on.

    ``distance_m`` and ``bearing_deg`` (from the protected side to the monitored person, clockwise from north) are
    best estimates; ``low_m``/``high_m`` the interval. ``closing_mps`` > 0 while the distance shrinks.
    ``cpa_m``/``cpa_s``: distance and time of the closest approach if both keep their course, None when unknown.
    ``since_ms``: when the present tier began. ``unconfirmed``: a report that is not believed yet and would put them nearer; the tier
    may rest on it while every other number here does not.
    """

    pair_id: str
    order_id: str
    tier: Tier
    monitored_sight: Sight
    protected_sight: Sight
    since_ms: int
    at_ms: int
    monitored: SideView | None
    protected: SideView | None
    distance_m: float | None
    bearing_deg: float | None
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    closing_mps: float | None
    cpa_m: float | None
    cpa_s: float | None
    movement: Movement
    approach: Approach
    last: Transition | None
    unconfirmed: Unconfirmed | None = None
