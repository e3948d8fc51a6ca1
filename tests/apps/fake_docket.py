"""A docket set by hand: cases of the real form, no store, no seal, no ledger."""

from __future__ import annotations

import datetime as dt

import msgspec

from jikimi.apps.docket import (
    ActLine,
    Answered,
    Case,
    CaseExhibit,
    CaseSection,
    Decided,
    Decision,
    DocketError,
    DueLine,
    Inbox,
    Line,
    LockedError,
    Ordered,
    OrderLine,
    OrderMeasure,
    Practice,
    Preview,
    Proposed,
    Share,
    Waiting,
    Weighed,
    Within,
    Worth,
)
from jikimi.disclosure.ledger.ports import LedgerUnavailableError
from jikimi.identity.second import SecondError, Step, check_fresh
from jikimi.model.petition import Party
from jikimi.orders.advice import advise_on
from jikimi.petitions.clocks import Clock
from jikimi.petitions.document import written
from jikimi.petitions.status import TABLE, Act, Status, after
from jikimi.policy.load import preset
from tests.petitions.case import FORM, answers

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
COURT = "seoul-central"
EXHIBIT = b"\x89PNG\r\n\x1a\nnot a picture"


def line(number, status=Status.RECEIVED, *, now_ms, received_h=20, **changed):
    received_ms = now_ms - received_h * HOUR_MS
    dues = (DueLine(clock=Clock.INTERIM, at_ms=received_ms + 48 * HOUR_MS), DueLine(clock=Clock.DECISION, at_ms=received_ms + 31 * DAY_MS))
    made = Line(
        court=COURT,
        number=number,
        form_id=FORM.form_id,
        edition=FORM.version,
        title=FORM.title,
        time_zone=FORM.time_zone,
        status=status,
        can=tuple(TABLE[status]),
        received_ms=received_ms,
        decided_ms=None,
        told_ms=None,
        wants_interim=True,
        hearing_ms=None,
        dues=dues,
        order_ids=(),
    )
    return msgspec.structs.replace(made, **changed)


def sections():
    papers = written(FORM, answers(), petition_id="p", day=dt.date(2027, 5, 3))
    sealed = {part.section_id: part for part in papers.sealed.parts}
    found = []
    for section in FORM.sections:
        rows = []
        for paper, is_sealed in ((papers.open.parts, False), (sealed.values(), True)):
            for part in paper:
                if part.section_id == section.section_id:
                    rows += [Answered(question_id=r.question_id, heading=r.heading, lines=r.lines, sealed=is_sealed) for r in part.rows]
        found.append(CaseSection(section_id=section.section_id, heading=section.form["ko"], rows=tuple(rows)))
    return tuple(found)


