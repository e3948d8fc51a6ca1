"""A petition for a protection order: what is asked, in which words, what stops it, which courts may hear it. Data of a jurisdiction."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping

import msgspec

from jikimi.model.register import MeasureKind

Texts = Mapping[str, str]
"""A text by language tag."""
Answer = str | bool | tuple[str, ...]
"""An answer: words, a date as 2027-05-01, a chosen id; yes or no; several chosen ids or lines."""
Answers = Mapping[str, Answer]
"""What she answered, by question. A question that is not there was not answered; an empty answer is none."""


class Kind(enum.StrEnum):
    """How a question is answered."""

    WORDS = "words"
    """One line."""
    STORY = "story"
    """As much as it takes."""
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    LINES = "lines"
    """Several lines, one thing each."""
    CONFIRMED = "confirmed"
    """Must be answered with yes."""


class Choice(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer to choose, as she reads it and as the court reads it."""

    choice_id: str
    say: dict[str, str]
    form: dict[str, str]


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question is asked only where an earlier one was answered with one of these (``yes`` and ``no`` for yes or no)."""

    question: str
    answered: tuple[str, ...]


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question.

    Attributes:
        question_id: its name.
        kind: how it is answered.
        ask: as she reads it; plain words.
        help: what helps her to answer, or None.
        form: the heading over the answer in the form that the court reads.
        required: whether the petition can be filed without an answer.
        most: the longest answer, characters.
        choices: what may be chosen.
        when: when it is asked at all; None: always.
        hidden: whether the answer stands on the sheet for the court alone, which is not served on him.
    """

    question_id: str
    kind: Kind
    ask: dict[str, str]
    help: dict[str, str] | None = None
    form: dict[str, str]
    required: bool = False
    most: int = 200
    choices: tuple[Choice, ...] = ()
    when: When | None = None
    hidden: bool = False


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Questions that belong together: a step on her phone, a bookmark in the court's document."""

    section_id: str
    title: dict[str, str]
    form: dict[str, str]
    questions: tuple[Question, ...]


class Rule(enum.StrEnum):
    """What a check asks of an answer."""

    WITHIN_DAYS = "within_days"
    """Not more than ``days`` have passed since the day answered; that day itself does not count."""
    NOT_LATER_THAN_TODAY = "not_later_than_today"
    NOT_BEFORE = "not_before"
    """The day answered is not before that of ``other``."""


class Level(enum.StrEnum):
    """What a check that fails does."""

    STOP = "stop"
    """It cannot be filed: she is told why and which ways are open."""
    MEND = "mend"
    """An answer must be another one first."""


