"""Texts, drills, the leak check, the daily test and the rule about handsets."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.delivery.daily import handset_test, time_of_test_ms
from jikimi.delivery.handset import Heard, Trouble, trouble
from jikimi.delivery.leak import LeakError, check, told_to_him
from jikimi.delivery.words import HER_LANGUAGES, BadBookError, read_book, said
from jikimi.runtime.handsets import PERIOD_S
from tests.delivery.fakes import RULES, START_MS

BOOK = read_book()
HIS = [name for name, words in BOOK.words.items() if words.to == "monitored"]
S = 1000


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("name", HIS)
def test_each_text_to_him_passes_the_check(name, language):
    title, text = told_to_him(BOOK, name, language, {"phone": "02-123-4567"})
    assert title
    assert "{" not in text
    drill = told_to_him(BOOK, name, language, {"phone": "02-123-4567"}, is_drill=True)
    assert all(one.startswith(BOOK.drill[language]) for one in drill)


PLACE = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


@given(her=PLACE, metres=st.floats(0, 20_000), bearing=st.sampled_from(["북쪽", "남쪽", "동쪽", "west", "north"]), form=st.integers(0, 5))
def test_no_text_that_depends_on_where_she_is_gets_through(her, metres, bearing, form):
    forms = [f"{her[0]:.4f}, {her[1]:.4f}", f"{metres:.0f} m", f"{metres / 1000:.1f}km", f"{metres:.0f}미터", bearing, f"{her[0]:.0f}°"]
    with pytest.raises(LeakError):
        check(f"떠나세요 {forms[form]} now")
    with pytest.raises(LeakError):
        told_to_him(BOOK, "instruction.monitored.leave_area", "ko", {"phone": forms[form]})


@given(her=PLACE, other=PLACE, name=st.sampled_from(HIS), language=st.sampled_from(["ko", "en"]), drill=st.booleans())
def test_what_he_reads_is_the_same_wherever_she_is(her, other, name, language, drill):
    def rendered(place):
        del place  # nothing of it can be handed in: the texts have no place for it
        return told_to_him(BOOK, name, language, {"phone": "112"}, is_drill=drill)

    assert rendered(her) == rendered(other)
    with pytest.raises(LeakError):
        told_to_him(BOOK, name, language, {"phone": "112", "latitude": str(her[0])})


@pytest.mark.parametrize(
    "text", ["She is at home", "피해자에게서 떠나세요", "https://maps.example/x", "500 m", "1.2 km", "37.51234", "가까이"]
)
def test_what_reads_like_her_is_refused(text):
    with pytest.raises(LeakError):
        check(text)


def test_her_texts_are_never_sent_to_him():
    with pytest.raises(LeakError):
        told_to_him(BOOK, "instruction.protected.silent", "ko", {})
    with pytest.raises(LeakError):
        told_to_him(BOOK, "instruction.monitored.call_office", "ko", {"phone": "37.5665"})


TITLE, PARTS = 40, 134
"""Characters that a lock screen shows of a title, and that two parts of a text message hold in the wider alphabet (3GPP TS 23.038)."""


@pytest.mark.parametrize("language", HER_LANGUAGES)
def test_each_text_to_her_is_there_in_her_language_and_fits_its_place(language):
    for name, words in BOOK.words.items():
        if words.to == "protected" and name != "desk.protected.message":
            title, text = said(BOOK, name, language, {})
            assert said(BOOK, name, language, {}, is_drill=True)[0].startswith(BOOK.drill[language]), name
            assert len(words.title[language]) <= TITLE, name
            assert len(f"{title}: {text}") <= PARTS, name
            assert language == "en" or text != said(BOOK, name, "en", {})[1], name


FORM = 'version = "1"\nlanguages = ["ko"]\n[drill]\nko = "x"\n[words.a]\nto = "monitored"\ntitle = {%s = "x"}\ntext = {ko = "%s"}\n'


@pytest.mark.parametrize(("language", "text"), [("en", "x"), ("ko", "{distance}"), ("ko", "{her.latitude}"), ("ko", "{}"), ("ko", "")])
def test_a_book_that_could_leak_or_lacks_a_language_is_refused(language, text):
    with pytest.raises(BadBookError):
        read_book((FORM % (language, text)).encode())


def test_an_unknown_language_falls_back_and_every_trouble_has_its_text():
    assert said(BOOK, "instruction.protected.charge", "de", {}) == said(BOOK, "instruction.protected.charge", "ko", {})
    assert said(BOOK, "instruction.monitored.charge", "fr", {}) == said(BOOK, "instruction.monitored.charge", "ko", {})
    for kind in Trouble:
        assert BOOK.words[f"instruction.protected.{kind}"].to == "protected"


@given(st.text(min_size=1), st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)))
def test_a_handset_is_tested_in_the_daytime_once_a_day(handset, day):
    at = dt.datetime.fromtimestamp(time_of_test_ms(handset, day, "Asia/Seoul") / 1000, dt.timezone(dt.timedelta(hours=9)))
    assert at.date() == day
    assert 10 <= at.hour < 18
    one = handset_test(handset, day.isoformat(), BOOK, "ko", START_MS)
    assert one == handset_test(handset, day.isoformat(), BOOK, "ko", START_MS)
    assert one.key != handset_test(handset, (day + dt.timedelta(days=1)).isoformat(), BOOK, "ko", START_MS).key


def at(seconds, **other):
    return trouble(Heard(since_ms=START_MS, **other), START_MS + seconds * S, RULES)


def test_a_handset_that_fell_silent_is_known_within_two_minutes():
    assert RULES.quiet_after_s + PERIOD_S <= 120
    assert at(109, last_ms=START_MS) is None
    assert at(110, last_ms=START_MS) is Trouble.SILENT
    assert at(110) is Trouble.SILENT, "never heard is not well"
    assert at(120, last_ms=START_MS, battery_pct=7.0) is Trouble.BATTERY
    assert at(120, last_ms=START_MS, offline_ms=START_MS + S) is Trouble.NETWORK
    assert at(110, last_ms=START_MS + S, offline_ms=START_MS) is None
    assert at(1, last_ms=START_MS, permission_lost_ms=START_MS) is Trouble.PERMISSION
    assert at(130, last_ms=START_MS + 129 * S, handed_ms=START_MS, told_ms=START_MS - 1) is Trouble.UNTOLD
    assert at(130, last_ms=START_MS + 129 * S, handed_ms=START_MS, told_ms=START_MS) is None
    assert at(1, last_ms=START_MS, battery_pct=0.0) is Trouble.BATTERY
    assert at(1, last_ms=START_MS, battery_pct=0.0, is_charging=True) is None


TIMES = st.none() | st.integers(START_MS - 300 * S, START_MS + 300 * S)


@given(TIMES, TIMES, TIMES, TIMES, st.none() | st.floats(0, 100), st.integers(0, 400 * S))
def test_time_alone_mends_nothing(last, offline, handed, told, battery, later):
    heard = Heard(since_ms=START_MS, last_ms=last, offline_ms=offline, handed_ms=handed, told_ms=told, battery_pct=battery)
    now = trouble(heard, START_MS, RULES)
    then = trouble(heard, START_MS + later, RULES)
    assert now is None or then is not None
