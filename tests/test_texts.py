"""The catalogue check: it passes on the tree as it is, and finds every fault that it is there for."""

import json
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import check_texts  # noqa: E402 - a tool, not a part of the package


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """Copy the pages' sources and texts, and no more."""
    made = tmp_path_factory.mktemp("web")
    shutil.copytree(ROOT / "web" / "messages", made / "messages")
    for folder in ("protected", "desk", "field", "oversight", "lib"):
        shutil.copytree(ROOT / "web" / folder, made / folder, ignore=shutil.ignore_patterns("paraglide", "texts", "public"))
    for folder in (ROOT / "web").iterdir():
        if folder.is_dir() and not (made / folder.name).exists() and folder.name != "node_modules":
            shutil.copytree(folder, made / folder.name, ignore=shutil.ignore_patterns("public"))
    return made


@pytest.fixture
def changed(tree):
    """Change one of the catalogues, and put it back afterwards."""
    path = tree / "messages" / "her" / "ar.json"
    before = path.read_bytes()

    def change(key, text):
        found = json.loads(before)
        if text is None:
            del found["texts"][key]
        else:
            found["texts"][key] = text
        path.write_text(json.dumps(found), encoding="utf-8")
        return list(check_texts.all_wrong(tree))

    yield change
    path.write_bytes(before)


def test_every_text_of_hers_is_whole_in_ten_languages(tree):
    assert list(check_texts.all_wrong(tree)) == []


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("her_danger", None, "her_danger: missing"),
        ("no_such_text", "نص", "no_such_text: unused"),
        ("her_danger", "He is very near you.", "her_danger: left in English"),
        ("her_danger", "إنه very near.", "her_danger: left in English"),
        ("her_before", "قبل ذلك", "her_before: its places are []"),
        ("her_before", "قبل ذلك: {جملة}", "her_before: its places are"),
        ("her_danger", " ", "her_danger: empty"),
        ("exit", "خروج سريع جدًا من هذه الصفحة", "exit: "),
        ("age_minutes", {"one": "{minutes}", "other": "{minutes}"}, "age_minutes: it needs the forms"),
    ],
)
def test_a_fault_in_a_catalogue_is_named(changed, key, text, said):
    assert [line for line in changed(key, text) if line.startswith(f"ar: {said}")]


def test_korean_staff_read_one_word_for_each_side(tmp_path):
    assert list(check_texts.names_of_server(ROOT / "src" / "jikimi")) == []
    (tmp_path / "words.toml").write_text('a = "피해자와 피부착자"\nb = "보호 대상자, 감시대상자"\nc = "부착자, 대상자"\n', encoding="utf-8")
    assert [line.partition(": ")[0][-1] for line in check_texts.names_of_server(tmp_path)] == ["2", "2", "3", "3"]


def test_a_reviewer_is_a_name_or_nobody_yet(tmp_path):
    path = tmp_path / "ar.json"
    for reviewer, is_well in ((None, True), ("A. Reader", True), ("", False), ("  ", False)):
        path.write_text(json.dumps({"language": "ar", "reviewer": reviewer, "texts": {}}), encoding="utf-8")
        if is_well:
            assert check_texts.catalogue(path) == ("ar", {})
        else:
            with pytest.raises(ValueError, match="a reviewer is a name"):
                check_texts.catalogue(path)


def test_her_languages_are_the_same_everywhere():
    from jikimi.delivery.words import HER_LANGUAGES

    assert set(HER_LANGUAGES) == {"ko", "en", *check_texts.LANGUAGES}
    page = (ROOT / "web" / "protected" / "texts.ts").read_text(encoding="utf-8")
    assert all(f"lib/texts/{language}.json" in page for language in HER_LANGUAGES)


def test_a_page_of_hers_that_would_speak_two_languages_is_named(tree):
    page = tree / "protected" / "Stray.svelte"
    page.write_text("<script>import { m } from '../lib/paraglide/messages.js';</script>", encoding="utf-8")
    try:
        assert any("Stray.svelte" in line for line in check_texts.all_wrong(tree))
    finally:
        page.unlink()


def test_a_text_of_the_court_is_missed_in_its_third_language_and_so_is_one_of_the_shared_door(tree):
    path = tree / "messages" / "court" / "ar.json"
    before = path.read_bytes()
    found = json.loads(before)
    del found["texts"]["co_reasons"], found["texts"]["in_sso_down"]
    found["texts"]["settings"] = "الإعدادات"
    path.write_text(json.dumps(found), encoding="utf-8")
    try:
        said = [line.partition("ar.json: ")[2] for line in check_texts.all_wrong(tree)]
    finally:
        path.write_bytes(before)
    assert said == ["co_reasons: missing", "in_sso_down: missing", "settings: unused"]


@pytest.mark.parametrize(
    ("key", "text", "said"),
    [
        ("plain_awake_why", "نص " * 80, "plain_awake_why: longer than the text that it stands in for"),
        ("plain_part_why", "كلمة " * 15 + "انتهى.", "plain_part_why: a sentence of more than 14 words"),
        ("plain_part_why", None, "plain_part_why: missing"),
        ("plan_why", "أماكن آمنة.", "plan_why: it says that something is safe"),
    ],
)
def test_easy_words_are_easier_and_no_text_of_hers_promises_safety(changed, key, text, said):
    assert [line for line in changed(key, text) if line.startswith(f"ar: {said}")]


def test_an_english_text_that_changed_is_named_until_its_translations_were_looked_at(tree):
    path = tree / "messages" / "en.json"
    seen = tree / "messages" / "seen.json"
    before, marked = path.read_bytes(), seen.read_bytes()
    english = json.loads(before)
    english["sos_received"] = "Your SOS lies on the server since {time}. Nobody has looked at it yet."
    path.write_text(json.dumps(english), encoding="utf-8")
    try:
        assert [line.partition(":")[0] for line in check_texts.all_wrong(tree)] == ["sos_received"]
        check_texts.mark_seen(tree)
        assert list(check_texts.all_wrong(tree)) == []
    finally:
        path.write_bytes(before)
        seen.write_bytes(marked)
