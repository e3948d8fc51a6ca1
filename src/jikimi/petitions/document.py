"""The form as the court reads it: papers in the court's language, from which the printed sheets and the data are made."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.model.petition import Answer, Answers, Kind, PetitionForm, Question
from jikimi.petitions.answers import filed

FORMAT: Final = "jikimi-petition-1"
YES_NO: Final[Mapping[str, tuple[str, str]]] = {"ko": ("예", "아니요"), "en": ("yes", "no")}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One answer in the form: its heading and what is read under it, line by line; ``value`` is the answer as data."""

    question_id: str
    heading: str
    lines: tuple[str, ...]
    value: Answer


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One part of the form."""

    section_id: str
    heading: str
    rows: tuple[Row, ...]


class Exhibit(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with the petition: its name in the package, what it is, and its SHA-256 in hexadecimal."""

    name: str
    about: str
    media_type: str
    sha256: str
    made_ms: int | None = None
    """When it was sealed in her diary, or None for what was added later."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two papers of a petition: the one that is served on the respondent, and the one that only the court reads.

    They are two files with nothing of the other in them: whoever copies the first for him cannot send him her address by mistake.

    Attributes:
        format: of this structure; readers refuse what they do not know.
        petition_id: its name. form_id, version: the form it was written on.
        sealed: whether only the court reads it.
        language: of every heading.
        title, article: as the court calls it.
        court: the court it is for, by name. court_id: by the form's choice.
        day: the day on which it was filed, in the jurisdiction's calendar.
        parts: what is asked and answered.
        exhibits: the files that go with it.
    """

    format: str = FORMAT
    petition_id: str
    form_id: str
    version: str
    sealed: bool
    language: str
    title: str
    article: str
    court: str
    court_id: str
    day: dt.date
    parts: tuple[Part, ...]
    exhibits: tuple[Exhibit, ...] = ()


class Papers(NamedTuple):
    """A whole petition; ``sealed`` is None where nothing is for the court alone."""

    open: Document
    sealed: Document | None


def written(form: PetitionForm, answers: Answers, *, petition_id: str, day: dt.date, exhibits: tuple[Exhibit, ...] = ()) -> Papers:
    """Return the form filled in, in the court's language.

    The answers must be ready (``answers.standing``); what is not asked any more is left out.
    """
    kept = filed(form, answers)
    first = _paper(form, kept, petition_id, day, sealed=False)
    second = _paper(form, kept, petition_id, day, sealed=True)
    return Papers(msgspec.structs.replace(first, exhibits=exhibits), second if second.parts else None)


def _paper(form: PetitionForm, kept: Answers, petition_id: str, day: dt.date, *, sealed: bool) -> Document:
    language = form.court_language
    court_id = str(kept[form.venue.court])
    court = next(one for one in form.question(form.venue.court).choices if one.choice_id == court_id)
    return Document(
        petition_id=petition_id,
        form_id=form.form_id,
        version=form.version,
        sealed=sealed,
        language=language,
        title=form.title[language],
        article=form.article,
        court=court.form[language],
        court_id=court_id,
        day=day,
        parts=tuple(_parts(form, kept, hidden=sealed)),
    )


def _parts(form: PetitionForm, kept: Answers, *, hidden: bool) -> Iterator[Part]:
    for section in form.sections:
        mine = [one for one in section.questions if one.hidden is hidden and one.question_id in kept]
        if mine:
            rows = tuple(_row(one, kept[one.question_id], form.court_language) for one in mine)
            yield Part(section_id=section.section_id, heading=section.form[form.court_language], rows=rows)


def _row(question: Question, answer: Answer, language: str) -> Row:
    return Row(
        question_id=question.question_id,
        heading=question.form[language],
        lines=tuple(_lines(question, answer, language)),
        value=answer,
    )


def _lines(question: Question, answer: Answer, language: str) -> Iterator[str]:
    names = {one.choice_id: one.form[language] for one in question.choices}
    if isinstance(answer, bool):
        yes, no = YES_NO[language]
        yield yes if answer else no
    elif isinstance(answer, tuple):
        yield from (names.get(one, one.strip()) for one in answer if one.strip())
    elif question.kind is Kind.STORY:
        yield from answer.replace("\r\n", "\n").strip().split("\n")
    else:
        yield names.get(answer, answer.strip())


def data(document: Document) -> bytes:
    """Return the document as JSON with its keys in order, so that equal documents are equal bytes."""
    return msgspec.json.format(msgspec.json.encode(document, order="deterministic"), indent=1)


def read(body: bytes) -> Document:
    """Return the document in JSON.

    Raises:
        ValueError: it is none, or of a format that is not known here.
    """
    try:
        document = msgspec.json.decode(body, type=Document)
    except (msgspec.ValidationError, msgspec.DecodeError):
        raise ValueError("This is no petition in the known form.") from None
    if document.format != FORMAT:
        raise ValueError("This petition has a format that is not known here.")
    return document
