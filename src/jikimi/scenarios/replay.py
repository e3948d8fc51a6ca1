"""Replays recorded tracks of several devices through the real HTTP door, with their times moved to now.

A real server takes only fixes that are dated now. So at ``speed`` 10 the *waiting* is compressed: positions stay,
time stamps are wall time, and the body moves ten times as fast. Claimed speeds are multiplied by ``speed`` so that
they agree with the positions. Above 3 or so a car outruns what a policy holds possible; use 1 for vehicles.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import httpx2

from jikimi.model.fix import Fix
from jikimi.scenarios.courier import carry
from jikimi.scenarios.door import Clock, Door, Tally, WallClock
from jikimi.scenarios.sending import Sending

if TYPE_CHECKING:
    from jikimi.scenarios.tracks import Track, TrackPoint


def recorded(tracks: Mapping[str, Track], *, start_ms: int, speed: float = 1.0, run: str = "r") -> Iterator[Sending]:
    """Yield the points of all tracks in order of time, the earliest at ``start_ms``.

    Args:
        tracks: by device; they share one time base, so two recorded together stay together.
        start_ms: wall time of the earliest point.
        speed: how many recorded seconds pass in one.
        run: begins each fix id.

    Raises:
        ValueError: ``speed`` is not above 0.
    """
    if not speed > 0.0:
        msg = "The speed must be above 0."
        raise ValueError(msg)
    first_ms = min((track[0].time_ms for track in tracks.values()), default=start_ms)
    streams = [_stream(device_id, track, first_ms, start_ms, speed, run) for device_id, track in tracks.items()]
    return heapq.merge(*streams, key=lambda sending: sending.received_ms)


def _stream(device_id: str, track: Track, first_ms: int, start_ms: int, speed: float, run: str) -> Iterator[Sending]:
    for number, point in enumerate(track):
        at_ms = start_ms + round((point.time_ms - first_ms) / speed)
        yield Sending(at_ms, device_id, _fix(point, f"{run}-{number}", at_ms, speed))


def _fix(point: TrackPoint, fix_id: str, at_ms: int, speed: float) -> Fix:
    return Fix(
        fix_id=fix_id,
        fix_time_ms=at_ms,
        latitude=point.latitude,
        longitude=point.longitude,
        error_m=point.error_m,
        source=point.source,
        speed_mps=point.speed_mps * speed if point.speed_mps is not None else None,
        course_deg=point.course_deg,
    )


async def replay(
    tracks: Mapping[str, Track],
    door_url: str,
    credentials: Mapping[str, str],
    *,
    speed: float = 1.0,
    clock: Clock | None = None,
    transport: httpx2.AsyncBaseTransport | None = None,
    tally: Tally | None = None,
) -> Tally:
    """Play recorded tracks to a server; return what it did with them once all is acknowledged.

    Args:
        tracks: by device.
        door_url: the devices' door, without a path.
        credentials: ``<device>.<secret>`` by device.
        speed: see the module's text.
        clock: wall time, or a test's.
        transport: in place of the network, for tests.
        tally: counted into, so that a caller who cancels still has the numbers.

    Raises:
        ExceptionGroup: of ``RefusedError``, when the server refuses a device for good.
    """
    clock = clock if clock is not None else WallClock()
    tally = tally if tally is not None else Tally()
    start_ms = clock.now_ms()
    async with httpx2.AsyncClient(transport=transport, trust_env=False) as client:
        sendings = recorded(tracks, start_ms=start_ms, speed=speed, run=f"{start_ms:x}")
        await carry(sendings, Door(client, door_url, clock, tally), credentials, clock)
    return tally
