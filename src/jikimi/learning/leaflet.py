"""A leaflet, a poster and a ten-minute course in her language, from the texts of her app: what is taught is what the screen says.

The texts are written beside this file by the build of the pages (``web/texts.mjs``). A page of HTML always works; a PDF is made where the
fonts at hand hold every letter.
"""

from __future__ import annotations

import enum
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from jikimi.petitions.glyphs import FONTS, printable

TEXTS: Final = Path(__file__).parent / "texts"
_SHEET: Final = str(Path(__file__).parent / "leaflet.typ")
RIGHT_TO_LEFT: Final = frozenset({"ar"})
CAN: Final = ("first_can_warn", "first_can_sos", "first_can_say")
CANNOT: Final = ("first_cannot_stop", "first_cannot_see", "first_cannot_off")
FACES: Final = ("danger", "warning", "watch", "clear", "blind", "handset", "lost")
"""What the screen may say, worst first; each has a sentence and what to do."""
NEED: Final = ("leaflet_sos", "leaflet_silent", "leaflet_exit")
PHONES: Final = (
    "report_why", "first_sound_why",
    "first_android_place", "first_android_notices", "first_iphone_place", "first_iphone_notices",
)  # fmt: skip
PRACTISE: Final = ("drill_why", "first_helper")
QUESTIONS: Final = (
    ("check_near", "her_do_danger"),
    ("check_blind", "check_blind_right"),
    ("check_lost", "check_lost_right"),
)


class Kind(enum.StrEnum):
    """What is made."""

    LEAFLET = "leaflet"
    POSTER = "poster"
    COURSE = "course"


class TextsMissingError(LookupError):
    """The texts were not built, or there are none in this language."""


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A heading with what stands under it: single lines, or a line in bold with another below."""

    heading: str
    lines: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is read, in order. ``awaited``: the sentence that no native reader has reviewed it, or None once one has."""

    language: str
    kind: Kind
    title: str
    parts: tuple[Part, ...]
    number: str
    awaited: str | None

    @property
    def direction(self) -> str:
        """Which way it is read, as HTML calls it."""
        return "rtl" if self.language in RIGHT_TO_LEFT else "ltr"


def languages() -> list[str]:
    """Return the languages that texts were built in."""
    return sorted(path.stem for path in TEXTS.glob("*.json"))


def sheet_of(kind: Kind, language: str, number: str) -> Sheet:
    """Return a sheet.

    Args:
        kind: leaflet, poster or course.
        language: its tag, one of ``languages()``.
        number: the emergency number.

    Raises:
        TextsMissingError: there are no texts in it; the sentence says what to do.
    """
    texts = _read(language)

    def say(key: str) -> str:
        return (texts[key] or "").replace("{number}", number)

    def told(heading: str, *keys: str) -> Part:
        return Part(heading=say(heading), lines=tuple(map(say, keys)))

    screen = Part(heading=say("leaflet_screen"), pairs=tuple((say(f"her_{face}"), say(f"her_do_{face}")) for face in FACES))
    can, cannot, need = told("first_can", *CAN), told("first_cannot", *CANNOT), told("leaflet_need", *NEED)
    asked = tuple((say(ask), say("leaflet_answer").replace("{answer}", say(right))) for ask, right in QUESTIONS)
    learn = (told("leaflet_phone", *PHONES), told("leaflet_practise", *PRACTISE), Part(heading=say("check_title"), pairs=asked))
    parts: dict[Kind, Sequence[Part]] = {
        Kind.LEAFLET: (can, cannot, need, screen),
        Kind.POSTER: (can, told("first_cannot", CANNOT[0])),
        Kind.COURSE: (told("leaflet_about", "leaflet_who"), can, cannot, need, screen, *learn),
    }
    title = say("leaflet_course" if kind is Kind.COURSE else "leaflet_title")
    awaited = None if texts.get("$reviewer", "") is not None else say("language_unreviewed")
    return Sheet(language=language, kind=kind, title=title, parts=tuple(parts[kind]), number=number, awaited=awaited)


def _read(language: str) -> Mapping[str, str | None]:
    if language not in languages():
        known = ", ".join(languages())
        raise TextsMissingError(
            f"There are no texts in {language!r}; there are {known}." if known else "The texts are missing; build the pages (make setup)."
        )
    return msgspec.json.decode((TEXTS / f"{language}.json").read_bytes(), type=dict[str, str | None])


def as_html(sheet: Sheet) -> str:
    """Return it as a page that needs nothing else."""
    parts = "".join(map(_part, sheet.parts))
    foot = "" if sheet.awaited is None else f"<footer>{html.escape(sheet.awaited)}</footer>"
    return (
        f'<!doctype html>\n<html lang="{sheet.language}" dir="{sheet.direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{html.escape(sheet.title)}</title>'
        f'<style>{_STYLE}</style></head><body class="{sheet.kind}"><main><h1>{html.escape(sheet.title)}</h1>'
        f'<p class="number">{html.escape(sheet.number)}</p>{parts}</main>{foot}</body></html>\n'
    )


_STYLE: Final = (
    "body{font-family:system-ui,sans-serif;line-height:1.6;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#16202c;background:#fff}"
    ".number{font-size:2.5rem;font-weight:800;margin:0}dt{font-weight:700;margin-top:.6rem}dd{margin:0}"
    ".poster{font-size:1.6rem}.poster .number{font-size:6rem}footer{max-width:44rem;margin:2rem auto;font-size:.9rem}"
    "@media print{body{margin:0;max-width:none}section{break-inside:avoid}}"
)


def _part(part: Part) -> str:
    lines = "".join(f"<li>{html.escape(line)}</li>" for line in part.lines)
    pairs = "".join(f"<dt>{html.escape(first)}</dt><dd>{html.escape(second)}</dd>" for first, second in part.pairs)
    body = (f"<ul>{lines}</ul>" if lines else "") + (f"<dl>{pairs}</dl>" if pairs else "")
    return f"<section><h2>{html.escape(part.heading)}</h2>{body}</section>"


def as_pdf(sheet: Sheet) -> bytes | None:
    """Return it as PDF, or None where the fonts at hand lack a letter of it: a box in the place of a word teaches nobody.

    Raises:
        FontsMissingError: the fonts were not installed with the pages.
    """
    import typst  # noqa: PLC0415  a tenth of a second that only printing pays

    written = msgspec.json.encode(sheet).decode()
    if printable(written) != written:
        return None
    made = typst.compile(_SHEET, font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs={"data": written})
    assert isinstance(made, bytes)
    return made
