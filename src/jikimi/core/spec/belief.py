"""One person's track, by the textbook: full 4x4 Kalman filter, every length an exact geodesic.

Needs numpy and pyproj (the ``test`` extra). Nothing that runs imports this.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Geod

from jikimi.core.spec.compare import Compare
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.policy import TrackRules

EARTH: Final = Geod(ellps="WGS84")
Vector = npt.NDArray[np.float64]

# Radii of 68 % and 95 % of a circular normal error, rounded as docs/decisions.md states them.
SIGMAS_68: Final = 1.515
SIGMAS_95: Final = 2.448


def between(lat_1: float, lon_1: float, lat_2: float, lon_2: float) -> Vector:
    """Return (east, north) metres along the geodesic from the first point to the second.

    Its direction is taken half-way: meridians converge, and neither end has a better claim to north.
    """
    start, end, length = EARTH.inv(lon_1, lat_1, lon_2, lat_2)
    azimuth = start + math.remainder(end + 180.0 - start, 360.0) / 2
    direction: Vector = np.array([math.sin(math.radians(azimuth)), math.cos(math.radians(azimuth))])
    way: Vector = direction * length
    return way


def beyond(lat: float, lon: float, way: Vector) -> tuple[float, float]:
    """Return the point whose way from here, as ``between`` states it, is this one."""
    wanted = math.degrees(math.atan2(way[0], way[1]))
    azimuth = wanted
    for _ in range(3):
        lon_2, lat_2, _ = EARTH.fwd(lon, lat, azimuth, float(np.hypot(*way)))
        found = between(lat, lon, lat_2, lon_2)
        azimuth += math.remainder(wanted - math.degrees(math.atan2(found[0], found[1])), 360.0)
    return lat_2, lon_2


class Suspect:
    """A fix that surprised and waits for a second one."""

    def __init__(self, t_ms: int, lat: float, lon: float, variance: float, floor: float) -> None:
        self.t_ms, self.lat, self.lon, self.variance = t_ms, lat, lon, variance
        self.error_m = max(SIGMAS_95 * math.sqrt(variance), floor)
        self.lead: tuple[Vector, float] | None = None


class Belief:
    """What is believed of one person after the fixes so far."""

    def __init__(self, rules: TrackRules, compare: Compare) -> None:
        self.rules = rules
        self.compare = compare
        self.known = False
        self.seats = 0
        self.shown = 0.0
        self.anew = False
        self.pace_s = 0.0
        self.way: Vector = np.zeros(2)
        self.way_s = self.walked = self.stride_s = 0.0
        self.stride: Vector = np.zeros(2)
        self.suspect: Suspect | None = None
        self.rests = False
        self.left: tuple[float, float, float, float] | None = None
        self.lull_s = self.scatter = 0.0

    def error_of(self, fix: Fix) -> tuple[float, float]:
        """Return (variance per axis, floor of the region) of a fix."""
        name = Source(fix.source).value
        floor = float(getattr(self.rules, f"floor_{name}_m"))
        claimed = float(getattr(self.rules, f"default_{name}_m")) if fix.error_m is None else fix.error_m
        variance = min(max(claimed, floor) / SIGMAS_68, 1e7) ** 2
        if fix.error_m is None and name == "unknown" and self.scatter > 0.0:
            variance = min(variance, max(self.scatter, (floor / SIGMAS_68) ** 2))
        return variance, floor

    def seat(self, t_ms: int, fix: Fix, variance: float) -> None:
        """Begin anew at this fix."""
        self.known = True
        self.seats += 1
        self.t_ms, self.lat, self.lon = t_ms, fix.latitude, fix.longitude
        self.velocity: Vector = np.zeros(2)
        self.lag: Vector = np.zeros(2)
        self.covariance = np.diag([variance, variance, 100.0, 100.0])
        self.suspect = None
        self.rests, self.still = False, False

    def take(self, fix: Fix, now_ms: int) -> Verdict:
        """Judge one fix received now."""
        if fix.valid is False:
            return Verdict.INVALID
        if abs(fix.latitude) < 1e-5 and abs(fix.longitude) < 1e-5:
            return Verdict.ZERO_ISLAND
        variance, floor = self.error_of(fix)
        t_ms = min(fix.fix_time_ms, now_ms)
        verdict = self._place(fix, t_ms, variance, floor)
        if verdict not in {Verdict.USED, Verdict.CONFIRMED}:
            return verdict
        self.last = (fix.latitude, fix.longitude)
        self.error_m = max(SIGMAS_95 * math.sqrt(self.covariance[0, 0]), floor)
        late_ms = self.rules.future_tolerance_s * 1000
        return Verdict.FUTURE if fix.fix_time_ms > now_ms + late_ms else verdict

    def _place(self, fix: Fix, t_ms: int, variance: float, floor: float) -> Verdict:
        if not self.known:
            self.seat(t_ms, fix, variance)
            return Verdict.USED
        if t_ms < self.t_ms:
            return Verdict.OUT_OF_ORDER
        dt = (t_ms - self.t_ms) / 1000
        if dt == 0 and (fix.latitude, fix.longitude) == self.last:
            return Verdict.DUPLICATE
        if self.left is not None:
            self._come_back(fix, variance)
        if (self.rests or self.stride_s >= self.rules.rest_begins_s) and self._rest(fix, dt, variance):
            self.t_ms, self.suspect = t_ms, None
            return Verdict.USED
        verdict = self._go(fix, t_ms, dt, variance, floor)
        if self.left is not None:
            self.lag = np.zeros(2)
            self.still = True
        return verdict

    def _go(self, fix: Fix, t_ms: int, dt: float, variance: float, floor: float) -> Verdict:
        if dt > self.rules.reset_after_s:
            if self._too_fast(fix, dt, variance):
                return self._surprise(fix, t_ms, dt, variance, floor)
            way = between(self.lat, self.lon, fix.latitude, fix.longitude)
            self._head(way, dt)
            least = max(self.rules.gate_sigma * math.sqrt(self.covariance[0, 0] + variance), 200.0)
            self.anew = self.compare.over(float(np.hypot(*way)), least)
            certain = float(np.hypot(*way)) - 2 * (math.sqrt(self.covariance[0, 0]) + math.sqrt(variance))
            self.seat(t_ms, fix, variance)
            if dt <= 600.0:
                self.lag, self.shown = way / dt * 30.0, min(max(certain / dt, self._faded(dt)), self.rules.max_speed_mps)
            return Verdict.USED
        return self._filter(fix, t_ms, dt, variance, floor)

    def _at_rest(self, lat: float, lon: float, variance: float, fix: Fix, noise: float) -> bool:
        """Whether a fix agrees with somebody resting there, known that well."""
        way = between(lat, lon, fix.latitude, fix.longitude)
        return not self.compare.over(float(way @ way), self.rules.rest_gate_sigma**2 * (variance + noise))

    def _come_back(self, fix: Fix, variance: float) -> None:
        """A fix surprised while he rested: if this one agrees with the rest it goes on, as if nothing had been."""
        assert self.left is not None
        (lat, lon, known, seconds), self.left = self.left, None
        if variance <= 100.0**2 and self._at_rest(lat, lon, known, fix, variance):
            self.lat, self.lon, self.rests = lat, lon, True
            self.covariance[:2, :2] = known * np.eye(2)
            self.stride, self.stride_s = np.zeros(2), seconds

    def _rest(self, fix: Fix, dt: float, variance: float) -> bool:
        """Average the fixes of who rests; their errors are alike for a while, and people sway."""
        known = self.covariance[0, 0] + self.rules.rest_sway_m**2 / 600.0 * dt
        widest = 100.0 if self.rests else 70.0
        if self.compare.over(variance, widest**2) or not self._at_rest(self.lat, self.lon, known, fix, variance):
            if self.rests:
                self.left = (self.lat, self.lon, known, self.stride_s)
                self.covariance[:2, 2:] = self.covariance[2:, :2] = 0.0
                self.covariance[2:, 2:] = 2.0 * np.eye(2)
            self.rests = False
            return False
        way = between(self.lat, self.lon, fix.latitude, fix.longitude)
        self._learn(float(way @ way), known, variance)
        gain = known / (known + variance * (1.0 + self.rules.rest_alike_s / dt)) if dt > 0.0 else 0.0
        self.lat, self.lon = beyond(self.lat, self.lon, gain * way)
        self.covariance[:2, :2] = known * (1.0 - gain) * np.eye(2)
        self.velocity, self.lag = np.zeros(2), self.lag * 30.0 / (30.0 + dt)
        self.still, self.anew, self.rests = True, False, True
        self.pace_s, self.stride_s = max(dt, 0.8 * self.pace_s), self.stride_s + dt
        self.lull_s = max(dt, self.lull_s * math.exp(-dt / 21_600.0))
        self.shown = self._faded(dt)
        return True

    def _learn(self, square: float, known: float, variance: float) -> None:
        """Learn how widely the fixes scatter, wherever the prediction is better than the fix."""
        scatter = self.scatter or variance
        if not self.compare.over(known, scatter):
            self.scatter = 0.9 * scatter + 0.1 * max(0.0, square / 2.0 - known)

    def _faded(self, dt: float) -> float:
        memory = self.rules.shown_memory_s
        return self.shown * math.exp(-dt / memory) if memory > 0 else 0.0

    def _filter(self, fix: Fix, t_ms: int, dt: float, variance: float, floor: float) -> Verdict:
        eye = np.eye(2)
        forward = np.block([[eye, dt * eye], [0 * eye, eye]])
        q = self.rules.accel_mps2**2
        noise = q * np.block([[dt**3 / 3 * eye, dt**2 / 2 * eye], [dt**2 / 2 * eye, dt * eye]])
        predicted = forward @ self.covariance @ forward.T + noise
        look = np.hstack([eye, 0 * eye])
        spread = look @ predicted @ look.T + variance * eye
        gain = predicted @ look.T @ np.linalg.inv(spread)
        step = self.velocity * dt
        innovation = between(self.lat, self.lon, fix.latitude, fix.longitude) - step
        gate = self.rules.gate_sigma * (0.75 if self.stride_s >= 60.0 else 1.0)
        if self.compare.over(float(innovation @ innovation), gate**2 * spread[0, 0]):
            if self._turned(fix, t_ms, dt, variance):
                return Verdict.USED
            return self._surprise(fix, t_ms, dt, variance, floor)
        self._learn(float(innovation @ innovation), predicted[0, 0], variance)
        change = gain @ innovation
        moved = step + change[:2]
        self.lat, self.lon = beyond(self.lat, self.lon, moved)
        self.velocity = self.velocity + change[2:]
        self.still = False
        self.covariance = (np.eye(4) - gain @ look) @ predicted
        self.lag = (self.lag + moved) * 30.0 / (30.0 + dt)
        second = self.pace_s == 0.0
        self._head(moved, dt)
        self.anew = False
        self.t_ms = t_ms
        self.suspect = None
        if second:
            self.lag, self.still = np.zeros(2), True
            return Verdict.USED
        sure = float(np.hypot(*self.velocity)) - 2 * math.sqrt(self.covariance[2, 2])
        plain = (float(np.hypot(*self.lag)) - 2 * math.sqrt(self.covariance[0, 0])) / 30.0
        self.shown = min(max(sure, plain, self._faded(dt)), self.rules.max_speed_mps)
        return Verdict.USED

    def _turned(self, fix: Fix, t_ms: int, dt: float, variance: float) -> bool:
        """Whether the fix is no farther off than the speed shown goes; then the track begins anew there, with its movement."""
        way = between(self.lat, self.lon, fix.latitude, fix.longitude)
        reach = self.shown * dt + self.rules.gate_sigma * math.sqrt(self.covariance[0, 0] + variance)
        if self.compare.over(float(np.hypot(*way)), reach):
            return False
        lag = (self.lag + way) * 30.0 / (30.0 + dt)
        self._head(way, dt)
        self.seat(t_ms, fix, variance)
        self.lag, self.velocity = lag, way / dt
        return True

    def _head(self, step: Vector, dt: float) -> None:
        """Note a step of the way gone, counted in strides that no error pretends, fading with its length."""
        self.pace_s = max(dt, 0.8 * self.pace_s)
        self.stride, self.stride_s = self.stride + step, self.stride_s + dt
        length = float(np.hypot(*self.stride))
        if not self.compare.over(length, max(15.0, 3.0 * math.sqrt(self.covariance[0, 0]))):
            return
        fade = 800.0 / (800.0 + length) if self.stride_s < 900.0 else 0.0
        self.way, self.way_s = self.way * fade + self.stride, self.way_s * fade + self.stride_s
        self.walked = self.walked * fade + length
        self.stride, self.stride_s = np.zeros(2), 0.0

    def course(self) -> Vector:
        """Return the velocity: the filter's if it stands out from its error, else the slow one."""
        sure = float(np.hypot(*self.velocity)) - 2 * math.sqrt(self.covariance[2, 2])
        return self.velocity if not self.still and self.compare.over(sure, 0.3) else self.lag / 30.0

    def heading(self) -> tuple[Vector, float]:
        """Return the mean velocity of the way gone and the seconds it took."""
        seconds = max(10.0, self.way_s + self.stride_s)
        return (self.way + self.stride) / seconds, seconds

    def wander(self) -> float:
        """Return the circular standard deviation of the course over the way gone, radians."""
        share = min(1.0, float(np.hypot(*self.way)) / self.walked) if self.walked > 0.0 else 0.0
        return math.sqrt(-2.0 * math.log(max(share, 0.05)))

    def _too_fast(self, fix: Fix, dt: float, variance: float) -> bool:
        length = float(np.hypot(*between(self.lat, self.lon, fix.latitude, fix.longitude)))
        certain = length - 2 * (math.sqrt(self.covariance[0, 0]) + math.sqrt(variance))
        return self.compare.over(certain, self.rules.max_speed_mps * dt)

    def _surprise(self, fix: Fix, t_ms: int, dt: float, variance: float, floor: float) -> Verdict:
        before = self.suspect
        suspect = Suspect(t_ms, fix.latitude, fix.longitude, variance, floor)
        if before is not None and t_ms >= before.t_ms:
            way = between(before.lat, before.lon, fix.latitude, fix.longitude)
            since = (t_ms - before.t_ms) / 1000
            if self._joined(way, since, before.variance + variance) or self._on_course(before, way, since, variance):
                gone = between(self.lat, self.lon, fix.latitude, fix.longitude)
                self.anew = self.compare.over(float(np.hypot(*gone)), 200.0)
                self._head(way, since)
                self.seat(t_ms, fix, variance)
                if since >= 1:
                    self.velocity = way / since
                return Verdict.CONFIRMED
            suspect.lead = (way, since)
        self.suspect = suspect
        return Verdict.IMPOSSIBLE_SPEED if self._too_fast(fix, dt, variance) else Verdict.OUTLIER

    def _joined(self, way: Vector, since: float, variance: float) -> bool:
        reach = max(15.0, self.shown) * since + self.rules.gate_sigma * math.sqrt(variance)
        return not self.compare.over(float(np.hypot(*way)), reach)

    def _on_course(self, before: Suspect, way: Vector, since: float, variance: float) -> bool:
        if before.lead is None or before.lead[1] == 0:
            return False
        lead, lead_s = before.lead
        share = since / lead_s
        # Errors of the three fixes: the last counts once, the middle 1 + share times, the first share times.
        sigma = math.sqrt(variance + before.variance * ((1 + share) ** 2 + share**2))
        turned = self.rules.accel_mps2 / 2 * since * (since + lead_s)
        straight = not self.compare.over(float(np.hypot(*(way - lead * share))), self.rules.gate_sigma * sigma + turned)
        return straight and not self.compare.over(float(np.hypot(*way)), self.rules.max_speed_mps * since)
