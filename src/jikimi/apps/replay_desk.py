"""A past incident looked at again: opened with a reason to look, moment by moment through the gate, and closed when nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol

import msgspec
from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from jikimi.apps.api import RefusedError
from jikimi.apps.board import LabelBook
from jikimi.apps.incident_desk import BEFORE_MS, MOST_DIGITS, Responding
from jikimi.apps.ports import Watch
from jikimi.apps.session import Names, Signed
from jikimi.disclosure.frames import Labels
from jikimi.disclosure.ports import Past
from jikimi.disclosure.retold import PastViewer, RetoldFrame, Then
from jikimi.incidents.incident import finds

LOOKED_S: Final = 60.0
"""A replay not looked at for so long counts as closed: what it held is forgotten, and that is written down."""
MOST_OPEN: Final = 8
"""Replays open at one time, of all desks together."""
MS_DIGITS: Final = MOST_DIGITS + 6


class Told(Protocol):
    """What was believed at each moment of a past time."""

    @property
    def moments(self) -> Sequence[Then]:
        """What was believed, oldest first."""

    @property
    def trail(self) -> Sequence[Past]:
        """His way."""

    @property
    def is_same(self) -> bool:
        """Whether the core says today what it said then."""


Retell = Callable[[str, int, int], Awaitable[Told]]
"""Tells a pair's time again: pair, from, until."""


class ReplayOpened(msgspec.Struct, frozen=True):
    """An opened replay: its moments, and whether the core says today what it said then."""

    times: list[int]
    same: bool


class ReplayDesk:
    """Opens, shows and closes replays.

    Args:
        response: runs the room of incidents.
        labels: what persons are called.
        watch: the running core.
        retell: tells a pair's time again.
    """

    def __init__(self, response: Responding, labels: LabelBook, watch: Watch, retell: Retell) -> None:
        self._response = response
        self._labels = labels
        self._watch = watch
        self._retell = retell
        self._open: dict[tuple[str, str], tuple[PastViewer, asyncio.TimerHandle, Labels]] = {}

    async def open(self, incident_id: str, signed: Signed) -> ReplayOpened:
        """Tell an incident again.

        Raises:
            RefusedError: there is no such incident, nothing of it is left to tell, or too many are open.
        """
        found = await self._response.dossier(incident_id)
        if found is None:
            raise RefusedError(404, "incident_unknown")
        key = (signed.token, incident_id)
        self.close(incident_id, signed)
        if len(self._open) >= MOST_OPEN:
            raise RefusedError(503, "busy", "Too many replays are open; close one.", retry_after_s=60)
        incident = found.incident
        until_ms = incident.resolved_ms if incident.resolved_ms is not None else self._watch.now_ms()
        told = await self._retell(incident.party.pair_id, incident.opened_ms - BEFORE_MS, until_ms)
        if not told.moments:
            raise RefusedError(409, "refused", "Nothing of this incident is left in the journal.")
        await self._labels.learn((incident.party.monitored_id, incident.party.protected_id))
        labels = Labels(self._labels.label(incident.party.monitored_id), self._labels.label(incident.party.protected_id))
        viewer = PastViewer(self._watch, signed.subject, told.moments, told.trail, incident.opened_ms if finds(incident) else None)
        self._open[key] = (viewer, self._later(key), labels)
        return ReplayOpened(viewer.times_ms, told.is_same)

    async def look(self, incident_id: str, at_ms: int, signed: Signed, alias: Names) -> RetoldFrame:
        """Return one moment.

        Raises:
            RefusedError: the replay is not open, or no order is in force under which it could be shown.
        """
        key = (signed.token, incident_id)
        known = self._open.get(key)
        if known is None:
            raise RefusedError(404, "replay_closed")
        viewer, timer, labels = known
        timer.cancel()
        self._open[key] = (viewer, self._later(key), labels)
        frame = await viewer.look(at_ms, alias, labels, self._watch.now_ms())
        if frame is None:
            raise RefusedError(409, "refused", "The order has ended: nobody sees a position under it any more.")
        return frame

    def close(self, incident_id: str, signed: Signed) -> None:
        """Close a replay and forget what it held."""
        self._end((signed.token, incident_id))

    def _later(self, key: tuple[str, str]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(LOOKED_S, self._end, key)

    def _end(self, key: tuple[str, str]) -> None:
        known = self._open.pop(key, None)
        if known is not None:
            viewer, timer, _ = known
            timer.cancel()
            viewer.leave()


@post("/api/incidents/{name:str}/replay", status_code=200)
async def open_replay(name: FromPath[str], signed: NamedDependency[Signed], replays: NamedDependency[ReplayDesk]) -> ReplayOpened:
    """Tell an incident again, for this session."""
    return await replays.open(name, signed)


@get("/api/incidents/{name:str}/replay")
async def look_replay(
    request: Request[Any, Any, Any],
    name: FromPath[str],
    signed: NamedDependency[Signed],
    replays: NamedDependency[ReplayDesk],
    seats: NamedDependency[Any],
) -> RetoldFrame:
    """Return one moment of an open replay."""
    at = request.query_params.get("at", "")
    at_ms = int(at) if at.isascii() and at.isdecimal() and len(at) <= MS_DIGITS else 0
    return await replays.look(name, at_ms, signed, seats.of(signed).alias)


@delete("/api/incidents/{name:str}/replay", status_code=204)
async def close_replay(name: FromPath[str], signed: NamedDependency[Signed], replays: NamedDependency[ReplayDesk]) -> None:
    """Close a replay."""
    replays.close(name, signed)


ROUTES: Final[Sequence[Any]] = (open_replay, look_replay, close_replay)
