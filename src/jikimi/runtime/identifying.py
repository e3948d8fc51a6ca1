"""Who a monitored person is, read from a small JSON file or from standard input.

Never from the words of a command: those stand in the shell's history and in the list of processes. No sentence repeats what was written.
"""

from __future__ import annotations

import datetime as dt
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from jikimi.orders.matching import MOST_LETTERS, MOST_NAMES, Identifiers, plain_name, plain_number, plain_phone
from jikimi.runtime.commands import fail

STANDARD_INPUT: Final = Path("-")
MOST_BYTES: Final = 16_384
EARLIEST: Final = dt.date(1900, 1, 1)
_LEAST: Final = 5
"""A number with fewer letters and digits would be a stranger's, too."""
_NUMBER: Final = (
    f"is a text of {_LEAST} to {MOST_LETTERS} letters, digits, spaces, dots, slashes and dashes, whole: nothing masked, no filler."
)
_SENTENCES: Final[Mapping[str, str]] = {
    "name": f"is a name of at most {MOST_LETTERS} letters, or a list of 1 to {MOST_NAMES} such names.",
    "born": "is a day such as 2000-12-31, not before 1900 and not after today.",
    "national_id": _NUMBER,
    "passport": _NUMBER,
    "phone": f"is a text with at least {_LEAST} digits and at most {MOST_LETTERS} letters.",
    "country_code": "is a text of one to three digits, such as 82.",
}


def identifiers(file: Path) -> Identifiers:
    """Read what identifies one person; whatever is wrong ends with a sentence for each field."""
    told = _object(_read(file))
    if told.keys() - _SENTENCES.keys():
        raise fail(f"The file with identifiers has a field that is none of {', '.join(_SENTENCES)}.")
    wrong = [field for field, value in told.items() if not _RIGHT[field](value)]
    if wrong:
        raise fail("\n".join(f"The field {field} {_SENTENCES[field]}" for field in _SENTENCES if field in wrong))
    if ("name" in told) != ("born" in told):
        raise fail("The fields name and born belong together: a name is compared with its day of birth, and neither alone.")
    if not told.keys() - {"country_code"}:
        raise fail("The file with identifiers says nothing by which a person could be known.")
    return _taken(told)


def _read(file: Path) -> bytes:
    try:
        if file == STANDARD_INPUT:
            content = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise fail(f"The file with identifiers cannot be read: {error.strerror}.") from None
    if len(content) > MOST_BYTES:
        raise fail(f"The file with identifiers has at most {MOST_BYTES:,} bytes.")
    return content


def _object(content: bytes) -> dict[str, object]:
    """Return the fields that say something: null is unknown."""
    try:
        told = msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=dict[str, object])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        # The library's own words may repeat what stands in the file.
        raise fail("The file with identifiers is no JSON object in UTF-8 (docs/register.md shows one).") from None
    return {field: value for field, value in told.items() if value is not None}


def _taken(told: Mapping[str, object]) -> Identifiers:
    """Return fields that were found right."""
    fields = {field: value for field, value in told.items() if field not in {"name", "born"}}
    if "name" in told:
        fields |= {"names": [told["name"]] if isinstance(told["name"], str) else told["name"], "birth_date": told["born"]}
    return msgspec.convert(fields, Identifiers)


def _text(value: object) -> str:
    """Return a text that is not too long; empty for anything else."""
    return value if isinstance(value, str) and len(value) <= MOST_LETTERS else ""


def _is_number(value: object) -> bool:
    written = unicodedata.normalize("NFKC", _text(value)).strip()
    plain = plain_number(written)
    whole = all(letter.isalnum() or letter in " -./" for letter in written)
    return whole and len(plain) >= _LEAST and len(set(plain)) > 1 and any(letter.isdigit() for letter in plain)


def _is_phone(value: object) -> bool:
    return len(plain_phone(_text(value), "")) >= _LEAST


def _is_name(value: object) -> bool:
    names = value if isinstance(value, list) else [value]
    return 1 <= len(names) <= MOST_NAMES and all(plain_name(_text(name)) for name in names)


def _is_day(value: object) -> bool:
    written = _text(value)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", written, re.ASCII) is None:
        return False
    try:
        day = dt.date.fromisoformat(written)
    except ValueError:
        return False
    # Where the day begins first, today is one day ahead of UTC.
    return EARLIEST <= day <= dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)


def _is_country(value: object) -> bool:
    return re.fullmatch(r"[0-9]{1,3}", _text(value), re.ASCII) is not None


_RIGHT: Final[Mapping[str, Callable[[object], bool]]] = {
    "name": _is_name,
    "born": _is_day,
    "national_id": _is_number,
    "passport": _is_number,
    "phone": _is_phone,
    "country_code": _is_country,
}
