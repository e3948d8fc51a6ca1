"""A mass silence: one incident for people, and every pair that fell silent a member of it, counted and visible by itself.

A pair that has an incident of its own is told there as ever. All others become members: of those who are in danger none is, for an
approach opens its own incident, before any member is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec

from jikimi.incidents.incident import Count, Harm, Incident, Kind, Member, Party, name_of
from jikimi.incidents.opening import Signal, harm_after, settles
from jikimi.incidents.ports import Page
from jikimi.incidents.status import Status
from jikimi.incidents.work import CLOCK, Work
from jikimi.model.decision import Sight
from jikimi.model.notice import Side, Urgency

_LEAST_SAID: Final = 2


def key_of_mass(policy_id: str) -> str:
    """Return the key of a policy's mass silence: one is open at most."""
    return name_of("mass", policy_id)


def party_of_mass(policy_id: str) -> Party:
    """Return whom it concerns: nobody by name, and all whom a policy protects."""
    key = key_of_mass(policy_id)
    return Party(
        pair_id=key, order_id=key, policy_id=policy_id, basis_id=key, tag_basis_id=None, monitored_id=key, protected_id=key
    )  # fmt: skip


def begun_mass(signal: Signal) -> Signal:
    """Return the signal that opens the incident, named after the silence that made it one too many."""
    return msgspec.structs.replace(
        signal,
        signal_id=f"mass.{signal.signal_id}",
        party=party_of_mass(signal.party.policy_id),
        kind=Kind.MASS_SILENCE,
        tier=None,
        contact_s=None,
        low_m=None,
        sight=Sight.BLIND,
        told=None,
    )


def member_of(signal: Signal) -> Member:
    """Return the member that a silence makes."""
    return Member(party=signal.party, harm=harm_after(Harm(), signal), since_ms=signal.at_ms)


def take_members(page: Page, work: Work, signals: Iterable[Signal], now_ms: int) -> Incident:
    """Let pairs join and leave, each as its last signal says, and count them."""
    last = {signal.party.pair_id: signal for signal in signals}
    incident_id = work.incident.incident_id
    before = page.lasting(incident_id, last)
    joining = {pair_id for pair_id, one in last.items() if one.began}
    page.put_members(incident_id, [member_of(last[pair_id]) for pair_id in joining])
    page.end_members(incident_id, last.keys() - joining, now_ms)
    count = work.incident.members or Count(0, 0)
    total = count.total + len(joining - before.keys())
    standing = count.standing + sum(not before.get(one, False) for one in joining)
    standing -= sum(lasted for pair_id, lasted in before.items() if pair_id not in joining)
    return _counted(work, Count(total, standing, count.said), now_ms)


def _counted(work: Work, count: Count, now_ms: int) -> Incident:
    """Take a new count over; the history tells each doubling, and not each piece."""
    if count.total >= max(_LEAST_SAID, 2 * count.said):
        work.note(f"members_{count.total}", CLOCK, now_ms)
        count = Count(count.total, count.standing, count.total)
    lasts = frozenset({Kind.MASS_SILENCE}) if count.standing else frozenset[Kind]()
    if work.incident.standing and not lasts:
        work.note(f"ended_{Kind.MASS_SILENCE}", CLOCK, now_ms)
    strands = tuple(msgspec.structs.replace(one, standing=lasts) for one in work.incident.strands)
    work.change(members=count, standing=lasts, strands=strands)
    return work.incident


def is_over(incident: Incident) -> bool:
    """Whether every member was seen again and nobody was sent, so that it closes by itself."""
    return settles(incident) and incident.status in {Status.OPEN, Status.ACKNOWLEDGED}


def tell_some(page: Page, work: Work, most: int) -> int:
    """Tell some of the members that he cannot be seen, the worst first; return how many."""
    found = page.untold_members(work.incident.incident_id, most)
    for protected_id in dict.fromkeys(one.party.protected_id for one in found):
        work.tell(Side.PROTECTED, protected_id, "alarm.protected.silence", Urgency.PROMPT)
    page.tell_members(work.incident.incident_id, [one.party.pair_id for one in found])
    return len(found)
