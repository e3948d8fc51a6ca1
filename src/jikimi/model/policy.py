"""A jurisdiction's numbers, as the core and the gate use them.

``Policy`` is the whole versioned file; ``PairRules`` is what is left of it for one pair once the order's own
distances are known; ``TrackRules`` is what one deployment believes about positions.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

from jikimi.model.access import AccessRules
from jikimi.model.sampling import SamplingRules


class PairRules(msgspec.Struct, frozen=True, kw_only=True):
    """Numbers for judging one pair. Metres, seconds, m/s. ``danger_m <= warning_m <= watch_m``, same for ``_s``.

    Attributes:
        version: policy id and version, quoted in every decision.
        watch_m, warning_m, danger_m: rings; watch and danger hold while any point of the region is within their ring, a
            warning while somebody comes as well.
        warning_floor_m: the part of the warning ring that counts whoever comes, ``danger_m`` to ``warning_m``: all of it where a
            law sets the ring.
        watch_s, warning_s, danger_s: times to contact, same meaning.
        leave_margin_m: how far outside a ring the whole region must be before the tier is left.
        leave_dwell_s: for how long; while a side is vague, an alarm is left after ``evidence_memory_s`` if that is longer.
        stale_after_s, blind_after_s: ages of the last usable fix at which sight worsens.
        vague_error_m: a region wider than this is at best stale.
        assumed_speed_mps: the least speed a person is credited with when not seen.
        assumed_closing_mps: the least closing speed used for the time to contact.
        growth_max_s: the longest silence for which the region grows; after it ``blind`` speaks.
        close_contact_s: a suspect fix nearer than this time counts at once, and so does the latest turn towards each other.
        overdue_intervals: after so many of its own intervals a device's fix is overdue, and its region grows; at most
            ``blind_after_s``. Of who rests: so many times the longest silence after which he was still there.
        lull_most_s: the latest that such a silence is overdue, however usual it is.
        soon_intervals: who can be there within so many of the devices' intervals comes soon.
        soon_slope: who passes farther off than the order's distance and this share of the distance does not.
        turn_spread_deg: how far people turn off a straight way, unforeseen; the least half-angle of the cone they go into.
        cone_sigmas: who passes outside the cone by this many of its half-angles does not come.
        warning_cone_m, danger_cone_m: a cone wider than this, half, at the other's distance is no evidence for that tier.
        heading_reach_m: farther than this from the other a direction is no evidence: roads turn.
        heading_reach_s: unless the way there takes less than this at the closing speed.
        evidence_memory_s: so long after somebody came, a warning still holds within the whole ring.
        soon_least_m: who comes nearer, and is no farther than this from the order's distance, comes soon as well.
        seldom_s, seldom_slope: of devices that report less often, the way gone may lead there instead, to this share of the distance.
        untold_s: of devices that report less often than this no course counts.
        creep_mps, creep_stride_s: whose way gone closes in faster than this, with a stride so lately, creeps.
        suspect_share: a suspect fix is that near at this share of the speed shown, too.
        follow_s, follow_deg: who made strides within this time, on ways no farther apart than this, goes where the other goes.
    """

    version: str
    watch_m: float
    warning_m: float
    danger_m: float
    warning_floor_m: float
    watch_s: float
    warning_s: float
    danger_s: float
    leave_margin_m: float
    leave_dwell_s: float
    stale_after_s: float
    blind_after_s: float
    vague_error_m: float
    assumed_speed_mps: float
    assumed_closing_mps: float
    growth_max_s: float
    close_contact_s: float
    overdue_intervals: float
    lull_most_s: float
    soon_intervals: float
    soon_slope: float
    turn_spread_deg: float
    cone_sigmas: float
    warning_cone_m: float
    danger_cone_m: float
    heading_reach_m: float
    heading_reach_s: float = 0.0
    """Has a default for journals that were written before there was this rule."""
    evidence_memory_s: float
    soon_least_m: float = 250.0
    seldom_s: float = 45.0
    seldom_slope: float = 0.7
    untold_s: float = 150.0
    creep_mps: float = 0.1
    creep_stride_s: float = 90.0
    suspect_share: float = 0.5
    follow_s: float = 300.0
    follow_deg: float = 60.0
    """These too have defaults for journals that were written before they stood in the policy: what the core had then."""


class TrackRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is believed about one person's fixes, whoever is near. Metres, seconds, m/s.

    Attributes:
        accel_mps2: spread of unforeseen acceleration (process noise of the filter).
        gate_sigma: a fix farther than this many standard deviations from the prediction is a surprise.
        reset_after_s: after this gap the velocity is forgotten and the track set anew.
        max_speed_mps: faster than people travel.
        shown_memory_s: time constant in which a speed once shown fades (to 37 %).
        rest_begins_s: who made no stride for so long rests: his position is then a mean of his fixes.
        rest_gate_sigma: a fix within so many standard deviations of where somebody rests finds him resting.
        rest_sway_m: how far a resting person gets in ten minutes, about house and yard; how fast the mean forgets.
        rest_alike_s: errors of fixes this near in time are alike; so much less does each add to the mean.
        future_tolerance_s: a fix dated this much later than received is still taken as it stands.
        floor_gnss_m, floor_wifi_m, floor_cell_m, floor_fused_m, floor_unknown_m: least error believed per source.
        default_gnss_m, default_wifi_m, default_cell_m, default_fused_m, default_unknown_m: error assumed where
            the device claims none.
    """

    accel_mps2: float
    gate_sigma: float
    reset_after_s: float
    max_speed_mps: float
    shown_memory_s: float
    rest_begins_s: float
    rest_gate_sigma: float
    rest_sway_m: float
    rest_alike_s: float
    future_tolerance_s: float
    floor_gnss_m: float
    floor_wifi_m: float
    floor_cell_m: float
    floor_fused_m: float
    floor_unknown_m: float
    default_gnss_m: float
    default_wifi_m: float
    default_cell_m: float
    default_fused_m: float
    default_unknown_m: float


