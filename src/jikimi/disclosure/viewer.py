"""One viewer's way through the gate: what is open to whom, written down before it is shown.

Each opening and each closing of a map is recorded. The record of an opening is durable before the first frame with
coordinates is made; if it cannot be written in time, or at all, the frame goes out without coordinates.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import Final

import msgspec

from jikimi.disclosure.gate import (
    NOTHING_OPEN,
    PURPOSES,
    TOLD,
    Asking,
    Audience,
    Closed,
    Ground,
    Opening,
    OpenState,
    Scope,
    barred,
    decide,
    in_force,
    withheld,
)
from jikimi.disclosure.held import Held
from jikimi.disclosure.ports import Evidence
from jikimi.model.access import Permission, Purpose
from jikimi.model.decision import Approach, PairView, Sight, Tier
from jikimi.model.order import Pair
from jikimi.model.policy import Policy

QUIET: Final = "words:quiet"
"""The scope under which a look at a pair is recorded whose map stays closed: somebody at the desk opened it, and nothing called for it."""
WATCHED: Final = "words:watch"
"""The same of a pair at ``watch``, or of which a side is not seen well: without an incident as well, and no look for nothing."""
RECORD_WAIT_S: Final = 0.25
"""So long a frame waits for the record of an opening; after it, it goes out without coordinates."""


class Glance(msgspec.Struct, frozen=True):
    """A pair as the gate judged it. Holds coordinates: only ``frames`` may read it."""

    pair: Pair
    view: PairView
    policy: Policy
    opening: Opening

    @property
    def is_unseen(self) -> bool:
        """Whether one of the two sides is not seen well now."""
        return max(self.view.monitored_sight, self.view.protected_sight) is not Sight.LIVE


class Viewer:
    """One person in front of one screen.

    Args:
        evidence: what is believed, and where openings are recorded.
        audience: whose screen.
        subject: who sits in front of it.

    Attributes:
        barred: what keeps positions from her though the gate would open: her page proved nothing; None: nothing does.
    """

    __slots__ = ("_audience", "_consulted", "_evidence", "_open", "_recording", "_states", "_subject", "barred")

    def __init__(self, evidence: Evidence, audience: Audience, subject: str) -> None:
        self._evidence = evidence
        self._audience = audience
        self._subject = subject
        self.barred: Closed | None = None
        self._states: dict[str, OpenState] = {}
        self._open: dict[str, str] = {}
        self._recording: dict[str, asyncio.Future[None]] = {}
        self._consulted: set[str] = set()

    def look_through(self, evidence: Evidence) -> None:
        """Judge by other evidence from now on: of another moment. What is open stays written down as it is."""
        self._evidence = evidence

    def look(self, pair_id: str, now_ms: int) -> Glance | None:
        """Judge a pair; None when it is not watched or its order is not in force.

        The result may hold coordinates that are not written down yet: hand it to ``admit`` before anything is made of it.
        """
        evidence = self._evidence
        pair, view = evidence.pair(pair_id), evidence.view(pair_id)
        return None if pair is None or view is None else self.judge(pair, view, now_ms)

    def judge(self, pair: Pair, view: PairView, now_ms: int) -> Glance | None:
        """Judge a pair whose view is at hand; see ``look``."""
        order = self._evidence.order(pair.order_id)
        if not in_force(order, now_ms):
            return None
        asking = Asking(audience=self._audience, subject=self._subject, purpose=PURPOSES[self._audience], pair=pair, order=order)
        evidence = self._evidence
        policy = evidence.policy(pair.order_id)
        opening = decide(
            asking,
            view,
            policy,
            sos=evidence.sos_of(pair.owner_id) is not None,
            incident=evidence.in_incident(pair),
            grant=evidence.grant(pair.pair_id),
            renewed_ms=evidence.renewed_ms(self._subject),
            accepted=self._audience is not Audience.PROTECTED or evidence.has_accepted(self._subject),
            state=self._remembered(pair),
            now_ms=now_ms,
        )
        opening = barred(opening, self.barred)
        self._remember(pair, opening.state)
        if self._is_hers(pair) and self.barred is None:
            self._watch_her_way(Glance(pair, view, policy, opening), now_ms)
        return Glance(pair, view, policy, opening)

    def _remembered(self, pair: Pair) -> OpenState:
        """Return what the gate said last: of her own pairs what it said to any of her screens."""
        return self._evidence.her_views.of(pair.pair_id) if self._is_hers(pair) else self._states.get(pair.pair_id, NOTHING_OPEN)

    def _remember(self, pair: Pair, state: OpenState) -> None:
        if self._is_hers(pair):
            self._evidence.her_views.keep(pair.pair_id, state)
        elif state == NOTHING_OPEN:
            self._states.pop(pair.pair_id, None)
        else:
            self._states[pair.pair_id] = state

    def _is_hers(self, pair: Pair) -> bool:
        return self._audience is Audience.PROTECTED and self._subject == pair.owner_id

    def _watch_her_way(self, glance: Glance, now_ms: int) -> None:
        """Tell once, for each time that she keeps going towards him with his position open. It closes nothing.

        Since when stands with what the gate remembers of her views: a line that comes back, another phone or a restart begins nothing anew.
        """
        pair_id, state = glance.pair.pair_id, self._remembered(glance.pair)
        going = glance.opening.monitored and glance.pair.zone is None and glance.view.approach is Approach.PROTECTED
        since_ms = None if not going else state.towards_ms if state.towards_ms is not None else now_ms
        if since_ms is not None and 0 <= since_ms <= now_ms - int(glance.policy.access.toward_s * 1000.0):
            since_ms = TOLD
            self._evidence.went_towards(self._subject, pair_id)
        if since_ms != state.towards_ms:
            self._remember(glance.pair, msgspec.structs.replace(state, towards_ms=since_ms))

    def settled(self, glances: Iterable[Glance]) -> bool:
        """Return whether everything these show is written down already, so that ``admit`` would change nothing."""
        return all(_ground(glance.opening) == self._open.get(glance.pair.pair_id) for glance in glances)

    async def admit(self, glances: list[Glance]) -> list[Glance]:
        """Write down what opens and closes; return what may be shown, with the map withheld where it is not written down."""
        for glance in glances:
            ground = _ground(glance.opening)
            if ground is None:
                self._close(glance.pair.pair_id)
            elif ground != self._open.get(glance.pair.pair_id):
                self._record(glance.pair.pair_id, ground)
        waiting = [task for task in self._recording.values() if not task.done()]
        if waiting:
            await asyncio.wait(waiting, timeout=RECORD_WAIT_S)
        return [self._admitted(glance) for glance in glances]

    def consulted(self, glance: Glance) -> None:
        """Write down that a pair was opened whose map stays closed: once, until it is closed.

        Nothing of a position is shown; so a ledger that cannot be written hides nothing from whoever brings help.
        """
        pair_id = glance.pair.pair_id
        if _ground(glance.opening) is not None:
            self._consulted.discard(pair_id)
        elif pair_id not in self._consulted:
            self._consulted.add(pair_id)
            is_quiet = glance.view.tier < Tier.WATCH and not glance.is_unseen
            _background(self._disclosed(pair_id, QUIET if is_quiet else WATCHED))

    def forget(self, pair_ids: Iterable[str]) -> None:
        """Close the views of pairs that are no longer shown."""
        for pair_id in tuple(pair_ids):
            self._states.pop(pair_id, None)
            self._consulted.discard(pair_id)
            self._close(pair_id)

    def leave(self) -> None:
        """Close every view: the viewer has gone."""
        self.forget([*self._open, *self._recording])

    @property
    def open_pairs(self) -> list[str]:
        """Pairs whose map is open and written down."""
        return list(self._open)

    def _admitted(self, glance: Glance) -> Glance:
        ground = _ground(glance.opening)
        if ground is None or ground == self._open.get(glance.pair.pair_id):
            return glance
        return msgspec.structs.replace(glance, opening=withheld(glance.opening))

    def _record(self, pair_id: str, ground: str) -> None:
        """Begin to write an opening down, unless that is under way."""
        if pair_id not in self._recording:
            self._recording[pair_id] = asyncio.ensure_future(self._opened(pair_id, ground))

    async def _opened(self, pair_id: str, ground: str) -> None:
        try:
            await self._disclosed(pair_id, f"{Scope.MAP.name.lower()}:{ground}")
        except Exception:  # noqa: BLE001 - whatever went wrong: not written down, not shown; the next frame tries again
            return
        else:
            self._open[pair_id] = ground
        finally:
            del self._recording[pair_id]

    def _close(self, pair_id: str) -> None:
        """Write a closing down. Nobody waits for it: what is closed is not shown from now on."""
        recording = self._recording.get(pair_id)
        if recording is not None:
            recording.add_done_callback(lambda _: self._close(pair_id))
        elif self._open.pop(pair_id, None) is not None:
            _background(self._disclosed(pair_id, "closed"))

    def _disclosed(self, pair_id: str, scope: str) -> Awaitable[None]:
        return self._evidence.disclosed(self._subject, self._audience.value, pair_id, PURPOSES[self._audience].value, scope)


def both_seen(evidence: Evidence, pair_id: str) -> bool:
    """Return whether a pair is of two persons, and something is known of where each is."""
    pair, view = evidence.pair(pair_id), evidence.view(pair_id)
    if pair is None or view is None or pair.zone is not None:
        return False
    return view.protected is not None and view.monitored is not None


def reported_ms(evidence: Evidence, pair_id: str, since_ms: int) -> list[int]:
    """Return when he was seen since a moment: times, and no place."""
    return [point.at_ms for point in evidence.trail(pair_id, since_ms) if point.at_ms >= since_ms]


def past(subject: str, held: Held, policy: Policy, permission: Permission, now_ms: int) -> Opening:
    """Return what an investigator may read of a past time. Whoever reads writes it down first."""
    asking = Asking(
        audience=Audience.INVESTIGATOR,
        subject=subject,
        purpose=Purpose.INVESTIGATION,
        pair=None,
        order=None,
        permission=permission,
        held=held,
    )
    return decide(asking, None, policy, state=NOTHING_OPEN, now_ms=now_ms)


def whole(subject: str, second: str | None, held: Held, policy: Policy, now_ms: int) -> Opening:
    """Return what of an order's time leaves as a record. Whoever exports writes it down first."""
    asking = Asking(audience=Audience.RECORD, subject=subject, purpose=Purpose.EXPORT, pair=None, order=None, held=held, second=second)
    return decide(asking, None, policy, state=NOTHING_OPEN, now_ms=now_ms)


def _ground(opening: Opening) -> str | None:
    """Return what an opening is written down as; the countdown belongs to the ring that was left."""
    if opening.scope is not Scope.MAP or opening.ground is None:
        return None
    return Ground.INSIDE_RING.value if opening.ground is Ground.CLOSING else opening.ground.value


_closings: set[asyncio.Future[None]] = set()
"""Keeps records that nobody waits for alive until they are written."""


def _background(record: Awaitable[None]) -> None:
    task = asyncio.ensure_future(record)
    _closings.add(task)
    task.add_done_callback(_noted)


def _noted(task: asyncio.Future[None]) -> None:
    _closings.discard(task)
    if not task.cancelled():
        task.exception()  # a failing journal makes itself known; asyncio need not complain as well
