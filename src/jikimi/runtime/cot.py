"""Both positions of each incident to which somebody was sent, on officers' map clients: through the gate, and off by default."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import sqlalchemy as sa
import structlog

from jikimi.delivery.cot import Spot, cot_event, cot_gone
from jikimi.delivery.cot_line import MapServer
from jikimi.disclosure.frames import map_of
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import Viewer, both_seen
from jikimi.disclosure.wire import Side
from jikimi.incidents.incident import Incident, name_of
from jikimi.incidents.opening import strands_of
from jikimi.incidents.status import TaskStatus
from jikimi.runtime.hub import Hub
from jikimi.storage.incidents import SqlIncidents

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Line(Protocol):
    """Takes events."""

    async def send(self, events: Sequence[str]) -> bool:
        """Send events; return whether they were taken."""
        ...

    async def close(self) -> None:
        """Leave in order."""
        ...


class Asking(Protocol):
    """Reads the books, on their thread."""

    async def ask(self, call: Callable[..., T], *args: object) -> T:
        """Ask something."""
        ...


class CotFeed:
    """Keeps a map server told.

    Args:
        hub: the running core.
        books: of the incidents.
        response: reads them.
        server: where to, and who looks there.
        line: the line to it.
    """

    def __init__(self, hub: Hub, books: SqlIncidents, response: Asking, server: MapServer, line: Line) -> None:
        self._hub = hub
        self._books = books
        self._response = response
        self._server = server
        self._line = line
        self._viewers: dict[str, Viewer] = {}
        self._shown: set[str] = set()

    async def work(self) -> None:
        """Tell it, for ever; at the end nobody stays on its maps."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(self._server.every_s)
        finally:
            await self._line.send([cot_gone(uid, self._hub.now_ms()) for uid in sorted(self._shown)])
            self._leave(list(self._viewers))
            await self._line.close()

    async def look(self) -> None:
        """Tell where everybody is now, and take off the map who is not to be seen any more."""
        try:
            incidents = await self._response.ask(self._running)
        except sa.exc.DBAPIError as error:
            log.warning("map clients cannot be told now", kind=type(error).__name__)
            return
        spots = [spot for one in incidents for spot in await self._spots(one)]
        self._leave([name for name in self._viewers if name not in {one.incident_id for one in incidents}])
        now_ms, here = self._hub.now_ms(), {spot.uid for spot in spots}
        gone = [cot_gone(uid, now_ms) for uid in sorted(self._shown - here)]
        if (spots or gone) and await self._line.send([*(cot_event(spot, now_ms) for spot in spots), *gone]):
            self._shown = here
        else:
            # What was not taken is said again; who may still stand on a map is taken off once the line is back.
            self._shown |= here

    def _running(self) -> list[Incident]:
        """Return the real incidents to which somebody was sent."""
        with self._books.reading() as page:
            found = page.open_incidents()
        return [one for one in found if not one.drill and any(task.status is not TaskStatus.DONE for task in one.tasks)]

    async def _spots(self, incident: Incident) -> list[Spot]:
        now_ms = self._hub.now_ms()
        viewer = self._viewers.setdefault(incident.incident_id, Viewer(self._hub, Audience.RESPONDER, self._server.recipient))
        own = (strand.pair_id for strand in strands_of(incident) if both_seen(self._hub, strand.pair_id))
        pair_id = next(own, incident.party.pair_id)
        viewer.forget(other for other in viewer.open_pairs if other != pair_id)
        glance = viewer.look(pair_id, now_ms)
        if glance is None:
            return []
        if not viewer.settled([glance]):
            (glance,) = await viewer.admit([glance])
        frame = map_of(glance, self._hub, now_ms)
        if frame is None:
            return []
        sides = {"monitored": frame.monitored, "protected": frame.protected}
        return [_spot(incident, name, side, now_ms, frame.valid_s) for name, side in sides.items() if side is not None]

    def _leave(self, names: list[str]) -> None:
        for name in names:
            self._viewers.pop(name).leave()


def _spot(incident: Incident, name: str, side: Side, now_ms: int, valid_s: float) -> Spot:
    """Return one person on the map. Grey once the gate's time is over: how long that is depends on the age of the position."""
    return Spot(
        uid=name_of("map", incident.incident_id, name),
        callsign=f"{name} {incident.incident_id[:6]}",
        is_protected=name == "protected",
        latitude=side.latitude,
        longitude=side.longitude,
        error_m=side.error_m,
        fix_ms=now_ms - round(side.age_s * 1000),
        stale_ms=now_ms + round(valid_s * 1000),
        course_deg=side.course_deg,
        speed_mps=side.speed_mps,
        remark="" if side.pin else "roughly known",
    )
