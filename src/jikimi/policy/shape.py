"""Does a parsed file have the keys, types and ranges of ``jikimi.model.policy``? Finds every defect, not the first.

msgspec converts the file in the end, but it stops at the first mismatch; a lawyer who mends one line at a time loses
heart. This walk uses msgspec's own description of the types, so that it cannot drift from them.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterator

import msgspec.inspect as mi

from jikimi.policy.bounds import NUMBERS, TEXTS, UNBOUNDED
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path

_Field = tuple[str, str]


def shape_findings(value: object, kind: mi.StructType, path: Path = ()) -> Iterator[Finding]:
    """Yield what is wrong with the keys, types and ranges below ``path``."""
    if not isinstance(value, dict):
        yield path, "must be a table"
        return
    known = {field.name: field for field in kind.fields}
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            yield (*path, key), f"is not known here; {hint}"
    for name, field in known.items():
        if name in value:
            yield from _value_findings(value[name], field.type, (*path, name), (kind.cls.__name__, name))
        elif field.required:
            yield (*path, name), "is missing"


def _value_findings(value: object, kind: mi.Type, path: Path, field: _Field) -> Iterator[Finding]:
    match kind:
        case mi.StructType():
            yield from shape_findings(value, kind, path)
        case mi.VarTupleType():
            yield from _list_findings(value, kind, path, field)
        case mi.UnionType():  # always "X or None", and a file leaves None out
            something = next(one for one in kind.types if not isinstance(one, mi.NoneType))
            yield from _value_findings(value, something, path, field)
        case mi.FloatType():
            yield from _number_findings(value, path, field)
        case mi.BoolType() | mi.DateType():
            yield from _bare_findings(value, kind, path)
        case mi.EnumType():
            words = [member.value for member in kind.cls]
            if value not in words:
                yield path, f"must be one of {', '.join(words)}"
        case _:
            yield from _text_findings(value, path, field)


def _bare_findings(value: object, kind: mi.BoolType | mi.DateType, path: Path) -> Iterator[Finding]:
    if isinstance(kind, mi.BoolType) and not isinstance(value, bool):
        yield path, "must be true or false, without quotes"
    elif isinstance(kind, mi.DateType) and (not isinstance(value, dt.date) or isinstance(value, dt.datetime)):
        yield path, "must be a date without quotes, such as 2026-06-01"


def _list_findings(value: object, kind: mi.VarTupleType, path: Path, field: _Field) -> Iterator[Finding]:
    if not isinstance(value, list) or not value:
        yield path, "must be a list with at least one entry"
        return
    for place, item in enumerate(value):
        yield from _value_findings(item, kind.item_type, (*path, place), field)


def _number_findings(value: object, path: Path, field: _Field) -> Iterator[Finding]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield path, "must be a number"
        return
    if value == math.inf and field in UNBOUNDED:
        return
    least, most, unit = NUMBERS[field]
    if not least <= value <= most:  # a NaN is within no bounds
        yield path, f"is {value} {unit}; it must be from {least:g} to {most:g} {unit}"


def _text_findings(value: object, path: Path, field: _Field) -> Iterator[Finding]:
    if not isinstance(value, str):
        yield path, "must be text in quotes"
        return
    text = TEXTS[field]
    if text.pattern.fullmatch(value) is None:
        yield path, text.wanted
