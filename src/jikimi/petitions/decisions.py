"""Decisions on petitions: drafted from the form's template, checked, printed, and as an order of the register. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from jikimi.model.durations import Basis, Durations
from jikimi.model.petition import Answer, Asked, Draft, Party, PetitionForm, Result, Told
from jikimi.model.register import CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.orders.days import last_day, latest_end_ms
from jikimi.orders.duration import limit_of
from jikimi.orders.matching import Identifiers
from jikimi.petitions.status import Act

MOST_M: Final = 100_000.0
_DRAFT: Final[Mapping[Act, str]] = {
    Act.GRANT_INTERIM: "interim",
    Act.GRANT: "grant",
    Act.GRANT_IN_PART: "grant_in_part",
    Act.REFUSE: "refuse",
}
RESULT: Final[Mapping[Act, Result]] = {
    Act.GRANT_INTERIM: Result.INTERIM,
    Act.REFUSE_INTERIM: Result.INTERIM_REFUSED,
    Act.GRANT: Result.GRANTED,
    Act.GRANT_IN_PART: Result.GRANTED_IN_PART,
    Act.REFUSE: Result.REFUSED,
}


SIDES: Final = frozenset({Party.PETITIONER.value, Party.LAWYER.value, Party.RESPONDENT.value})
"""Whom a court itself tells."""
_MAKES_ORDER: Final = frozenset({Act.GRANT_INTERIM, Act.GRANT, Act.GRANT_IN_PART})


class Ordering(NamedTuple):
    """One measure that is ordered: its kind, how far (m), until when (exclusive, or None: until the court ends it), and in which words."""

    kind: MeasureKind
    distance_m: float | None
    until_ms: int | None
    words: str


class Sides(NamedTuple):
    """The two persons of a petition, by their names in the register."""

    protected_id: str
    monitored_ids: tuple[str, ...]


def draft_of(form: PetitionForm, act: Act) -> Draft:
    """Return the template of a decision.

    Raises:
        LookupError: the form has none.
    """
    found = next((one for one in form.drafts if one.draft_id == _DRAFT[act]), None)
    if found is None:
        raise LookupError("The form has no draft of this decision.")
    return found


def basis_of(form: PetitionForm, act: Act, durations: Durations) -> Basis:
    """Return the kind of order that a decision becomes.

    Raises:
        LookupError: the jurisdiction's table of durations does not know it.
    """
    found = durations.basis(form.interim_basis_id if act is Act.GRANT_INTERIM else form.basis_id)
    if found is None:
        raise LookupError("The jurisdiction's table of durations does not know this kind of order.")
    return found


def asked_for(form: PetitionForm, told: Mapping[str, Answer]) -> list[Asked]:
    """Return the measures that she asked for, in the form's order."""
    chosen = told.get(form.measures_question, ())
    return [one for one in form.measures if isinstance(chosen, tuple) and one.choice_id in chosen]


def words_of(form: PetitionForm, measure: Asked) -> Mapping[str, str]:
    """Return how the court's form calls a measure."""
    return next(one.form for one in form.question(form.measures_question).choices if one.choice_id == measure.choice_id)


def longest_ms(basis: Basis, kind: MeasureKind, from_ms: int, durations: Durations) -> int | None:
    """Return the latest end that the law allows for a measure that begins now, or None where it sets none."""
    limit = limit_of(Measure(measure_id=kind.value, kind=kind, from_ms=from_ms, until_ms=None), basis)
    return None if limit is None or limit.most is None else latest_end_ms(from_ms, limit.most, ZoneInfo(durations.time_zone))


