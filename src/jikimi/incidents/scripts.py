"""What an operator checks, says and sends, by kind of incident. Words to the monitored person are the same wherever she is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

from jikimi.incidents.incident import Kind

FILE: Final = Path(__file__).with_name("scripts.toml")
LANGUAGES: Final = ("ko", "en")

_TELLS: Final = re.compile(
    r"[0-9{}%]|north|south|east|west|left|right|toward|away|near|close|distance|metre|meter|behind|ahead|\b(?:she|her|victim|home|work|school|shelter)\b"
    r"|[동서남북]쪽|왼쪽|오른쪽|방향|근처|가까|거리|미터|접근|멀어|앞쪽|뒤쪽|피해자|그녀|학교|직장|쉼터",
    re.IGNORECASE,
)
"""What could tell where she is: numbers and places for values, directions, distances, places, and any word for her."""


class ScriptError(ValueError):
    """The scripts cannot be used. The text says which one and why."""


class Script(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do about one kind, by language tag. ``him`` is read to the monitored person word for word."""

    check: dict[str, list[str]]
    say: dict[str, list[str]]
    him: dict[str, list[str]]
    send: dict[str, list[str]]


class Scripts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One version of all scripts."""

    version: str
    source: str
    scripts: dict[Kind, Script]


def read(text: str) -> Scripts:
    """Return the scripts in a TOML text.

    Raises:
        ScriptError: it is not of this form, a kind or language is missing, or words to him could tell where she is.
    """
    try:
        found = msgspec.convert(tomllib.loads(text), Scripts)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ScriptError(f"The scripts cannot be read: {error}.") from None
    for kind in Kind:
        if kind not in found.scripts:
            raise ScriptError(f"The scripts have none for {kind}.")
        _check(kind, found.scripts[kind])
    return found


@cache
def scripts() -> Scripts:
    """Return the scripts that come with Jikimi."""
    return read(FILE.read_text(encoding="utf-8"))


def words_to_him(kind: Kind, language: str, standing: Collection[Kind] = ()) -> tuple[str, ...]:
    """Return what is read to the monitored person. It depends on the kind and the language; while she calls silently it is nothing.

    He may stand beside her: whatever reached him in that moment would tell him that she called.
    """
    return () if Kind.SILENT_SOS in standing else tuple(scripts().scripts[kind].him[language])


def _check(kind: Kind, script: Script) -> None:
    for part in ("check", "say", "him", "send"):
        texts: dict[str, list[str]] = getattr(script, part)
        for language in LANGUAGES:
            lines = texts.get(language, [])
            may_be_empty = part == "him" and kind is Kind.SILENT_SOS and language in texts
            if not all(line.strip() for line in lines) or not (lines or may_be_empty):
                raise ScriptError(f"The script for {kind} has nothing under {part} in {language}.")
    if kind is Kind.SILENT_SOS and any(script.him.values()):
        raise ScriptError(
            "The script for silent_sos has words to the monitored person: that he hears anything would tell him that she called."
        )
    for lines in script.him.values():
        for line in lines:
            if _TELLS.search(line) is not None:
                raise ScriptError(f"The script for {kind} has words to the monitored person that could tell where she is.")
