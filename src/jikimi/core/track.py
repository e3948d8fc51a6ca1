"""What the core believes about one person: a constant-velocity Kalman filter with isotropic error.

State in a metric plane that moves along: position (kept as latitude and longitude), velocity east and north, and
one 2x2 covariance that both axes share (``pp``, ``pv``, ``vv``). Process noise is white acceleration; see Bar-Shalom,
Li and Kirubarajan, *Estimation with Applications to Tracking and Navigation* (2001), section 6.2.2. An innovation
gate keeps one surprising fix from moving the track; a second one that agrees with it sets the track anew.
"""

from __future__ import annotations

from math import cos, exp, hypot, log, sin, sqrt
from typing import TYPE_CHECKING, Final

from jikimi.core.geodesy import ECCENTRICITY_2, EQUATOR_DEGREE_M, MERIDIAN_DEGREE_M, RADIAN, displacement, offset, turn_deg
from jikimi.model.fix import Source, Verdict
from jikimi.model.policy import TrackRules

if TYPE_CHECKING:
    from jikimi.core.pair import Watched

CLAIM_SIGMAS: Final = 1.515
"""Radius that holds 68 % of a circular normal error, in standard deviations of one axis: sqrt(-2 ln 0.32)."""
REGION_SIGMAS: Final = 2.448
"""The same for 95 %: sqrt(-2 ln 0.05)."""
MOST_SIGMA_M: Final = 1e7
"""A quarter of the way round the Earth: whoever claims a greater error says nothing more, and only breaks arithmetic."""
UNKNOWN_SPEED_VARIANCE: Final = 100.0
"""(10 m/s)^2: what a velocity may be, per axis, when nothing is known of it."""
AGREE_SPEED_MPS: Final = 15.0
"""Two surprising fixes agree when this speed (city traffic) or the speed shown joins them."""
LAG_S: Final = 30.0
"""Time constant of the slow velocity, which sees a walker through the noise that hides him from the filter."""

PACE_FADE: Final = 0.8
"""How fast a device's shorter interval is believed, from fix to fix; a longer one is believed at once."""
WAY_M: Final = 800.0
"""Length in which the way gone fades: some corners of a town, ten minutes on foot, a minute by car."""
LEAST_STRIDE_M: Final = 15.0
STRIDE_SIGMAS: Final = 3.0
"""The way is counted in strides at least this long, and so many standard deviations of the position: noise goes no way."""
REST_S: Final = 900.0
"""Who made no stride for so long has arrived."""
SWAY_S: Final = 600.0
"""``rest_sway_m`` is how far a resting person gets in this time."""
STILL_S: Final = 60.0
STILL_GATE: Final = 0.5625
"""Who made no stride for a minute rests, and is believed to have leapt only on a second fix: three quarters of the gate, squared."""
REST_BEGINS_M: Final = 70.0
REST_GOES_ON_M: Final = 100.0
"""A fix with a wider standard deviation proves no rest, nor that one goes on: a phone that knows its cell alone may be anywhere."""
LULL_FADE_S: Final = 21_600.0
"""Time constant in which a device's long silences at rest are forgotten: six hours."""
WAKE_VV: Final = 2.0
"""(1.4 m/s)^2: what a velocity may be, per axis, when somebody who rested is found elsewhere: he walked off."""
CHORD_S: Final = 600.0
"""The mean velocity over a gap up to this long says where somebody was going; after a longer one it says nothing."""
SCATTER_SHARE: Final = 0.1
"""How much each fix adds to what is learned of the errors of a device that claims none."""
LEAST_WAY_S: Final = 10.0
ELSEWHERE_M: Final = 200.0
"""Who was not seen on the way, and is farther than this from where he was, is said to turn up anew."""
LEAST_SHARE: Final = 0.05
LOST_2: Final = -2.0 * log(LEAST_SHARE)
"""Who got less than this share of the way gone from where it began went nowhere: the square of that wander, radians."""

SURE_SIGMAS: Final = 2.0
SIDE_MPS: Final = 0.3
"""A person slower than this is not said to move."""

