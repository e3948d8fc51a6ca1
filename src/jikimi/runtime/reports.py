"""What an agency's own system gets with a request: where both are, through the gate, and the alert in its own standard.

Made when the request is handed over, not when it was asked for: each repetition brings what is known then. Where the opening
cannot be written down the request goes out without positions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from itertools import takewhile
from typing import Any, Final

import msgspec

from jikimi.apps.incident_desk import Dossier
from jikimi.delivery.cap import Chain, Origin, cap_alert
from jikimi.delivery.message import Message
from jikimi.disclosure.frames import map_of, moment_of
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import Viewer
from jikimi.disclosure.wire import MapFrame, ReasonFrame
from jikimi.incidents.incident import Kind, name_of
from jikimi.incidents.ranking import level
from jikimi.incidents.status import Status
from jikimi.model.decision import Tier
from jikimi.model.order import Order
from jikimi.model.policy import PairRules
from jikimi.runtime.hub import Hub

_TIERS: Final = {tier: tier.name.lower() for tier in Tier}


class OrderSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a unit must know of the order: on what it rests, what it forbids within how many metres, and until when."""

    legal_basis: str
    rules: str
    distance_m: float
    until_ms: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one incident as an agency may know it. Distances in metres, times in seconds, ``…_ms`` since 1970.

    ``report`` stays the same through all updates to one agency, and ``version`` counts them from 1. ``silent``: she called without a
    sound, and nobody may ring her. ``map`` is null while the gate keeps positions closed. ``live``: the address of the officers' page,
    for one phone; another one once it was opened, null while nobody is to be sent.
    """

    report: str
    version: int
    incident: str
    kinds: list[str]
    level: str
    silent: bool
    opened_ms: int
    drill: bool
    tasks: dict[str, str]
    tier: str | None
    low_m: float | None
    high_m: float | None
    contact_s: float | None
    movement: str | None
    approach: str | None
    reasons: list[ReasonFrame]
    order: OrderSummary | None
    map: MapFrame | None
    live: str | None


class Reports:
    """Makes what goes with a request.

    Args:
        hub: the running core.
        dossier: returns an incident with its notices.
        sender: names this deployment in alerts: an id that no other sender has.
        live: returns the address of the officers' page for an incident and an agency, or None where there is nothing to see.
    """

    def __init__(
        self,
        hub: Hub,
        dossier: Callable[[str], Awaitable[Dossier | None]],
        sender: str,
        live: Callable[[str, str], Awaitable[str | None]],
    ) -> None:
        self._live = live
        self._hub = hub
        self._dossier = dossier
        self._origin = Origin(sender, "Jikimi")

    async def attached(self, message: Message) -> Mapping[str, Any]:
        """Return what is put beside the words of a message to an agency."""
        incident_id = message.topic.partition(" ")[0]
        found = await self._dossier(incident_id)
        if found is None:
            return {}
        before = _before(found, message)
        report = await self._report(found, message.topic.split(" ")[1], 1 + len(before))
        return {"report": msgspec.to_builtins(report), "cap": self._alert(before, message)}

    def _alert(self, before: list[Message], message: Message) -> str:
        """Return the alert; it updates or takes back every earlier one of the same incident to the same agency."""
        return cap_alert(message, self._origin, Chain(tuple((one.key, one.sent_ms) for one in before)))

    async def _report(self, found: Dossier, agency: str, version: int) -> Report:
        incident, now_ms = found.incident, self._hub.now_ms()
        # Nobody is sent to what is closed: then nothing is looked up.
        viewer = Viewer(self._hub, Audience.RESPONDER, agency)
        glance = None if incident.status is Status.RESOLVED else viewer.look(incident.party.pair_id, now_ms)
        if glance is not None:
            (glance,) = await viewer.admit([glance])
        view = None if glance is None else glance.view
        words = glance is not None and glance.opening.words
        report = Report(
            report=name_of("report", incident.incident_id, agency),
            version=version,
            incident=incident.incident_id,
            kinds=[kind.value for kind in incident.kinds],
            level=_TIERS[level(incident.harm)],
            silent=Kind.SILENT_SOS in incident.standing,
            opened_ms=incident.opened_ms,
            drill=incident.drill,
            tasks={task.where.value: task.status.value for task in incident.tasks if task.responder == agency},
            tier=None if view is None else _TIERS[view.tier],
            low_m=view.low_m if view is not None and words else None,
            high_m=view.high_m if view is not None and words else None,
            contact_s=view.contact_s if view is not None and words else None,
            movement=view.movement.value if view is not None and words else None,
            approach=None if view is None else view.approach.value,
            reasons=[] if view is None or view.last is None else moment_of(view.last, str).reasons,
            order=None if glance is None else _summary(self._hub.order(glance.pair.order_id), glance.pair.rules),
            map=None if glance is None else map_of(glance, self._hub, now_ms),
            live=await self._live(incident.incident_id, agency),
        )
        viewer.leave()
        return report


def _summary(order: Order | None, rules: PairRules) -> OrderSummary | None:
    if order is None:
        return None
    return OrderSummary(legal_basis=order.legal_basis, rules=rules.version, distance_m=rules.danger_m, until_ms=order.until_ms)


def _before(found: Dossier, message: Message) -> list[Message]:
    """Return what the same agency was sent of the same incident before this."""
    to = message.topic.split(" ")[1]
    told = [one.message for one in found.passages if one.message.topic.split(" ")[1] == to]
    return list(takewhile(lambda one: one.key != message.key, told))
