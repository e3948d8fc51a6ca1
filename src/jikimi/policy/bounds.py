"""Which values each field of a policy may have at all. A value outside is a slip of the pen, not a policy.

The bounds are wide on purpose: they catch a distance in kilometres, a time in minutes or a missing digit. What is wise
within them is the ministry's decision.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Bound(NamedTuple):
    """Least and greatest value, both allowed, and the unit for the sentence."""

    least: float
    most: float
    unit: str


_RING = Bound(10.0, 100_000.0, "m")
_CONTACT = Bound(10.0, 86_400.0, "s")
_ERROR = Bound(1.0, 50_000.0, "m")
_INTERVAL = Bound(1.0, 300.0, "s")

NUMBERS: dict[tuple[str, str], Bound] = {
    ("Ring", "metres"): _RING,
    ("Ring", "factor"): Bound(1.0, 20.0, "times"),
    ("Ring", "least_m"): _RING,
    ("Ring", "most_m"): _RING,
    ("Times", "watch_s"): _CONTACT,
    ("Times", "warning_s"): _CONTACT,
    ("Times", "danger_s"): _CONTACT,
    ("Judging", "leave_margin_m"): Bound(0.0, 5_000.0, "m"),
    ("Judging", "leave_dwell_s"): Bound(0.0, 3_600.0, "s"),
    ("Judging", "stale_after_s"): Bound(5.0, 3_600.0, "s"),
    ("Judging", "blind_after_s"): Bound(10.0, 7_200.0, "s"),
    ("Judging", "vague_error_m"): Bound(20.0, 20_000.0, "m"),
    ("Judging", "assumed_speed_mps"): Bound(0.5, 60.0, "m/s"),
    ("Judging", "assumed_closing_mps"): Bound(0.5, 60.0, "m/s"),
    ("Judging", "growth_max_s"): Bound(10.0, 86_400.0, "s"),
    ("Judging", "close_contact_s"): Bound(0.0, 3_600.0, "s"),
    ("Judging", "overdue_intervals"): Bound(1.0, 10.0, "intervals"),
    ("Judging", "lull_most_s"): Bound(0.0, 86_400.0, "s"),
    ("Judging", "soon_intervals"): Bound(0.0, 10.0, "intervals"),
    ("Judging", "soon_slope"): Bound(0.0, 10.0, "of the distance"),
    ("Judging", "turn_spread_deg"): Bound(0.0, 90.0, "degrees"),
    ("Judging", "cone_sigmas"): Bound(0.0, 10.0, "half-angles"),
    ("Judging", "warning_cone_m"): Bound(10.0, 100_000.0, "m"),
    ("Judging", "danger_cone_m"): Bound(10.0, 100_000.0, "m"),
    ("Judging", "heading_reach_m"): Bound(100.0, 100_000.0, "m"),
    ("Judging", "heading_reach_s"): Bound(0.0, 900.0, "s"),
    ("Judging", "evidence_memory_s"): Bound(0.0, 7_200.0, "s"),
    ("Judging", "soon_least_m"): Bound(0.0, 5_000.0, "m"),
    ("Judging", "seldom_s"): Bound(1.0, 3_600.0, "s"),
    ("Judging", "seldom_slope"): Bound(0.0, 10.0, "of the distance"),
    ("Judging", "untold_s"): Bound(1.0, 3_600.0, "s"),
    ("Judging", "creep_mps"): Bound(0.0, 0.4, "m/s"),
    ("Judging", "creep_stride_s"): Bound(0.0, 3_600.0, "s"),
    ("Judging", "suspect_share"): Bound(0.0, 1.0, "of the speed shown"),
    ("Judging", "follow_s"): Bound(0.0, 3_600.0, "s"),
    ("Judging", "follow_deg"): Bound(0.0, 180.0, "degrees"),
    ("TrackRules", "accel_mps2"): Bound(0.05, 20.0, "m/s²"),
    ("TrackRules", "gate_sigma"): Bound(2.0, 20.0, "standard deviations"),
    ("TrackRules", "reset_after_s"): Bound(5.0, 3_600.0, "s"),
    ("TrackRules", "max_speed_mps"): Bound(30.0, 350.0, "m/s"),
    ("TrackRules", "shown_memory_s"): Bound(0.0, 3_600.0, "s"),
    ("TrackRules", "rest_begins_s"): Bound(5.0, 3_600.0, "s"),
    ("TrackRules", "rest_gate_sigma"): Bound(1.0, 20.0, "standard deviations"),
    ("TrackRules", "rest_sway_m"): Bound(0.1, 1_000.0, "m in ten minutes"),
    ("TrackRules", "rest_alike_s"): Bound(0.0, 3_600.0, "s"),
    ("TrackRules", "future_tolerance_s"): Bound(0.0, 300.0, "s"),
    ("TrackRules", "floor_gnss_m"): _ERROR,
    ("TrackRules", "floor_wifi_m"): _ERROR,
    ("TrackRules", "floor_cell_m"): _ERROR,
    ("TrackRules", "floor_fused_m"): _ERROR,
    ("TrackRules", "floor_unknown_m"): _ERROR,
    ("TrackRules", "default_gnss_m"): _ERROR,
    ("TrackRules", "default_wifi_m"): _ERROR,
    ("TrackRules", "default_cell_m"): _ERROR,
    ("TrackRules", "default_fused_m"): _ERROR,
    ("TrackRules", "default_unknown_m"): _ERROR,
    ("SamplingRules", "steps_s"): _INTERVAL,
    ("SamplingRules", "watch_s"): _INTERVAL,
    ("SamplingRules", "unseen_s"): _INTERVAL,
    ("SamplingRules", "rest_s"): _INTERVAL,
    ("SamplingRules", "walk_s"): _INTERVAL,
    ("SamplingRules", "ride_s"): _INTERVAL,
    ("SamplingRules", "reports_before"): Bound(1.0, 20.0, "reports"),
    ("SamplingRules", "stale_share"): Bound(0.1, 1.0, "of stale_after_s"),
    ("SamplingRules", "rest_mps"): Bound(0.1, 1.4, "m/s"),
    ("SamplingRules", "ride_mps"): Bound(1.5, 10.0, "m/s"),
    ("SamplingRules", "repeat_s"): Bound(60.0, 86_400.0, "s"),
    ("AdviceRules", "police_s"): Bound(30.0, 86_400.0, "s"),
    ("AdviceRules", "trips_a_day"): Bound(0.0, 1_000.0, "trips"),
    ("AdviceRules", "city_radius_m"): Bound(100.0, 1_000_000.0, "m"),
    ("AdviceRules", "trip_m"): Bound(0.0, 1_000_000.0, "m"),
    ("ViewRules", "map_ring_m"): Bound(0.0, 100_000.0, "m"),
    ("ViewRules", "words_ring_m"): Bound(0.0, 100_000.0, "m"),
    # With the ten seconds between two looks of the gate: an all-clear closes the view within 30 s.
    ("ViewRules", "close_after_s"): Bound(0.0, 20.0, "s"),
    ("ViewRules", "position_max_age_s"): Bound(5.0, 3_600.0, "s"),
    ("ViewRules", "trail_s"): Bound(0.0, 3_600.0, "s"),
    ("AccessRules", "renew_s"): Bound(60.0, 600.0, "s"),
    ("AccessRules", "emergency_s"): Bound(0.0, 604_800.0, "s"),
    ("AccessRules", "permission_days"): Bound(1.0, 366.0, "days"),
    ("AccessRules", "many_views"): Bound(2.0, 10_000.0, "maps"),
    ("AccessRules", "many_views_s"): Bound(60.0, 604_800.0, "s"),
    ("AccessRules", "toward_s"): Bound(10.0, 3_600.0, "s"),
    ("AccessRules", "without_incident"): Bound(1.0, 10_000.0, "look-ups"),
    ("AccessRules", "without_incident_s"): Bound(60.0, 604_800.0, "s"),
    ("AccessRules", "colleagues"): Bound(1.0, 10_000.0, "look-ups"),
    ("AccessRules", "colleagues_s"): Bound(60.0, 604_800.0, "s"),
    ("AccessRules", "review_s"): Bound(3_600.0, 2_592_000.0, "s"),
    ("AccessRules", "his_delay_days"): Bound(0.0, 3_660.0, "days"),
}
"""By type and field of ``jikimi.model.policy``."""

UNBOUNDED = frozenset({("ViewRules", "words_ring_m")})
"""Fields whose type allows None: TOML has no null, so ``inf`` says "at every distance" there."""


class Text(NamedTuple):
    """A pattern that the whole text must match, and how to say so."""

    pattern: re.Pattern[str]
    wanted: str


_SOMETHING = Text(re.compile(r"\S(.*\S)?", re.DOTALL), "must say something, without space at its ends")

TEXTS: dict[tuple[str, str], Text] = {
    ("Policy", "policy_id"): Text(re.compile(r"[a-z][a-z0-9-]{1,30}"), "must be a short name in small letters, such as kr or us-tn"),
    ("Policy", "version"): Text(re.compile(r"\d{4}-(0[1-9]|1[0-2])(\.\d{1,3})?"), "must be a year and month, such as 2026-06 or 2026-06.2"),
    ("Policy", "name"): _SOMETHING,
    ("Policy", "time_zone"): Text(re.compile(r"UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]+)+"), "must be an IANA name, such as Asia/Seoul"),
    ("Policy", "languages"): Text(re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"), "must be a language tag, such as ko or pt-BR"),
    ("Policy", "emergency_number"): Text(re.compile(r"\+?[0-9]{2,15}"), "must be the digits that a phone dials, such as 112"),
    ("Ring", "order_field"): Text(re.compile(r"distance_m|alert_m"), "must be distance_m or alert_m, the two distances an order has"),
    ("Citation", "rule"): _SOMETHING,
    ("Citation", "source"): _SOMETHING,
    ("Citation", "note"): _SOMETHING,
}
