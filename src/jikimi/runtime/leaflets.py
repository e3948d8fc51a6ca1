"""The command that makes leaflets, posters and courses."""

from __future__ import annotations

from pathlib import Path

from jikimi.learning.leaflet import Kind, Sheet, TextsMissingError, as_html, as_pdf, sheet_of
from jikimi.petitions.glyphs import FontsMissingError
from jikimi.runtime.commands import fail, say


def make(to: Path, language: str, number: str) -> None:
    """Write each kind as HTML and, where it can be printed, as PDF into a folder; say what was written."""
    try:
        sheets = [sheet_of(kind, language, number) for kind in Kind]
    except TextsMissingError as error:
        raise fail(str(error)) from error
    to.mkdir(parents=True, exist_ok=True)
    for sheet in sheets:
        page = to / f"{sheet.kind}-{language}.html"
        page.write_text(as_html(sheet), encoding="utf-8")
        say(str(page))
        say(_printed(sheet, page))


def _printed(sheet: Sheet, page: Path) -> str:
    """Write the PDF beside a page; return its name, or one sentence that says why there is none."""
    try:
        made = as_pdf(sheet)
    except FontsMissingError as error:
        return str(error)
    if made is None:
        return f"The fonts at hand lack letters of {sheet.language}: print {page.name} from a browser."
    printed = page.with_suffix(".pdf")
    printed.write_bytes(made)
    return str(printed)
