"""What opens an incident: transitions, calls for help, what devices tell, and what others report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from jikimi.incidents.incident import CALLS, SETTLING, TAMPER, Harm, Incident, Kind, Party, Strand, Told
from jikimi.incidents.ranking import urgency
from jikimi.model.decision import Cause, Sight, Tier, Transition
from jikimi.model.event import EventKind

HIS: Final[Mapping[EventKind, tuple[Kind, bool]]] = {
    EventKind.STRAP: (Kind.STRAP, True),
    EventKind.TAMPER: (Kind.REMOVAL, True),
    EventKind.JAMMING: (Kind.JAMMING, True),
    EventKind.PERMISSION_LOST: (Kind.REMOVAL, True),
    EventKind.BATTERY_LOW: (Kind.BATTERY, True),
    EventKind.CHARGING: (Kind.BATTERY, False),
}
"""What his device says, what that opens (True) or ends (False). Other kinds mean nothing here: an SOS is hers alone."""

HERS: Final[Mapping[EventKind, tuple[Kind, bool]]] = {
    EventKind.SOS: (Kind.SOS, True),
    EventKind.SOS_CANCEL: (Kind.SOS, False),
    EventKind.JAMMING: (Kind.JAMMING, True),
    EventKind.STRAP: (Kind.HANDSET, True),
    EventKind.TAMPER: (Kind.HANDSET, True),
    EventKind.PERMISSION_LOST: (Kind.HANDSET, True),
    EventKind.BATTERY_LOW: (Kind.PHONE_BATTERY, True),
    EventKind.CHARGING: (Kind.PHONE_BATTERY, False),
}
"""The same of her devices."""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """Something happened to a pair. ``began`` is False when the cause has ended. ``signal_id`` is the same at each repetition.

    ``tier``, ``contact_s``, ``low_m``, ``sight`` and ``told`` come with what the core says and are None otherwise. ``trouble``: what
    is wrong with her handset, as the last word of the text that tells her; None where the kind says enough.
    """

    signal_id: str
    at_ms: int
    party: Party
    kind: Kind
    began: bool = True
    tier: Tier | None = None
    contact_s: float | None = None
    low_m: float | None = None
    sight: Sight | None = None
    trouble: str | None = None
    told: Told | None = None
    drill: bool = False


def kinds_of(transition: Transition) -> list[tuple[Kind, bool]]:
    """Return what begins (True) or ends with a transition: an approach from warning up, silence when a side falls blind.

    A side that was never heard has not fallen silent: whoever answers for the way to protection is told of it by the register.
    """
    sight = max(transition.monitored, transition.protected)
    sides = ((transition.monitored_before, transition.monitored), (transition.protected_before, transition.protected))
    kinds: list[tuple[Kind, bool]] = []
    if transition.tier >= Tier.WARNING or transition.tier_before >= Tier.WARNING:
        kinds.append((Kind.APPROACH, transition.tier >= Tier.WARNING))
    if any(now is Sight.BLIND and before is not Sight.BLIND for before, now in sides):
        kinds.append((Kind.SILENCE, True))
    elif sight is not Sight.BLIND and any(before is Sight.BLIND for before, _ in sides):
        kinds.append((Kind.SILENCE, False))
    return kinds


def of_transition(transition: Transition, party: Party) -> tuple[Signal, ...]:
    """Return what a transition means for people."""
    sight = max(transition.monitored, transition.protected)
    low_m, contact_s = nearness(transition)
    return tuple(
        Signal(
            signal_id=f"{transition.pair_id}.{transition.number}.{kind}",
            at_ms=transition.at_ms,
            party=party,
            kind=kind,
            began=began,
            tier=transition.tier,
            contact_s=contact_s,
            low_m=low_m,
            sight=sight,
            told=_told(transition, sight),
        )
        for kind, began in kinds_of(transition)
    )


def nearness(transition: Transition) -> tuple[float | None, float | None]:
    """Return how near he may be, metres, and how soon they may meet, seconds.

    A tier that rests on a surprising report is as near as that report says: nobody may stand behind others for the sake of doubt.
    """
    low_m, contact_s = transition.low_m, transition.contact_s
    suspected = min((one.value for one in transition.reasons if one.cause is Cause.SUSPECT), default=None)
    if suspected is None or low_m is None or suspected >= low_m:
        return low_m, contact_s
    return suspected, None if contact_s is None else contact_s * suspected / low_m


def _told(transition: Transition, sight: Sight) -> Told:
    return Told(
        number=transition.number,
        tier=transition.tier,
        sight=sight,
        low_m=nearness(transition)[0],
        contact_s=nearness(transition)[1],
        reasons=transition.reasons,
    )


SILENT: Final = "silent"
"""The detail with which her app marks a call for help, and its end, that must make no sound."""
MOCK: Final = "mock"
"""The detail with which a device tells that its positions are made up by another program."""


_MEANT: Final[Mapping[tuple[Kind, str | None], Kind]] = {(Kind.SOS, SILENT): Kind.SILENT_SOS, (Kind.REMOVAL, MOCK): Kind.FALSE_DATA}


def of_event(event_id: str, event: tuple[EventKind, str | None], at_ms: int, party: Party, person_id: str) -> Signal | None:
    """Return what an event of a person's device, its kind and detail, means for a pair, or None. ``at_ms`` is when the server heard it.

    Whose device it is decides what it means. Who is monitored in the pair is never taken for the protected one.
    """
    kind, detail = event
    found = (HIS if person_id == party.monitored_id else HERS).get(kind)
    if found is None:
        return None
    meant = _MEANT.get((found[0], detail), found[0])
    trouble = "permission" if kind is EventKind.PERMISSION_LOST else None
    return Signal(signal_id=f"{event_id}.{party.pair_id}", at_ms=at_ms, party=party, kind=meant, began=found[1], trouble=trouble)


def harm_after(harm: Harm, signal: Signal) -> Harm:
    """Return the harm with what a signal says. What it does not say stays; tamper and SOS stay until a person resolves them."""
    told = signal.tier is not None
    return Harm(
        tier=signal.tier if signal.tier is not None else harm.tier,
        contact_s=signal.contact_s if told else harm.contact_s,
        low_m=signal.low_m if told else harm.low_m,
        sight=signal.sight if signal.sight is not None else harm.sight,
        breaches=max(harm.breaches, signal.party.breaches),
        tampered=harm.tampered or (signal.began and signal.kind in TAMPER),
        sos=harm.sos or (signal.began and signal.kind in CALLS),
    )


def strands_of(incident: Incident) -> tuple[Strand, ...]:
    """Return what an incident holds of each pair; one that was written before pairs were kept apart has one."""
    whole = Strand(pair_id=incident.party.pair_id, standing=incident.standing, harm=incident.harm)
    return incident.strands or (whole,)


def begun(signal: Signal) -> Strand:
    """Return what a first signal leaves at its pair."""
    return Strand(pair_id=signal.party.pair_id, standing=frozenset({signal.kind}), harm=harm_after(Harm(), signal))


def merged(incident: Incident, signal: Signal) -> Incident:
    """Return the incident with a signal in it: what ended at one of its pairs may last at another."""
    kinds = incident.kinds if signal.kind in incident.kinds or not signal.began else (*incident.kinds, signal.kind)
    pair_id = signal.party.pair_id
    strands = {one.pair_id: one for one in strands_of(incident)}
    before = strands.get(pair_id, Strand(pair_id=pair_id))
    standing = before.standing | {signal.kind} if signal.began else before.standing - {signal.kind}
    strands[pair_id] = Strand(pair_id=pair_id, standing=standing, harm=harm_after(before.harm, signal))
    return with_strands(msgspec.structs.replace(incident, kinds=kinds), strands.values())


def with_strands(incident: Incident, strands: Iterable[Strand]) -> Incident:
    """Return the incident with these pairs: it stands where it is worst, and is as bad as all of them together."""
    strands = tuple(strands)
    worst = max(strands, key=lambda one: urgency(one.harm))
    return msgspec.structs.replace(
        incident,
        party=msgspec.structs.replace(incident.party, pair_id=worst.pair_id),
        standing=frozenset().union(*(one.standing for one in strands)),
        harm=together(worst.harm, [one.harm for one in strands]),
        strands=strands,
    )


def together(worst: Harm, harms: Iterable[Harm]) -> Harm:
    """Return the harm of several pairs: nearness as at the worst of them, and of all else the worst of all."""
    harms = list(harms)
    return Harm(
        tier=max(one.tier for one in harms),
        contact_s=worst.contact_s,
        low_m=worst.low_m,
        sight=max(one.sight for one in harms),
        breaches=max(one.breaches for one in harms),
        tampered=any(one.tampered for one in harms),
        sos=any(one.sos for one in harms),
    )


def settles(incident: Incident) -> bool:
    """Whether it may close by itself now: every cause has ended, and each was of a kind that may."""
    return not incident.standing and SETTLING.issuperset(incident.kinds)