UNKNOWN: Final = Source.UNKNOWN
USED: Final = int(Verdict.USED)
DUPLICATE: Final = int(Verdict.DUPLICATE)
OUT_OF_ORDER: Final = int(Verdict.OUT_OF_ORDER)
FUTURE: Final = int(Verdict.FUTURE)
ZERO_ISLAND: Final = int(Verdict.ZERO_ISLAND)
IMPOSSIBLE_SPEED: Final = int(Verdict.IMPOSSIBLE_SPEED)
OUTLIER: Final = int(Verdict.OUTLIER)
CONFIRMED: Final = int(Verdict.CONFIRMED)

ERROR_RULES: Final = {source: (f"floor_{source.value}_m", f"default_{source.value}_m") for source in Source}


class Beliefs:
    """The numbers of ``TrackRules`` as the kernel reads them; shared by every track."""

    __slots__ = (
        "accel_mps2", "default_m", "floor_m", "gate_2", "gate_sigma", "max_speed_mps", "noise", "reset_after_s", "rest_alike_s",
        "rest_begins_s", "rest_gate_2", "rest_sway", "rules", "shown_memory_s", "still_gate_2", "tolerance_ms",
    )  # fmt: skip

    def __init__(self, rules: TrackRules) -> None:
        self.rules = rules
        self.accel_mps2: float = float(rules.accel_mps2)
        self.noise: float = self.accel_mps2 * self.accel_mps2
        self.gate_sigma: float = float(rules.gate_sigma)
        self.gate_2: float = self.gate_sigma * self.gate_sigma
        self.still_gate_2: float = STILL_GATE * self.gate_2
        self.reset_after_s: float = float(rules.reset_after_s)
        self.max_speed_mps: float = float(rules.max_speed_mps)
        self.rest_alike_s: float = float(rules.rest_alike_s)
        self.rest_begins_s: float = float(rules.rest_begins_s)
        self.rest_gate_2: float = float(rules.rest_gate_sigma) ** 2
        self.rest_sway: float = float(rules.rest_sway_m) ** 2 / SWAY_S
        self.shown_memory_s: float = float(rules.shown_memory_s)
        self.tolerance_ms: int = round(rules.future_tolerance_s * 1000.0)
        self.floor_m: dict[str, float] = {source: float(getattr(rules, floor)) for source, (floor, _) in ERROR_RULES.items()}
        self.default_m: dict[str, float] = {source: float(getattr(rules, assumed)) for source, (_, assumed) in ERROR_RULES.items()}

    def variance_m2(self, claimed_m: float | None, source: Source, floor_m: float, track: Track | None = None) -> float:
        """Return the variance per axis of a fix that claims such an error, or none: then what was learned of this device may be less."""
        error = claimed_m if claimed_m is not None else self.default_m[source]
        sigma = (error if error > floor_m else floor_m) / CLAIM_SIGMAS
        variance = sigma * sigma if sigma < MOST_SIGMA_M else MOST_SIGMA_M * MOST_SIGMA_M
        return track.unclaimed_m2(variance, floor_m) if claimed_m is None and track is not None and source is UNKNOWN else variance


class Suspect:
    """A surprising fix that waits for another one to agree. The way from the suspect before it, if any, is its lead."""

    __slots__ = ("error_m", "lat", "lead_e", "lead_n", "lead_s", "lon", "t_ms", "variance")

    def __init__(self, t_ms: int, lat: float, lon: float, variance: float, floor_m: float) -> None:
        self.t_ms = t_ms
        self.lat = lat
        self.lon = lon
        self.variance = variance
        self.error_m = max(REGION_SIGMAS * sqrt(variance), floor_m)
        self.lead_e: float = 0.0
        self.lead_n: float = 0.0
        self.lead_s: float = 0.0

    def keeps_course(self, east: float, north: float, since: float, variance: float, beliefs: Beliefs) -> bool:
        """Return whether a way of ``since`` seconds from here goes on as the lead went: three fixes on one course."""
        if self.lead_s <= 0.0:
            return False
        share = since / self.lead_s
        swerve = 0.5 * beliefs.accel_mps2 * since * (since + self.lead_s)
        spread = self.variance * (1.0 + share) * (1.0 + share) + self.variance * share * share + variance
        miss = hypot(east - self.lead_e * share, north - self.lead_n * share)
        return miss <= beliefs.gate_sigma * sqrt(spread) + swerve and hypot(east, north) <= beliefs.max_speed_mps * since


