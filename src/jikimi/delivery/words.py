"""Texts of notices as data: what is said to whom, in every language of the policy, with its places for values."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

import msgspec

HIS_PLACES: Final = frozenset({"name", "phone", "time", "day", "number"})
"""What a text to the monitored person may be filled with. None of it is about the protected person, nor about any distance."""


HER_LANGUAGES: Final = ("ko", "en", "zh-Hans", "vi", "th", "ja", "ru", "es", "fr", "ar")
"""What is said to her is said in each of these; to others in the book's languages."""
LANGUAGE: Final = "language"
"""Beside the addresses at which she is reached stands the language in which, as if it were a channel."""
PROTECTED: Final = "protected"


class Words(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One text. ``to``: who reads it: ``protected``, ``monitored``, ``staff`` or ``responder``. ``title``, ``text`` by language tag."""

    to: str
    title: dict[str, str]
    text: dict[str, str]


class Book(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All texts of a version, how a drill is marked, and the words that texts are filled with, in each language."""

    version: str
    languages: tuple[str, ...]
    drill: dict[str, str]
    words: dict[str, Words]
    terms: dict[str, dict[str, str]] = {}


class BadBookError(Exception):
    """A text lacks a language, or has a place that its reader must not have filled."""


def read_book(text: bytes | None = None) -> Book:
    """Return the texts in a TOML file, or our own.

    Raises:
        BadBookError: it must not be used; the sentence says why.
        msgspec.ValidationError: it has another form.
    """
    if text is None:
        text = resources.files(__package__).joinpath("words.toml").read_bytes()
    book = msgspec.toml.decode(text, type=Book)
    hers = any(words.to == PROTECTED for words in book.words.values())
    _check("drill", [book.drill], HER_LANGUAGES if hers else book.languages)
    for name, term in book.terms.items():
        _check(name, [term], book.languages)
    for name, words in book.words.items():
        _check(name, [words.title, words.text], HER_LANGUAGES if words.to == PROTECTED else book.languages)
        if words.to == "monitored" and not _places(words) <= HIS_PLACES:
            raise BadBookError(f"The text {name} has a place that a text to the monitored person must not have.")
    return book


def said(book: Book, name: str, language: str, values: Mapping[str, str], *, is_drill: bool = False) -> tuple[str, str]:
    """Return title and text in a language, or in the book's first where it has none of that one. A drill is marked in both."""
    words = book.words[name]
    language = spoken_in(book, name, language)
    title, text = (one[language].format_map(values) for one in (words.title, words.text))
    return (f"{book.drill[language]} {title}", f"{book.drill[language]} {text}") if is_drill else (title, text)


def spoken_in(book: Book, name: str, language: str) -> str:
    """Return the language in which a text is said to somebody who reads this one: the book's first where it has none of that."""
    return language if language in book.words[name].text else book.languages[0]


def spoken(book: Book, word: str, language: str) -> str:
    """Return what an argument of a notice reads as: a word in the language where the book has one, else as it is (a number)."""
    term = book.terms.get(word)
    return word if term is None else term[language if language in book.languages else book.languages[0]]


def _check(name: str, texts: Iterable[Mapping[str, str]], languages: Iterable[str]) -> None:
    for one in texts:
        missing = [language for language in languages if not one.get(language)]
        if missing:
            raise BadBookError(f"The text {name} is missing in {', '.join(missing)}.")


def _places(words: Words) -> set[str]:
    texts = [*words.title.values(), *words.text.values()]
    return {place for text in texts for _, place, _, _ in string.Formatter().parse(text) if place is not None}
