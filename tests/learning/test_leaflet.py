"""What offices hand out: the same words as on her screen, in ten languages, printed where the fonts hold every letter."""

import html
import io

import pikepdf
import pytest

from jikimi.delivery.words import HER_LANGUAGES
from jikimi.learning import leaflet
from jikimi.learning.leaflet import FACES, QUESTIONS, Kind, TextsMissingError, as_html, as_pdf, languages, sheet_of
from jikimi.petitions.glyphs import INSTEAD, printable
from jikimi.runtime import leaflets


def test_there_is_one_in_every_language_of_her_app():
    assert set(languages()) == set(HER_LANGUAGES)


@pytest.mark.parametrize("language", HER_LANGUAGES)
@pytest.mark.parametrize("kind", Kind)
def test_a_sheet_says_what_her_screen_says(kind, language):
    sheet = sheet_of(kind, language, "117")
    page = as_html(sheet)
    assert f'lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page
    assert "{" not in html.unescape(page.split("</style>")[1]), "a place was not filled"
    assert "117" in page
    assert (sheet.awaited is None) == (language in {"ko", "en"})
    pairs = [pair for part in sheet.parts for pair in part.pairs]
    assert len(pairs) == {Kind.POSTER: 0, Kind.LEAFLET: len(FACES), Kind.COURSE: len(FACES) + len(QUESTIONS)}[kind]


@pytest.mark.parametrize("language", HER_LANGUAGES)
def test_it_is_printed_whole_and_on_the_pages_that_it_is_meant_for(language):
    for kind, most in ((Kind.LEAFLET, 1), (Kind.POSTER, 1), (Kind.COURSE, 2)):
        sheet = sheet_of(kind, language, "112")
        made = as_pdf(sheet)
        words = as_html(sheet).split("</style>")[1].replace("\n", "")
        assert printable(words) == words
        assert made is not None
        with pikepdf.open(io.BytesIO(made)) as pdf:
            assert len(pdf.pages) <= most


def test_the_command_writes_both_forms_and_says_in_one_sentence_what_it_cannot(tmp_path, capsys, monkeypatch):
    leaflets.make(tmp_path / "out", "ko", "112")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{kind}-ko.{form}" for kind in Kind for form in ("html", "pdf")}
    monkeypatch.setattr(leaflet, "printable", lambda text: text.replace("す", INSTEAD))
    leaflets.make(tmp_path / "ja", "ja", "112")
    assert {path.suffix for path in (tmp_path / "ja").iterdir()} == {".html"}, "a box in the place of a letter teaches nobody"
    assert "print leaflet-ja.html from a browser" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        leaflets.make(tmp_path, "tlh", "112")
    assert "zh-Hans" in capsys.readouterr().err
    with pytest.raises(TextsMissingError):
        sheet_of(Kind.COURSE, "../ko", "112")
