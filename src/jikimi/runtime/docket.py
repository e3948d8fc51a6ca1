"""The dockets of the courts that this server serves: what they received, what they decide, and what becomes of it in the register.

Everything that somebody wrote stays sealed to its court. It is opened in memory, for one answer, with the key that the court's own
file holds; that it was opened is in the ledger first.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import count
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from jikimi.apps import docket as seen
from jikimi.apps.docket import DocketError
from jikimi.delivery.decision import Decided
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act as LedgerAct
from jikimi.disclosure.ledger.leaf import Client, Personal
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.identity.second import Deed, Present, Request, SecondError, Step
from jikimi.model.durations import Durations
from jikimi.model.petition import Answer, Asked, PetitionForm
from jikimi.model.policy import Policy
from jikimi.model.register import Act as OrderAct
from jikimi.model.register import CourtOrder, Measure
from jikimi.orders import status as order_status
from jikimi.orders.acts import living
from jikimi.orders.advice import advise_on
from jikimi.orders.clerk import Clerk
from jikimi.orders.days import day_of
from jikimi.orders.duration import RefusedError, entry_refusals, latest_extension_ms
from jikimi.outcomes.row import REFUSED
from jikimi.petitions import decisions, losses, practice
from jikimi.petitions.clocks import extension, in_time
from jikimi.petitions.decisions import Ordering, Sides
from jikimi.petitions.docket import Docketed, Entry, dues, moved
from jikimi.petitions.document import Exhibit, Papers
from jikimi.petitions.losses import Loss
from jikimi.petitions.package import Opened, Package, PackageError, opened, sealed, unsealed
from jikimi.petitions.ports import CourtDoor, Handed, NotHandedError
from jikimi.petitions.status import TABLE, Act, NotAllowedError, Status
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.office import Office
from jikimi.runtime.settings import CourtSettings, Settings
from jikimi.runtime.telling import Telling
from jikimi.storage.docket import SqlDocket
from jikimi.storage.papers import SqlPapers
from jikimi.storage.second import SqlSecond

T = TypeVar("T")
FAR_MS: Final = 2**53
_ENDS_ORDER: Final = frozenset({Act.WITHDRAW, Act.REVERSE, Act.REFUSE})
"""Acts after which an order that came of the petition holds no longer."""
_DECISIONS: Final = frozenset({Act.GRANT_INTERIM, Act.GRANT, Act.GRANT_IN_PART, Act.REFUSE})
_AFTER_DECISION: Final = frozenset({Act.TELL, Act.APPEAL, Act.AFFIRM, Act.REVERSE})
_TAKES: Final = frozenset({"end_measure", "revoke"})
"""Changes of an order after which it protects less."""
MINUTE_MS: Final = 60_000
MEANWHILE: Final = "Somebody else changed this petition meanwhile. Look at it again."
BY_THE_COURT: Final = "by the court"
"""What stands outside the seal in place of reasons: whoever looks after an order reads why at the court."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What lies sealed beside an act: words, or a decision; and of what was proposed or declined, which act and when it was so."""

    act: Act | None = None
    at_ms: int | None = None
    detail: str | None = None
    decision: seen.Decision | None = None
    change: seen.Change | None = None


class Plan(NamedTuple):
    """A decision that can be made: as it is shown, the order that it becomes, with what identifies him, and what is lost by it."""

    preview: seen.Preview
    order: CourtOrder | None
    labels: Mapping[str, str]
    told: Mapping[str, Answer]
    loss: Loss | None


class Doing(NamedTuple):
    """Something that is done about a petition: where that stands, its papers where they are needed, the act and its words."""

    row: Docketed
    found: Opened | None
    act: Act
    words: Words

    @property
    def word(self) -> str:
        """Return what is done, in a word: the act, or what becomes of an order."""
        return self.act.value if self.words.change is None else self.words.change.what


class Outlook(NamedTuple):
    """What an act would do: the plan of a decision, and what is lost by it."""

    plan: Plan | None
    loss: Loss | None


class Court(NamedTuple):
    """A court that is served here."""

    settings: CourtSettings
    key: CourtKey


class Here:
    """The door of a court that is served here: a package goes into its docket. Implements ``CourtDoor``."""

    def __init__(
        self,
        court_id: str,
        key: CourtKey,
        forms: Mapping[str, PetitionForm],
        books: SqlDocket,
        received: Callable[[], None],
        region: str | None = None,
    ) -> None:
        self._court_id = court_id
        self._key = key
        self._forms = forms
        self._books = books
        self._received = received
        self._region = region

    async def hand(self, package: Package, now_ms: int) -> Handed:
        """Take a package into the docket; the same one again keeps its number.

        Raises:
            NotHandedError: the court's key is not there, or does not open it.
        """
        row = await asyncio.to_thread(self._take, package, now_ms)
        self._received()
        return Handed(row.received_ms, row.number)

    def _take(self, package: Package, now_ms: int) -> Docketed:
        try:
            papers = opened(package.body, self._key.secret()).papers
        except (seen.LockedError, PackageError):
            raise NotHandedError(
                "The court cannot take petitions from here at this moment. Nothing was filed: try again, or print it."
            ) from None
        form = self._forms.get(papers.open.form_id)
        if form is None:
            raise NotHandedError("The court does not know this form. Nothing was filed.")
        row = Docketed(
            court_id=self._court_id,
            number="",
            petition_id=package.petition_id,
            form_id=form.form_id,
            edition=papers.open.version,
            policy_id=form.policy_id,
            region=self._region,
            received_ms=now_ms,
            wants_interim=_told(papers).get(form.interim_question) is True,
        )
        year = day_of(now_ms, ZoneInfo(form.time_zone)).year
        return self._books.receive(row, package.body, year, Entry(at_ms=now_ms, act=Act.RECEIVE, by="-"))

    async def close(self) -> None:
        """Nothing is held open."""


