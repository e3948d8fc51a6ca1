"""Read the forms of petitions. A form with a missing language, a loose end or a check that means nothing is refused with its line."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from jikimi.model.petition import (
    Asked,
    Check,
    Criterion,
    Deadline,
    Draft,
    Helping,
    Kind,
    Party,
    PetitionForm,
    Question,
    Rule,
    Section,
    Texts,
    Told,
    Way,
)
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.petition_texts import translated
from jikimi.policy.tables import complaints, each, read_table
from jikimi.policy.zones import known_zones

TABLES: Final = FilePath(__file__).parent / "petitions"
BLANKS: Final = frozenset({"respondent", "measures", "from", "until", "reasons"})
"""What a draft may have places for."""
MOST_CHARACTERS: Final = 100_000
MOST_DAYS: Final = 3_660
MOST_HOURS: Final = 24 * 366
_CHOSEN: Final = frozenset({Kind.CHOICE, Kind.CHOICES})
_LISTS: Final[Mapping[str, type]] = {
    "sections": Section, "measures": Asked, "checks": Check, "ways": Way,
    "helpers": Helping, "told": Told, "criteria": Criterion, "drafts": Draft,
}  # fmt: skip


def load(path: FilePath) -> PetitionForm:
    """Return the form in the TOML file ``path``, with the languages of the folder of the same name beside it.

    Raises:
        PolicyError: it or a translation cannot be read or is wrong anywhere.
    """
    return translated(read_table(path, PetitionForm, _shape, _sense), path.with_suffix(""))


def forms(directory: FilePath = TABLES) -> Mapping[str, PetitionForm]:
    """Return every form in a folder, those that come with Jikimi if none is named, by form id."""
    return {form.form_id: form for form in map(load, sorted(directory.glob("*.toml")))}


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    for key, kind in _LISTS.items():
        yield from each(raw, key, kind)
    lists: dict[str, Any] = {key: [] for key in _LISTS if isinstance(raw.get(key), list)}
    yield from complaints({**raw, **lists}, PetitionForm)


def _sense(form: PetitionForm) -> Iterator[Finding]:
    if form.time_zone not in known_zones():
        yield ("time_zone",), "is no IANA time zone"
    if form.valid_until is not None and form.valid_until <= form.valid_from:
        yield ("valid_until",), "is not after valid_from"
    if form.court_language not in form.languages:
        yield ("court_language",), "is none of languages"
    if form.reviewers:
        yield ("reviewers",), "stand in the files of the translations"
    for texts, where in _texts(form):
        yield from _in_all_languages(texts, form.languages, where)
    for source, where in _sources(form):
        if not source.strip():
            yield where, "must name the law, or say that the rule is our own and why"
    yield from _questions(form)
    yield from _checks(form)
    yield from _asked(form)
    yield from _told(form)
    yield from _parties(form)
    yield from _court(form)
    for number, draft in enumerate(form.drafts):
        for language, text in draft.text.items():
            yield from _places(text, ("drafts", number, "text", language))


def _texts(form: PetitionForm) -> Iterator[tuple[Texts, Path]]:
    """Yield every text of a form with its place."""
    for key in ("title", "fee", "files"):
        yield getattr(form, key), (key,)
    for number, section in enumerate(form.sections):
        where: Path = ("sections", number)
        yield section.title, (*where, "title")
        yield section.form, (*where, "form")
        for place, question in enumerate(section.questions):
            yield from _texts_of(question, (*where, "questions", place))
    for key in ("checks", "ways", "helpers", "told", "criteria"):
        for number, one in enumerate(getattr(form, key)):
            yield one.say, (key, number, "say")
    for number, draft in enumerate(form.drafts):
        yield draft.title, ("drafts", number, "title")
        yield draft.text, ("drafts", number, "text")


def _texts_of(question: Question, where: Path) -> Iterator[tuple[Texts, Path]]:
    yield question.ask, (*where, "ask")
    yield question.form, (*where, "form")
    if question.help is not None:
        yield question.help, (*where, "help")
    for number, choice in enumerate(question.choices):
        yield choice.say, (*where, "choices", number, "say")
        yield choice.form, (*where, "choices", number, "form")


def _sources(form: PetitionForm) -> Iterator[tuple[str, Path]]:
    yield form.source, ("source",)
    yield form.venue.source, ("venue", "source")
    yield form.clocks.appeal_source, ("clocks", "appeal_source")
    for key in ("interim", "decision", "tell", "appeal", "extension"):
        yield getattr(form.clocks, key).source, ("clocks", key, "source")
    for key in ("checks", "ways", "helpers", "told", "criteria"):
        for number, one in enumerate(getattr(form, key)):
            yield one.source, (key, number, "source")


def _in_all_languages(texts: Texts, languages: tuple[str, ...], where: Path) -> Iterator[Finding]:
    for language in languages:
        if texts.get(language, "").strip() == "":
            yield where, f"is missing in {language}"


def _questions(form: PetitionForm) -> Iterator[Finding]:
    earlier: dict[str, Question] = {}
    for number, section in enumerate(form.sections):
        for place, question in enumerate(section.questions):
            where: Path = ("sections", number, "questions", place)
            if question.question_id in earlier:
                yield (*where, "question_id"), "stands in this file already"
            yield from _question(question, earlier, where)
            earlier[question.question_id] = question


def _question(question: Question, earlier: Mapping[str, Question], where: Path) -> Iterator[Finding]:
    if not 1 <= question.most <= MOST_CHARACTERS:
        yield (*where, "most"), f"must be from 1 to {MOST_CHARACTERS}"
    if (question.kind in _CHOSEN) != bool(question.choices):
        yield (*where, "choices"), "belong to choice and choices, and to nothing else"
    if len({one.choice_id for one in question.choices}) < len(question.choices):
        yield (*where, "choices"), "must have names of their own"
    if question.when is not None:
        yield from _when(question, earlier, (*where, "when"))


def _when(question: Question, earlier: Mapping[str, Question], where: Path) -> Iterator[Finding]:
    assert question.when is not None
    asked = earlier.get(question.when.question)
    if asked is None:
        yield (*where, "question"), "is no earlier question"
        return
    possible = {"yes", "no"} if asked.kind is Kind.YES_NO else {one.choice_id for one in asked.choices}
    if not question.when.answered or not possible.issuperset(question.when.answered):
        yield (*where, "answered"), f"must be among {', '.join(sorted(possible)) or 'nothing: that question has no such answers'}"


def _checks(form: PetitionForm) -> Iterator[Finding]:
    days = {one.question_id for one in form.questions() if one.kind is Kind.DAY}
    ways = {one.way_id for one in form.ways}
    for number, check in enumerate(form.checks):
        where: Path = ("checks", number)
        if check.question not in days:
            yield (*where, "question"), "is no question for a day"
        if (check.rule is Rule.NOT_BEFORE) != (check.other in days):
            yield (*where, "other"), "must be a question for a day where the rule is not_before, and nothing elsewhere"
        within = check.days is not None and 1 <= check.days <= MOST_DAYS
        if (check.rule is Rule.WITHIN_DAYS) != within:
            yield (*where, "days"), f"must be from 1 to {MOST_DAYS} where the rule is within_days, and nothing elsewhere"
        for way in check.ways:
            if way not in ways:
                yield (*where, "ways"), f"names {way}, which is no way of this file"


def _asked(form: PetitionForm) -> Iterator[Finding]:
    named = {one.question_id: one for one in form.questions()}
    question = named.get(form.measures_question)
    choices = {one.choice_id for one in question.choices} if question is not None else set()
    if question is None or question.kind is not Kind.CHOICES or choices != {one.choice_id for one in form.measures}:
        yield ("measures_question",), "must be a question for choices whose choices are those of measures, one each"
    interim = named.get(form.interim_question)
    if interim is None or interim.kind is not Kind.YES_NO:
        yield ("interim_question",), "must be a question for yes or no"
    for number, criterion in enumerate(form.criteria):
        for name in criterion.questions:
            if name not in named:
                yield ("criteria", number, "questions"), f"names {name}, which is no question of this file"


def _told(form: PetitionForm) -> Iterator[Finding]:
    parties = [one.party for one in form.told]
    if len(set(parties)) < len(parties) or not {Party.PETITIONER, Party.RESPONDENT}.issubset(parties):
        yield ("told",), "must name each party once, and both sides"
    for number, one in enumerate(form.told):
        if not one.results or len(set(one.results)) < len(one.results):
            yield ("told", number, "results"), "must name what is told, each once"


def _parties(form: PetitionForm) -> Iterator[Finding]:
    kinds = {one.question_id: one.kind for one in form.questions()}
    for key in ("petitioner", "respondent", "respondent_birth"):
        name = getattr(form.parties, key)
        if name is not None and kinds.get(name) not in {Kind.WORDS, Kind.DAY}:
            yield ("parties", key), "must be a question for a line or a day"


def _court(form: PetitionForm) -> Iterator[Finding]:
    kinds = {one.question_id: one.kind for one in form.questions()}
    for key, name in (("ground", form.venue.ground), ("court", form.venue.court)):
        if kinds.get(name) is not Kind.CHOICE:
            yield ("venue", key), "must be a question for a choice"
    for key in ("interim", "decision", "appeal", "extension"):
        yield from _deadline(getattr(form.clocks, key), ("clocks", key))


def _deadline(deadline: Deadline, where: Path) -> Iterator[Finding]:
    if (deadline.days is None) == (deadline.hours is None):
        yield where, "needs days or hours, one of the two"
    if deadline.days is not None and not 1 <= deadline.days <= MOST_DAYS:
        yield (*where, "days"), f"must be from 1 to {MOST_DAYS}"
    if deadline.hours is not None and not 1 <= deadline.hours <= MOST_HOURS:
        yield (*where, "hours"), f"must be from 1 to {MOST_HOURS}"


def _places(text: str, where: Path) -> Iterator[Finding]:
    try:
        places = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        yield where, "has a bracket { or } without its partner"
        return
    if places - BLANKS:
        yield where, f"has a place for {', '.join(sorted(places - BLANKS))}; known are {', '.join(sorted(BLANKS))}"


def newest(loaded: Mapping[str, PetitionForm], policy_id: str, day: dt.date) -> PetitionForm | None:
    """Return the form of a jurisdiction that may be filed on a day, or the one that opens next; None where it has none."""
    own = sorted((one for one in loaded.values() if one.policy_id == policy_id), key=lambda one: one.valid_from)
    open_now = [one for one in own if one.open_on(day)]
    coming = [one for one in own if one.valid_from > day]
    return next(iter(open_now or coming), None)
