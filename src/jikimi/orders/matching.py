"""Are two records one man? Found by keyed hashes of what identifies him, so that no list of names is kept for it.

Two offices enter two records: one tags him under one law, another receives an order against him under another. Each identifier
is brought to one form (Hangul and Latin, spaces, dashes, country codes), and of it only HMAC-SHA256 marks are kept, under a key of
its own for this purpose. Equal marks mean equal identifiers. For *near* matches further marks are made of forgiving forms: an
identifier with one character left out (two that differ by one slip share such a form), and a name as it sounds. A near match is
never believed; somebody looks at it.

Whoever holds the key can try identifiers one by one, for there are few of them: the key is as secret as the list would be.
"""

from __future__ import annotations

import datetime as dt
import enum
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from jikimi.orders.sound import sounds


class Identifiers(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies a person, as written. Lives while an order is entered and is never stored; None is unknown.

    ``country_code`` is what a telephone number without one belongs to (82).
    """

    national_id: str | None = None
    passport: str | None = None
    phone: str | None = None
    names: tuple[str, ...] = ()
    birth_date: dt.date | None = None
    country_code: str = "82"


class Strength(enum.StrEnum):
    """How sure a match is, the surest first."""

    CERTAIN = "certain"
    """The same record, number or passport."""
    LIKELY = "likely"
    """The same name and day of birth: two persons may share them."""
    NEAR = "near"
    """One slip away, alike in sound, or the same telephone. Somebody must look."""


class Mark(msgspec.Struct, frozen=True, order=True):
    """A keyed hash of one form of one identifier. ``exact`` is False for a forgiving form."""

    kind: str
    exact: bool
    digest: bytes


class Match(NamedTuple):
    """Two sets of marks that agree: how surely, and by which kinds of identifier."""

    strength: Strength
    kinds: tuple[str, ...]


MOST_LETTERS: Final = 80
MOST_NAMES: Final = 10


def identifier_refusals(who: Identifiers) -> list[str]:
    """Return a sentence where an identifier is none; empty when all may be marked."""
    texts = [text for text in (who.national_id, who.passport, who.phone, *who.names) if text is not None]
    if any(len(text) > MOST_LETTERS for text in texts) or len(who.names) > MOST_NAMES:
        return [f"An identifier has at most {MOST_LETTERS} letters, and a person at most {MOST_NAMES} names."]
    if re.fullmatch(r"[0-9]{1,3}", who.country_code) is None:
        return ["A country code is one to three digits, such as 82."]
    return []


_SURE: Final = frozenset({"national_id", "passport"})
_LEAST: Final = 5
"""A shorter identifier with a character left out would agree with strangers'."""
_MARK_BYTES: Final = 16


def marks_of(identifiers: Identifiers, key: bytes) -> frozenset[Mark]:
    """Return every mark of a person.

    Args:
        identifiers: as they were written on the order.
        key: 32 bytes for this purpose alone (``storage.keys.subkey(master, "matching")``); the same in every office that compares.
    """
    return frozenset(
        Mark(kind, exact, _digest(key, kind, form, exact=exact)) for kind, exact, form in set(_forms(identifiers)) if form != ""
    )


def match(one: Iterable[Mark], other: Iterable[Mark]) -> Match | None:
    """Return how two persons' marks agree, or None where nothing does."""
    shared = set(one) & set(other)
    if not shared:
        return None
    kinds = tuple(sorted({mark.kind for mark in shared}))
    exact = {mark.kind for mark in shared if mark.exact}
    if exact & _SURE:
        return Match(Strength.CERTAIN, kinds)
    return Match(Strength.LIKELY if "name_birth" in exact else Strength.NEAR, kinds)


def _forms(who: Identifiers) -> Iterator[tuple[str, bool, str]]:
    for kind, text in (("national_id", who.national_id), ("passport", who.passport)):
        if text is not None:
            number = plain_number(text)
            yield kind, True, number
            yield from ((kind, False, slip) for slip in _slips(number))
    if who.phone is not None:
        yield "phone", True, plain_phone(who.phone, who.country_code)
    if who.birth_date is not None:
        yield from _name_forms(who.names, who.birth_date)


def _name_forms(names: Iterable[str], birth: dt.date) -> Iterator[tuple[str, bool, str]]:
    for name in names:
        plain = plain_name(name)
        if plain == "":
            continue
        yield "name_birth", True, f"{plain} {birth.isoformat()}"
        for sound in sounds(name):
            yield "name_birth", False, f"{sound} {birth.isoformat()}"
        # A day and a month in the other sequence, or one digit mistyped: the name must then be the same.
        for slip in _slips(birth.strftime("%Y%m%d")) | {birth.strftime("%Y%d%m")}:
            yield "name_birth", False, f"{plain} {slip}"


def plain_number(text: str) -> str:
    """Return letters and digits only, small, full-width ones as usual ones."""
    return "".join(character for character in unicodedata.normalize("NFKC", text).casefold() if character.isalnum())


def plain_phone(text: str, country_code: str) -> str:
    """Return a telephone number as digits with its country code, however it was written; empty where there is no digit."""
    written = unicodedata.normalize("NFKC", text).strip()
    digits = re.sub(r"\D", "", written)
    if written.startswith("+"):
        international = digits
    elif digits.startswith("00"):
        international = digits[2:]
    else:
        return country_code + digits.removeprefix("0") if digits != "" else ""
    # "+82 (0)10 …": the trunk zero is written by mistake.
    return (
        country_code + international.removeprefix(country_code).removeprefix("0")
        if international.startswith(country_code)
        else international
    )


def plain_name(text: str) -> str:
    """Return a name without spaces, marks, accents and capitals, its letters composed (NFC)."""
    parted = unicodedata.normalize("NFKD", text)
    kept = "".join(character for character in parted if unicodedata.category(character)[0] == "L")
    return unicodedata.normalize("NFC", kept).casefold()


def _slips(text: str) -> set[str]:
    """Return the text, and it with each one character left out. Two texts that differ by one slip have one of these in common."""
    if len(text) < _LEAST:
        return set()
    return {text} | {text[:place] + text[place + 1 :] for place in range(len(text))}


def _digest(key: bytes, kind: str, form: str, *, exact: bool) -> bytes:
    domain = f"jikimi mark 1 {kind} {'exact' if exact else 'near'} ".encode()
    return hmac.digest(key, domain + form.encode(), "sha256")[:_MARK_BYTES]
