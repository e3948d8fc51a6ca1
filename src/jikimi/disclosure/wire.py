"""What the web apps send, as their wire contract in docs/architecture.md says. Unknown is null. Units stand in the names."""

from __future__ import annotations

import msgspec

from jikimi.model.decision import Unconfirmed
from jikimi.model.zone import Zone


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Distance and direction in numbers. ``bearing_deg`` is from her to him, clockwise from north.

    ``unconfirmed``: whose report (``monitored``, ``protected``) would put the two nearer and waits for a second one; mostly null.
    """

    low_m: float
    high_m: float
    bearing_deg: float | None
    movement: str
    contact_s: float | None
    fix_age_s: float
    unconfirmed: str | None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One side's position. Without ``pin`` only the circle may be drawn."""

    latitude: float
    longitude: float
    error_m: float
    age_s: float
    course_deg: float | None
    speed_mps: float | None
    pin: bool


class RingFrame(msgspec.Struct, frozen=True):
    """One ring of the pair's rules."""

    name: str
    radius_m: float


class MapFrame(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a map shows. To be dropped from the screen when ``valid_s`` have passed without a new one."""

    monitored: Side | None
    protected: Side | None
    rings: tuple[RingFrame, ...]
    zone: Zone | None
    trail: list[tuple[float, float, int]]
    valid_s: float


class PairState(msgspec.Struct, frozen=True, kw_only=True):
    """One pair on her screen."""

    pair: str
    place: str | None
    tier: str
    seen: str
    handset: str
    since_ms: int
    words: Words | None
    map: MapFrame | None
    closed: str | None


class DrillFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A drill on her screen: which tier it plays now, and until when. Nothing of it is real."""

    tier: str
    until_ms: int


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The whole truth for her screen, worst pair first."""

    at_ms: int
    late_s: float
    pairs: list[PairState]
    drill: DrillFrame | None = None


class TransitionFrame(msgspec.Struct, frozen=True, kw_only=True):
    """A transition for her screen."""

    pair: str
    at_ms: int
    tier: str
    tier_before: str
    seen: str
    handset: str


class ReasonFrame(msgspec.Struct, frozen=True, kw_only=True):
    """One reason of a transition."""

    cause: str
    rule: str
    value: float
    limit: float
    side: str | None


class HealthFrame(msgspec.Struct, frozen=True, kw_only=True):
    """How a device is doing."""

    heard_s: float | None
    fix_age_s: float | None
    battery_pct: float | None
    error_m: float | None


class Calling(msgspec.Struct, frozen=True, kw_only=True):
    """Her call for help, while it stands. ``silent``: whoever rings her may give her away."""

    since_ms: int
    silent: bool


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One pair on the desk's board. Holds no coordinates."""

    pair: str
    label_monitored: str | None
    label_protected: str | None
    place: str | None
    tier: str
    seen: str
    handset: str
    since_ms: int
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    movement: str
    approach: str
    unconfirmed: Unconfirmed | None
    sos: Calling | None
    reasons: list[ReasonFrame]
    tag: HealthFrame
    phone: HealthFrame | None


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A transition on the desk."""

    pair: str
    at_ms: int
    tier_before: str
    tier: str
    seen_before: str
    seen: str
    handset_before: str
    handset: str
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    movement: str
    approach: str
    reasons: list[ReasonFrame]
    rules: str
    order: str


class PairPage(msgspec.Struct, frozen=True, kw_only=True):
    """One pair on the desk, opened. ``viewer`` is who looks: a screen that shows a position carries the name.

    ``may_show``: whether the policy lets the desk open his position to her.
    """

    viewer: str
    row: Row
    map: MapFrame | None
    closed: str | None
    moments: list[Moment]
    may_show: bool
