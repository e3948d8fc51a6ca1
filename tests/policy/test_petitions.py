"""Forms of petitions: what comes with Jikimi is sound, and what is wrong is refused with its line."""

import datetime as dt

import pytest

from jikimi.model.petition import Level, Party, Result
from jikimi.model.responders import route
from jikimi.policy import responders
from jikimi.policy.defect import PolicyError
from jikimi.policy.petition_texts import in_languages, places
from jikimi.policy.petitions import TABLES, forms, load, newest

KR = (TABLES / "kr.toml").read_text(encoding="utf-8")
VI = (TABLES / "kr" / "vi.toml").read_text(encoding="utf-8")
HERS = {"ko", "en", "zh-Hans", "vi", "th", "ja", "ru", "es", "fr", "ar"}


def defects(tmp_path, text):
    path = tmp_path / "form.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(path)
    return [(defect.path, defect.sentence) for defect in refused.value.defects]


def test_korea_asks_for_two_measures_free_of_charge_within_90_days():
    kr = forms()["kr-stalking-protection"]
    assert [(one.kind.value, one.distance_m) for one in kr.measures] == [("no_approach", 100), ("no_contact", None)]
    assert [one.days for one in kr.checks if one.level is Level.STOP] == [90]
    assert (kr.clocks.appeal.days, kr.clocks.appeal_stays) == (7, False)
    assert kr.valid_from == dt.date(2027, 4, 22)
    assert {one.choice_id for one in kr.question(kr.venue.ground).choices} == {"act", "his_home", "her_home"}


def test_her_address_stands_on_no_paper_that_he_gets():
    hidden = {one.question_id for one in forms()["kr-stalking-protection"].questions() if one.hidden}
    assert {"your_address", "your_birth", "your_contact", "places", "witnesses"} == hidden


def test_she_reads_all_of_it_in_ten_languages_and_the_court_in_its_own():
    kr = forms()["kr-stalking-protection"]
    assert set(kr.languages) == HERS
    assert kr.reviewers == dict.fromkeys(HERS - {"ko", "en"})
    assert all(set(texts) == HERS for texts in places(kr).values())
    assert set(kr.question("story").form) == {"ko", "en"}


def test_a_page_is_given_its_language_and_the_courts_and_no_more():
    vi = in_languages(forms()["kr-stalking-protection"], ("vi", "xx"))
    assert (vi.languages, vi.reviewers) == (("ko", "vi"), {"vi": None})
    assert all(set(texts) == {"ko", "vi"} for texts in places(vi).values())
    assert vi.question("your_name").ask["vi"] == "Bạn tên là gì?"


