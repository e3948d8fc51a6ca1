"""Which questions are asked, and what keeps the answers from being filed. Pure: the caller says which day it is."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from jikimi.model.petition import Answer, Answers, Check, Kind, Level, PetitionForm, Question, Rule

MOST_LINES: Final = 200
_SATURDAY: Final = 5


class Fault(enum.StrEnum):
    """Why an answer cannot stand as it is."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_DAY = "no_day"
    NOT_A_CHOICE = "not_a_choice"
    WRONG_KIND = "wrong_kind"
    UNKNOWN_QUESTION = "unknown_question"
    NOT_ASKED = "not_asked"
    """The question is not asked any more, after an earlier answer was changed: it is left out, and kept for her."""


class Finding(NamedTuple):
    """One thing that is wrong with an answer."""

    question_id: str
    fault: Fault


class Stop(NamedTuple):
    """A check of the form that failed. ``last_day`` is the last day on which it would have held, where it is one of days."""

    check: Check
    last_day: dt.date | None = None


class Standing(NamedTuple):
    """Where a petition stands before it is filed: it can be filed where all are empty and it is open."""

    missing: list[Finding]
    wrong: list[Finding]
    mend: list[Stop]
    stops: list[Stop]
    opens: dt.date | None
    """The first day on which it can be filed, where that has not come yet."""
    closed: bool
    """Whether this edition of the form is no longer filed."""

    @property
    def ready(self) -> bool:
        """Whether it can be filed now."""
        return not (self.missing or self.wrong or self.mend or self.stops or self.closed) and self.opens is None


def standing(form: PetitionForm, answers: Answers, today: dt.date) -> Standing:
    """Return what keeps a petition from being filed on a day, in the jurisdiction's own calendar."""
    findings = list(_findings(form, answers))
    failed = [stop for check in form.checks if (stop := _failed(check, answers, today)) is not None]
    return Standing(
        missing=[one for one in findings if one.fault is Fault.MISSING],
        wrong=[one for one in findings if one.fault not in {Fault.MISSING, Fault.NOT_ASKED}],
        mend=[one for one in failed if one.check.level is Level.MEND],
        stops=[one for one in failed if one.check.level is Level.STOP],
        opens=form.valid_from if today < form.valid_from else None,
        closed=form.valid_until is not None and today >= form.valid_until,
    )


def asked(form: PetitionForm, answers: Answers) -> Iterator[Question]:
    """Yield the questions that are asked, given the answers so far."""
    shown: set[str] = set()
    for question in form.questions():
        when = question.when
        if when is None or (when.question in shown and _said(answers.get(when.question)) & set(when.answered)):
            shown.add(question.question_id)
            yield question


def filed(form: PetitionForm, answers: Answers) -> dict[str, Answer]:
    """Return the answers that are filed: those of questions that are asked, in their order, without empty ones."""
    return {one.question_id: answers[one.question_id] for one in asked(form, answers) if not _empty(answers.get(one.question_id))}


def _said(answer: Answer | None) -> set[str]:
    if isinstance(answer, bool):
        return {"yes" if answer else "no"}
    if isinstance(answer, str):
        return {answer}
    return set(answer or ())


def _empty(answer: Answer | None) -> bool:
    """Whether nothing was answered. No is an answer."""
    if answer is None or isinstance(answer, bool):
        return answer is None
    return not answer.strip() if isinstance(answer, str) else not any(one.strip() for one in answer)


def _findings(form: PetitionForm, answers: Answers) -> Iterator[Finding]:
    now = {one.question_id for one in asked(form, answers)}
    known = {one.question_id for one in form.questions()}
    for name in answers:
        if name not in known:
            yield Finding(name, Fault.UNKNOWN_QUESTION)
        elif name not in now:
            yield Finding(name, Fault.NOT_ASKED)
    for question in asked(form, answers):
        fault = _fault(question, answers.get(question.question_id))
        if fault is not None:
            yield Finding(question.question_id, fault)


def _fault(question: Question, answer: Answer | None) -> Fault | None:
    if answer is None or _empty(answer):
        return Fault.MISSING if question.required else None
    return _SOUND[question.kind](question, answer)


def _words(question: Question, answer: Answer) -> Fault | None:
    if not isinstance(answer, str):
        return Fault.WRONG_KIND
    return Fault.TOO_LONG if len(answer) > question.most else None


def _day(_: Question, answer: Answer) -> Fault | None:
    return Fault.NO_DAY if day_of(answer) is None else None


def _choice(question: Question, answer: Answer) -> Fault | None:
    if not isinstance(answer, str):
        return Fault.WRONG_KIND
    return None if answer in {one.choice_id for one in question.choices} else Fault.NOT_A_CHOICE


def _choices(question: Question, answer: Answer) -> Fault | None:
    if not isinstance(answer, tuple):
        return Fault.WRONG_KIND
    possible = {one.choice_id for one in question.choices}
    return None if possible.issuperset(answer) and len(set(answer)) == len(answer) else Fault.NOT_A_CHOICE


def _yes_no(_: Question, answer: Answer) -> Fault | None:
    return None if isinstance(answer, bool) else Fault.WRONG_KIND


def _lines(question: Question, answer: Answer) -> Fault | None:
    if not isinstance(answer, tuple):
        return Fault.WRONG_KIND
    return Fault.TOO_LONG if len(answer) > MOST_LINES or sum(map(len, answer)) > question.most else None


def _confirmed(_: Question, answer: Answer) -> Fault | None:
    if not isinstance(answer, bool):
        return Fault.WRONG_KIND
    return None if answer else Fault.MISSING


_SOUND: Final[Mapping[Kind, Callable[[Question, Answer], Fault | None]]] = {
    Kind.WORDS: _words, Kind.STORY: _words, Kind.DAY: _day, Kind.CHOICE: _choice, Kind.CHOICES: _choices,
    Kind.YES_NO: _yes_no, Kind.LINES: _lines, Kind.CONFIRMED: _confirmed,
}  # fmt: skip


def day_of(answer: Answer | None) -> dt.date | None:
    """Return the day an answer states as 2027-05-01, or None where it states none."""
    if not isinstance(answer, str):
        return None
    try:
        return dt.date.fromisoformat(answer) if len(answer) == len("2027-05-01") else None
    except ValueError:
        return None


def _failed(check: Check, answers: Answers, today: dt.date) -> Stop | None:
    """Return a check that fails; one that cannot be made yet, for want of an answer, does not."""
    day = day_of(answers.get(check.question))
    if day is None:
        return None
    if check.rule is Rule.NOT_LATER_THAN_TODAY:
        return Stop(check) if day > today else None
    if check.rule is Rule.NOT_BEFORE:
        other = day_of(answers.get(check.other or ""))
        return Stop(check) if other is not None and day < other else None
    last = last_day(check, day)
    return Stop(check, last) if today > last else None


def last_day(check: Check, day: dt.date) -> dt.date:
    """Return the last day of a time that began on a day, which itself does not count."""
    assert check.days is not None
    last = day + dt.timedelta(days=check.days)
    if check.past_weekend and last.weekday() >= _SATURDAY:
        last += dt.timedelta(days=7 - last.weekday())
    return last
