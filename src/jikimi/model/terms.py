"""What a protected person agrees to before she is shown where he is: texts as data, with a version, days of validity and sources."""

from __future__ import annotations

import datetime as dt

import msgspec


class Clause(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing she agrees to, by language tag, and on what it rests."""

    title: dict[str, str]
    text: dict[str, str]
    source: str


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One jurisdiction's terms, from a day (inclusive) to a day (exclusive, or None while nobody knows).

    ``penalty`` is the clause that names what misuse costs by law; where the law's text was not at hand, it says so.
    """

    policy_id: str
    version: str
    valid_from: dt.date
    valid_until: dt.date | None = None
    languages: tuple[str, ...]
    clauses: tuple[Clause, ...]
    penalty: Clause