class DocketRoom:
    """Implements ``Docket``.

    Args:
        courts: those that are served here.
        forms, policies, durations: the jurisdictions' data.
        books: the dockets. filings: who filed what from her phone. seconds: what waits for a second account.
        office: the register of orders.
        policy_of: under which policy an order of a petitioner's stands, by her name in the register and the form's policy.
        ledger: where it is written down who opened and did what.
        now_ms: the clock.
        telling: sends notices of decisions to whoever takes them by machine.
    """

    def __init__(
        self,
        courts: Mapping[str, Court],
        forms: Mapping[str, PetitionForm],
        policies: Mapping[str, Policy],
        durations: Mapping[str, Durations],
        books: SqlDocket,
        filings: SqlPapers,
        seconds: SqlSecond,
        office: Office,
        policy_of: Callable[[str | None, str], str],
        ledger: Ledger,
        now_ms: Callable[[], int],
        telling: Telling,
    ) -> None:
        self._telling = telling
        self._courts = courts
        self._forms = forms
        self._policies = policies
        self._durations = durations
        self._books = books
        self._filings = filings
        self._seconds = seconds
        self._office = office
        self._policy_of = policy_of
        self._ledger = ledger
        self._now_ms = now_ms
        self._changes = 0

    def number(self) -> int:
        """Return another number when something may have changed."""
        return self._changes + self._office.number

    def changed(self) -> None:
        """Take note that something came in or was decided."""
        self._changes += 1
        self._telling.kept()

    # -- reading -------------------------------------------------------------------------------------------------

    async def inbox(self, court: str) -> seen.Inbox:
        """Return the petitions of a court, whoever must be decided soonest first."""
        served = self._courts.get(court)
        if served is None:
            return seen.Inbox(court=court, locked="This server receives no petitions for this court.", lines=())
        lines = await self._office.ask(partial(self._lines, court))
        lines.sort(key=lambda line: (line.dues[0].at_ms if line.dues else FAR_MS, line.number))
        return seen.Inbox(court=court, locked=await asyncio.to_thread(served.key.locked), lines=tuple(lines))

    def _lines(self, court: str, clerk: Clerk) -> list[seen.Line]:
        asked = self._asked()
        return [self._line(row, asked, clerk) for row in self._books.rows(court)]

    def _asked(self) -> dict[str, Request]:
        """Return what waits for a second account, by petition."""
        return {one.target: one for one in self._seconds.asked(Deed.END_AT_COURT, self._now_ms())}

    def _line(self, row: Docketed, asked: Mapping[str, Request], clerk: Clerk) -> seen.Line:
        form, request = self._form(row), asked.get(_target(row))
        order = self._holds(row, clerk)
        until_ms = order.until_ms if order is not None and row.status in {Status.GRANTED, Status.GRANTED_IN_PART} else None
        return seen.Line(
            court=row.court_id,
            number=row.number,
            form_id=row.form_id,
            edition=row.edition,
            title=form.title,
            time_zone=form.time_zone,
            status=row.status,
            can=tuple(TABLE[row.status]),
            received_ms=row.received_ms,
            decided_ms=row.decided_ms,
            told_ms=row.told_ms,
            wants_interim=row.wants_interim,
            hearing_ms=row.hearing_ms,
            dues=tuple(seen.DueLine(clock=one.clock, at_ms=one.at_ms) for one in dues(form, row, self._now_ms(), until_ms)),
            order_ids=row.order_ids,
            waiting=None if request is None else self._waiting(request, clerk),
        )

    def _waiting(self, request: Request, clerk: Clerk) -> seen.Waiting:
        word, loss = _loss_of(request)
        return seen.Waiting(
            request=request.number,
            act=word,
            order_id=loss.order_id,
            ends=self._lost(loss, clerk),
            asked_by=request.asked_by,
            asked_ms=request.asked_ms,
            until_ms=request.until_ms,
        )

    def _lost(self, loss: Loss | None, clerk: Clerk) -> tuple[seen.OrderMeasure, ...]:
        if loss is None or not clerk.keeps(loss.order_id):
            return ()
        order = clerk.order(loss.order_id)
        durations = self._durations[order.policy_id]
        return tuple(_measure_line(one, order, durations) for one in order.measures if one.measure_id in loss.measures)

    def _holds(self, row: Docketed, clerk: Clerk) -> CourtOrder | None:
        """Return the order that came of a petition and holds now, or None."""
        if not row.order_ids or not clerk.keeps(row.order_ids[-1]):
            return None
        order = clerk.order(row.order_ids[-1])
        return order if living(order) else None

    async def case(self, court: str, number: str, by: str) -> seen.Case:
        """Open one. The opening is in the ledger before it is answered.

        Raises:
            LookupError: there is none of that number.
            LockedError: the court's key is not there.
        """
        row, found = await self._opened(court, number)
        await self._write("opened", row, by)
        return await self._office.ask(partial(self._case, row, found))

    def _case(self, row: Docketed, found: Opened, clerk: Clerk) -> seen.Case:
        form, told, paper = self._form(row), _told(found.papers), found.papers.open
        known = {one.check_id: one for one in form.checks}
        checked = in_time(form, told, paper.day)
        policy = self._policies[self._policy_id(row, form)]
        distances = {one.distance_m for one in decisions.asked_for(form, told) if one.distance_m is not None}
        entries = self._books.entries(row.court_id, row.number)
        secret = self._courts[row.court_id].key.secret()
        said = [(entry, _words(entry.sealed, secret)) for entry in entries]
        asked = self._asked()
        request = asked.get(_target(row))
        return seen.Case(
            line=self._line(row, asked, clerk),
            language=form.court_language,
            sections=_sections(form, found.papers),
            exhibits=tuple(_exhibit(one, found) for one in paper.exhibits),
            in_time=tuple(
                seen.Within(
                    check_id=one.check_id,
                    days=known[one.check_id].days or 0,
                    from_day=dt.date.fromisoformat(str(told[known[one.check_id].question])),
                    last_day=one.last_day,
                    filed_on=paper.day,
                    kept=one.kept,
                    source=known[one.check_id].source,
                )
                for one in checked
            ),
            criteria=tuple(
                seen.Weighed(criterion_id=one.criterion_id, say=one.say, questions=one.questions, source=one.source)
                for one in form.criteria
            ),
            worth=tuple(seen.Worth(distance_m=one, advice=advise_on(policy, {"distance_m": one})) for one in sorted(distances)),
            acts=tuple(_act_line(e, words) for e, words in said),
            decisions=tuple(
                seen.Decided(at_ms=e.at_ms, by=e.by, decision=words.decision, order_id=e.order_id, second=e.second)
                for e, words in said
                if words.decision is not None and e.act in _DECISIONS
            ),
            orders=tuple(self._order_line(clerk.order(name), form) for name in row.order_ids if clerk.keeps(name)),
            proposed=None if request is None else self._proposed(row, found, _words(request.sealed, secret), clerk),
        )

    def _proposed(self, row: Docketed, found: Opened, words: Words, clerk: Clerk) -> seen.Proposed:
        """Return what waits in its words; a decision with its places filled in, as far as it could still be made."""
        decision = words.decision
        if decision is not None:
            with contextlib.suppress(DocketError):
                decision = self._plan(row, found, decision, clerk).preview.decision
        return seen.Proposed(detail=words.detail if words.change is None else words.change.reason, decision=decision)

    def _order_line(self, order: CourtOrder, form: PetitionForm) -> seen.OrderLine:
        durations = self._durations[order.policy_id]
        until_ms = order.until_ms if living(order) else None
        return seen.OrderLine(
            order_id=order.order_id,
            status=order.status.value,
            runs=living(order),
            tagged=order.tagged,
            measures=tuple(_measure_line(one, order, durations) for one in order.measures),
            extension_ms=None if until_ms is None else extension(form, until_ms).at_ms,
            may_add=tuple(self._addable(order, form)) if living(order) else (),
        )

    def _addable(self, order: CourtOrder, form: PetitionForm) -> Iterator[seen.Ordered]:
        """Give the measures of the form that an order does not impose now, each with the longest end that the law allows."""
        now_ms, durations = self._now_ms(), self._durations[order.policy_id]
        basis = durations.basis(order.basis_id)
        imposed = {one.kind for one in losses.running(order, now_ms)}
        for one in form.measures:
            if basis is not None and one.kind not in imposed:
                yield _drafted(form, one, decisions.longest_ms(basis, one.kind, now_ms, durations))

    async def exhibit(self, court: str, number: str, name: str, by: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of an exhibit. The opening is in the ledger before it is answered."""
        row, found = await self._opened(court, number)
        known = {one.name: one.media_type for one in found.papers.open.exhibits}
        if name not in known:
            raise LookupError("There is no exhibit of this name.")
        await self._write("opened", row, by, what="exhibit")
        return known[name], found.exhibits[name]

    # -- what is done --------------------------------------------------------------------------------------------

    async def act(self, court: str, number: str, act: Act, by: Present, *, at_ms: int | None, detail: str) -> seen.Line:
        """Do something that is no decision.

        Raises:
            DocketError: it does not fit where the petition stands, or a hearing has no time.
        """
        row, now_ms = await self._row(court, number), self._now_ms()
        if act is Act.HEAR and at_ms is None:
            raise DocketError("A hearing needs a time that is still to come.")
        _moved(row, act, now_ms)
        words = Words(act=act, at_ms=None if at_ms is None else _when(row, act, at_ms, now_ms), detail=detail or None)
        await self._go(Doing(row, None, act, words), by)
        return await self._line_now(court, number)

    async def _go(self, doing: Doing, by: Present) -> None:
        """Do something at once, or, where it takes from an order in force, ask a second account of the court."""
        outlook = await self._office.ask(partial(self._outlook, doing))
        name = _act_name(doing)
        if outlook.loss is not None:
            await self._write(f"propose:{name}", doing.row, by.name)
            await self._office.do(lambda _clerk: self._propose(doing, outlook.loss, by))
        else:
            await self._write(name, doing.row, by.name)
            await self._office.do(partial(self._do, doing, by.name))
        self.changed()

    def _outlook(self, doing: Doing, clerk: Clerk) -> Outlook:
        """Return what an act would do now.

        Raises:
            DocketError: it cannot be done.
        """
        row, now_ms = doing.row, self._now_ms()
        _moved(row, doing.act, now_ms)
        if doing.words.change is not None:
            return Outlook(None, self._loss_by_change(doing.words.change, clerk))
        if doing.words.decision is not None and doing.found is not None:
            plan = self._plan(row, doing.found, doing.words.decision, clerk)
            return Outlook(plan, plan.loss)
        return Outlook(None, losses.whole(self._holds(row, clerk), now_ms) if doing.act in _ENDS_ORDER else None)

    def _loss_by_change(self, change: seen.Change, clerk: Clerk) -> Loss | None:
        if change.what not in _TAKES:
            return None
        order = clerk.order(change.order_id) if clerk.keeps(change.order_id) else None
        whole = losses.whole(order, self._now_ms()) if order is not None and living(order) else None
        if whole is None or (change.what == "end_measure" and change.measure_id not in whole.measures):
            raise DocketError("The order has ended, or has no such measure that still runs.")
        return whole if change.measure_id is None or change.what == "revoke" else Loss(whole.order_id, (change.measure_id,))

    def _do(self, doing: Doing, by: str, clerk: Clerk) -> None:
        """Do what needs nobody else. What it takes is looked at once more: nothing can have changed within the transaction."""
        with self._books.together():
            outlook = self._outlook(doing, clerk)
            if outlook.loss is not None:
                raise DocketError(MEANWHILE)
            self._apply(doing, outlook.plan, by, None, clerk)

    def _apply(self, doing: Doing, plan: Plan | None, by: str, second: str | None, clerk: Clerk) -> None:
        """Write an act into the docket and the register, within one transaction: both have it, or neither."""
        row, words, now_ms = doing.row, doing.words, self._now_ms()
        after = _moved(row, doing.act, now_ms if words.at_ms is None else words.at_ms)
        order_id = words.change.order_id if words.change is not None else None
        if plan is not None:
            words = Words(decision=plan.preview.decision)
            after = msgspec.structs.replace(after, why=row.why or plan.preview.decision.why)
        if plan is not None and plan.order is not None:
            order_id = plan.order.order_id
            after = msgspec.structs.replace(after, order_ids=(*row.order_ids, order_id))
        sealed_words = self._sealed(row.court_id, words) if words.detail or words.decision or words.change else None
        entry = Entry(at_ms=now_ms, act=doing.act, by=by, sealed=sealed_words, order_id=order_id, second=second)
        self._keep(row, after, entry)
        self._move_register(doing, plan, by, now_ms, clerk)

    def _move_register(self, doing: Doing, plan: Plan | None, by: str, now_ms: int, clerk: Clerk) -> None:
        row, change = doing.row, doing.words.change
        if plan is not None:
            self._enter(row, plan, by, now_ms, clerk)
        elif change is not None:
            self._change(row, change, by, now_ms, clerk)
        elif doing.act in _ENDS_ORDER:
            self._end_orders(row, None, doing.act, by, now_ms, clerk)
        elif doing.act is Act.TELL:
            self._told(row, by, now_ms, clerk)

    def _told(self, row: Docketed, by: str, now_ms: int, clerk: Clerk) -> None:
        """Both sides were told by the court; police and prosecutor are told by whoever owns those tasks."""
        for name in row.order_ids:
            if clerk.keeps(name):
                clerk.told(name, decisions.SIDES, now_ms=now_ms, by=by)

    def _ask_to_tell(self, row: Docketed, order_id: str, act: Act, now_ms: int, clerk: Clerk) -> None:
        """Ask the order's owner to tell whom the law names. The office of his tag is asked by the link between the two orders."""
        parties = decisions.parties(self._form(row), act)
        asked = clerk.ask_to_tell(order_id, parties, now_ms=now_ms, one_of=f"{act.value} {len(row.order_ids)}")
        self._telling.post(asked, Decided(act.value, row.court_id, now_ms, act in _ENDS_ORDER), clerk)

    def _end_orders(self, row: Docketed, kept: str | None, act: Act, by: str, now_ms: int, clerk: Clerk) -> None:
        """End every order that came of a petition, but ``kept``."""
        for name in row.order_ids:
            if name != kept and clerk.keeps(name) and living(clerk.order(name)):
                if act in _ENDS_ORDER:
                    self._ask_to_tell(row, name, act, now_ms, clerk)
                clerk.act(name, OrderAct.REVOKE, at_ms=now_ms, now_ms=now_ms, by=by, reason=f"the petition: {act}")

    # -- a second account ----------------------------------------------------------------------------------------

    def _propose(self, doing: Doing, loss: Loss | None, by: Present) -> None:
        assert loss is not None
        row, now_ms = doing.row, self._now_ms()
        words = self._sealed(row.court_id, msgspec.structs.replace(doing.words, act=doing.act))
        with self._books.together():
            self._seconds.ask(
                Deed.END_AT_COURT,
                _target(row),
                by,
                BY_THE_COURT,
                now_ms=now_ms,
                order_id=loss.order_id,
                detail=" ".join((doing.word, *loss.measures)),
                court=row.court_id,
                sealed=words,
            )
            self._keep(row, row, Entry(at_ms=now_ms, act=Act.PROPOSE, by=by.name, sealed=words, order_id=loss.order_id))

    async def second(self, court: str, number: str, request: int, step: Step, by: Present, *, reason: str) -> seen.Line:
        """Confirm what a colleague proposed, refuse it, or take one's own proposal back.

        Raises:
            SecondError: it does not wait any more, or is not for this account to settle.
            DocketError: it cannot be done any more, or a refusal has no reason.
        """
        row, found = await self._opened(court, number)
        asked = (await asyncio.to_thread(self._asked)).get(_target(row))
        if asked is None or asked.number != request:
            raise SecondError("This does not wait for anybody any more.")
        if step is Step.REFUSE and not reason:
            raise DocketError("A refusal needs its reasons.")
        words = _words(asked.sealed, self._courts[court].key.secret())
        assert words.act is not None
        doing = Doing(row, found, words.act, words)
        await self._write(f"{step}:{_act_name(doing)}", row, by.name)
        if step is Step.CONFIRM:
            await self._office.do(partial(self._confirm, asked, doing, by))
        else:
            await asyncio.to_thread(self._decline, asked, doing, step, by, reason)
        self.changed()
        return await self._line_now(court, number)

    def _confirm(self, asked: Request, doing: Doing, by: Present, clerk: Clerk) -> None:
        now_ms = self._now_ms()
        with self._books.together():
            self._seconds.confirm(asked.number, by, now_ms=now_ms)
            outlook = self._outlook(doing, clerk)
            if outlook.loss != _loss_of(asked)[1]:
                raise DocketError("What would end is not what was shown any more. Refuse it, and propose it anew.")
            self._apply(doing, outlook.plan, asked.asked_by, by.name, clerk)
            self._seconds.done(asked.number, now_ms=now_ms)

    def _decline(self, asked: Request, doing: Doing, step: Step, by: Present, reason: str) -> None:
        now_ms, row = self._now_ms(), doing.row
        words = self._sealed(row.court_id, Words(act=doing.act, detail=reason or None, change=doing.words.change))
        with self._books.together():
            if step is Step.REFUSE:
                self._seconds.refuse(asked.number, by, BY_THE_COURT, now_ms=now_ms)
            else:
                self._seconds.withdraw(asked.number, by, now_ms=now_ms)
            self._keep(row, row, Entry(at_ms=now_ms, act=Act.DECLINE, by=by.name, sealed=words, order_id=asked.order_id))

    # -- decisions -----------------------------------------------------------------------------------------------

    async def draft(self, court: str, number: str, act: Act, by: str) -> seen.Decision:
        """Return a decision drafted from the form's template, with what was asked for and the longest ends that the law allows."""
        row, found = await self._opened(court, number)
        await self._write("opened", row, by, what="draft")
        form, now_ms = self._form(row), self._now_ms()
        template = decisions.draft_of(form, act)
        durations = self._durations[self._policy_id(row, form)]
        basis, language = decisions.basis_of(form, act, durations), form.court_language
        asked = () if act is Act.REFUSE else decisions.asked_for(form, _told(found.papers))
        measures = tuple(_drafted(form, one, decisions.longest_ms(basis, one.kind, now_ms, durations)) for one in asked)
        return seen.Decision(act=act, title=template.title[language], text=template.text[language], measures=measures)

    async def preview(self, court: str, number: str, decision: seen.Decision, by: str) -> seen.Preview:
        """Return what a decision would do.

        Raises:
            DocketError: it cannot be made so; the sentence says what to mend.
        """
        row, found = await self._opened(court, number)
        await self._write("opened", row, by, what="preview")
        return (await self._office.ask(partial(self._plan, row, found, decision))).preview

    def _plan(self, row: Docketed, found: Opened, decision: seen.Decision, clerk: Clerk) -> Plan:
        form, told, now_ms = self._form(row), _told(found.papers), self._now_ms()
        _moved(row, decision.act, now_ms)
        ordered = _ordered(decision, form.court_language)
        wrong = decisions.faults(form, decision.act, ordered, decision.reasons, told)
        if (decision.why is not None) is not (decision.act is Act.REFUSE) or decision.why not in {None, *REFUSED}:
            wrong.append(f"A refusal, and nothing else, has the kind of its reason: {', '.join(REFUSED)}.")
        if wrong:
            raise DocketError(" ".join(wrong))
        respondent = str(told.get(form.parties.respondent, "—"))
        text = decisions.filled(decision.text, ordered, decision.reasons, respondent, now_ms, ZoneInfo(form.time_zone))
        decision = msgspec.structs.replace(decision, text=text)
        before = self._holds(row, clerk)
        ends = None if before is None else before.order_id
        if decision.act is Act.REFUSE:
            loss = losses.whole(before, now_ms)
            shown = self._preview(form, decision, None, ends, tagged=None, loses=self._lost(loss, clerk))
            return Plan(shown, None, {}, told, loss)
        policy_id = self._policy_id(row, form)
        durations = self._durations[policy_id]
        basis, court = decisions.basis_of(form, decision.act, durations), self._courts[row.court_id].settings
        sides, labels = self._sides(row, form, told, before)
        order = decisions.order_of(
            f"{_stem(row)}-{len(row.order_ids) + 1}",
            policy_id,
            basis,
            sides,
            ordered,
            owner=court.owner or "",
            region=court.region,
            now_ms=now_ms,
        )
        refusals = entry_refusals(order, durations)
        if refusals:
            raise DocketError(" ".join(refusals))
        tagged = clerk.wears_tag(sides.monitored_ids, decisions.respondent(form, told))
        loss = losses.replaced(before, order, partial(decisions.longest_ms, basis, from_ms=now_ms, durations=durations), now_ms)
        shown = self._preview(form, decision, dict(basis.title), ends, tagged=tagged, loses=self._lost(loss, clerk))
        return Plan(shown, order, labels, told, loss)

    def _preview(
        self,
        form: PetitionForm,
        decision: seen.Decision,
        order: Mapping[str, str] | None,
        ends: str | None,
        *,
        tagged: bool | None,
        loses: tuple[seen.OrderMeasure, ...],
    ) -> seen.Preview:
        told = decisions.told_of(form, decision.act, tagged=tagged is True)
        return seen.Preview(
            decision=decision,
            order=order,
            ends=ends,
            tagged=tagged,
            told=tuple(one.party for one in told),
            loses=loses,
        )

    def _sides(
        self, row: Docketed, form: PetitionForm, told: Mapping[str, Answer], before: CourtOrder | None
    ) -> tuple[Sides, dict[str, str]]:
        """Return both persons, by the names that the register knows them by already, and the words for those who are new."""
        if before is not None:
            return Sides(before.protected[0].person_id, before.monitored_ids), {}
        hers = self._hers(row)
        his = f"respondent-{row.petition_id}"
        labels = {his: str(told.get(form.parties.respondent, his))}
        if hers == _unknown(row):
            labels[hers] = str(told.get(form.parties.petitioner, hers))
        return Sides(hers, (his,)), labels

    def _hers(self, row: Docketed) -> str:
        """Return by which name the register knows her: her own where she filed from her phone."""
        filing = self._filings.filing(row.petition_id)
        return _unknown(row) if filing is None else filing[0].person_id

    async def decide(self, court: str, number: str, decision: seen.Decision, by: Present) -> seen.Line:
        """Make a decision: it is sealed to the court, an order enters the register, and the one before it ends, all at once or not at all.

        Raises:
            DocketError: it cannot be made so.
        """
        row, found = await self._opened(court, number)
        await self._go(Doing(row, found, decision.act, Words(decision=decision)), by)
        return await self._line_now(court, number)

    def _enter(self, row: Docketed, plan: Plan, by: str, now_ms: int, clerk: Clerk) -> None:
        act = plan.preview.decision.act
        if plan.order is not None:
            who = {plan.order.monitored_ids[0]: decisions.respondent(self._form(row), plan.told)} if plan.labels else {}
            try:
                clerk.enter(plan.order, now_ms=now_ms, by=by, who=who, labels=plan.labels)
            except RefusedError as error:
                raise DocketError(str(error)) from None
            self._ask_to_tell(row, plan.order.order_id, act, now_ms, clerk)
        self._end_orders(row, None if plan.order is None else plan.order.order_id, act, by, now_ms, clerk)

    # -- afterwards ----------------------------------------------------------------------------------------------

    async def change(self, court: str, number: str, change: seen.Change, by: Present) -> seen.OrderLine:
        """Extend, widen, shorten or end an order that came of it.

        Raises:
            DocketError: the law does not allow it; the sentence says what it allows.
        """
        row = await self._row(court, number)
        if change.order_id not in row.order_ids:
            raise LookupError("No such order came of this petition.")
        if not change.reason.strip():
            raise DocketError("A change of an order needs its reason.")
        await self._go(Doing(row, None, Act.CHANGE, Words(change=change)), by)
        return await self._office.ask(lambda clerk: self._order_line(clerk.order(change.order_id), self._form(row)))

    def _change(self, row: Docketed, change: seen.Change, by: str, now_ms: int, clerk: Clerk) -> None:
        common = {"at_ms": now_ms, "now_ms": now_ms, "by": by, "reason": BY_THE_COURT}
        try:
            if change.what == "extend" and change.measure_id is not None and change.until_ms is not None:
                clerk.extend(change.order_id, {change.measure_id: change.until_ms}, **common)  # type: ignore[arg-type]
            elif change.what == "end_measure" and change.measure_id is not None:
                clerk.end_measure(change.order_id, change.measure_id, **common)  # type: ignore[arg-type]
            elif change.what == "add_measure":
                clerk.add_measure(change.order_id, self._added(row, change, now_ms, clerk), **common)  # type: ignore[arg-type]
            elif change.what == "revoke":
                clerk.act(change.order_id, OrderAct.REVOKE, **common)  # type: ignore[arg-type]
            else:
                raise DocketError("A measure is extended to a new end, added by its kind and end, or ended; or the whole order is revoked.")
        except (RefusedError, order_status.NotAllowedError) as error:
            raise DocketError(str(error)) from None
        parties = decisions.parties(self._form(row), Act.CHANGE)
        asked = clerk.ask_to_tell(change.order_id, parties, now_ms=now_ms, one_of=f"{change.what} {now_ms}")
        self._telling.post(asked, Decided(change.what, row.court_id, now_ms, change.what == "revoke"), clerk)

    def _added(self, row: Docketed, change: seen.Change, now_ms: int, clerk: Clerk) -> Measure:
        """Return the measure that is added to an order: one of the form's that it does not impose now.

        Raises:
            DocketError: the form has none of this kind, or the order imposes it already; or its distance or end is another.
        """
        order = clerk.order(change.order_id)
        may = next((one for one in self._addable(order, self._form(row)) if one.kind is change.kind), None)
        if may is None:
            raise DocketError("The order imposes this already, or the form has no such measure.")
        if may.distance_m not in {None, change.distance_m}:
            raise DocketError("A distance that the law names is the one that the form names.")
        if (may.longest_ms is None) is not (change.until_ms is None):
            raise DocketError("A measure has an end where the law sets a longest one, and no other.")
        name, taken = may.kind.value, {one.measure_id for one in order.measures}
        free = name if name not in taken else next(one for one in (f"{name}-{number}" for number in count(2)) if one not in taken)
        return Measure(measure_id=free, kind=may.kind, from_ms=now_ms, until_ms=change.until_ms, distance_m=change.distance_m)

    async def practice(self, court: str, form_id: str) -> seen.Practice:
        """Return how often what was decided on a form, here and at the other courts of this server."""
        found = await asyncio.to_thread(self._books.acts, form_id)
        since = min((row.received_ms for row, entries in found if practice.first_result(entries) is not None), default=None)
        here = practice.shown(practice.counted(one for one in found if one[0].court_id == court))
        others = practice.shown(practice.counted(one for one in found if one[0].court_id != court))
        rows = (
            () if since is None else tuple(seen.Share(what=decisions.RESULT[one].value, here=here[one], others=others[one]) for one in here)
        )
        return seen.Practice(form_id=form_id, since_ms=since, least=practice.LEAST, rows=rows)

    # -- what is common ------------------------------------------------------------------------------------------

    async def _row(self, court: str, number: str) -> Docketed:
        row = await asyncio.to_thread(self._books.row, court, number)
        if row is None or court not in self._courts:
            raise LookupError("There is no petition of this number.")
        return row

    async def _opened(self, court: str, number: str) -> tuple[Docketed, Opened]:
        row = await self._row(court, number)
        return row, await asyncio.to_thread(self._unsealed, row)

    def _unsealed(self, row: Docketed) -> Opened:
        body = self._books.package(row.court_id, row.number)
        if body is None:
            raise LookupError("There is no petition of this number.")
        try:
            return opened(body, self._courts[row.court_id].key.secret())
        except PackageError as error:
            raise DocketError(str(error)) from None

    def _sealed(self, court: str, words: Words) -> bytes:
        return sealed(msgspec.json.encode(words), self._courts[court].key.public)

    def _keep(self, row: Docketed, after: Docketed, entry: Entry) -> None:
        if not self._books.keep(row, after, [entry]):
            raise DocketError(MEANWHILE)

    async def _line_now(self, court: str, number: str) -> seen.Line:
        row = await self._row(court, number)
        return await self._office.ask(lambda clerk: self._line(row, self._asked(), clerk))

    async def _write(self, act: str, row: Docketed, by: str, *, what: str = "petition") -> None:
        """Write down who does what about which petition.

        Raises:
            LedgerUnavailableError: it cannot be written, so nothing may be done.
        """
        subject = await asyncio.to_thread(self._hers, row)
        await self._ledger.append(
            LedgerAct(
                at_ms=self._now_ms(),
                act=act.replace("_", "-"),
                what=what,
                purpose="proceedings",
                audience=Audience.COURT.value,
                client=Client.BROWSER,
                who=Personal(by, by),
                whose=(Personal(subject, subject),),
                recipient=Personal(subject, f"court {row.court_id}"),
                reason=Personal(subject, f"petition {row.petition_id}"),
            )
        )

    def _form(self, row: Docketed) -> PetitionForm:
        return self._forms[row.form_id]

    def _policy_id(self, row: Docketed, form: PetitionForm) -> str:
        filing = self._filings.filing(row.petition_id)
        return self._policy_of(None if filing is None else filing[0].person_id, form.policy_id)


def dockets_of(
    settings: Settings,
    forms: Mapping[str, PetitionForm],
    policies: Mapping[str, Policy],
    durations: Mapping[str, Durations],
    engine: sa.Engine,
    office: Office,
    policy_of: Callable[[str | None, str], str],
    ledger: Ledger,
    now_ms: Callable[[], int],
    telling: Telling,
) -> tuple[DocketRoom, dict[str, CourtDoor]]:
    """Return the dockets of the courts that the settings serve here, and the doors into them.

    Raises:
        SettingsError: a court served here lacks its key file or its owner, or the key lies within the data.
    """
    served = {name: Court(one, CourtKey(name, one, settings.data)) for name, one in settings.courts.items() if one.way == "here"}
    books = SqlDocket(engine)
    papers, seconds = SqlPapers(engine), SqlSecond(engine)
    room = DocketRoom(served, forms, policies, durations, books, papers, seconds, office, policy_of, ledger, now_ms, telling)
    return room, {name: Here(name, one.key, forms, books, room.changed, one.settings.region) for name, one in served.items()}


def _stem(row: Docketed) -> str:
    """Return how the names of all orders that come of a petition begin; what follows is their number."""
    return f"petition-{row.petition_id}"


def _unknown(row: Docketed) -> str:
    return f"petitioner-{row.petition_id}"


def _moved(row: Docketed, act: Act, at_ms: int) -> Docketed:
    try:
        return moved(row, act, at_ms)
    except NotAllowedError as error:
        raise DocketError(str(error)) from None


def _told(papers: Papers) -> dict[str, Answer]:
    """Return what was answered, from both papers."""
    both = [papers.open] if papers.sealed is None else [papers.open, papers.sealed]
    return {row.question_id: row.value for paper in both for part in paper.parts for row in part.rows}


def _sections(form: PetitionForm, papers: Papers) -> tuple[seen.CaseSection, ...]:
    """Return the answers in the form's order; those for the court alone stand among them, and are marked."""
    both = [(papers.open, False)] if papers.sealed is None else [(papers.open, False), (papers.sealed, True)]
    rows = {
        row.question_id: seen.Answered(question_id=row.question_id, heading=row.heading, lines=row.lines, sealed=is_sealed)
        for paper, is_sealed in both
        for part in paper.parts
        for row in part.rows
    }
    found = []
    for section in form.sections:
        mine = tuple(rows[one.question_id] for one in section.questions if one.question_id in rows)
        if mine:
            found.append(seen.CaseSection(section_id=section.section_id, heading=section.form[form.court_language], rows=mine))
    return tuple(found)


def _exhibit(one: Exhibit, found: Opened) -> seen.CaseExhibit:
    size = len(found.exhibits[one.name])
    return seen.CaseExhibit(name=one.name, about=one.about, media_type=one.media_type, size=size, sha256=one.sha256, made_ms=one.made_ms)


def _ordered(decision: seen.Decision, language: str) -> Sequence[Ordering]:
    return [Ordering(one.kind, one.distance_m, one.until_ms, one.say.get(language, one.kind.value)) for one in decision.measures]


def _measure_line(one: Measure, order: CourtOrder, durations: Durations) -> seen.OrderMeasure:
    return seen.OrderMeasure(
        measure_id=one.measure_id,
        kind=one.kind,
        distance_m=one.distance_m,
        until_ms=one.until_ms,
        extended=len(one.extensions),
        extend_until_ms=latest_extension_ms(one, order.basis_id, durations),
    )


def _drafted(form: PetitionForm, one: Asked, latest_ms: int | None) -> seen.Ordered:
    say = dict(decisions.words_of(form, one))
    return seen.Ordered(kind=one.kind, say=say, distance_m=one.distance_m, until_ms=latest_ms, longest_ms=latest_ms)


def _act_line(entry: Entry, words: Words) -> seen.ActLine:
    what = words.act.value if words.act is not None and entry.act in {Act.PROPOSE, Act.DECLINE} else None
    detail = words.detail
    if words.change is not None:
        what, detail = words.change.what, detail or words.change.reason
    return seen.ActLine(at_ms=entry.at_ms, act=entry.act, by=entry.by, detail=detail, what=what, second=entry.second)


def _words(body: bytes | None, secret: str) -> Words:
    return Words() if body is None else msgspec.json.decode(unsealed(body, secret), type=Words)


def _when(row: Docketed, act: Act, at_ms: int, now_ms: int) -> int:
    """Return when something was so, or will be. Entered to the minute, it may lie before what happened in that minute: then it was then.

    Raises:
        DocketError: it lies before what it follows, or a hearing does not lie ahead and everything else does.
    """
    if act is Act.HEAR:
        if at_ms < _minute(now_ms):
            raise DocketError("A hearing needs a time that is still to come.")
        return at_ms
    decided_ms = row.decided_ms if act in _AFTER_DECISION else None
    since_ms = row.received_ms if decided_ms is None else decided_ms
    if not _minute(since_ms) <= at_ms <= now_ms:
        raise DocketError(f"It was done between {'the arrival of the petition' if decided_ms is None else 'the decision'} and now.")
    return max(at_ms, since_ms)


def _minute(at_ms: int) -> int:
    return at_ms - at_ms % MINUTE_MS


def _target(row: Docketed) -> str:
    """Return by which name a request knows a petition: one waits for each."""
    return f"{row.court_id} {row.number}"


def _loss_of(request: Request) -> tuple[str, Loss]:
    """Return what was proposed, in a word, and what would be lost."""
    word, *measures = (request.detail or "").split(" ")
    return word, Loss(request.order_id or "", tuple(measures))


def _act_name(doing: Doing) -> str:
    """Return how the ledger calls an act."""
    return doing.word if doing.words.change is None else f"order:{doing.word}"