class Rest:
    """Where somebody rested before one fix found him elsewhere: the next one says whether he left."""

    __slots__ = ("lat", "lon", "pp", "seconds")

    def __init__(self, lat: float, lon: float, pp: float, seconds: float) -> None:
        self.lat = lat
        self.lon = lon
        self.pp = pp
        self.seconds = seconds


class Track:
    """One person's filtered position and velocity, and how sure they are. Times in ms, lengths in m.

    ``quick`` says whether the filter's velocity stands out from its own error; if not, the one of ``lag`` is believed.
    ``way`` and ``path_m`` are the way gone, as the crow flies and as it was walked, fading with its length: together they say
    where a person is heading, and how straight; ``stride`` is what is not counted yet. ``anew`` says that the last fix found
    him elsewhere, unseen on the way. ``pace_s`` is the device's interval, fading when it speeds up; 0 is not known.
    ``rests`` says that he stays where he is: then the position is a mean of all fixes since, and ``lull_s`` is the longest silence
    after which he was still there. ``left`` is that rest while one fix alone says that it ended. ``scatter`` is the variance of the
    fixes as found, 0 where not known.
    ``seated`` says that the track was set anew since the engine last took the mark away. ``first`` and ``more`` are the pairs in
    which the person is on either side, in order of entry; the engine keeps them. Nearly everybody is in one alone, and a tuple of
    one would take as much memory as seven numbers.
    """

    __slots__ = (
        "anew", "error_m", "first", "fix_id", "floor_m", "lag_e", "lag_n", "lat", "left", "lon", "lull_s", "more", "pace_s",
        "path_m", "pp", "pv", "quick", "raw_lat", "raw_lon", "rests", "scatter", "seated", "shown_mps", "source", "stride_e",
        "stride_n", "stride_s", "suspect", "t_ms", "ve", "vn", "vv", "way_e", "way_n", "way_s",
    )  # fmt: skip

    def __init__(self, t_ms: int, lat: float, lon: float, variance: float) -> None:
        # Side by side these four take one word of a compiled track, apart one each.
        self.anew: bool = False
        self.quick: bool = False
        self.rests: bool = False
        self.seated: bool = True
        self.first: Watched | None = None
        self.more: tuple[Watched, ...] = ()
        self.left: Rest | None = None
        self.lull_s: float = 0.0
        self.scatter: float = 0.0
        self.shown_mps: float = 0.0
        self.pace_s: float = 0.0
        self.way_e: float = 0.0
        self.way_n: float = 0.0
        self.way_s: float = 0.0
        self.path_m: float = 0.0
        self.stride_e: float = 0.0
        self.stride_n: float = 0.0
        self.stride_s: float = 0.0
        self.seat(t_ms, lat, lon, variance)

    def pairs(self) -> tuple[Watched, ...]:
        """Return the pairs in which the person is, in order of entry."""
        first = self.first
        if first is None:
            return ()
        return (first, *self.more) if self.more else (first,)

    def join(self, pair: Watched) -> None:
        """Take a pair in, behind all others."""
        if self.first is None:
            self.first = pair
        else:
            self.more = (*self.more, pair)

    def leave(self, pair: Watched) -> None:
        """Take a pair out."""
        left = [other for other in self.pairs() if other is not pair]
        self.first = left[0] if left else None
        self.more = tuple(left[1:])

    def seat(self, t_ms: int, lat: float, lon: float, variance: float) -> None:
        """Set the track anew at a fix: nothing of the old movement is believed."""
        self.seated = True
        self.t_ms = t_ms
        self.lat = lat
        self.lon = lon
        self.ve = self.vn = self.pv = self.lag_e = self.lag_n = 0.0
        self.pp = variance
        self.vv = UNKNOWN_SPEED_VARIANCE
        self.quick = self.rests = False
        self.suspect: Suspect | None = None

    def mark(self, fix_id: str, source: Source, lat: float, lon: float, floor_m: float) -> None:
        """Remember the fix that the track now rests on, and its 95 % region."""
        self.fix_id = fix_id
        self.raw_lat = lat
        self.raw_lon = lon
        self.source = source
        self.floor_m = floor_m
        error = REGION_SIGMAS * sqrt(self.pp)
        self.error_m: float = error if error > floor_m else floor_m

    def take(self, t_ms: int, lat: float, lon: float, variance: float, floor_m: float, beliefs: Beliefs) -> int:
        """Judge one fix and move the track if it is believed; return the verdict. ``mark`` it if it was.

        Args:
            t_ms: its time, already clamped to the time of reception.
            lat: degrees north.
            lon: degrees east.
            variance: of its position, per axis, m^2.
            floor_m: least radius of the 95 % region for its source.
            beliefs: the deployment's rules.
        """
        if t_ms < self.t_ms:
            return OUT_OF_ORDER
        dt = (t_ms - self.t_ms) * 0.001
        if dt == 0.0 and lat == self.raw_lat and lon == self.raw_lon:
            return DUPLICATE
        if self.left is not None:
            self._come_back(self.left, lat, lon, variance, beliefs)
        if (self.rests or self.stride_s >= beliefs.rest_begins_s) and self._rest(dt, lat, lon, variance, beliefs):
            self.t_ms = t_ms
            self.suspect = None
            return USED
        if dt > beliefs.reset_after_s:
            verdict = self._resume(dt, t_ms, lat, lon, variance, floor_m, beliefs)
        elif self._correct(dt, lat, lon, variance, beliefs) or self._turned(dt, t_ms, lat, lon, variance, beliefs):
            self.t_ms = t_ms
            self.suspect = None
            verdict = USED
        else:
            verdict = self._surprised(dt, t_ms, lat, lon, variance, floor_m, beliefs)
        if self.left is not None:
            # One fix is no movement: he may have left, or it errs.
            self.lag_e = self.lag_n = 0.0
            self.quick = False
        return verdict

    def _resume(self, dt: float, t_ms: int, lat: float, lon: float, variance: float, floor_m: float, beliefs: Beliefs) -> int:
        """Take a fix after so long a gap that nothing of the old movement counts; return the verdict."""
        if self._too_fast(dt, lat, lon, variance, beliefs.max_speed_mps):
            return self._surprised(dt, t_ms, lat, lon, variance, floor_m, beliefs)
        east, north = displacement(self.lat, self.lon, lat, lon)
        self._head(east, north, dt)
        way_2 = east * east + north * north
        self.anew = way_2 > beliefs.gate_2 * (self.pp + variance) and way_2 > ELSEWHERE_M * ELSEWHERE_M
        certain = (sqrt(way_2) - SURE_SIGMAS * (sqrt(self.pp) + sqrt(variance))) / dt
        self.seat(t_ms, lat, lon, variance)
        if dt <= CHORD_S:
            self.lag_e = east * LAG_S / dt
            self.lag_n = north * LAG_S / dt
            self.shown_mps = min(max(self._faded_mps(dt, beliefs), certain), beliefs.max_speed_mps)
        return USED

    def _come_back(self, left: Rest, lat: float, lon: float, variance: float, beliefs: Beliefs) -> None:
        """Let him rest again where he rested if this fix finds him there; else he has left."""
        self.left = None
        if variance > REST_GOES_ON_M * REST_GOES_ON_M:
            return
        east, north = displacement(left.lat, left.lon, lat, lon)
        if east * east + north * north > beliefs.rest_gate_2 * (left.pp + variance):
            return
        self.lat = left.lat
        self.lon = left.lon
        self.pp = left.pp
        self.stride_s = left.seconds
        self.stride_e = self.stride_n = 0.0
        self.rests = True

    def _rest(self, dt: float, lat: float, lon: float, variance: float, beliefs: Beliefs) -> bool:
        """Take a fix as one more of a person who rests; if it is none, change nothing but that he rests no more, and return False.

        The position is a mean that forgets as fast as people sway. Errors of fixes near in time are alike, so each counts the less.
        """
        most = REST_GOES_ON_M if self.rests else REST_BEGINS_M
        east, north = displacement(self.lat, self.lon, lat, lon)
        square = east * east + north * north
        pp = self.pp + beliefs.rest_sway * dt
        if square > beliefs.rest_gate_2 * (pp + variance) or variance > most * most:
            if self.rests:
                self._wake(pp)
            return False
        self._learn(square, pp, variance)
        if dt > 0.0:
            gain = pp / (pp + variance * (1.0 + beliefs.rest_alike_s / dt))
            self.lat, self.lon = offset(self.lat, self.lon, gain * east, gain * north)
            pp -= gain * pp
        self.pp = pp
        fade = LAG_S / (LAG_S + dt)
        self.lag_e *= fade
        self.lag_n *= fade
        self.ve = self.vn = 0.0
        self.quick = self.anew = False
        self.rests = True
        self._pace(dt)
        self.stride_s += dt
        lull = self.lull_s * exp(-dt / LULL_FADE_S)
        self.lull_s = dt if dt > lull else lull
        self.shown_mps = self._faded_mps(dt, beliefs)
        return True

    def _wake(self, pp: float) -> None:
        """End a rest: from where he was, at a walk."""
        self.left = Rest(self.lat, self.lon, pp, self.stride_s)
        self.rests = False
        self.vv = WAKE_VV
        self.pv = 0.0

    def _learn(self, square: float, pp: float, variance: float) -> None:
        """Learn from the square of a surprise how widely the fixes scatter, where the prediction is the better of the two."""
        known = self.scatter if self.scatter > 0.0 else variance
        if pp <= known:
            found = 0.5 * square - pp
            self.scatter = known + SCATTER_SHARE * ((found if found > 0.0 else 0.0) - known)

    def _faded_mps(self, dt: float, beliefs: Beliefs) -> float:
        """Return the speed shown, as far as it still counts."""
        if self.shown_mps <= 0.0 or beliefs.shown_memory_s <= 0.0:
            return 0.0
        return self.shown_mps * exp(-dt / beliefs.shown_memory_s)

    def unclaimed_m2(self, variance: float, floor_m: float) -> float:
        """Return the variance per axis of a fix that claims no error: what was learned of this device, from the floor to the default."""
        if self.scatter <= 0.0 or self.scatter >= variance:
            return variance
        least = (floor_m / CLAIM_SIGMAS) ** 2
        return self.scatter if self.scatter > least else least

    def _correct(self, dt: float, lat: float, lon: float, variance: float, beliefs: Beliefs) -> bool:  # noqa: PLR0915 - see inside
        """Predict over ``dt`` and correct by the fix; change nothing and return False when it is a surprise.

        The metric is that of the mean latitude of track and fix: within 0.1 mm for steps up to 100 m.
        """
        lat_1 = self.lat
        lon_1 = self.lon
        ve = self.ve
        vn = self.vn
        vv = self.vv
        # As ``geodesy.metric`` and ``_learn`` have it, in one piece: every fix comes through here, and a call costs as much as they do.
        phi = (lat_1 + lat) * 0.5 * RADIAN
        sine = sin(phi)
        w = 1.0 - ECCENTRICITY_2 * sine * sine
        root = sqrt(w)
        east_degree_m = EQUATOR_DEGREE_M * cos(phi) / root
        north_degree_m = MERIDIAN_DEGREE_M / (w * root)
        step_e = ve * dt
        step_n = vn * dt
        turn = lon - lon_1
        if turn > 180.0 or turn <= -180.0:
            turn = turn_deg(lon_1, lon)
        east = turn * east_degree_m - step_e
        north = (lat - lat_1) * north_degree_m - step_n
        noise = beliefs.noise * dt
        pv = self.pv
        pp = self.pp + dt * (2.0 * pv + dt * (vv + noise / 3.0))
        spread = pp + variance
        square = east * east + north * north
        if square > (beliefs.gate_2 if self.stride_s < STILL_S else beliefs.still_gate_2) * spread:
            return False
        scatter = self.scatter
        known = scatter if scatter > 0.0 else variance
        if pp <= known:
            found = 0.5 * square - pp
            self.scatter = known + SCATTER_SHARE * ((found if found > 0.0 else 0.0) - known)
        pv += dt * (vv + noise * 0.5)
        gain_p = pp / spread
        gain_v = pv / spread
        step_e += gain_p * east
        step_n += gain_p * north
        self.lat = lat_1 + step_n / north_degree_m
        lon = lon_1 + step_e / east_degree_m
        self.lon = lon if -180.0 < lon <= 180.0 else turn_deg(0.0, lon)
        self.ve = ve = ve + gain_v * east
        self.vn = vn = vn + gain_v * north
        self.pp = pp = pp - gain_p * pp
        self.pv = pv - gain_p * pv
        self.vv = vv = vv + (noise - gain_v * pv)
        fade = LAG_S / (LAG_S + dt)
        self.lag_e = lag_e = (self.lag_e + step_e) * fade
        self.lag_n = lag_n = (self.lag_n + step_n) * fade
        sure = sqrt(ve * ve + vn * vn) - SURE_SIGMAS * sqrt(vv)
        self.quick = sure > SIDE_MPS
        self.anew = False
        # Seen seldom, the filter is sure of no speed: then the way gone says more.
        plain = (sqrt(lag_e * lag_e + lag_n * lag_n) - SURE_SIGMAS * sqrt(pp)) / LAG_S
        if plain > sure:
            sure = plain
        second = self.pace_s <= 0.0
        self._head(step_e, step_n, dt)
        if second:
            # Two fixes make no speed yet: either may err.
            self.lag_e = self.lag_n = 0.0
            self.quick = False
            return True
        shown = self.shown_mps
        if shown > 0.0 and shown > sure:
            shown = self._faded_mps(dt, beliefs)
        shown = sure if sure > shown else shown
        # What several jumps in a row make of the filter's speed is nothing that anybody travels at.
        self.shown_mps = shown if shown < beliefs.max_speed_mps else beliefs.max_speed_mps
        return True

    def _turned(self, dt: float, t_ms: int, lat: float, lon: float, variance: float, beliefs: Beliefs) -> bool:
        """Set the track anew at a fix off its course that is no farther than the speed shown goes: seen seldom, a car turns unseen."""
        east, north = displacement(self.lat, self.lon, lat, lon)
        way = sqrt(east * east + north * north)
        if way > self.shown_mps * dt + beliefs.gate_sigma * sqrt(self.pp + variance):
            return False
        fade = LAG_S / (LAG_S + dt)
        lag_e = (self.lag_e + east) * fade
        lag_n = (self.lag_n + north) * fade
        self._head(east, north, dt)
        self.seat(t_ms, lat, lon, variance)
        self.lag_e = lag_e
        self.lag_n = lag_n
        self.ve = east / dt
        self.vn = north / dt
        self.quick = way / dt - SURE_SIGMAS * sqrt(self.vv) > SIDE_MPS
        return True

    def _head(self, step_e: float, step_n: float, dt: float) -> None:
        """Note a step of the way gone, and how long the device took to report it.

        The way is counted in strides that no error pretends, and fades with its length: as many corners count on foot as by car.
        """
        pace = self.pace_s * PACE_FADE
        self.pace_s = dt if dt > pace else pace
        east = self.stride_e = self.stride_e + step_e
        north = self.stride_n = self.stride_n + step_n
        self.stride_s += dt
        square = east * east + north * north
        if square < LEAST_STRIDE_M * LEAST_STRIDE_M or square < STRIDE_SIGMAS * STRIDE_SIGMAS * self.pp:
            return
        length = sqrt(square)
        # Who rested for so long has arrived where he was going: a new way begins.
        fade = WAY_M / (WAY_M + length) if self.stride_s < REST_S else 0.0
        self.way_e = self.way_e * fade + east
        self.way_n = self.way_n * fade + north
        self.way_s = self.way_s * fade + self.stride_s
        self.path_m = self.path_m * fade + length
        self.stride_e = self.stride_n = self.stride_s = 0.0

    def _pace(self, dt: float) -> None:
        pace = self.pace_s * PACE_FADE
        self.pace_s = dt if dt > pace else pace

    def wander_2(self) -> float:
        """Return the square of how far the way gone wandered off its direction, radians.

        The circular standard deviation of the course, sqrt(-2 ln R) with R the way as the crow flies over the way gone (Mardia
        and Jupp, *Directional Statistics*, 2000, section 2.3.2); who did not move heads nowhere.
        """
        way = sqrt(self.way_e * self.way_e + self.way_n * self.way_n)
        if way <= LEAST_SHARE * self.path_m:
            return LOST_2
        return -2.0 * log(way / self.path_m) if way < self.path_m else 0.0

    def lately_mps(self) -> tuple[float, float, float]:
        """Return (velocity east, velocity north, seconds) of the last half minute."""
        return self.lag_e / LAG_S, self.lag_n / LAG_S, LAG_S

    def heading_mps(self) -> tuple[float, float, float]:
        """Return (velocity east, velocity north, seconds) of the way gone, the stride that has begun included."""
        seconds = self.way_s + self.stride_s
        if seconds < LEAST_WAY_S:
            seconds = LEAST_WAY_S
        return (self.way_e + self.stride_e) / seconds, (self.way_n + self.stride_n) / seconds, seconds

    def toward_mps(self, ux: float, uy: float) -> tuple[float, float]:
        """Return (speed along a unit vector, its standard deviation): the quick estimate if it is sure, else the slow one."""
        if self.quick:
            speed = self.ve * ux + self.vn * uy
            sigma = sqrt(self.vv)
            if abs(speed) > SURE_SIGMAS * sigma + SIDE_MPS:
                return speed, sigma
        return (self.lag_e * ux + self.lag_n * uy) / LAG_S, self.error_m / (REGION_SIGMAS * LAG_S)

    def velocity(self) -> tuple[float, float]:
        """Return the velocity (east, north) in m/s, chosen likewise."""
        return (self.ve, self.vn) if self.quick else (self.lag_e / LAG_S, self.lag_n / LAG_S)

    def _too_fast(self, dt: float, lat: float, lon: float, variance: float, max_speed_mps: float) -> bool:
        east, north = displacement(self.lat, self.lon, lat, lon)
        return hypot(east, north) - 2.0 * (sqrt(self.pp) + sqrt(variance)) > max_speed_mps * dt

    def _surprised(self, dt: float, t_ms: int, lat: float, lon: float, variance: float, floor_m: float, beliefs: Beliefs) -> int:
        """Hold the fix as a suspect, or believe it when it agrees with the suspects before it.

        Two fixes agree that people in city traffic can join; three agree on any one course up to ``max_speed_mps``.
        """
        suspect = Suspect(t_ms, lat, lon, variance, floor_m)
        before = self.suspect
        if before is not None and t_ms >= before.t_ms:
            since = (t_ms - before.t_ms) * 0.001
            east, north = displacement(before.lat, before.lon, lat, lon)
            reach = max(AGREE_SPEED_MPS, self.shown_mps) * since + beliefs.gate_sigma * sqrt(before.variance + variance)
            if hypot(east, north) <= reach or before.keeps_course(east, north, since, variance, beliefs):
                east_0, north_0 = displacement(self.lat, self.lon, lat, lon)
                self.anew = hypot(east_0, north_0) > ELSEWHERE_M
                self._head(east, north, since)
                self.seat(t_ms, lat, lon, variance)
                if since >= 1.0:
                    self.ve = east / since
                    self.vn = north / since
                    self.quick = hypot(self.ve, self.vn) - SURE_SIGMAS * sqrt(self.vv) > SIDE_MPS
                return CONFIRMED
            suspect.lead_e = east
            suspect.lead_n = north
            suspect.lead_s = since
        self.suspect = suspect
        return IMPOSSIBLE_SPEED if self._too_fast(dt, lat, lon, variance, beliefs.max_speed_mps) else OUTLIER
