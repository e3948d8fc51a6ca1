"""Officers' links: nobody makes one without the key, each shows one incident to one officer for a time, and notes follow what stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.approach import notes, read, shown
from jikimi.incidents.incident import Kind, Outcome, Where
from jikimi.incidents.links import Link, link_id_of, new_id, officer_named, token_of, why_closed
from jikimi.incidents.room import Said
from jikimi.incidents.scripts import ScriptError
from jikimi.incidents.status import NotAllowedError, TaskStatus
from tests.incidents.helpers import a_room, approach, engine

KEY = bytes(range(32))
HOUR_MS = 3_600_000


def link(incident, **changes):
    given = {
        "link_id": "a" * 24,
        "incident_id": incident.incident_id,
        "agency": "police",
        "where": Where.PROTECTED,
        "officer": "Kim 7",
        "made_by": "system",
        "made_ms": 0,
        "until_ms": HOUR_MS,
    }
    return Link(**{**given, **changes})


def test_a_token_is_short_opaque_and_ours_alone():
    name = new_id()
    token = token_of(KEY, name)
    assert len(token) == 38
    assert name not in token
    assert link_id_of(KEY, token) == name
    assert link_id_of(bytes(32), token) is None
    assert link_id_of(KEY, token_of(KEY, new_id())[:-1]) is None


@given(st.text(max_size=60) | st.text(alphabet="AZaz09-_", min_size=38, max_size=38))
def test_no_other_text_is_a_token(text):
    assert link_id_of(KEY, text) is None


@given(st.integers(0, 37), st.sampled_from("ABYZabyz0189-_"))
def test_no_changed_letter_passes(place, letter):
    token = token_of(KEY, "0123456789abcdef01234567")
    changed = token[:place] + letter + token[place + 1 :]
    assert link_id_of(KEY, changed) is None or changed == token


@pytest.mark.parametrize("name", ["", " ", "x" * 41, "<b>", "a\nb", "-x"])
def test_an_officer_without_a_name_is_none(name):
    with pytest.raises(NotAllowedError):
        officer_named(name)


@pytest.mark.parametrize("name", ["Kim", " 김경위 ", "Unit 7", "O'Brien-Lee", "12345"])
def test_names_and_numbers_of_officers_are_taken(name):
    assert officer_named(name) == name.strip()


def test_a_link_shows_until_the_first_of_all_ends():
    room, _ = a_room(engine())
    incident = room.signal(approach(1, 0), 0)
    own = link(incident)
    assert why_closed(own, incident, HOUR_MS - 1) is None
    assert why_closed(own, incident, HOUR_MS) == "too_late"
    assert why_closed(link(incident, ended_ms=5), incident, 10) == "taken_back"
    assert why_closed(link(incident, agency="tag_authority"), incident, 10) == "part_done"
    room.answer(incident.incident_id, Where.PROTECTED, TaskStatus.RECEIVED, "police", 1)
    done = room.answer(incident.incident_id, Where.PROTECTED, TaskStatus.DONE, "police", 2)
    assert why_closed(own, done, 10) == "part_done"
    assert why_closed(link(incident, where=Where.MONITORED), done, 10) is None
    room.acknowledge(incident.incident_id, "lee", 3)
    closed = room.resolve(incident.incident_id, "lee", Outcome.HELPED, "He is gone.", 4)
    assert why_closed(link(incident, where=Where.MONITORED), closed, 10) == "incident_closed"
    assert why_closed(own, None, 10) == "incident_closed"


def test_how_it_ended_stands_in_the_history_under_the_officers_name():
    room, books = a_room(engine())
    name = room.signal(approach(1, 0), 0).incident_id
    room.answer(name, Where.PROTECTED, TaskStatus.SENT, "police", 1, by="police: Kim 7")
    done = room.answer(name, Where.PROTECTED, TaskStatus.DONE, "police", 2, by="police: Kim 7", said=Said(Outcome.WARNED, "He left."))
    again = room.answer(name, Where.PROTECTED, TaskStatus.DONE, "police", 3, by="police: Kim 7", said=Said(Outcome.WARNED, "He left."))
    assert again == done, "the same word again changes nothing"
    with books.reading() as page:
        lines = [(one.what, one.by, one.reason) for one in page.entries(name)][-3:]
    assert lines == [
        ("task_protected_sent", "police: Kim 7", None),
        ("task_protected_done", "police: Kim 7", None),
        ("outcome_warned", "police: Kim 7", "He left."),
    ]


@given(st.frozensets(st.sampled_from(Kind)), st.sampled_from(Where), st.booleans())
def test_every_officer_is_told_something_and_silence_first(standing, where, is_unseen):
    keys = shown(where, standing, is_unseen=is_unseen)
    assert keys
    assert set(keys) <= {note.key for note in notes().notes}
    assert (keys[0] == "silent") == (Kind.SILENT_SOS in standing)
    assert ("unseen" in keys) == is_unseen


@pytest.mark.parametrize(
    "change", [("en = ", "xx = "), ('key = "between"', 'key = "unseen"'), ('where = ["monitored"]', 'where = ["protected"]')]
)
def test_notes_that_lack_anything_are_refused(change):
    from jikimi.incidents.approach import FILE

    with pytest.raises(ScriptError):
        read(FILE.read_text(encoding="utf-8").replace(*change))
