"""The dockets of the courts that this server serves: what they received, what they decide, and what becomes of it in the register.

Everything that somebody wrote stays sealed to its court. It is opened in memory, for one answer, with the key that the court's own
file holds; that it was opened is in the ledger first.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from jikimi.apps import docket as seen
from jikimi.apps.docket import DocketError
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.ledger.leaf import Act as LedgerAct
from jikimi.disclosure.ledger.leaf import Client, Personal
from jikimi.disclosure.ledger.ports import Ledger
from jikimi.model.durations import Durations
from jikimi.model.petition import Answer, PetitionForm
from jikimi.model.policy import Policy
from jikimi.model.register import Act as OrderAct
from jikimi.model.register import CourtOrder, Measure
from jikimi.orders import status as order_status
from jikimi.orders.acts import living
from jikimi.orders.advice import advise_on
from jikimi.orders.clerk import Clerk
from jikimi.orders.days import day_of
from jikimi.orders.duration import RefusedError, entry_refusals, latest_extension_ms
from jikimi.orders.keeping import CLOCK
from jikimi.outcomes.row import REFUSED
from jikimi.petitions import decisions, practice
from jikimi.petitions.clocks import extension, in_time
from jikimi.petitions.decisions import Ordering, Sides
from jikimi.petitions.docket import Docketed, Entry, dues, moved
from jikimi.petitions.document import Exhibit, Papers
from jikimi.petitions.package import Opened, Package, PackageError, opened, sealed, unsealed
from jikimi.petitions.ports import CourtDoor, Handed, NotHandedError
from jikimi.petitions.status import TABLE, Act, NotAllowedError, Status
from jikimi.runtime.courtkey import CourtKey
from jikimi.runtime.office import Office
from jikimi.runtime.settings import CourtSettings, Settings
from jikimi.storage.docket import SqlDocket
from jikimi.storage.papers import SqlPapers

T = TypeVar("T")
FAR_MS: Final = 2**53
_ENDS_ORDER: Final = frozenset({Act.WITHDRAW, Act.REVERSE, Act.REFUSE})
"""Acts after which an order that came of the petition holds no longer."""
_ORDERLESS: Final[Mapping[Status, Act]] = {Status.WITHDRAWN: Act.WITHDRAW, Status.REFUSED: Act.REFUSE}
"""Where no order holds, and by which act."""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What lies sealed beside an act: words, or a decision."""

    detail: str | None = None
    decision: seen.Decision | None = None
    change: seen.Change | None = None


