"""Five minutes to get to know the app, fifteen to write a petition: worked out from the texts and the form, in each language.

Nobody was timed. Reading aloud was measured in seven of the ten languages (Trauzettel-Klosinski and Dietz, *Standardized Assessment of
Reading Performance*, IOVS 53, 2012, table of means): 138 words a minute in Arabic, 184 in Russian and more in the others, 255 characters
in Chinese, 357 in Japanese. More than 180 words are not taken. Korean and Thai were not measured: they get the mean of all
languages less one standard deviation, 290 syllables.
Typing: 36 words a minute on a phone (Palin and others, *How do People Type on Mobile Devices?*, MobileHCI 2019); she gets half.
What a touch, a choice and a day cost are our own guesses, on the slow side.
"""

import json
import re
import unicodedata

import pytest

from jikimi.delivery.words import HER_LANGUAGES
from jikimi.model.petition import Kind
from jikimi.petitions.answers import asked
from jikimi.runtime.drills import STEPS
from tests.browser.conftest import ROOT
from tests.petitions.case import FORM, answers

WORDS_A_MINUTE = {"ar": 138}
MOST_WORDS_A_MINUTE = 180
LETTERS_A_MINUTE = {"zh-Hans": 255, "ja": 357, "ko": 370 - 80, "th": 2 * (370 - 80)}
"""A letter is a syllable or a word; two of Thai, without its marks, are a syllable."""
TYPED_WORDS_A_MINUTE = 18
TOUCH_S = 3
SETTING_S = 25
"""To find a place in the phone's own settings, after its way was read."""
FIELD_S = {Kind.WORDS: 12, Kind.DAY: 12, Kind.CHOICE: 5, Kind.CHOICES: 8, Kind.YES_NO: 3, Kind.CONFIRMED: 3, Kind.LINES: 20}
STORY_WORDS = {"story": 60}
"""What happened, in her own words: so many for a beginning. She may write more, and stop and go on."""
OTHER_WORDS = 8
NOTE_WORDS_S = 60
"""To write eight words on paper."""
FIRST_RUN = (
    "first_title", "first_can", "first_can_warn", "first_can_sos", "first_can_say",
    "first_cannot", "first_cannot_stop", "first_cannot_see", "first_cannot_off",
    "sound_title", "first_sound_why", "sound_ready",
    "report_title", "report_why", "first_android_place",
    "push_title", "push_why", "first_android_notices",
    "drill_title", "drill_why", "first_helper",
    "check_title", "check_near", "her_do_danger", "check_near_wrong", "check_blind", "check_blind_right", "check_blind_wrong",
    "check_lost", "check_lost_right", "check_lost_wrong", "check_done",
)  # fmt: skip
PETITION = (
    "papers_what", "papers_begin_why", "papers_words_lost", "papers_words_shown", "papers_words_lost", "papers_own_words",
    "papers_check_title", "papers_check_ready", "papers_file_title", "papers_where", "papers_way_folder", "papers_what_goes",
    "papers_goes_served", "papers_goes_court", "papers_file_why", "papers_filed_next",
)  # fmt: skip


def catalogue(language):
    shared = ROOT / "web" / "messages" / f"{language}.json"
    if shared.is_file():
        return json.loads(shared.read_text(encoding="utf-8"))
    return json.loads((ROOT / "web" / "messages" / "her" / f"{language}.json").read_text(encoding="utf-8"))["texts"]


def reading_s(language, text):
    """Return how long a text is read: by words where spaces part them, else by letters."""
    text = re.sub(r"\{\w+\}", "0", text)
    if language not in LETTERS_A_MINUTE:
        return 60 * len(text.split()) / WORDS_A_MINUTE.get(language, MOST_WORDS_A_MINUTE)
    letters = sum(unicodedata.category(one) == "Lo" for one in text)
    foreign = len(re.findall(r"[A-Za-z0-9]+", text))
    return 60 * letters / LETTERS_A_MINUTE[language] + 60 * foreign / MOST_WORDS_A_MINUTE


def first_run_s(language):
    say = catalogue(language)
    reading = sum(reading_s(language, say[key]) for key in FIRST_RUN)
    touches = 4 + 2 + 1 + 3  # onwards, two permissions, the sound, and three answers
    return reading + touches * TOUCH_S + 2 * SETTING_S + sum(length_s for _, length_s in STEPS)


def petition_s(language):
    say, given = catalogue(language), answers()
    spoken = language if language in FORM.languages else "en"
    total = sum(reading_s(language, say[key]) for key in PETITION) + NOTE_WORDS_S
    for question in asked(FORM, given):
        texts = [question.ask[spoken], *([question.help[spoken]] if question.help else [])]
        # Of a long list, such as all courts, a dozen is looked at.
        texts += [one.say[spoken] for one in question.choices[:12]]
        total += sum(reading_s(language, text) for text in texts) + TOUCH_S
        if question.question_id not in given:
            continue
        written = STORY_WORDS.get(question.question_id, OTHER_WORDS)
        total += 60 * written / TYPED_WORDS_A_MINUTE if question.kind is Kind.STORY else FIELD_S[question.kind]
    return total


@pytest.mark.parametrize("language", HER_LANGUAGES)
def test_the_first_run_is_read_and_done_in_five_minutes(language):
    assert first_run_s(language) <= 5 * 60


@pytest.mark.parametrize("language", HER_LANGUAGES)
def test_a_petition_is_written_and_filed_in_fifteen_minutes(language):
    assert petition_s(language) <= 15 * 60
