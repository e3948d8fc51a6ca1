"""A simulated device: samples a movement, errs, loses coverage, runs empty, has a wrong clock, and reports late.

It lives on two clocks. *Story time* moves the body, the outages and the battery; *wall time* is what the server
sees: the reporting interval, the noise and the time stamps. At ``pace`` 1 they are the same; at pace 4 the body
moves four times as fast and reports as often as before.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from jikimi.core.geodesy import offset
from jikimi.model.fix import Fix, Source
from jikimi.scenarios.noise import Noise, Receiver
from jikimi.scenarios.sending import Sending

if TYPE_CHECKING:
    from random import Random

    from jikimi.scenarios.motion import Mover, Pose

MOVING_MPS = 0.5
"""Slower than this a receiver knows no course."""


class Loss(enum.StrEnum):
    """What an outage does to the fixes of its time."""

    LOST = "lost"
    """None is measured (a tunnel, a jammer)."""
    HELD = "held"
    """They are measured, kept, and sent together when coverage returns."""


class Outage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time without coverage, from (inclusive) to (exclusive), seconds of story time."""

    from_s: float
    to_s: float
    loss: Loss = Loss.LOST


class Battery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Charge at the start, and the hours of story time in which a full one runs empty. Empty, the device is silent."""

    start_pct: float
    life_h: float

    def left_pct(self, story_s: float) -> float:
        """Return the charge; 0 or less is empty."""
        return self.start_pct - 100.0 * story_s / (self.life_h * 3600.0)


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """A time of other reception (indoors, cells only), from (inclusive) to (exclusive), seconds of story time."""

    from_s: float
    to_s: float
    noise: Noise


class Sensor(msgspec.Struct, frozen=True, kw_only=True):
    """One device.

    Attributes:
        interval_s: wall time between two measurements.
        changes: (from_s, interval_s), later times of the story from which on it measures at another interval, in order.
        noise: how it errs; None reports the movement as it is and claims nothing (a recording brings its own error).
        spells: times when it errs in another way.
        claims_speed: whether it reports speed and course.
        outages: times without coverage.
        battery: or None where it reports no charge and never runs empty.
        clock_offset_s: its clock minus true time.
        latency_s: mean time on the way to the server.
    """

    interval_s: float
    changes: tuple[tuple[float, float], ...] = ()
    noise: Noise | None = None
    spells: tuple[Spell, ...] = ()
    claims_speed: bool = False
    outages: tuple[Outage, ...] = ()
    battery: Battery | None = None
    clock_offset_s: float = 0.0
    latency_s: float = 0.0

    def noise_at(self, story_s: float) -> Noise | None:
        """Return how it errs at a time of the story."""
        return next((spell.noise for spell in self.spells if spell.from_s <= story_s < spell.to_s), self.noise)

    def outage(self, story_s: float) -> Outage | None:
        """Return the outage that holds at a time of the story."""
        return next((outage for outage in self.outages if outage.from_s <= story_s < outage.to_s), None)


def sendings(
    sensor: Sensor, mover: Mover, rng: Random, *, device_id: str, run: str, start_ms: int, length_s: float, pace: float = 1.0
) -> Iterator[Sending]:
    """Yield what the server receives of one device, in order of reception.

    Args:
        sensor: the device.
        mover: the body that carries it.
        rng: the only source of chance.
        device_id: its name.
        run: begins each fix id, so that a second run sends new fixes.
        start_ms: wall time at which the story begins.
        length_s: length of the story, in story time.
        pace: story time over wall time.
    """
    receivers: dict[Noise, Receiver] = {}
    last_ms = start_ms
    for number, wall_s in enumerate(_moments(sensor, length_s / pace, pace)):
        story_s = wall_s * pace
        outage = sensor.outage(story_s)
        if sensor.battery is not None and sensor.battery.left_pct(story_s) <= 0.0:
            return
        way_s = rng.expovariate(1.0 / sensor.latency_s) if sensor.latency_s > 0.0 else 0.0
        if outage is not None and outage.loss is Loss.LOST:
            continue
        receiver = _receiver(sensor.noise_at(story_s), receivers, rng)
        fix = _fix(sensor, mover.at(story_s), receiver, rng, fix_id=f"{run}-{number}", start_ms=start_ms, wall_s=wall_s, pace=pace)
        sent_s = wall_s if outage is None else max(wall_s, outage.to_s / pace)
        last_ms = max(last_ms, start_ms + round((sent_s + way_s) * 1000.0))
        yield Sending(last_ms, device_id, fix)


def _moments(sensor: Sensor, length_s: float, pace: float) -> Iterator[float]:
    """Yield the wall times at which it measures; a new interval begins with a measurement."""
    spans = [(0.0, sensor.interval_s), *((from_s / pace, interval_s) for from_s, interval_s in sensor.changes)]
    for (from_s, interval_s), (until_s, _) in pairwise([*spans, (length_s, 0.0)]):
        count = int((length_s - from_s) / interval_s) + 1
        times = (from_s + number * interval_s for number in range(count))
        yield from (time_s for time_s in times if time_s < until_s or until_s == length_s)


def _receiver(noise: Noise | None, receivers: dict[Noise, Receiver], rng: Random) -> Receiver | None:
    """Return the receiver that errs so; each keeps its drift while another one speaks."""
    if noise is None:
        return None
    if noise not in receivers:
        receivers[noise] = Receiver(noise, rng)
    return receivers[noise]


def _fix(
    sensor: Sensor, pose: Pose, receiver: Receiver | None, rng: Random, *, fix_id: str, start_ms: int, wall_s: float, pace: float
) -> Fix:
    latitude, longitude, error_m = pose.latitude, pose.longitude, None
    source = Source.UNKNOWN
    if receiver is not None:
        deviation = receiver.deviation(wall_s)
        latitude, longitude = (round(angle, 7) for angle in offset(latitude, longitude, deviation.east_m, deviation.north_m))
        error_m, source = round(deviation.claim_m, 1), receiver.noise.source
    speed_mps, course_deg = _movement(pose, rng, pace) if sensor.claims_speed else (None, None)
    return Fix(
        fix_id=fix_id,
        fix_time_ms=start_ms + round((wall_s + sensor.clock_offset_s) * 1000.0),
        latitude=latitude,
        longitude=longitude,
        error_m=error_m,
        source=source,
        speed_mps=speed_mps,
        course_deg=course_deg,
        battery_pct=float(round(sensor.battery.left_pct(wall_s * pace))) if sensor.battery is not None else None,
    )


def _movement(pose: Pose, rng: Random, pace: float) -> tuple[float, float | None]:
    """Return speed and course as a receiver measures them (Doppler: some 0.2 m/s off), as fast as the pace makes the body."""
    speed_mps = max(pose.speed_mps * pace + rng.gauss(0.0, 0.2), 0.0)
    course_deg = None
    if pose.course_deg is not None and speed_mps >= MOVING_MPS:
        course_deg = round((pose.course_deg + rng.gauss(0.0, 3.0)) % 360.0, 1) % 360.0
    return round(speed_mps, 2), course_deg
