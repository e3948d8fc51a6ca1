"""What a court gets: papers that last, data that equals them, a list of hashes; and what nobody else can read or change unseen."""

import datetime as dt
import io
import json
import zipfile

import msgspec
import pikepdf
import pyrage
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.petitions.document import FORMAT, data, read, written
from jikimi.petitions.glyphs import INSTEAD, printable
from jikimi.petitions.package import PackageError, exhibit, opened, packed
from jikimi.petitions.sheet import printed
from jikimi.policy.petition_texts import places
from tests.petitions.case import FILED, FORM, answers

COURT = pyrage.x25519.Identity.generate()
PHOTO = b"\x89PNG not a real one"


def papers(**changed):
    one = exhibit("photo-1.png", "3월 2일 집 앞", "image/png", PHOTO, 1_800_000_000_000)
    return written(FORM, answers(**changed), petition_id="p1", day=FILED, exhibits=(one,))


def package():
    return packed(papers(), {"photo-1.png": PHOTO}, str(COURT.to_public()))


def attached(pdf):
    with pikepdf.open(io.BytesIO(pdf)) as found:
        (name,) = found.attachments
        assert name == "petition.json"
        return found.attachments[name].get_file().read_bytes()


def test_the_court_opens_what_she_filed_with_equal_data():
    found = opened(package().body, str(COURT))
    assert found.papers == papers()
    assert found.exhibits == {"photo-1.png": PHOTO}
    assert set(found.sheets) == {"petition.pdf", "court-only.pdf"}
    assert read(attached(found.sheets["petition.pdf"])) == found.papers.open
    assert read(attached(found.sheets["court-only.pdf"])) == found.papers.sealed


def test_what_she_writes_in_any_of_her_languages_is_printed_whole():
    said = [text for texts in places(FORM).values() for text in texts.values()]
    assert [text for text in said if printable(text) != text] == []


def test_the_paper_that_is_served_on_him_holds_nothing_of_where_she_is():
    """Neither in words nor in the data inside, and not by its being there: any address of hers gives the same bytes."""
    other = papers(your_address="다른 곳 1", your_contact="x@example.org", your_birth="1971-07-07", places=("모르는 곳",))
    assert printed(papers().open) == printed(other.open)
    assert data(papers().open) == data(other.open)
    assert papers().sealed != other.sealed


def test_a_petition_with_nothing_hidden_has_one_paper_only():
    hidden = {one.question_id: None for one in FORM.questions() if one.hidden}
    assert written(FORM, answers(**hidden), petition_id="p", day=FILED).sealed is None


def test_a_sheet_is_pdf_a_3a():
    """What ISO 19005-3 asks of every file and can be read off it; the typesetter refuses to write what breaks the rest."""
    with pikepdf.open(io.BytesIO(printed(papers().open))) as pdf:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("3", "A")
        assert meta["dc:title"] == FORM.title["ko"]
        assert (pdf.Root.MarkInfo.Marked, str(pdf.Root.Lang)) == (True, "ko")
        assert "/StructTreeRoot" in pdf.Root
        assert pdf.Root.OutputIntents[0].S == "/GTS_PDFA1"
        assert not pdf.is_encrypted
        assert "/ID" in pdf.trailer
        assert pdf.Root.AF[0].AFRelationship == "/Data"
        with pdf.open_outline() as outline:
            (whole,) = outline.root
            assert [one.title for one in whole.children][:3] == ["1. 청구인", "2. 행위자", "3. 신청·청구하지 아니한다는 통지"]
        fonts = [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor"]
        assert fonts
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one.keys()) for one in fonts)
        forbidden = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ImportData"}
        assert not [one for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and str(one.get("/S", "")) in forbidden]


def test_her_words_are_never_read_as_markup():
    plain = papers(story="#panic() *fett* $x$ @a = b\n#set text(white)")
    assert b"petition" in attached(printed(plain.open))
    assert "#panic()" in msgspec.json.decode(attached(printed(plain.open)))["parts"][3]["rows"][3]["lines"][0]


@pytest.mark.parametrize("story", ["도와주세요 😡", "\U00010380", "\x00\x07", "ก็ محمد Nguyễn Иван 山田", "\u202eevil"])
def test_no_character_keeps_her_from_the_court(story):
    paper = papers(story=story).open
    assert read(attached(printed(paper))) == paper


