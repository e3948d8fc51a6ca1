"""Who is called what, from when until when: offices, titles, words and the texts of tasks. Names change by law; code does not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec


class Naming(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A name by language tag, from a day (inclusive) to a day (exclusive, or None while nobody knows)."""

    valid_from: dt.date
    valid_until: dt.date | None = None
    name: dict[str, str]
    source: str


class Agency(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One office, or one post in it, under all names it has had."""

    agency_id: str
    names: tuple[Naming, ...]


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text with places for values: ``{day}``, ``{time}`` and ``{about}``. Several of one name follow each other in time."""

    template_id: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    title: dict[str, str]
    text: dict[str, str]


class Agencies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's names and texts. ``words`` says how measures, steps and the like are called, by language tag."""

    policy_id: str
    version: str
    languages: tuple[str, ...]
    agencies: tuple[Agency, ...]
    words: dict[str, dict[str, str]]
    templates: tuple[Template, ...]


def name_on(agencies: Agencies, agency_id: str, day: dt.date, language: str) -> str | None:
    """Return what an office is called on a day, or None where it has no name then."""
    names = (one for agency in agencies.agencies if agency.agency_id == agency_id for one in agency.names)
    found = _valid(names, day)
    return found.name[language] if isinstance(found, Naming) else None


def template_on(agencies: Agencies, template_id: str, day: dt.date) -> Template | None:
    """Return the text of this name that is used on a day, or None."""
    found = _valid((one for one in agencies.templates if one.template_id == template_id), day)
    return found if isinstance(found, Template) else None


def _valid(many: Iterable[Naming | Template], day: dt.date) -> Naming | Template | None:
    return next((one for one in many if one.valid_from <= day and (one.valid_until is None or day < one.valid_until)), None)