class MapView(enum.StrEnum):
    """When she may see where he is."""

    INSIDE_RING = "inside_ring"
    CONTINUOUS = "continuous"
    NEVER = "never"


class ViewRules(msgspec.Struct, frozen=True, kw_only=True):
    """What her app may show, and for how long.

    Attributes:
        map_view: the rule by which positions open.
        map_ring_m: with ``INSIDE_RING``: positions open while the nearest possible distance is within this.
        words_ring_m: distance and direction in words open while within this (``None``: at every distance).
        close_after_s: an open view closes this long after its reason ended.
        position_max_age_s: an older position is shown as old; twice this age removes it.
        trail_s: minutes of his movement shown while the alarm lasts; 0 shows none.
    """

    map_view: MapView
    map_ring_m: float
    words_ring_m: float | None
    close_after_s: float
    position_max_age_s: float
    trail_s: float


class Ring(msgspec.Struct, frozen=True, kw_only=True):
    """A distance of the policy, or one that the order sets.

    Attributes:
        metres: the distance, or the default where the order sets none.
        order_field: ``distance_m`` or ``alert_m`` of the order, if it may set this ring; else None.
        factor: what the order's number is multiplied by (France: the pre-alert is twice the alert).
        least_m, most_m: bounds the law puts on it, after the factor; None where it puts none.
        always: whether it counts whoever comes. False only for a warning ring that no law sets: there, who comes decides, save
            inside the danger ring and inside the order's own distances.
    """

    metres: float
    order_field: str | None = None
    factor: float = 1.0
    least_m: float | None = None
    most_m: float | None = None
    always: bool = True


class Rings(msgspec.Struct, frozen=True, kw_only=True):
    """The three rings of a pair or a place."""

    watch: Ring
    warning: Ring
    danger: Ring


class Citation(msgspec.Struct, frozen=True, kw_only=True):
    """Where a number comes from: ``rule`` is its path in the file (``rings.watch``), ``source`` the law or reason."""

    rule: str
    source: str
    note: str | None = None


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """Times to contact, seconds."""

    watch_s: float
    warning_s: float
    danger_s: float


class Judging(msgspec.Struct, frozen=True, kw_only=True):
    """The rest of ``PairRules``; see there."""

    leave_margin_m: float
    leave_dwell_s: float
    stale_after_s: float
    blind_after_s: float
    vague_error_m: float
    assumed_speed_mps: float
    assumed_closing_mps: float
    growth_max_s: float
    close_contact_s: float
    overdue_intervals: float
    lull_most_s: float
    soon_intervals: float
    soon_slope: float
    turn_spread_deg: float
    cone_sigmas: float
    warning_cone_m: float
    danger_cone_m: float
    heading_reach_m: float
    heading_reach_s: float
    evidence_memory_s: float
    soon_least_m: float
    seldom_s: float
    seldom_slope: float
    untold_s: float
    creep_mps: float
    creep_stride_s: float
    suspect_share: float
    follow_s: float
    follow_deg: float


class AdviceRules(msgspec.Struct, frozen=True, kw_only=True):
    """What is usual where the policy applies, for the advice on distances (``orders.advice``).

    Attributes:
        police_s: how long the police need to her, seconds; None: unknown, and nothing is compared.
        trips_a_day: ways of the monitored person from one place to another in a day. Household travel surveys count 2 to 3.5.
        city_radius_m: radius of the disc in which these ways lie. Default: a city of some 300 square kilometres.
        trip_m: mean length of a trip along its way; None: a straight way through the city.
    """

    police_s: float | None = None
    trips_a_day: float = 3.0
    city_radius_m: float = 10_000.0
    trip_m: float | None = None


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """One jurisdiction's policy, one version.

    ``policy_id`` is like ``kr``; ``version`` like ``2026-06``. ``valid_until`` is exclusive or None. ``time_zone``
    is an IANA name for texts; ``languages`` are BCP 47 tags, first is the default; ``emergency_number`` is what
    her app dials.
    """

    policy_id: str
    version: str
    name: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    time_zone: str
    languages: tuple[str, ...]
    emergency_number: str
    rings: Rings
    place_rings: Rings
    times: Times
    judging: Judging
    track: TrackRules
    view: ViewRules
    access: AccessRules
    sampling: SamplingRules
    advice: AdviceRules
    citations: tuple[Citation, ...]