def test_what_cannot_be_printed_is_said(monkeypatch):
    seen = {}
    monkeypatch.setattr("jikimi.petitions.sheet.typst.compile", lambda *_, sys_inputs, **__: seen.update(sys_inputs) or b"%PDF")
    printed(papers(story="가😡").open)
    assert INSTEAD in json.loads(seen["data"])["parts"][3]["rows"][3]["lines"][0]
    assert json.loads(seen["words"])["replaced"]
    printed(papers(story="가").open)
    assert json.loads(seen["words"])["replaced"] is None


@settings(max_examples=15)
@given(st.text(max_size=200))
def test_any_story_is_printed_and_read_back(story):
    paper = papers(story=story).open
    assert read(attached(printed(paper))) == paper


def test_equal_petitions_are_equal_sheets():
    assert printed(papers().open) == printed(papers().open)


def test_without_the_courts_key_nothing_is_read():
    body = package().body
    for secret in (b"\xea\xb9\x80\xed\x95\x98\xeb\x82\x98", "연두동".encode(), b"safe@example.org", PHOTO, b"petition.pdf"):
        assert secret not in body
    with pytest.raises(PackageError, match="does not open"):
        opened(body, str(pyrage.x25519.Identity.generate()))


@given(st.integers(0), st.integers(1, 255))
@settings(max_examples=40)
def test_a_changed_byte_is_found(at, mask):
    body = bytearray(BODY)
    body[at % len(body)] ^= mask
    with pytest.raises(PackageError):
        opened(bytes(body), str(COURT))


BODY = package().body


def forged(**files):
    """A package of these files, sealed to the court by somebody else."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, body in files.items():
            archive.writestr(name.replace("_json", ".json").replace("__", "/"), body)
    return pyrage.encrypt(out.getvalue(), [COURT.to_public()])


def manifest(*files, form="jikimi-package-1"):
    return msgspec.json.encode({"format": form, "petition_id": "p", "court_id": "c", "files": list(files)})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "does not open"),
        (pyrage.encrypt(b"no zip", [COURT.to_public()]), "damaged"),
        (forged(a="x"), "no list"),
        (forged(manifest_json=b"{}"), "no list"),
        (forged(manifest_json=manifest(form="other")), "not known"),
        (forged(manifest_json=manifest()), "no petition"),
        (forged(manifest_json=manifest(), more="x"), "not those of its list"),
        (forged(manifest_json=manifest({"name": "petition.json", "length": 0, "sha256": "0"})), "not those of its list"),
    ],
)
def test_a_forged_package_is_refused_in_a_sentence(body, words):
    with pytest.raises(PackageError, match=words):
        opened(body, str(COURT))


def test_a_package_that_would_unpack_to_much_more_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", b"0" * 1_000_000)
    with pytest.raises(PackageError, match="too large"):
        opened(pyrage.encrypt(out.getvalue(), [COURT.to_public()]), str(COURT))


def test_an_exhibit_must_be_the_one_that_is_named():
    for exhibits in ({}, {"photo-1.png": b"another"}, {"photo-1.png": PHOTO, "more.png": b""}):
        with pytest.raises(PackageError, match="exhibit"):
            packed(papers(), exhibits, str(COURT.to_public()))


@pytest.mark.parametrize("name", ["../x.png", "a/b", "a\\b", ".hidden", ""])
def test_an_exhibits_name_leads_nowhere(name):
    one = exhibit(name, "x", "image/png", PHOTO)
    bad = written(FORM, answers(), petition_id="p1", day=FILED, exhibits=(one,))
    with pytest.raises(PackageError, match="plain file name"):
        packed(bad, {name: PHOTO}, str(COURT.to_public()))


def test_a_key_that_is_none_is_said():
    with pytest.raises(PackageError, match="age1"):
        packed(papers(), {"photo-1.png": PHOTO}, "age1nothing")
    with pytest.raises(PackageError, match="AGE-SECRET-KEY"):
        opened(BODY, "nothing")


def test_a_paper_of_another_format_is_refused():
    other = msgspec.structs.replace(papers().open, format="jikimi-petition-9")
    with pytest.raises(ValueError, match="not known"):
        read(data(other))
    with pytest.raises(ValueError, match="no petition"):
        read(b"[]")
    assert read(data(papers().open)).format == FORMAT


def test_the_day_on_the_sheet_is_the_day_of_filing():
    with pikepdf.open(io.BytesIO(printed(papers().open))) as pdf:
        assert str(pdf.docinfo["/CreationDate"]).startswith("D:20270610")
    assert papers().open.day == dt.date(2027, 6, 10)