def test_both_sides_are_told_each_decision_and_he_is_not_warned_by_a_refused_interim_order():
    told = {one.party: set(one.results) for one in forms()["kr-stalking-protection"].told}
    assert told[Party.PETITIONER] == set(Result)
    assert told[Party.RESPONDENT] == set(Result) - {Result.INTERIM_REFUSED}
    assert told[Party.POLICE] == {Result.INTERIM, Result.GRANTED, Result.GRANTED_IN_PART}


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ('you = "Về bạn"\n', "", "sections", "lacks you"),
        ('weapons = { ask = "Người đó có hung khí, hoặc đã từng dùng chưa?" }\n', "", "questions.weapons", "lacks ask"),
        (', help = "Không cần thật chính xác."', "", "questions.first_act", "lacks help"),
        ('you = "Về bạn"', 'you = "Về bạn"\nme = "tôi"', "sections.me", "no text of the form"),
        ("Bạn tên là gì?", "What is your name?", "questions.your_name.ask", "not translated"),
        ("Bạn tên là gì?", " ", "questions.your_name.ask", "empty"),
        ('version = "2027-04"', 'version = "2027-03"', "version", "which is 2027-04"),
        ('language = "vi"', 'language = "vi"\nreviewer = " "', "reviewer", "is a name"),
        ('language = "vi"', 'language = "th"', "language", "the file's name"),
        ("Về bạn", 7, "sections", "Expected `str`"),
    ],
)
def test_a_translation_says_all_that_she_reads_and_nothing_else(tmp_path, old, new, path, words):
    assert old in VI
    (tmp_path / "kr").mkdir()
    (tmp_path / "kr.toml").write_text(KR, encoding="utf-8")
    (tmp_path / "kr" / "vi.toml").write_text(VI.replace(f'"{old}"', "7", 1) if new == 7 else VI.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(PolicyError) as refused:
        load(tmp_path / "kr.toml")
    assert refused.value.name == "vi.toml"
    found = [(defect.path, words in defect.sentence) for defect in refused.value.defects]
    assert found == [(path, True)], refused.value.defects


def test_the_form_that_is_filed_or_opens_next():
    known = forms()
    assert newest(known, "kr", dt.date(2026, 11, 28)) is known["kr-stalking-protection"]
    assert newest(known, "kr", dt.date(2028, 1, 1)) is known["kr-stalking-protection"]
    assert newest(known, "fr", dt.date(2028, 1, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "path", "words"),
    [
        ("Asia/Seoul", "Asia/Soul", "time_zone", "no IANA"),
        ('court_language = "ko"', 'court_language = "fr"', "court_language", "none of languages"),
        ("valid_from = 2027-04-22", "valid_from = 2027-04-22\nvalid_until = 2027-04-22", "valid_until", "after valid_from"),
        (', en = "What is your name?"', "", "sections[1].questions[1].ask", "missing in en"),
        ('question_id = "your_birth"', 'question_id = "your_name"', "sections[1].questions[2].question_id", "already"),
        ('kind = "day"', 'kind = "hour"', "sections[1].questions[2].kind", "Invalid enum"),
        ("most = 20000", "most = 0", "sections[4].questions[4].most", "from 1 to"),
        ('answered = ["yes"]', 'answered = ["maybe"]', "sections[4].questions[6].when.answered", "no, yes"),
        ('when = { question = "threats"', 'when = { question = "threat"', "sections[4].questions[6].when.question", "no earlier"),
        ('question = "declined_on"\ndays', 'question = "story"\ndays', "checks[2].question", "no question for a day"),
        ("days = 90\n", "", "checks[2].days", "within_days"),
        ("days = 90\n", "days = 0\n", "checks[2].days", "from 1"),
        ('other = "first_act"\n', "", "checks[4].other", "not_before"),
        ('"domestic", "counsel"]', '"domestic", "court"]', "checks[2].ways", "names court"),
        ('measures_question = "measures"', 'measures_question = "acts"', "measures_question", "one each"),
        ('interim_question = "interim"', 'interim_question = "story"', "interim_question", "yes or no"),
        ('[[told]]\nparty = "lawyer"', '[[told]]\nparty = "police"', "told", "each party once"),
        ('party = "respondent"', 'party = "lawyer"', "told", "both sides"),
        ('results = ["interim", "granted", "granted_in_part"]', "results = []", "told[5].results", "each once"),
        ("fee = {", 'reviewers = { ko = "x" }\nfee = {', "reviewers", "in the files"),
        ('ground = "ground"', 'ground = "story"', "venue.ground", "for a choice"),
        ("appeal = { days = 7", "appeal = { days = 7, hours = 1", "clocks.appeal", "one of the two"),
        ("appeal = { days = 7", "appeal = { days = 0", "clocks.appeal.days", "from 1"),
        ("interim = { hours = 48", "interim = { hours = 0", "clocks.interim.hours", "from 1"),
        ('"fear", "threats", "threats_how", "violence", "weapons"]', '"fears"]', "criteria[3].questions", "names fears"),
        ("{respondent}에게", "{him}에게", "drafts[1].text.ko", "a place for him"),
        ("{respondent}에게", "{respondent에게", "drafts[1].text.ko", "without its partner"),
        ("source = \"Project's brief: an appeal", "sauce = \"Project's brief: an appeal", "clocks.appeal", "unknown field"),
        (
            'appeal_source = "Project\'s brief: an appeal does not stay the decision."',
            'appeal_source = " "',
            "clocks.appeal_source",
            "must name",
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tmp_path, old, new, path, words):
    assert old in KR
    found = defects(tmp_path, KR.replace(old, new, 1))
    assert [(where, words in sentence) for where, sentence in found] == [(path, True)], found


def test_a_choice_needs_choices_and_words_have_none(tmp_path):
    found = defects(tmp_path, KR.replace('question_id = "relation"\nkind = "choice"', 'question_id = "relation"\nkind = "words"', 1))
    assert [path for path, _ in found] == ["sections[2].questions[4].choices"]


def test_an_order_of_a_petition_against_a_man_tagged_after_a_sentence_splits_the_responders():
    for form in forms().values():
        for basis_id in (form.basis_id, form.interim_basis_id):
            sent = route(responders.tables()[form.policy_id], basis_id, "kr-attachment")
            assert (sent.monitored, sent.protected) == ("tag_authority", "police")
