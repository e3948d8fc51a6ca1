"""From an incident with its history and her notices to a row of the outcome register."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jikimi.delivery.message import Step
from jikimi.delivery.passage import Passage
from jikimi.incidents.incident import Entry, Incident, Kind
from jikimi.incidents.status import Act, TaskStatus
from jikimi.incidents.work import APPROACH
from jikimi.outcomes.row import Finding, IncidentRow, Warned, rounded, season

_SEEN = frozenset({Step.SHOWN, Step.SEEN})
_BLIND = frozenset({Kind.SILENCE, Kind.MASS_SILENCE, Kind.HANDSET})


def row_of(
    incident: Incident,
    history: Sequence[Entry],
    notices: Iterable[Passage],
    finding: Finding | None,
    *,
    distance_m: float | None,
    region: str | None,
    time_zone: str,
    group: str,
) -> IncidentRow:
    """Return the row of a resolved incident.

    Args:
        incident: no drill; one that is erased while it is open has no outcome.
        history: its lines, in order.
        notices: what it had delivery say.
        finding: what was found out afterwards, or None.
        distance_m: the order's no-approach distance, or None where nobody knows it any more.
        region: where the order's court is, or None.
        time_zone: of the jurisdiction.
        group: which order's rows these are.
    """
    told_ms = _told_ms(notices)
    inside_ms = _inside_ms(history, distance_m)
    year, quarter = season(incident.opened_ms, time_zone)
    is_approach = Kind.APPROACH in incident.kinds
    known = finding if finding is not None else Finding(by="", at_ms=0)
    return IncidentRow(
        policy_id=incident.party.policy_id,
        year=year,
        quarter=quarter,
        region=region,
        group=group,
        kind=(Kind.APPROACH if is_approach else incident.kinds[0]).value,
        warned=_warned(told_ms, inside_ms) if is_approach else None,
        lead_s=rounded(inside_ms - told_ms) if told_ms is not None and inside_ms is not None and told_ms <= inside_ms else None,
        acknowledged_s=_since(incident, history, Act.ACKNOWLEDGE),
        contact_s=_since(incident, history, Act.CONTACT),
        sent_s=_task_since(incident, history, TaskStatus.SENT),
        arrived_s=_task_since(incident, history, TaskStatus.ARRIVED),
        outcome="unknown" if incident.outcome is None else incident.outcome.value,
        breach=known.breach,
        arrested=known.arrested,
        is_false=known.is_false,
        harm=known.harm,
        blind_s=rounded(_blind_ms(incident, history)),
    )


def _told_ms(notices: Iterable[Passage]) -> int | None:
    """Return when a device of hers first said that it shows an alarm of this approach."""
    hers = (one for one in notices if one.message.topic.endswith(f" {APPROACH}"))
    return min((receipt.at_ms for one in hers for receipt in one.receipts if receipt.from_device and receipt.step in _SEEN), default=None)


def _inside_ms(history: Sequence[Entry], distance_m: float | None) -> int | None:
    """Return when the core first said that he may be inside the order's distance."""
    if distance_m is None:
        return None
    near = (one.at_ms for one in history if one.told is not None and one.told.low_m is not None and one.told.low_m <= distance_m)
    return min(near, default=None)


def _warned(told_ms: int | None, inside_ms: int | None) -> Warned:
    if told_ms is None:
        return Warned.NOT
    return Warned.BEFORE if inside_ms is None or told_ms <= inside_ms else Warned.LATE


def _since(incident: Incident, history: Sequence[Entry], what: str) -> int | None:
    first = next((one.at_ms for one in history if one.what == what), None)
    return None if first is None else rounded(first - incident.opened_ms)


def _task_since(incident: Incident, history: Sequence[Entry], status: TaskStatus) -> int | None:
    first = next((one.at_ms for one in history if one.what.startswith("task_") and one.what.endswith(f"_{status}")), None)
    return None if first is None else rounded(first - incident.opened_ms)


def _blind_ms(incident: Incident, history: Sequence[Entry]) -> int | None:
    """Return how long the silences of the incident lasted, together; None where none was part of it."""
    since: dict[str, int] = {}
    total: int | None = None
    for one in history:
        said, _, kind = one.what.partition("_")
        if kind in _BLIND and said in {"opened", "again"}:
            since.setdefault(kind, one.at_ms)
        elif kind in _BLIND and said == "ended" and kind in since:
            total = (total or 0) + one.at_ms - since.pop(kind)
    for begun_ms in since.values():
        total = (total or 0) + (incident.resolved_ms or begun_ms) - begun_ms
    return total
