"""A form of a petition in more languages: each is a file beside the form, and must say all that she reads and nothing else.

``petitions/kr/vi.toml`` speaks for ``petitions/kr.toml``. What the court reads, headings, criteria and drafts, stays in the form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, TypeAlias

import msgspec

from jikimi.model.petition import Check, Choice, Helping, PetitionForm, Question, Section, Texts, Told, Way
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, read_table

Place: TypeAlias = tuple[str, ...]
Change: TypeAlias = Callable[[Place, Texts], dict[str, str]]
Speaking = Check | Way | Helping | Told
_replaced = msgspec.structs.replace


class Asking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question in another language."""

    ask: str
    help: str | None = None


class Translation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a form says to her in one more language.

    Attributes:
        version: of the form that it was written for; a form that changed needs its translations looked at.
        reviewer: the native reader who read every text, or None.
        choices: by question, by choice.
    """

    form_id: str
    version: str
    language: str
    reviewer: str | None = None
    title: str
    fee: str
    files: str
    sections: dict[str, str]
    questions: dict[str, Asking]
    choices: dict[str, dict[str, str]]
    checks: dict[str, str]
    ways: dict[str, str]
    helpers: dict[str, str]
    told: dict[str, str]


_HEAD = frozenset({"form_id", "version", "language", "reviewer"})


def retold(form: PetitionForm, change: Change) -> PetitionForm:
    """Return a form with each text that she reads put through ``change``, which is given its place and the text in all languages."""
    return _replaced(
        form,
        title=change(("title",), form.title),
        fee=change(("fee",), form.fee),
        files=change(("files",), form.files),
        sections=tuple(_section(one, change) for one in form.sections),
        checks=tuple(_said(one, ("checks", one.check_id), change) for one in form.checks),
        ways=tuple(_said(one, ("ways", one.way_id), change) for one in form.ways),
        helpers=tuple(_said(one, ("helpers", one.kind), change) for one in form.helpers),
        told=tuple(_said(one, ("told", one.party.value), change) for one in form.told),
    )


def _said(one: Any, place: Place, change: Change) -> Any:
    return _replaced(one, say=change(place, one.say))


def _section(section: Section, change: Change) -> Section:
    title = change(("sections", section.section_id), section.title)
    return _replaced(section, title=title, questions=tuple(_question(one, change) for one in section.questions))


def _question(question: Question, change: Change) -> Question:
    place = ("questions", question.question_id)
    help_ = None if question.help is None else change((*place, "help"), question.help)
    choices: tuple[Choice, ...] = tuple(_said(one, ("choices", question.question_id, one.choice_id), change) for one in question.choices)
    return _replaced(question, ask=change((*place, "ask"), question.ask), help=help_, choices=choices)


def in_languages(form: PetitionForm, languages: tuple[str, ...]) -> PetitionForm:
    """Return a form with what she reads in some languages and in the court's; the court's own texts stay."""
    kept = tuple(one for one in form.languages if one in {*languages, form.court_language})
    narrow = retold(form, lambda _, texts: {language: texts[language] for language in kept})
    return _replaced(narrow, languages=kept, reviewers={key: one for key, one in form.reviewers.items() if key in kept})


def places(form: PetitionForm) -> Mapping[Place, Texts]:
    """Return every text that she reads, by its place."""
    found: dict[Place, Texts] = {}

    def keep(place: Place, texts: Texts) -> dict[str, str]:
        found[place] = texts
        return dict(texts)

    retold(form, keep)
    return found


def texts_of(translation: Translation) -> Mapping[Place, str]:
    """Return every text of a translation, by its place."""
    whole = {key: one for key, one in msgspec.to_builtins(translation).items() if key not in _HEAD}
    return dict(_flat(whole, ()))


def _flat(tree: Mapping[str, Any], above: Place) -> Iterator[tuple[Place, str]]:
    for key, one in tree.items():
        if isinstance(one, Mapping):
            yield from _flat(one, (*above, key))
        elif one is not None:
            yield (*above, key), one


def translated(form: PetitionForm, folder: FilePath) -> PetitionForm:
    """Return a form in the languages of a folder, too; as it is where there is no such folder.

    Raises:
        PolicyError: a file cannot be read, lacks a text, or has one that the form does not.
    """
    for path in sorted(folder.glob("*.toml")):
        form = _with(form, _read(path, form))
    return form


def _read(path: FilePath, form: PetitionForm) -> Translation:
    return read_table(path, Translation, _shape, lambda one: _sense(one, form, path.stem))


def _with(form: PetitionForm, translation: Translation) -> PetitionForm:
    texts, language = texts_of(translation), translation.language
    spoken = retold(form, lambda place, known: {**known, language: texts[place]})
    reviewers = {**form.reviewers, language: translation.reviewer}
    return _replaced(spoken, languages=(*form.languages, language), reviewers=reviewers)


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from complaints(raw, Translation)


def _sense(translation: Translation, form: PetitionForm, name: str) -> Iterator[Finding]:
    for key in ("form_id", "version"):
        if getattr(translation, key) != getattr(form, key):
            yield (key,), f"is not the form's, which is {getattr(form, key)}"
    if translation.language != name or name in form.languages:
        yield ("language",), "must be the file's name, and none that the form itself speaks"
    if translation.reviewer is not None and not translation.reviewer.strip():
        yield ("reviewer",), "is a name; leave it out while nobody has read the texts"
    wanted, said = places(form), texts_of(translation)
    yield from (((*place[:-1],), f"lacks {place[-1]}") for place in wanted if place not in said)
    yield from ((_path(place), "is no text of the form") for place in said if place not in wanted)
    for place in said.keys() & wanted.keys():
        yield from _text(said[place], wanted[place], _path(place))


def _text(text: str, known: Texts, where: Path) -> Iterator[Finding]:
    if not text.strip():
        yield where, "is empty"
    elif len(text.split()) > 1 and text in known.values():
        yield where, "is not translated"


def _path(place: Place) -> Path:
    return tuple(place)
