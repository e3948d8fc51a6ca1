"""Read the tables of names and texts. A table with a missing language, or two names at one time, is refused with line and reason."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, Final

from jikimi.model.agencies import Agencies, Agency, Naming, Template
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, each, read_table

TABLES: Final = FilePath(__file__).parent / "agencies"
VALUES: Final = frozenset({"day", "time", "about"})
"""What a text may have places for."""


def load(path: FilePath) -> Agencies:
    """Return the table in the TOML file ``path``.

    Raises:
        PolicyError: it cannot be read or is wrong anywhere.
    """
    return read_table(path, Agencies, _shape, _sense)


def tables(directory: FilePath = TABLES) -> Mapping[str, Agencies]:
    """Return every table in a folder, those that come with Jikimi if none is named, by policy id.

    Raises:
        PolicyError: a file is wrong.
    """
    loaded = [load(path) for path in sorted(directory.glob("*.toml"))]
    return {table.policy_id: table for table in loaded}


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from each(raw, "agencies", Agency)
    yield from each(raw, "templates", Template)
    lists: dict[str, Any] = {key: [] for key in ("agencies", "templates") if isinstance(raw.get(key), list)}
    yield from complaints({**raw, **lists}, Agencies)


def _sense(table: Agencies) -> Iterator[Finding]:
    for number, agency in enumerate(table.agencies):
        where: Path = ("agencies", number)
        if agency.agency_id in {one.agency_id for one in table.agencies[:number]}:
            yield (*where, "agency_id"), "stands in this file already"
        for place, naming in enumerate(agency.names):
            yield from _in_all_languages(naming.name, table.languages, (*where, "names", place, "name"))
            yield from _overlaps(naming, agency.names[:place], (*where, "names", place))
            if not naming.source.strip():
                yield (*where, "names", place, "source"), "must say where the name and its day come from"
    for word, names in table.words.items():
        yield from _in_all_languages(names, table.languages, ("words", word))
    for number, template in enumerate(table.templates):
        yield from _template(template, table, number)


def _template(template: Template, table: Agencies, number: int) -> Iterator[Finding]:
    where: Path = ("templates", number)
    earlier = [one for one in table.templates[:number] if one.template_id == template.template_id]
    yield from _overlaps(template, earlier, where)
    for key, texts in (("title", template.title), ("text", template.text)):
        yield from _in_all_languages(texts, table.languages, (*where, key))
        for language, text in texts.items():
            yield from _places(text, (*where, key, language))


def _places(text: str, where: Path) -> Iterator[Finding]:
    try:
        places = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        yield where, "has a bracket { or } without its partner"
        return
    if places - VALUES:
        yield where, f"has a place for {', '.join(sorted(places - VALUES))}; known are {', '.join(sorted(VALUES))}"


def _in_all_languages(texts: Mapping[str, str], languages: Iterable[str], where: Path) -> Iterator[Finding]:
    for language in languages:
        if texts.get(language, "").strip() == "":
            yield where, f"is missing in {language}"


def _overlaps(one: Naming | Template, others: Iterable[Naming | Template], where: Path) -> Iterator[Finding]:
    if one.valid_until is not None and one.valid_until <= one.valid_from:
        yield (*where, "valid_until"), "is not after valid_from"
    if any(_until(other) > one.valid_from and _until(one) > other.valid_from for other in others):
        yield (*where, "valid_from"), "lies in the time of another of this name"


def _until(one: Naming | Template) -> dt.date:
    return one.valid_until if one.valid_until is not None else dt.date.max
