"""Do the numbers of a policy make sense together? Each check is one promise that a single value cannot break alone."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator

from jikimi.model.access import AccessRules, Purpose, Urgency
from jikimi.model.policy import Judging, MapView, Ring, Rings, Times, TrackRules, ViewRules
from jikimi.policy.defect import Finding
from jikimi.policy.resolve import stated_m
from jikimi.policy.zones import known_zones

_TIERS = ("watch", "warning", "danger")
_SOURCES = ("gnss", "wifi", "cell", "fused", "unknown")


def ring_findings(rings: Rings, table: str) -> Iterator[Finding]:
    """Each ring on its own, then all three at every extreme that an order may set."""
    for tier in _TIERS:
        for keys, sentence in _one_ring(getattr(rings, tier)):
            yield (table, tier, *keys), sentence
        if tier != "warning" and not getattr(rings, tier).always:
            yield (table, tier, "always"), "may be false for a warning ring only: her notice and the order itself ask nobody's intention"
    seen: set[str] = set()
    for distance_m, alert_m in _extremes(rings):
        watch, warning, danger = (stated_m(getattr(rings, tier), distance_m, alert_m) for tier in _TIERS)
        for inner, inner_m, outer, outer_m in (("danger", danger, "warning", warning), ("warning", warning, "watch", watch)):
            if inner_m > outer_m and inner not in seen:
                seen.add(inner)
                yield (table, inner), f"reaches {inner_m:g} m{_when(distance_m, alert_m)}, beyond {outer} with {outer_m:g} m"


def _one_ring(ring: Ring) -> Iterator[Finding]:
    if ring.order_field is None:
        for key in ("least_m", "most_m"):
            if getattr(ring, key) is not None:
                yield (key,), "bounds what an order sets, but no order_field says which number that is"
        if ring.factor != 1.0:
            yield ("factor",), "multiplies what an order sets, but no order_field says which number that is"
    if ring.least_m is not None and ring.metres < ring.least_m:
        yield ("metres",), f"is {ring.metres:g} m, below least_m with {ring.least_m:g} m"
    if ring.most_m is not None and ring.metres > ring.most_m:
        yield ("metres",), f"is {ring.metres:g} m, above most_m with {ring.most_m:g} m"


def _extremes(rings: Rings) -> Iterator[tuple[float | None, float | None]]:
    """Every combination of an order's distances at which some ring meets one of its bounds, and none at all."""
    met: dict[str, set[float | None]] = {"distance_m": {None}, "alert_m": {None}}
    for ring in (rings.watch, rings.warning, rings.danger):
        if ring.order_field is not None:
            met[ring.order_field] |= {bound / ring.factor for bound in (ring.least_m, ring.most_m) if bound is not None}
    yield from itertools.product(*(sorted(values, key=lambda value: -1.0 if value is None else value) for values in met.values()))


def _when(distance_m: float | None, alert_m: float | None) -> str:
    said = [f"{name} of {value:g} m" for name, value in (("a distance_m", distance_m), ("an alert_m", alert_m)) if value is not None]
    return f" when an order sets {' and '.join(said)}" if said else ""


def time_findings(times: Times) -> Iterator[Finding]:
    """A nearer tier means less time."""
    if times.danger_s > times.warning_s:
        yield ("times", "danger_s"), f"is {times.danger_s:g} s, longer than warning_s with {times.warning_s:g} s"
    if times.warning_s > times.watch_s:
        yield ("times", "warning_s"), f"is {times.warning_s:g} s, longer than watch_s with {times.watch_s:g} s"


def judging_findings(judging: Judging) -> Iterator[Finding]:
    """Sight worsens in order, and no silence falls between growth and blindness."""
    if judging.stale_after_s >= judging.blind_after_s:
        yield ("judging", "stale_after_s"), f"is {judging.stale_after_s:g} s, not before blind_after_s with {judging.blind_after_s:g} s"
    if judging.growth_max_s < judging.blind_after_s:
        sentence = f"is {judging.growth_max_s:g} s; growth must last at least until blind_after_s with {judging.blind_after_s:g} s"
        yield ("judging", "growth_max_s"), sentence


