"""What the court's app asks of the docket, and the shape in which it is told. No position is anywhere in it.

``Docket`` is the port; whoever implements it writes each opening and each act into the ledger before it answers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

import msgspec

from jikimi.identity.second import Present, Step
from jikimi.model.petition import Party, Texts
from jikimi.model.register import MeasureKind
from jikimi.orders.advice import Advice
from jikimi.petitions.clocks import Clock
from jikimi.petitions.status import Act, Status


class DocketError(Exception):
    """An act is refused. The text is a sentence for whoever asked, and repeats nothing of the case."""


class LockedError(DocketError):
    """The court's key is not there, so no case can be opened. The text says why."""


class DueLine(msgspec.Struct, frozen=True, kw_only=True):
    """A clock that runs, and the first moment at which it has run out."""

    clock: Clock
    at_ms: int


class OrderMeasure(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of an order in the register. ``extend_until_ms``: the latest end that an extension may set, or None."""

    measure_id: str
    kind: MeasureKind
    distance_m: float | None
    until_ms: int | None
    extended: int
    extend_until_ms: int | None


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What one account of the court proposed and another one has not confirmed: it takes something from an order in force.

    Attributes:
        request: its number.
        act: what was proposed: an act, or what is to become of an order (``end_measure``, ``revoke``).
        order_id, ends: of which order which measures end, or get weaker.
        asked_by, asked_ms: who proposed it, and when.
        until_ms: when it runs out unconfirmed.
    """

    request: int
    act: str
    order_id: str
    ends: tuple[OrderMeasure, ...]
    asked_by: str
    asked_ms: int
    until_ms: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One petition in the inbox: what stands outside the seal, and no more.

    Attributes:
        court, number: whose, and its number there.
        form_id, edition, title: the form it was written on, and what it is called, by language.
        time_zone: whose days and hours count.
        status: where it stands. can: what may be done about it now.
        received_ms, decided_ms, told_ms: when it came, was decided, and when both sides were told; None while not.
        wants_interim: whether an interim order is asked for.
        hearing_ms: the next hearing, or None.
        dues: the clocks that run, the soonest first.
        order_ids: orders of the register that came of it.
        waiting: what waits for a second account of the court, or None.
    """

    court: str
    number: str
    form_id: str
    edition: str
    title: Texts
    time_zone: str
    status: Status
    can: tuple[Act, ...]
    received_ms: int
    decided_ms: int | None
    told_ms: int | None
    wants_interim: bool
    hearing_ms: int | None
    dues: tuple[DueLine, ...]
    order_ids: tuple[str, ...]
    waiting: Waiting | None = None


class Inbox(msgspec.Struct, frozen=True, kw_only=True):
    """The petitions of one court. ``locked``: why no case can be opened, in a sentence; None where they can."""

    court: str
    locked: str | None
    lines: tuple[Line, ...]


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """One answer in the form as the court reads it. ``sealed``: it stands on the sheet for the court alone."""

    question_id: str
    heading: str
    lines: tuple[str, ...]
    sealed: bool


class CaseSection(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the form."""

    section_id: str
    heading: str
    rows: tuple[Answered, ...]


class CaseExhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A file that came with it. ``made_ms``: when it was sealed in her diary, or None."""

    name: str
    about: str
    media_type: str
    size: int
    sha256: str
    made_ms: int | None


class Within(msgspec.Struct, frozen=True, kw_only=True):
    """A time within which it had to be filed: ``days`` after ``from_day``, so until ``last_day``; whether it was."""

    check_id: str
    days: int
    from_day: dt.date
    last_day: dt.date
    filed_on: dt.date
    kept: bool
    source: str


class Weighed(msgspec.Struct, frozen=True, kw_only=True):
    """Something that the court weighs, and the questions whose answers speak of it."""

    criterion_id: str
    say: Texts
    questions: tuple[str, ...]
    source: str


class Worth(msgspec.Struct, frozen=True, kw_only=True):
    """What a distance that is asked for is worth."""

    distance_m: float
    advice: Advice


class ActLine(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done about it.

    ``detail``: in the words of who did it, from under the seal; None where there are none. ``what``: of a changed order, what was done; of
    what was proposed or declined, which act. ``second``: who confirmed it, where it needed two.
    """

    at_ms: int
    act: Act
    by: str
    detail: str | None
    what: str | None = None
    second: str | None = None


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """One measure of a decision.

    Attributes:
        kind: what is forbidden.
        say: how the form calls it.
        distance_m: how far he must stay away; None where it is no matter of distance.
        until_ms: the moment at which it ends; None until the court ends it, as an interim order does.
        longest_ms: the latest end that the law allows, or None where it sets none.
    """

    kind: MeasureKind
    say: Texts
    distance_m: float | None
    until_ms: int | None
    longest_ms: int | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A decision, drafted or made.

    Attributes:
        act: ``grant_interim``, ``grant``, ``grant_in_part`` or ``refuse``.
        title, text: as it is printed.
        measures: what is ordered; empty for a refusal.
        reasons: why, where the template asks for it.
        why: the kind of reason of a refusal, a word of ``outcomes.row.REFUSED``: for the public figures, outside the seal; None elsewhere.
    """

    act: Act
    title: str
    text: str
    measures: tuple[Ordered, ...] = ()
    reasons: str = ""
    why: str | None = None


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that was made: when, by whom, and the order that came of it."""

    at_ms: int
    by: str
    decision: Decision
    order_id: str | None
    second: str | None = None


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision would do, exactly.

    Attributes:
        decision: as it would be printed, its places filled in.
        order: what kind of order enters the register, by language; None for a refusal.
        ends: the interim order that ends with it, or None.
        tagged: whether the man is known to wear a tag of another order; None where no order is made.
        told: whom the law has told of it.
        loses: measures of the order in force that end or get weaker by it; where there are any, a second account must confirm it.
    """

    decision: Decision
    order: Texts | None
    ends: str | None
    tagged: bool | None
    told: tuple[Party, ...]
    loses: tuple[OrderMeasure, ...] = ()


class OrderLine(msgspec.Struct, frozen=True, kw_only=True):
    """An order that came of it, and what of it may still be changed. ``may_add``: measures that may be added, with their longest ends."""

    order_id: str
    status: str
    runs: bool
    tagged: bool
    measures: tuple[OrderMeasure, ...]
    extension_ms: int | None
    may_add: tuple[Ordered, ...] = ()


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What a court does to an order: ``extend`` a measure, ``end_measure``, ``add_measure``, or ``revoke`` the whole of it.

    ``kind``, ``distance_m``: of a measure that is added.
    """

    order_id: str
    what: str
    measure_id: str | None = None
    until_ms: int | None = None
    kind: MeasureKind | None = None
    distance_m: float | None = None
    reason: str


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for a second account, in the words of who proposed it, from under the seal."""

    detail: str | None
    decision: Decision | None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One petition, opened: everything that the court needs before it decides. Nobody is scored by anything in it."""

    line: Line
    language: str
    sections: tuple[CaseSection, ...]
    exhibits: tuple[CaseExhibit, ...]
    in_time: tuple[Within, ...]
    criteria: tuple[Weighed, ...]
    worth: tuple[Worth, ...]
    acts: tuple[ActLine, ...]
    decisions: tuple[Decided, ...]
    orders: tuple[OrderLine, ...]
    proposed: Proposed | None = None


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """How often one thing was decided. None: hidden, because too few stand behind it."""

    what: str
    here: int | None
    others: int | None


class Practice(msgspec.Struct, frozen=True, kw_only=True):
    """How often this court and others decided what on petitions of one form, since when. Counts under ``least`` are hidden."""

    form_id: str
    since_ms: int | None
    least: int
    rows: tuple[Share, ...]


class Docket(Protocol):
    """The petitions of the courts that this server serves."""

    def number(self) -> int:
        """Return another number when something may have changed."""
        ...

    async def inbox(self, court: str) -> Inbox:
        """Return the petitions of a court, whoever must be decided soonest first."""
        ...

    async def case(self, court: str, number: str, by: str) -> Case:
        """Open one. The opening is in the ledger before it is answered.

        Raises:
            LookupError: there is none of that number.
            LockedError: the court's key is not there.
        """
        ...

    async def exhibit(self, court: str, number: str, name: str, by: str) -> tuple[str, bytes]:
        """Return the media type and the bytes of an exhibit. The opening is in the ledger before it is answered."""
        ...

    async def act(self, court: str, number: str, act: Act, by: Present, *, at_ms: int | None, detail: str) -> Line:
        """Do something that is no decision: set a hearing (``at_ms``), return it, record that sides were told, withdrew or appealed.

        What takes from an order in force is proposed, and done when a second account confirms it; ``decide`` and ``change`` as well.

        Raises:
            DocketError: it does not fit where the petition stands.
        """
        ...

    async def draft(self, court: str, number: str, act: Act, by: str) -> Decision:
        """Return a decision drafted from the form's template, with what was asked for. It opens the petition: the ledger knows first."""
        ...

    async def preview(self, court: str, number: str, decision: Decision, by: str) -> Preview:
        """Return what a decision would do. It opens the petition: the ledger knows first.

        Raises:
            DocketError: it cannot be made so; the sentence says what to mend.
        """
        ...

    async def decide(self, court: str, number: str, decision: Decision, by: Present) -> Line:
        """Make a decision: it is sealed to the court, an order enters the register, and who must be told is told.

        Raises:
            DocketError: it cannot be made so.
        """
        ...

    async def change(self, court: str, number: str, change: Change, by: Present) -> OrderLine:
        """Extend, widen, shorten or end an order that came of it.

        Raises:
            DocketError: the law does not allow it; the sentence says what it allows.
        """
        ...

    async def second(self, court: str, number: str, request: int, step: Step, by: Present, *, reason: str) -> Line:
        """Confirm what a colleague proposed, which is done at once; refuse it, with a reason; or take one's own proposal back.

        Raises:
            SecondError: it does not wait any more, or is not for this account to settle.
            DocketError: it cannot be done any more.
        """
        ...

    async def practice(self, court: str, form_id: str) -> Practice:
        """Return how often what was decided."""
        ...


Names = Mapping[str, Texts]
"""The courts' names by language."""
