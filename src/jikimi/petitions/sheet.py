"""Print a paper of a petition as PDF/A-3a: text that lasts and can be read aloud, with bookmarks and the data inside.

PDF/A-3 (ISO 19005-3) lets a file carry its own source: whoever opens the sheet finds the same paper as JSON in it. Level ``a`` asks
for tags, so a screen reader reads it in order. Her words reach the typesetter as data, never as markup.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from jikimi.petitions.document import Document, data
from jikimi.petitions.glyphs import FONTS, INSTEAD, printable

_SHEET: Final = str(Path(__file__).parent / "sheet.typ")
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ko": {
        "exhibits": "첨부 자료",
        "signature": "청구인 (서명 또는 날인)",
        "sealed": "법원만 보는 별지입니다. 상대방에게 송달하지 마십시오.",
        "data": "이 서면의 데이터 (JSON)",
        "day": "{day.year}년 {day.month}월 {day.day}일",
        "replaced": f"인쇄할 수 없는 글자는 {INSTEAD}로 표시하였습니다. 첨부된 데이터에는 그대로 있습니다.",
    },
    "en": {
        "exhibits": "Exhibits",
        "signature": "Petitioner (signature)",
        "sealed": "For the court alone. Do not serve this sheet on the respondent.",
        "data": "The data of this paper (JSON)",
        "day": "{day.day} {day:%B %Y}",
        "replaced": f"Characters that cannot be printed are shown as {INSTEAD}; the data attached hold them as they were written.",
    },
}
"""What stands on the sheet beside the form's own words, by language."""


def printed(document: Document) -> bytes:
    """Return a paper as PDF/A-3a. Equal papers give equal bytes.

    Raises:
        FontsMissingError: there is no font with Hangul.
    """
    written = msgspec.to_builtins(document)
    shown = _shown(written)
    words, day = WORDS[document.language], document.day
    say = {**words, "day": words["day"].format(day=day), "replaced": words["replaced"] if shown != written else None}
    made = typst.compile(
        _SHEET,
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={
            "attached": data(document).decode(),
            "data": msgspec.json.encode(shown).decode(),
            "words": msgspec.json.encode(say).decode(),
            "year": str(day.year),
            "month": str(day.month),
            "day": str(day.day),
        },
        pdf_standards=["a-3a"],
        timestamp=dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC),
    )
    assert isinstance(made, bytes)
    return made


def _shown(value: Any) -> Any:
    """Return plain values with every text in them as it can be printed."""
    if isinstance(value, dict):
        return {name: _shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_shown, value))
    return printable(value) if isinstance(value, str) else value
