"""A story as the fixes a server receives, without a server: simulated time only."""

from __future__ import annotations

import heapq
from importlib import resources
from math import inf
from random import Random
from typing import TYPE_CHECKING, Final

import msgspec

from jikimi.scenarios import motion, noise, tracks
from jikimi.scenarios.sensor import Sensor, sendings
from jikimi.scenarios.sensor import Spell as SensorSpell
from jikimi.scenarios.stories.story import Actor, Leg, Recording, Stand, Story, Stroll, Travel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jikimi.scenarios.sending import Sending

EPOCH_MS: Final = 1_767_225_600_000
"""2026-01-01: when an offline story begins."""
STYLES: Final = {"walk": motion.WALK, "cycle": motion.CYCLE, "drive": motion.DRIVE, "ride": motion.RIDE}


def fixes(
    story: Story, seed: int = 0, *, start_ms: int = EPOCH_MS, pace: float = 1.0, run: str = "s", length_s: float | None = None
) -> Iterator[Sending]:
    """Yield all that the server receives, in order of reception; the same arguments give the same fixes.

    Args:
        story: the story.
        seed: of every chance in it.
        start_ms: wall time at which it begins.
        pace: story time over wall time; see ``sensor``.
        run: begins each fix id.
        length_s: play only so much of it, story time.
    """
    whole_s = story.length_s if length_s is None else length_s
    streams = [
        sendings(
            sensor(actor),
            mover(actor, _chance(story, actor, seed, "body")),
            _chance(story, actor, seed, "device"),
            device_id=actor.device_id,
            run=run,
            start_ms=start_ms,
            length_s=whole_s,
            pace=pace,
        )
        for actor in story.actors
    ]
    return heapq.merge(*streams, key=lambda sending: sending.received_ms)


def truth(story: Story, seed: int = 0) -> dict[str, motion.Mover]:
    """Return where everybody truly is, by device, on story time, as ``fixes`` with the same seed has it."""
    return {actor.device_id: mover(actor, _chance(story, actor, seed, "body")) for actor in story.actors}


def sensor(actor: Actor) -> Sensor:
    """Return the actor's device.

    Raises:
        KeyError: a kind of noise that does not exist.
    """
    return Sensor(
        interval_s=actor.interval_s,
        noise=noise.KINDS[actor.noise] if actor.noise is not None else None,
        spells=tuple(SensorSpell(from_s=spell.from_s, to_s=spell.to_s, noise=noise.KINDS[spell.noise]) for spell in actor.spells),
        claims_speed=actor.claims_speed,
        outages=actor.outages,
        battery=actor.battery,
        clock_offset_s=actor.clock_offset_s,
        latency_s=actor.latency_s,
    )


def mover(actor: Actor, rng: Random) -> motion.Stages:
    """Return the actor's movement, leg after leg."""
    movers: list[motion.Mover] = []
    for leg in actor.legs:
        movers.append(_leg(leg, movers, rng))
    return motion.Stages(movers)


def _chance(story: Story, actor: Actor, seed: int, part: str) -> Random:
    """Return a source of chance of its own for each body and device, so that changing one leaves the others as they were."""
    return Random(f"{seed}/{story.name}/{actor.device_id}/{part}")  # noqa: S311 - a simulation, not a secret


def _leg(leg: Leg, before: list[motion.Mover], rng: Random) -> motion.Mover:
    match leg:
        case Stand():
            return motion.Standing(_standing_place(leg, before), inf if leg.for_s is None else leg.for_s)
        case Travel():
            return _journey(leg, rng)
        case Stroll():
            return motion.stroll(rng, leg.at, leg.radius_m, leg.for_s, _style(motion.WALK, leg.cruise_mps))
        case Recording():
            return motion.Recorded(recording(leg.file), leg.from_s)


def _standing_place(leg: Stand, before: list[motion.Mover]) -> motion.Place:
    if leg.at is not None:
        return leg.at
    if not before:
        msg = "The first leg says no place to stand at."
        raise ValueError(msg)
    pose = before[-1].at(before[-1].length_s)
    return pose.latitude, pose.longitude


def _journey(leg: Travel, rng: Random) -> motion.Journey:
    style = _style(STYLES[leg.style], leg.cruise_mps)
    line = motion.Line(leg.path)
    return motion.Journey(line, style, motion.chance_stops(rng, line, style) if leg.stops else ())


def _style(style: motion.Style, cruise_mps: float | None) -> motion.Style:
    if cruise_mps is None:
        return style
    return msgspec.structs.replace(style, cruise_mps=cruise_mps, corner_mps=min(style.corner_mps, cruise_mps))


def recording(file: str) -> tracks.Track:
    """Return a recorded track that comes with the package."""
    source = resources.files("jikimi.scenarios") / "data" / file
    return tracks.parse(source.read_bytes(), file[file.rindex(".") :])