class Plan(NamedTuple):
    """A decision that can be made: as it is shown, and the order that it becomes, with what identifies him."""

    preview: seen.Preview
    order: CourtOrder | None
    labels: Mapping[str, str]
    told: Mapping[str, Answer]


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
        books: the dockets. filings: who filed what from her phone.
        office: the register of orders.
        policy_of: under which policy an order of a petitioner's stands, by her name in the register and the form's policy.
        ledger: where it is written down who opened and did what.
        now_ms: the clock.
    """

    def __init__(
        self,
        courts: Mapping[str, Court],
        forms: Mapping[str, PetitionForm],
        policies: Mapping[str, Policy],
        durations: Mapping[str, Durations],
        books: SqlDocket,
        filings: SqlPapers,
        office: Office,
        policy_of: Callable[[str | None, str], str],
        ledger: Ledger,
        now_ms: Callable[[], int],
    ) -> None:
        self._courts = courts
        self._forms = forms
        self._policies = policies
        self._durations = durations
        self._books = books
        self._filings = filings
        self._office = office
        self._policy_of = policy_of
        self._ledger = ledger
        self._now_ms = now_ms
        self._changes = 0

    def number(self) -> int:
        """Return another number when something may have changed."""
        return self._changes + self._office.number

    def changed(self) -> None:
        """Take note that something came in."""
        self._changes += 1

    # -- reading -------------------------------------------------------------------------------------------------

    async def inbox(self, court: str) -> seen.Inbox:
        """Return the petitions of a court, whoever must be decided soonest first."""
        served = self._courts.get(court)
        if served is None:
            return seen.Inbox(court=court, locked="This server receives no petitions for this court.", lines=())
        lines = await self._office.ask(lambda clerk: [self._line(row, clerk) for row in self._books.rows(court)])
        lines.sort(key=lambda line: (line.dues[0].at_ms if line.dues else FAR_MS, line.number))
        return seen.Inbox(court=court, locked=await asyncio.to_thread(served.key.locked), lines=tuple(lines))

    def _line(self, row: Docketed, clerk: Clerk) -> seen.Line:
        form = self._form(row)
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
        )

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
        said = [(entry, _words(entry, secret)) for entry in entries]
        return seen.Case(
            line=self._line(row, clerk),
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
                seen.Decided(at_ms=e.at_ms, by=e.by, decision=words.decision, order_id=e.order_id)
                for e, words in said
                if words.decision is not None
            ),
            orders=tuple(self._order_line(clerk.order(name), form) for name in row.order_ids if clerk.keeps(name)),
        )

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
        )

    async def exhibit(self, court: str, number: str, name: str, by: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of an exhibit. The opening is in the ledger before it is answered."""
        row, found = await self._opened(court, number)
        known = {one.name: one.media_type for one in found.papers.open.exhibits}
        if name not in known:
            raise LookupError("There is no exhibit of this name.")
        await self._write("opened", row, by, what="exhibit")
        return known[name], found.exhibits[name]

    # -- what is no decision -------------------------------------------------------------------------------------

    async def act(self, court: str, number: str, act: Act, by: str, *, at_ms: int | None, detail: str) -> seen.Line:
        """Do something that is no decision.

        Raises:
            DocketError: it does not fit where the petition stands, or a hearing has no time.
        """
        row, now_ms = await self._row(court, number), self._now_ms()
        if act is Act.HEAR and (at_ms is None or at_ms <= now_ms):
            raise DocketError("A hearing needs a time that is still to come.")
        after = _moved(row, act, at_ms if at_ms is not None else now_ms)
        if act is not Act.HEAR and at_ms is not None and not row.received_ms <= at_ms <= now_ms:
            raise DocketError("It was done between the petition's arrival and now.")
        await self._write(act.value, row, by)
        words = await asyncio.to_thread(self._sealed, court, Words(detail=detail)) if detail else None
        await self._keep(row, after, Entry(at_ms=now_ms, act=act, by=by, sealed=words))
        if act in _ENDS_ORDER:
            await self._office.do(partial(self._end_orders, row, None, act, by, now_ms))
        if act is Act.TELL:
            await self._office.do(partial(self._told, row, by, now_ms))
        return await self._office.ask(partial(self._line, after))

    def _told(self, row: Docketed, by: str, now_ms: int, clerk: Clerk) -> None:
        """Both sides were told by the court; police and prosecutor are told by whoever owns those tasks."""
        for name in row.order_ids:
            if clerk.keeps(name):
                clerk.told(name, decisions.SIDES, now_ms=now_ms, by=by)

    def _ask_to_tell(self, row: Docketed, order_id: str, act: Act, now_ms: int, clerk: Clerk) -> None:
        """Ask the order's owner to tell whom the law names. The office of his tag is asked by the link between the two orders."""
        parties = decisions.parties(self._form(row), act)
        clerk.ask_to_tell(order_id, parties, now_ms=now_ms, one_of=f"{act.value} {len(row.order_ids)}")

    def _end_orders(self, row: Docketed, kept: str | None, act: Act, by: str, now_ms: int, clerk: Clerk) -> None:
        """End every order that came of a petition, but ``kept``: also one that was entered before a server died, and no docket names."""
        for order in clerk.protecting(self._hers(row)):
            if order.order_id != kept and order.order_id.rpartition("-")[0] == _stem(row):
                if act in _ENDS_ORDER:
                    self._ask_to_tell(row, order.order_id, act, now_ms, clerk)
                clerk.act(order.order_id, OrderAct.REVOKE, at_ms=now_ms, now_ms=now_ms, by=by, reason=f"the petition: {act}")

    async def settle(self) -> None:
        """End the orders of petitions that are withdrawn or refused, should a server have died between the two."""
        await self._office.do(self._settle)

    def _settle(self, clerk: Clerk) -> None:
        for court in self._courts:
            for row in self._books.rows(court):
                if row.status in _ORDERLESS:
                    self._end_orders(row, None, _ORDERLESS[row.status], CLOCK, self._now_ms(), clerk)

    # -- decisions -----------------------------------------------------------------------------------------------

    async def draft(self, court: str, number: str, act: Act, by: str) -> seen.Decision:
        """Return a decision drafted from the form's template, with what was asked for and the longest ends that the law allows."""
        row, found = await self._opened(court, number)
        await self._write("opened", row, by, what="draft")
        form, now_ms = self._form(row), self._now_ms()
        template = decisions.draft_of(form, act)
        durations = self._durations[self._policy_id(row, form)]
        basis, language = decisions.basis_of(form, act, durations), form.court_language
        measures = []
        for one in () if act is Act.REFUSE else decisions.asked_for(form, _told(found.papers)):
            latest_ms = decisions.longest_ms(basis, one.kind, now_ms, durations)
            say = dict(decisions.words_of(form, one))
            measures.append(seen.Ordered(kind=one.kind, say=say, distance_m=one.distance_m, until_ms=latest_ms, longest_ms=latest_ms))
        return seen.Decision(act=act, title=template.title[language], text=template.text[language], measures=tuple(measures))

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
        shown = msgspec.structs.replace(decision, text=text)
        before = self._holds(row, clerk)
        if decision.act is Act.REFUSE:
            ends = None if before is None else before.order_id
            return Plan(self._preview(form, shown, None, ends, tagged=None), None, {}, told)
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
        order = _named(order, clerk)
        refusals = entry_refusals(order, durations)
        if refusals:
            raise DocketError(" ".join(refusals))
        tagged = clerk.wears_tag(sides.monitored_ids, decisions.respondent(form, told))
        ends = None if before is None else before.order_id
        return Plan(self._preview(form, shown, dict(basis.title), ends, tagged=tagged), order, labels, told)

    def _preview(
        self, form: PetitionForm, decision: seen.Decision, order: Mapping[str, str] | None, ends: str | None, *, tagged: bool | None
    ) -> seen.Preview:
        told = decisions.told_of(form, decision.act, tagged=tagged is True)
        return seen.Preview(
            decision=decision,
            order=order,
            ends=ends,
            tagged=tagged,
            told=tuple(one.party for one in told),
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

    async def decide(self, court: str, number: str, decision: seen.Decision, by: str) -> seen.Line:
        """Make a decision: an order enters the register, the one before it ends, and the decision is sealed to the court.

        Should the server die between, the decision is made again: the same finds its order by its name, another ends that order, and none
        stands twice.

        Raises:
            DocketError: it cannot be made so.
        """
        row, found = await self._opened(court, number)
        plan = await self._office.ask(partial(self._plan, row, found, decision))
        now_ms = self._now_ms()
        await self._write(decision.act.value, row, by)
        order_id = None if plan.order is None else plan.order.order_id
        after = msgspec.structs.replace(_moved(row, decision.act, now_ms), why=row.why or decision.why)
        if order_id is not None:
            after = msgspec.structs.replace(after, order_ids=(*row.order_ids, order_id))
        words = await asyncio.to_thread(self._sealed, court, Words(decision=plan.preview.decision))
        await self._office.do(partial(self._enter, row, plan, by, now_ms))
        await self._keep(row, after, Entry(at_ms=now_ms, act=decision.act, by=by, sealed=words, order_id=order_id))
        return await self._office.ask(partial(self._line, after))

    def _enter(self, row: Docketed, plan: Plan, by: str, now_ms: int, clerk: Clerk) -> None:
        """Enter the new order first: between it and the end of the one before, she is never without."""
        try:
            if plan.order is not None and not clerk.keeps(plan.order.order_id):
                who = {plan.order.monitored_ids[0]: decisions.respondent(self._form(row), plan.told)} if plan.labels else {}
                clerk.enter(plan.order, now_ms=now_ms, by=by, who=who, labels=plan.labels)
        except RefusedError as error:
            raise DocketError(str(error)) from None
        act = plan.preview.decision.act
        if plan.order is not None:
            self._ask_to_tell(row, plan.order.order_id, act, now_ms, clerk)
        self._end_orders(row, None if plan.order is None else plan.order.order_id, act, by, now_ms, clerk)

    # -- afterwards ----------------------------------------------------------------------------------------------

    async def change(self, court: str, number: str, change: seen.Change, by: str) -> seen.OrderLine:
        """Extend, shorten or end an order that came of it.

        Raises:
            DocketError: the law does not allow it; the sentence says what it allows.
        """
        row = await self._row(court, number)
        if change.order_id not in row.order_ids:
            raise LookupError("No such order came of this petition.")
        if not change.reason.strip():
            raise DocketError("A change of an order needs its reason.")
        now_ms = self._now_ms()
        after = _moved(row, Act.CHANGE, now_ms)
        await self._write(f"order:{change.what}", row, by)
        words = await asyncio.to_thread(self._sealed, court, Words(change=change))
        order = await self._office.do(partial(self._change, change, by, now_ms))
        await self._keep(row, after, Entry(at_ms=now_ms, act=Act.CHANGE, by=by, sealed=words, order_id=change.order_id))
        return self._order_line(order, self._form(row))

    def _change(self, change: seen.Change, by: str, now_ms: int, clerk: Clerk) -> CourtOrder:
        # Whoever looks after the order reads why at the court: the register's own log names no case.
        common = {"at_ms": now_ms, "now_ms": now_ms, "by": by, "reason": "by the court"}
        try:
            if change.what == "extend" and change.measure_id is not None and change.until_ms is not None:
                return clerk.extend(change.order_id, {change.measure_id: change.until_ms}, **common)  # type: ignore[arg-type]
            if change.what == "end_measure" and change.measure_id is not None:
                return clerk.end_measure(change.order_id, change.measure_id, **common)  # type: ignore[arg-type]
            if change.what == "revoke":
                return clerk.act(change.order_id, OrderAct.REVOKE, **common)  # type: ignore[arg-type]
        except (RefusedError, order_status.NotAllowedError) as error:
            raise DocketError(str(error)) from None
        raise DocketError("An order is extended by a measure and its new end, a measure is ended, or the whole is revoked.")

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

    async def _keep(self, row: Docketed, after: Docketed, entry: Entry) -> None:
        if not await asyncio.to_thread(self._books.keep, row, after, [entry]):
            raise DocketError("Somebody else changed this petition meanwhile. Look at it again.")
        self.changed()

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
) -> tuple[DocketRoom, dict[str, CourtDoor]]:
    """Return the dockets of the courts that the settings serve here, and the doors into them.

    Raises:
        SettingsError: a court served here lacks its key file or its owner, or the key lies within the data.
    """
    served = {name: Court(one, CourtKey(name, one, settings.data)) for name, one in settings.courts.items() if one.way == "here"}
    books = SqlDocket(engine)
    room = DocketRoom(served, forms, policies, durations, books, SqlPapers(engine), office, policy_of, ledger, now_ms)
    return room, {name: Here(name, one.key, forms, books, room.changed, one.settings.region) for name, one in served.items()}


