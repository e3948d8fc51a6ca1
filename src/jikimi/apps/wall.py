"""The wall of a control room: how much is open and how bad it is, for everybody in the room to see from afar.

Whoever walks through the room can read it: so it holds no position, and names nobody unless the policy says so. Nothing can be done on it.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency

from jikimi.apps.board import LabelBook
from jikimi.apps.incident_desk import Responding
from jikimi.apps.ports import Watch
from jikimi.apps.session import Signed
from jikimi.incidents.duty import Duty
from jikimi.incidents.incident import Incident, Kind
from jikimi.incidents.ranking import Row, level
from jikimi.incidents.status import TaskStatus
from jikimi.model.decision import Tier

FIRST: Final = 10
"""Lines that can be read from across a room."""
FRESH_S: Final = 0.9
"""A page younger than this serves another wall as well."""


class WallRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line. ``owner``: who has it, a member of staff; the two labels are null unless the policy names people on a wall."""

    level: str
    kinds: tuple[Kind, ...]
    status: str
    opened_ms: int
    owner: str | None
    rung: int
    rung_due_ms: int | None
    contact_due_ms: int | None
    waiting: int
    members: int | None
    others: int
    drill: bool
    label_monitored: str | None
    label_protected: str | None


class WallPage(msgspec.Struct, frozen=True, kw_only=True):
    """The queue for a wall: the worst lines, how many are open by level, who is on duty with how many, and how far the server is behind."""

    at_ms: int
    late_s: float
    total: int
    failed: int
    counts: dict[str, int]
    unowned: int
    duties: dict[str, int]
    rows: list[WallRow]


class Wall:
    """Makes the page, once for all walls.

    Args:
        response: runs the room.
        labels: what persons are called.
        watch: the running core, for its time.
        named: policies that name people on a wall.
    """

    def __init__(self, response: Responding, labels: LabelBook, watch: Watch, named: frozenset[str]) -> None:
        self._response = response
        self._labels = labels
        self._watch = watch
        self._named = named
        self._page: WallPage | None = None
        self._made_s = 0.0
        self._making = asyncio.Lock()

    async def page(self) -> WallPage:
        """Return the page."""
        async with self._making:
            now_s = asyncio.get_running_loop().time()
            if self._page is None or now_s - self._made_s >= FRESH_S:
                self._page, self._made_s = await self._make(), now_s
            return self._page

    async def _make(self) -> WallPage:
        rows, duties = await self._response.queue()
        shown = rows[:FIRST]
        named = [row.worst.party for row in shown if self._is_named(row.worst)]
        await self._labels.learn({name for party in named for name in (party.monitored_id, party.protected_id)})
        everyone = [one for row in rows for one in (row.worst, *row.others)]
        levels = [level(one.harm) for one in everyone]
        return WallPage(
            at_ms=self._watch.now_ms(),
            late_s=round(self._watch.late_s(), 1),
            total=len(everyone),
            failed=self._response.failed,
            counts={tier.name.lower(): levels.count(tier) for tier in Tier},
            unowned=sum(one.owner is None for one in everyone),
            duties=_loads(duties, everyone),
            rows=[self._row(row) for row in shown],
        )

    def _is_named(self, one: Incident) -> bool:
        return one.party.policy_id in self._named and one.members is None

    def _row(self, row: Row) -> WallRow:
        one, named = row.worst, self._is_named(row.worst)
        return WallRow(
            level=level(one.harm).name.lower(),
            kinds=one.kinds,
            status=one.status.value,
            opened_ms=one.opened_ms,
            owner=one.owner,
            rung=one.rung,
            rung_due_ms=one.rung_due_ms,
            contact_due_ms=one.contact_due_ms,
            waiting=sum(task.status is TaskStatus.WAITING for task in one.tasks),
            members=None if one.members is None else one.members.standing,
            others=len(row.others),
            drill=one.drill,
            label_monitored=self._labels.label(one.party.monitored_id) if named else None,
            label_protected=self._labels.label(one.party.protected_id) if named else None,
        )


def _loads(duties: list[Duty], everyone: list[Incident]) -> dict[str, int]:
    return {one.operator: sum(incident.owner == one.operator for incident in everyone) for one in duties}


@get("/api/wall")
async def wall_page(signed: NamedDependency[Signed], wall: NamedDependency[Any]) -> WallPage:
    """Return the page."""
    assert signed.subject
    page: WallPage = await wall.page()
    return page