def faults(form: PetitionForm, act: Act, ordered: Sequence[Ordering], reasons: str, told: Mapping[str, Answer]) -> list[str]:
    """Return a sentence for everything that keeps a decision from being made; empty when it may be."""
    if act is Act.REFUSE:
        return _refusal_faults(ordered, reasons)
    far = {one.kind: one.distance_m for one in asked_for(form, told)}
    asked = set(far)
    kinds = [one.kind for one in ordered]
    found = []
    if not kinds or len(set(kinds)) < len(kinds):
        found.append("An order names at least one measure, each once.")
    if not asked.issuperset(kinds):
        found.append("The court orders what the petition asks for, and no more: ask the petitioner to add what is missing.")
    if act is Act.GRANT and set(kinds) != asked:
        found.append("Something that was asked for is left out: grant in part, with reasons.")
    if act is Act.GRANT_IN_PART and not reasons.strip():
        found.append("What is not granted needs its reasons.")
    if any(one.distance_m is not None and not 0 < one.distance_m <= MOST_M for one in ordered):
        found.append("A distance is more than 0 and at most 100,000 m.")
    if any(far.get(one.kind) not in {None, one.distance_m} for one in ordered):
        found.append("A distance that the law names is the one that the form names.")
    if act is Act.GRANT_INTERIM and any(one.until_ms is not None for one in ordered):
        found.append("An interim order has no end of its own: it ends with the decision.")
    return found


def _refusal_faults(ordered: Sequence[Ordering], reasons: str) -> list[str]:
    found = ["A refusal orders nothing."] if ordered else []
    return found if reasons.strip() else [*found, "A refusal needs its reasons."]


def filled(text: str, ordered: Sequence[Ordering], reasons: str, respondent: str, from_ms: int, zone: ZoneInfo) -> str:
    """Return a decision's text with its places filled in. A bracket that is no place stays as it was written."""
    ends = [one.until_ms for one in ordered if one.until_ms is not None]
    places = {
        "respondent": respondent,
        "measures": "\n".join(f"{number}. {one.words}" for number, one in enumerate(ordered, start=1)),
        "from": last_day(from_ms + 1, zone).isoformat(),
        "until": last_day(max(ends), zone).isoformat() if ends else "—",
        "reasons": reasons.strip(),
    }
    for name, value in places.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def order_of(
    order_id: str,
    policy_id: str,
    basis: Basis,
    sides: Sides,
    ordered: Sequence[Ordering],
    *,
    owner: str,
    region: str | None,
    now_ms: int,
) -> CourtOrder:
    """Return a decision as an order of the register, in force from now on."""
    measures = tuple(
        Measure(measure_id=one.kind.value, kind=one.kind, from_ms=now_ms, until_ms=one.until_ms, distance_m=one.distance_m)
        for one in ordered
    )
    return CourtOrder(
        order_id=order_id,
        policy_id=policy_id,
        basis_id=basis.basis_id,
        legal_basis=basis.article,
        owner=owner,
        monitored_ids=sides.monitored_ids,
        protected=(Protected(person_id=sides.protected_id, standing=Standing.VICTIM),),
        measures=measures,
        decided_ms=now_ms,
        region=region,
    )


def respondent(form: PetitionForm, told: Mapping[str, Answer]) -> Identifiers:
    """Return what the petition says that identifies him, for the comparison with whoever wears a tag."""
    born = None if form.parties.respondent_birth is None else told.get(form.parties.respondent_birth)
    name = str(told.get(form.parties.respondent, "")).strip()
    return Identifiers(names=(name,) if name else (), birth_date=_day(born))


def _day(answer: Answer | None) -> dt.date | None:
    """Return a day that was written as one; somebody may have written an age."""
    try:
        return dt.date.fromisoformat(answer.strip()) if isinstance(answer, str) else None
    except ValueError:
        return None


def told_of(form: PetitionForm, act: Act, *, tagged: bool) -> list[Told]:
    """Return whom the law names for a decision. The office of his tag is told where he wears one."""
    result = RESULT[act]
    return [one for one in form.told if result in one.results and (tagged or one.party.value != "tag_office")]


def parties(form: PetitionForm, act: Act) -> list[str]:
    """Return who is told of an act, without the office of his tag. That an order ends is told to whoever was told of it."""
    results = {RESULT.get(act, Result.REFUSED)}
    if act not in _MAKES_ORDER:
        results |= {Result.INTERIM, Result.GRANTED}
    return [one.party.value for one in form.told if results.intersection(one.results) and one.party is not Party.TAG_OFFICE]