def _stem(row: Docketed) -> str:
    """Return how the names of all orders that come of a petition begin; what follows is their number."""
    return f"petition-{row.petition_id}"


def _unknown(row: Docketed) -> str:
    return f"petitioner-{row.petition_id}"


def _named(order: CourtOrder, clerk: Clerk) -> CourtOrder:
    """Return an order under a name that is free, or under the one that it has already in the register: made again, it is the same."""
    stem, _, number = order.order_id.rpartition("-")
    while clerk.keeps(order.order_id) and not _is_same(clerk.order(order.order_id), order):
        number = str(int(number) + 1)
        order = msgspec.structs.replace(order, order_id=f"{stem}-{number}")
    return order


def _is_same(kept: CourtOrder, order: CourtOrder) -> bool:
    ordered = [[(one.kind, one.distance_m, one.until_ms) for one in each.measures] for each in (kept, order)]
    return living(kept) and ordered[0] == ordered[1]


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


def _act_line(entry: Entry, words: Words) -> seen.ActLine:
    if words.change is None:
        return seen.ActLine(at_ms=entry.at_ms, act=entry.act, by=entry.by, detail=words.detail)
    return seen.ActLine(at_ms=entry.at_ms, act=entry.act, by=entry.by, detail=words.change.reason, what=words.change.what)


def _words(entry: Entry, secret: str) -> Words:
    return Words() if entry.sealed is None else msgspec.json.decode(unsealed(entry.sealed, secret), type=Words)