def track_findings(track: TrackRules) -> Iterator[Finding]:
    """What is assumed when a device says nothing is no better than the best it is believed when it speaks."""
    for source in _SOURCES:
        floor_m, default_m = getattr(track, f"floor_{source}_m"), getattr(track, f"default_{source}_m")
        if default_m < floor_m:
            yield ("track", f"default_{source}_m"), f"is {default_m:g} m, better than floor_{source}_m with {floor_m:g} m"


def view_findings(view: ViewRules, judging: Judging | None, rings: tuple[Rings, ...]) -> Iterator[Finding]:
    """A map opens only where the tier already says why, and a dot is never live for longer than sight is."""
    if view.map_view is MapView.INSIDE_RING:
        yield from _map_ring_findings(view, rings)
    elif view.map_ring_m != 0.0:
        yield ("view", "map_ring_m"), f"is {view.map_ring_m:g} m, which nobody reads with map_view {view.map_view.value}: write 0"
    if view.map_view is MapView.CONTINUOUS and view.words_ring_m is not None:
        yield ("view", "words_ring_m"), "closes the words while the map is always open: write inf"
    if judging is not None and view.position_max_age_s > judging.stale_after_s:
        sentence = (
            f"is {view.position_max_age_s:g} s; a position must be shown as old by judging.stale_after_s, {judging.stale_after_s:g} s"
        )
        yield ("view", "position_max_age_s"), sentence


def _map_ring_findings(view: ViewRules, rings: tuple[Rings, ...]) -> Iterator[Finding]:
    if view.map_ring_m <= 0.0:
        yield ("view", "map_ring_m"), "is 0 m with map_view inside_ring: write never if the map stays closed"
    if view.words_ring_m is not None and view.words_ring_m < view.map_ring_m:
        yield ("view", "words_ring_m"), f"is {view.words_ring_m:g} m, smaller than map_ring_m with {view.map_ring_m:g} m"
    for one in rings:
        watch_m = min(stated_m(one.watch, distance_m, alert_m) for distance_m, alert_m in _extremes(one))
        if view.map_ring_m > watch_m:
            yield (
                ("view", "map_ring_m"),
                f"is {view.map_ring_m:g} m, beyond a watch ring of {watch_m:g} m, out of which she is told nothing yet",
            )
            return


def access_findings(access: AccessRules, view: ViewRules | None) -> Iterator[Finding]:
    """Numbers that nobody would read are refused, and so is a purpose named twice."""
    for place, purpose in enumerate(access.purposes):
        if purpose in access.purposes[:place]:
            yield ("access", "purposes", place), f"names {purpose.value} a second time"
    for needed in (Purpose.OWN_SAFETY, Purpose.RESPONSE):
        if needed not in access.purposes:
            yield ("access", "purposes"), f"lacks {needed.value}: without it an alarm would show nothing to those whom it concerns"
    if Purpose.INVESTIGATION not in access.purposes and access.emergency_s > 0.0:
        yield ("access", "emergency_s"), f"is {access.emergency_s:g} s, which nobody reads without the purpose investigation: write 0"
    if view is not None and view.map_view is not MapView.INSIDE_RING and access.urgency is not Urgency.RULE:
        yield ("access", "urgency"), f"is {access.urgency.value}, which nobody reads with map_view {view.map_view.value}: write rule"


def validity_findings(valid_from: dt.date, valid_until: dt.date | None) -> Iterator[Finding]:
    """A version is valid for at least a day."""
    if valid_until is not None and valid_until <= valid_from:
        yield ("valid_until",), f"is {valid_until}, not after valid_from with {valid_from}; the day itself no longer counts"


def time_zone_findings(time_zone: str) -> Iterator[Finding]:
    """The zone exists. A machine without a zone database can check the form only."""
    known = known_zones()
    if known and time_zone not in known:
        yield ("time_zone",), f"is {time_zone}, which is no time zone of the IANA database"


def language_findings(languages: list[str]) -> Iterator[Finding]:
    """Each language is named once."""
    for place, language in enumerate(languages):
        if language in languages[:place]:
            yield ("languages", place), f"names {language} a second time"
