"""What officers are told before they go near, as versioned data. What is shown follows from what stands."""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from jikimi.incidents.incident import Kind, Where
from jikimi.incidents.scripts import LANGUAGES, ScriptError

FILE: Final = Path(__file__).with_name("approach.toml")


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One note. ``when``: while one of these stands (none: always); ``where``: who goes there; ``unseen``: while a side is not seen."""

    key: str
    when: tuple[Kind, ...] = ()
    where: tuple[Where, ...]
    unseen: bool = False
    text: dict[str, str]


class Notes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of all notes."""

    version: str
    source: str
    notes: tuple[Note, ...]


def read(text: str) -> Notes:
    """Return the notes in a TOML text.

    Raises:
        ScriptError: it is not of this form, a language is missing, two have one key, or somebody would be told nothing.
    """
    try:
        found = msgspec.convert(tomllib.loads(text), Notes)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScriptError(f"The notes on the approach cannot be read: {error}.") from None
    for note in found.notes:
        if not all(note.text.get(language, "").strip() for language in LANGUAGES):
            raise ScriptError(f"The note {note.key} on the approach is missing in a language.")
    if len({note.key for note in found.notes}) < len(found.notes):
        raise ScriptError("Two notes on the approach have one key.")
    for where in Where:
        if not any(not note.when and not note.unseen and where in note.where for note in found.notes):
            raise ScriptError(f"Who goes to the {where} person would be told nothing on the approach.")
    return found


@cache
def notes() -> Notes:
    """Return the notes that come with Jikimi."""
    return read(FILE.read_text(encoding="utf-8"))


def shown(where: Where, standing: Collection[Kind], *, is_unseen: bool) -> list[str]:
    """Return the keys of what an officer is told now, in order."""
    return [
        note.key
        for note in notes().notes
        if where in note.where and (not note.when or set(note.when) & set(standing)) and (is_unseen or not note.unseen)
    ]