class FakeDocket:
    """Petitions of one court. ``locked``: the key is not there; ``broken``: the ledger cannot be written."""

    def __init__(self, lines, now_ms):
        self.lines = {one.number: one for one in lines}
        self.now_ms = now_ms
        self.locked = None
        self.broken = False
        self.done = []
        self.orders = {}
        self.proposed = {}
        self.decisions = {}
        self._number = 7

    def number(self):
        return self._number

    def _line(self, number):
        if self.broken:
            raise LedgerUnavailableError("no")
        return self.lines[number]

    async def inbox(self, court):
        rows = tuple(sorted(self.lines.values(), key=lambda one: one.dues[0].at_ms if one.dues else 2**60))
        return Inbox(court=court, locked=self.locked, lines=rows if court == COURT else ())

    async def case(self, court, number, by):
        found = self._line(number)
        if self.locked:
            raise LockedError(self.locked)
        self.done.append(("opened", number, by))
        criteria = tuple(Weighed(criterion_id=c.criterion_id, say=c.say, questions=c.questions, source=c.source) for c in FORM.criteria)
        return Case(
            line=found,
            language="ko",
            sections=sections(),
            exhibits=(
                CaseExhibit(
                    name="photo-1.png",
                    about="집 앞 골목, 3월 2일",
                    media_type="image/png",
                    size=84_211,
                    sha256="ab" * 32,
                    made_ms=found.received_ms,
                ),
            ),
            in_time=(
                Within(
                    check_id="within_90_days",
                    days=90,
                    from_day=dt.date(2027, 5, 1),
                    last_day=dt.date(2027, 7, 30),
                    filed_on=dt.date(2027, 5, 3),
                    kept=True,
                    source="",
                ),
            ),
            criteria=criteria,
            worth=(Worth(distance_m=100.0, advice=advise_on(preset("kr"), {"distance_m": 100.0})),),
            acts=(ActLine(at_ms=found.received_ms, act=Act.RECEIVE, by="-", detail=None),),
            decisions=tuple(self.decisions.get(number, ())),
            orders=tuple(self.orders.get(number, ())),
            proposed=self.proposed.get(number),
        )

    async def exhibit(self, court, number, name, by):
        self._line(number)
        if name != "photo-1.png":
            raise LookupError(name)
        return "image/png", EXHIBIT

    async def act(self, court, number, act, by, *, at_ms, detail):
        found = self._line(number)
        if act not in TABLE[found.status]:
            raise DocketError("It does not fit.")
        if act in {Act.WITHDRAW, Act.REVERSE} and number in self.orders:
            return self._propose(number, act.value, by, Proposed(detail=detail, decision=None))
        self.done.append((act, number, by.name, at_ms, detail))
        status = after(found.status, act)
        hearing_ms = at_ms if act is Act.HEAR else found.hearing_ms
        return self._put(msgspec.structs.replace(found, status=status, can=tuple(TABLE[status]), hearing_ms=hearing_ms))

    def _propose(self, number, what, by, proposed):
        order = self.orders[number][0]
        ends = tuple(one for one in order.measures if what != "end_measure" or one is order.measures[0])
        at = self.now_ms()
        until_ms = at + 3 * DAY_MS
        waiting = Waiting(request=4, act=what, order_id=order.order_id, ends=ends, asked_by=by.name, asked_ms=at, until_ms=until_ms)
        self.done.append(("propose", number, by.name, what))
        self.proposed[number] = proposed
        return self._put(msgspec.structs.replace(self.lines[number], waiting=waiting))

    async def second(self, court, number, request, step, by, *, reason):
        waiting = self._line(number).waiting
        if waiting is None or waiting.request != request:
            raise SecondError("This does not wait for anybody any more.")
        if step is Step.CONFIRM:
            check_fresh(by, self.now_ms())
        if step is Step.REFUSE and not reason:
            raise DocketError("A refusal needs its reasons.")
        self.done.append((step, number, by.name, reason))
        self.proposed.pop(number, None)
        return self._put(msgspec.structs.replace(self.lines[number], waiting=None))

    def _put(self, changed):
        self.lines[changed.number] = changed
        self._number += 1
        return changed

    async def draft(self, court, number, act, by):
        self._line(number)
        until = None if act is Act.GRANT_INTERIM else self.now_ms() + 180 * DAY_MS
        longest = None if until is None else self.now_ms() + 365 * DAY_MS
        names = {c.choice_id: c.form for c in FORM.question(FORM.measures_question).choices}
        measures = () if act is Act.REFUSE else tuple(
            Ordered(kind=one.kind, say=names[one.choice_id], distance_m=one.distance_m, until_ms=until, longest_ms=longest)
            for one in FORM.measures
        )  # fmt: skip
        wanted = {"grant_interim": "interim"}.get(act.value, act.value)
        draft = next(one for one in FORM.drafts if one.draft_id == wanted)
        return Decision(act=act, title=draft.title["ko"], text=draft.text["ko"], measures=measures)

    async def preview(self, court, number, decision, by):
        self._line(number)
        if decision.act in {Act.REFUSE, Act.GRANT_IN_PART} and not decision.reasons.strip():
            raise DocketError("A refusal needs its reasons.")
        is_order = decision.act is not Act.REFUSE
        told = (Party.PETITIONER, Party.RESPONDENT, Party.POLICE)
        text = decision.text.replace("{reasons}", decision.reasons).replace("{respondent}", "김가해")
        return Preview(
            decision=msgspec.structs.replace(decision, text=text),
            order={"ko": "피해자보호명령 (스토킹)", "en": "Victim protection order (stalking)"} if is_order else None,
            ends=self.orders[number][0].order_id if number in self.orders else None,
            tagged=False if is_order else None,
            told=told,
            loses=self._loses(number, decision),
        )

    def _loses(self, number, decision):
        """Whatever is left out of what the order before imposed is lost."""
        kept = {one.kind for one in decision.measures}
        return tuple(one for order in self.orders.get(number, ()) for one in order.measures if one.kind not in kept)

    async def decide(self, court, number, decision, by):
        preview = await self.preview(court, number, decision, by.name)
        shown = preview.decision
        if preview.loses:
            return self._propose(number, decision.act.value, by, Proposed(detail=None, decision=shown))
        status = after(self._line(number).status, decision.act)
        self.done.append((decision.act, number, by.name))
        order_id = None if decision.act is Act.REFUSE else f"order-{len(self.done)}"
        self.decisions.setdefault(number, []).append(Decided(at_ms=self.now_ms(), by=by.name, decision=shown, order_id=order_id))
        if order_id is not None:
            measures = tuple(
                OrderMeasure(
                    measure_id=one.kind.value,
                    kind=one.kind,
                    distance_m=one.distance_m,
                    until_ms=one.until_ms,
                    extended=0,
                    extend_until_ms=None if one.until_ms is None else one.until_ms + 60 * DAY_MS,
                )
                for one in decision.measures
            )
            ends = [one.until_ms for one in measures if one.until_ms is not None]
            ahead = min(ends) - 14 * DAY_MS if ends else None
            order = OrderLine(
                order_id=order_id,
                status="in_force",
                runs=True,
                tagged=False,
                measures=measures,
                extension_ms=ahead,
                may_add=self._may_add(measures),
            )
            self.orders[number] = [order]
        found = self.lines[number]
        dues = () if status is not Status.INTERIM else tuple(one for one in found.dues if one.clock is not Clock.INTERIM)
        changed = {"status": status, "can": tuple(TABLE[status]), "dues": dues, "decided_ms": self.now_ms()}
        return self._put(msgspec.structs.replace(found, **changed, order_ids=() if order_id is None else (order_id,)))

    async def change(self, court, number, change, by):
        self._line(number)
        if change.what == "extend" and change.until_ms is None:
            raise DocketError("An extension has an end.")
        if change.what in {"end_measure", "revoke"}:
            self._propose(number, change.what, by, Proposed(detail=change.reason, decision=None))
        else:
            self.done.append((change.what, number, by.name, change.reason))
            self._number += 1
        return self.orders[number][0]

    def _may_add(self, measures):
        names = {c.choice_id: c.form for c in FORM.question(FORM.measures_question).choices}
        longest_ms = self.now_ms() + 365 * DAY_MS
        taken = {one.kind for one in measures}
        return tuple(
            Ordered(kind=one.kind, say=names[one.choice_id], distance_m=one.distance_m, until_ms=longest_ms, longest_ms=longest_ms)
            for one in FORM.measures
            if one.kind not in taken
        )

    async def practice(self, court, form_id):
        rows = [("interim", 12, 140), ("granted", 31, 420), ("granted_in_part", None, 88), ("refused", None, 61)]
        return Practice(form_id=form_id, since_ms=0, least=5, rows=tuple(Share(what=w, here=h, others=o) for w, h, o in rows))


def docket(now_ms):
    """Three petitions: one overdue, one in time, one with an interim order that holds."""
    at = now_ms()
    return FakeDocket(
        [
            line("2027-0012", now_ms=at, received_h=50),
            line("2027-0015", now_ms=at, received_h=20, hearing_ms=at + 3 * DAY_MS),
            line(
                "2027-0009",
                Status.GRANTED,
                now_ms=at,
                received_h=400,
                decided_ms=at - 6 * DAY_MS,
                told_ms=at - 5 * DAY_MS,
                dues=(DueLine(clock=Clock.APPEAL, at_ms=at + 2 * DAY_MS),),
                order_ids=("order-x",),
            ),
        ],
        now_ms,
    )