class Check(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check before filing.

    ``ways`` names the other ways to show where it stops her. ``past_weekend``: whether a last day on a Saturday or Sunday moves to the
    Monday; other holidays are not known here, and a court counts them.
    """

    check_id: str
    rule: Rule
    level: Level
    question: str
    other: str | None = None
    days: int | None = None
    past_weekend: bool = False
    say: dict[str, str]
    ways: tuple[str, ...] = ()
    source: str


class Way(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another way to protection, in plain words; ``call`` is the number to ring, if one is."""

    way_id: str
    say: dict[str, str]
    call: str | None = None
    source: str


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One measure that the court may be asked for: the choice that asks for it, and what becomes of it in the register."""

    choice_id: str
    kind: MeasureKind
    distance_m: float | None = None
    article: str


class Venue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which courts are competent: the question for the ground, and the question whose choices are the courts.

    Where a court's packages are handed over is the deployer's setting, under the name of its choice.
    """

    ground: str
    court: str
    source: str


class Helping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody whom she invites may do with her petition."""

    kind: str
    say: dict[str, str]
    may_write: bool
    may_file: bool
    source: str


class Parties(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The questions in which the two sides are named: hers, his, and his day of birth where the form asks for it."""

    petitioner: str
    respondent: str
    respondent_birth: str | None = None


class Party(enum.StrEnum):
    """Whom a decision concerns."""

    PETITIONER = "petitioner"
    LAWYER = "lawyer"
    """Hers, where one filed for her."""
    RESPONDENT = "respondent"
    PROSECUTOR = "prosecutor"
    POLICE = "police"
    TAG_OFFICE = "tag_office"
    """Who watches his tag, where he wears one already."""


class Result(enum.StrEnum):
    """What a court may decide of a petition."""

    INTERIM = "interim"
    INTERIM_REFUSED = "interim_refused"
    GRANTED = "granted"
    GRANTED_IN_PART = "granted_in_part"
    REFUSED = "refused"


class Told(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody who is told what the court decided: of which results, and as she reads it before she files."""

    party: Party
    results: tuple[Result, ...]
    say: dict[str, str]
    source: str


class Deadline(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time within which something must be done: ``days`` or ``hours``, one of the two."""

    days: int | None = None
    hours: int | None = None
    source: str


class CourtClocks(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The court's clocks.

    Attributes:
        interim: from the petition to the decision on an interim order.
        decision: from the petition to the decision.
        tell: from a decision to the record that both sides were told of it.
        appeal: from the notice of a decision to an appeal against it.
        extension: how long before an order ends its extension should be asked for.
        appeal_stays: whether an appeal stays the decision.
    """

    interim: Deadline
    decision: Deadline
    tell: Deadline
    appeal: Deadline
    extension: Deadline
    appeal_stays: bool
    appeal_source: str


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something a court weighs, and the questions whose answers speak of it. It is shown beside a case; nobody is scored by it."""

    criterion_id: str
    say: dict[str, str]
    questions: tuple[str, ...]
    source: str


class Draft(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The draft of a decision: places in brackets are filled in from the case, or by the judge."""

    draft_id: str
    title: dict[str, str]
    text: dict[str, str]


class PetitionForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of petition in one jurisdiction, one version.

    Attributes:
        form_id, policy_id: its name, and whose law.
        version, valid_from, valid_until: which edition, and on which days it may be filed (``valid_until`` exclusive, or None).
        time_zone: whose days count.
        languages: those in which she may read it; ``court_language`` is the one in which the court does.
        reviewers: who of the language's natives read the texts of a translation; None: nobody yet. Read from the files beside the form.
        title: what it is called. article: the articles it rests on.
        basis_id: the kind of order in the table of durations that a grant becomes. interim_basis_id: that of an interim order.
        fee: in plain words, what it costs.
        files: in plain words, what happens when it is filed, and what not.
        told: who is told what the court decides.
        parties: the questions in which the two sides are named.
        measures_question: the question in which the measures are chosen. interim_question: that which asks for an interim order.
    """

    form_id: str
    policy_id: str
    version: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    time_zone: str
    languages: tuple[str, ...]
    court_language: str
    reviewers: dict[str, str | None] = {}
    title: dict[str, str]
    article: str
    basis_id: str
    interim_basis_id: str
    fee: dict[str, str]
    files: dict[str, str]
    parties: Parties
    measures_question: str
    interim_question: str
    measures: tuple[Asked, ...]
    sections: tuple[Section, ...]
    checks: tuple[Check, ...]
    ways: tuple[Way, ...]
    venue: Venue
    helpers: tuple[Helping, ...]
    told: tuple[Told, ...]
    clocks: CourtClocks
    criteria: tuple[Criterion, ...]
    drafts: tuple[Draft, ...]
    source: str

    def questions(self) -> Iterator[Question]:
        """Yield all questions, in the order in which they are asked."""
        for section in self.sections:
            yield from section.questions

    def question(self, question_id: str) -> Question:
        """Return one question.

        Raises:
            StopIteration: there is none of that name.
        """
        return next(one for one in self.questions() if one.question_id == question_id)

    def open_on(self, day: dt.date) -> bool:
        """Whether it may be filed on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)
