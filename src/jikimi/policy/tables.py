"""Reads a table of data from a TOML file, and refuses it with the line of everything that is wrong."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Any, Protocol, TypeVar

import msgspec

from jikimi.policy.defect import Defect, Finding, PolicyError, dotted
from jikimi.policy.lines import Path, key_lines, line_of

Table = TypeVar("Table")

_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")
_AT_PATH = re.compile(r" - at `\$(.*)`$")
_PARTS = re.compile(r"\[(\d+)\]|\.([A-Za-z0-9_-]+)")


def read_table(
    path: FilePath,
    kind: type[Table],
    shape: Callable[[dict[str, Any]], Iterator[Finding]],
    sense: Callable[[Table], Iterator[Finding]],
) -> Table:
    """Return the table in a file.

    Args:
        path: the TOML file.
        kind: its type.
        shape: yields what keeps the raw file from having that type.
        sense: yields what is wrong with a table of the right form.

    Raises:
        PolicyError: it cannot be read or is wrong anywhere.
    """
    text, raw = _parsed(path)
    findings = list(shape(raw)) or list(sense(msgspec.convert(raw, kind)))
    if findings:
        lines = key_lines(text)
        raise PolicyError(path.name, [Defect(line_of(lines, where), dotted(where), sentence) for where, sentence in findings])
    return msgspec.convert(raw, kind)


class Versioned(Protocol):
    """A table of one policy, valid from a day on."""

    @property
    def policy_id(self) -> str:
        """Whose table."""

    @property
    def version(self) -> str:
        """Which edition."""

    @property
    def valid_from(self) -> dt.date:
        """Its first day."""

    @property
    def valid_until(self) -> dt.date | None:
        """The first day on which it does not count any more, or None."""


Edition = TypeVar("Edition", bound=Versioned)


def editions(directory: FilePath, load: Callable[[FilePath], Edition], day: dt.date | None) -> Mapping[str, Edition]:
    """Return the table of each policy id in a folder that is valid on a day, or, without a day, the newest one.

    Raises:
        PolicyError: a file is wrong, or two versions of a table are valid on the same day.
    """
    loaded = sorted(((path.name, load(path)) for path in directory.glob("*.toml")), key=lambda one: (one[1].policy_id, one[1].valid_from))
    for (_, before), (name, after) in pairwise(loaded):
        if before.policy_id == after.policy_id and (before.valid_until is None or before.valid_until > after.valid_from):
            sentence = f"starts on {after.valid_from}, while version {before.version} is still valid"
            raise PolicyError(name, [Defect(1, "valid_from", sentence)])
    return {table.policy_id: table for _, table in loaded if day is None or _valid(table, day)}


def _valid(table: Versioned, day: dt.date) -> bool:
    return table.valid_from <= day and (table.valid_until is None or day < table.valid_until)


def _parsed(path: FilePath) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
        return text, tomllib.loads(text)
    except OSError as error:
        raise PolicyError(path.name, [Defect(1, "", f"The file cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError:
        raise PolicyError(path.name, [Defect(1, "", "The file cannot be read: the text is not UTF-8.")]) from None
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        reason = _AT_LINE.sub("", str(error))
        raise PolicyError(path.name, [Defect(int(found[1]) if found else 1, "", f"This is not TOML: {reason}.")]) from None


def complaints(value: object, kind: Any, where: Path = ()) -> Iterator[Finding]:
    """Yield what keeps a value from being of a type: one finding, for msgspec stops at its first."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        at = _AT_PATH.search(str(error))
        inner = tuple(int(number) if number else name for number, name in _PARTS.findall(at[1])) if at else ()
        yield (*where, *inner), _AT_PATH.sub("", str(error))


def each(raw: dict[str, Any], key: str, kind: type) -> Iterator[Finding]:
    """Yield what is wrong with each element of a list by itself, so that one does not hide the others."""
    many = raw.get(key)
    for number, one in enumerate(many if isinstance(many, list) else []):
        yield from complaints(one, kind, (key, number))
