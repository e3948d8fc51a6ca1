"""Would each protected person's handset bring her an alarm? Looked at every few seconds; trouble becomes an incident, and she is told.

What a device says of itself (permission lost, battery low) opens an incident at once, elsewhere. Here is what only time or a
missing receipt tells: a handset that fell silent, lost its network, runs empty, or has notices handed to it that nobody confirms.
A handset that was never heard is the business of the way to protection, not of this watch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from jikimi.apps.push import CHANNEL as PUSH
from jikimi.delivery.handset import Heard, Trouble, trouble
from jikimi.delivery.message import Verdict, recipient_of
from jikimi.delivery.passage import Passage
from jikimi.delivery.rules import DeliveryRules
from jikimi.incidents.incident import Kind, Party
from jikimi.incidents.opening import Signal
from jikimi.model.event import EventKind
from jikimi.model.record import Decided, Events
from jikimi.runtime import parties
from jikimi.runtime.hub import Hub
from jikimi.runtime.notices import STREAM

PERIOD_S: Final = 5.0
"""Between two looks."""
SLICE: Final = 500
"""Handsets looked at in one go; then others get their turn."""
DEVICE_CHANNELS: Final = frozenset({STREAM, PUSH})
"""Channels whose end is her device: it can confirm what it got."""
KINDS: Final[Mapping[Trouble, Kind]] = dict.fromkeys(Trouble, Kind.HANDSET) | {Trouble.BATTERY: Kind.PHONE_BATTERY}


class Episode(NamedTuple):
    """A trouble that stands."""

    kind: Kind
    party: Party


class Lost(NamedTuple):
    """When a device said that it may not say where it is, and the time of its last fix before."""

    at_ms: int
    fix_time_ms: int | None


class HandsetWatch:
    """Looks after every handset.

    Args:
        hub: the running core.
        rules: for how long a handset may be silent.
        tell: takes what was found, for the incidents.
    """

    def __init__(self, hub: Hub, rules: DeliveryRules, tell: Callable[[Signal], None]) -> None:
        self._hub = hub
        self._rules = rules
        self._tell = tell
        self._since_ms = hub.now_ms()
        self._permission: dict[str, Lost] = {}
        self._offline: dict[str, int] = {}
        self._handed: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._standing: dict[str, Episode] = {}

    def resume(self, standing: Mapping[str, Episode]) -> None:
        """Take up what stood when an earlier process ended, so that its end is told."""
        self._standing.update(standing)

    def heard(self, record: Decided | Events) -> None:
        """Take note of what devices say of themselves."""
        if isinstance(record, Decided) or record.person_id is None:
            return
        for event in record.events:
            if event.kind is EventKind.PERMISSION_LOST:
                self._lose(record.person_id, record.at_ms)
            elif event.kind is EventKind.OFFLINE:
                self._offline[record.person_id] = record.at_ms

    def _lose(self, person_id: str, at_ms: int) -> None:
        """The incident is opened by the event itself; what is kept here is what ends it."""
        health, party = self._hub.health(person_id), self._party(person_id)
        self._permission[person_id] = Lost(at_ms, None if health is None else health.fix_time_ms)
        if party is not None:
            self._standing.setdefault(person_id, Episode(Kind.HANDSET, party))

    def handled(self, passage: Passage) -> None:
        """Take note of a notice that was handed to a handset, and of its receipts."""
        recipient = recipient_of(passage.message)
        if not self._hub.orders_protecting(recipient):
            return
        if passage.receipts:
            self._told[recipient] = max(one.at_ms for one in passage.receipts)
            self._handed.pop(recipient, None)
        taken = [one.begun_ms for one in passage.tries if _reached_device(passage, one.way, one.verdict)]
        if not passage.receipts and taken and max(taken) > self._told.get(recipient, 0):
            self._handed.setdefault(recipient, min(taken))

    async def work(self) -> None:
        """Look after them, for ever."""
        while True:
            await asyncio.sleep(PERIOD_S)
            await self.look()

    async def look(self) -> None:
        """Look at each handset once."""
        for number, person_id in enumerate(self._hub.protected()):
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
            self._look_at(person_id)
        for person_id in [one for one in self._standing if not self._hub.orders_protecting(one)]:
            self._forget(person_id)

    def _look_at(self, person_id: str) -> None:
        health, now_ms = self._hub.health(person_id), self._hub.now_ms()
        if health is None or health.heard_ms is None:
            return
        lost = self._permission.get(person_id)
        if lost is not None and lost.fix_time_ms != health.fix_time_ms:
            del self._permission[person_id]  # it says again where it is
        if now_ms - health.heard_ms >= self._rules.quiet_after_s * 1000:
            self._handed.pop(person_id, None)  # what came while it was away says nothing of it once it is back
        found = trouble(self._known(person_id, health.heard_ms, health.battery_pct), now_ms, self._rules)
        before = self._standing.get(person_id)
        changed = found is not None and (before is None or before.kind is not KINDS[found])
        mended = found is None and now_ms - health.heard_ms < self._rules.quiet_after_s * 1000
        if before is not None and (changed or mended):
            self._end(person_id, before, now_ms)
        if found is not None and changed:
            self._begin(person_id, found, now_ms)

    def _party(self, person_id: str) -> Party | None:
        return next((one for one in parties.of_person(self._hub, person_id) if one.protected_id == person_id), None)

    def _known(self, person_id: str, heard_ms: int, battery_pct: float | None) -> Heard:
        lost = self._permission.get(person_id)
        return Heard(
            since_ms=self._since_ms,
            last_ms=max(heard_ms, self._since_ms),
            permission_lost_ms=None if lost is None else lost.at_ms,
            offline_ms=self._offline.get(person_id),
            battery_pct=battery_pct,
            handed_ms=self._handed.get(person_id),
            told_ms=self._told.get(person_id),
        )

    def _begin(self, person_id: str, found: Trouble, now_ms: int) -> None:
        party = self._party(person_id)
        if party is not None:
            self._standing[person_id] = Episode(KINDS[found], party)
            self._tell(_signal(self._standing[person_id], now_ms, found))

    def _end(self, person_id: str, before: Episode, now_ms: int) -> None:
        del self._standing[person_id]
        self._tell(_signal(before, now_ms, None))

    def _forget(self, person_id: str) -> None:
        """Nobody protects her by an order any more: nothing is watched, and nothing is kept."""
        for known in (self._standing, self._permission, self._offline, self._handed, self._told):
            known.pop(person_id, None)


def _reached_device(passage: Passage, way: int, verdict: Verdict | None) -> bool:
    return verdict is Verdict.ACCEPTED and passage.ways[way].channel in DEVICE_CHANNELS


def _signal(episode: Episode, at_ms: int, found: Trouble | None) -> Signal:
    """Return what begins with a trouble, or, without one, what ends."""
    word = "mended" if found is None else found.value
    return Signal(
        signal_id=f"{episode.party.pair_id}.handset.{word}.{at_ms}",
        at_ms=at_ms,
        party=episode.party,
        kind=episode.kind,
        began=found is not None,
        trouble=None if found is None else found.value,
    )
