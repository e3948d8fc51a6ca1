"""Given, when, then: from what happened to a closed incident, with every message in its order."""

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from jikimi.delivery.handset import Trouble
from jikimi.delivery.words import read_book
from jikimi.incidents.incident import SETTLING, Kind, Outcome, Where
from jikimi.incidents.ranking import level
from jikimi.incidents.status import NotAllowedError, Status, TaskStatus
from jikimi.model.decision import Tier
from jikimi.model.notice import LIFE_MS, Side, Urgency
from tests.incidents.helpers import a_room, approach, engine, party, plain, told


def history(books, incident):
    with books.reading() as page:
        return [(one.what, one.by) for one in page.entries(incident.incident_id)]


def test_an_approach_from_the_transition_to_the_closed_incident():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    incident = room.signal(approach(1, 1_000), 1_000)
    assert told(books) == [
        ("protected", "f-p1", "alarm.protected.approach"),
        ("operator", "ann", "alarm.operator.approach"),
        ("responder", "police", "task.responder.at_protected"),
        ("responder", "police", "task.responder.at_monitored"),
    ]
    name = incident.incident_id
    room.acknowledge(name, "ann", 5_000)
    received(room, name, 6_000)
    room.task(name, Where.PROTECTED, TaskStatus.SENT, "police", 7_000)
    room.task(name, Where.PROTECTED, TaskStatus.ARRIVED, "police", 20_000)
    for status in (TaskStatus.SENT, TaskStatus.ARRIVED):
        room.task(name, Where.MONITORED, status, "police", 20_500)
    room.contact(name, "ann", 21_000)
    room.advance(2_000_000)
    closed = room.resolve(name, "ann", Outcome.WARNED, " Police spoke with both. ", 201_000)
    assert closed.status is Status.RESOLVED
    assert told(books, 4) == [("responder", "police", "closed.responder.incident")]
    assert history(books, closed) == [
        ("opened_approach", "clock"),
        ("acknowledge", "ann"),
        ("task_monitored_received", "police"),
        ("task_protected_received", "police"),
        ("task_protected_sent", "police"),
        ("task_protected_arrived", "police"),
        ("task_monitored_sent", "police"),
        ("task_monitored_arrived", "police"),
        ("contact", "ann"),
        ("resolved_warned", "ann"),
    ]
    assert room.next_due_ms() is None
    assert room.queue() == []


def received(room, incident_id, at_ms):
    """Both responders have their requests."""
    for where in Where:
        room.task(incident_id, where, TaskStatus.RECEIVED, "police", at_ms)


def test_a_request_that_nobody_receives_is_made_again_every_30_s_and_said_to_those_in_charge():
    made = engine()
    room, books = a_room(made)
    room.sign_in("ann", 0)
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 1_000)
    room.contact(name, "ann", 2_000)
    room.task(name, Where.PROTECTED, TaskStatus.RECEIVED, "police", 3_000)
    assert room.next_due_ms() == 30_000
    room, books = a_room(made)  # a new process on the same database
    room.advance(30_000)
    assert told(books, 4) == [
        ("responder", "police", "task.responder.at_monitored"),
        ("operator", "ann", "escalation.operator.task_due"),
        ("supervisor", "supervisor", "escalation.supervisor.task_due"),
    ]
    room.advance(60_000)
    assert len(told(books, 4)) == 6
    closed = room.task(name, Where.MONITORED, TaskStatus.SENT, "police", 61_000)
    assert room.next_due_ms() == 123_000, "now the other one must send a unit"
    assert [what for what, _ in history(books, closed)][-3:] == ["task_due", "task_due", "task_monitored_sent"]


def test_a_unit_that_was_received_and_never_goes_out_or_never_arrives_is_pressed_until_it_does():
    made = engine()
    room, books = a_room(made)
    room.sign_in("ann", 0)
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 500)
    received(room, name, 1_000)
    room.contact(name, "ann", 2_000)
    room.task(name, Where.MONITORED, TaskStatus.SENT, "police", 3_000)
    room, books = a_room(made)  # a new process on the same database
    room.advance(120_999)
    assert len(told(books)) == 4, "two minutes from the moment at which it was received"
    room.advance(121_000)
    pressed = [
        ("responder", "police", "task.responder.at_protected"),
        ("operator", "ann", "escalation.operator.task_unsent"),
        ("supervisor", "supervisor", "escalation.supervisor.task_unsent"),
    ]
    assert told(books, 4) == pressed
    room.advance(241_000)
    assert told(books, 7) == pressed, "and again every two minutes"
    room.task(name, Where.PROTECTED, TaskStatus.SENT, "police", 250_000)
    assert room.next_due_ms() == 603_000, "ten minutes after the first unit left"
    room.advance(603_000)
    late = [("operator", "ann", "escalation.operator.task_late"), ("supervisor", "supervisor", "escalation.supervisor.task_late")]
    assert told(books, 10) == late
    for where in Where:
        room.task(name, where, TaskStatus.ARRIVED, "police", 700_000)
    assert room.next_due_ms() is None
    with books.reading() as page:
        clock = [(one.at_ms, one.what) for one in page.entries(name) if one.by == "clock"]
    assert clock[1:] == [(121_000, "task_unsent"), (241_000, "task_unsent"), (603_000, "task_late")]


@pytest.mark.parametrize("steps", [(), (TaskStatus.RECEIVED,), (TaskStatus.RECEIVED, TaskStatus.SENT)])
def test_where_another_agency_does_not_go_on_the_police_of_the_ladder_hear_of_it_the_second_time(steps):
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    name = room.signal(approach(1, 0, whom=party(basis="kr-provisional", tag="kr-attachment")), 0).incident_id
    room.acknowledge(name, "ann", 0)
    room.contact(name, "ann", 0)
    for status in (TaskStatus.RECEIVED, TaskStatus.SENT, TaskStatus.ARRIVED):
        room.task(name, Where.PROTECTED, status, "police", 0)
    for status in steps:
        room.task(name, Where.MONITORED, status, "tag_authority", 0)
    first_ms = room.next_due_ms()
    assert first_ms == 1_000 * (30, 120, 600)[len(steps)]
    step = ("responder", "police", "escalation.responder.task")
    room.advance(first_ms)
    assert step not in told(books)
    room.advance(2 * first_ms)
    assert told(books).count(step) == 1


def test_who_was_away_from_a_unit_that_does_not_go_is_told_once_and_on_the_beat():
    room, books = a_room(engine())
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 0)
    room.contact(name, "ann", 0)
    received(room, name, 0)
    room.advance(3_600_000)
    assert [one[2] for one in told(books)].count("escalation.operator.task_unsent") == 1
    assert room.next_due_ms() == 3_720_000


def comes_back(room, steps):
    """An approach that somebody acknowledged, and in which she was spoken with, ends; a minute later he is near again."""
    room.sign_in("ann", 0)
    room.sign_in("bob", 0)
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 1_000)
    for status in steps:
        for where in Where:
            room.task(name, where, status, "police", 2_000)
    room.contact(name, "ann", 3_000)
    room.signal(approach(2, 4_000, Tier.CLEAR, 3_000.0, began=False), 4_000)
    assert room.next_due_ms() is None, "nobody is pressed while he is away"
    return room.signal(approach(3, 64_000), 64_000)


@pytest.mark.parametrize("steps", [(), (TaskStatus.RECEIVED,)])
def test_an_approach_that_comes_back_while_nobody_is_on_the_way_climbs_the_whole_ladder_anew(steps):
    """At 3 a.m. whoever took the first one may sleep, and the police have long said that they know."""
    room, books = a_room(engine())
    back = comes_back(room, steps)
    assert (back.status, back.owner, back.rung_due_ms, back.contact_due_ms) == (Status.OPEN, "ann", 94_000, 124_000)
    again = [
        ("protected", "f-p1", "alarm.protected.approach"),
        ("operator", "ann", "alarm.operator.approach"),
        ("responder", "police", "task.responder.at_protected"),
        ("responder", "police", "task.responder.at_monitored"),
    ]
    assert [one for one in told(books) if one in again] == again * 2, "whoever has sent nobody is asked again"
    before = len(told(books))
    for now_ms in range(64_000, 154_001, 1_000):
        room.advance(now_ms)
    climbed = [one for one in told(books)[before:] if "unacknowledged" in one[2] or "contact_due" in one[2]]
    assert sorted(climbed) == [
        ("operator", "bob", "escalation.operator.contact_due"),
        ("operator", "bob", "escalation.operator.unacknowledged"),
        ("responder", "police", "escalation.responder.unacknowledged"),
        ("supervisor", "supervisor", "escalation.supervisor.contact_due"),
        ("supervisor", "supervisor", "escalation.supervisor.unacknowledged"),
    ]
    assert room.acknowledge(back.incident_id, "bob", 155_000).rung_due_ms is None


@pytest.mark.parametrize("steps", [(TaskStatus.SENT,), (TaskStatus.SENT, TaskStatus.ARRIVED)])
def test_an_approach_that_comes_back_to_a_unit_on_the_way_is_said_to_who_has_it_and_asks_for_contact_anew(steps):
    room, books = a_room(engine())
    back = comes_back(room, steps)
    assert back.status is Status.CONTACT_MADE, "help is on its way"
    assert (back.rung_due_ms, back.contact_due_ms) == (None, 124_000)
    said = [("protected", "f-p1", "alarm.protected.approach"), ("operator", "ann", "alarm.operator.approach")]
    assert [one for one in told(books) if one in said] == said * 2


def test_an_approach_to_an_incident_that_somebody_took_for_less_is_nobodys_until_it_is_acknowledged():
    room, _ = a_room(engine())
    name = room.signal(plain(Kind.BATTERY, 1, 0), 0).incident_id
    room.acknowledge(name, "ann", 1_000)
    near = room.signal(approach(1, 5_000), 5_000)
    assert (near.incident_id, near.status, near.rung_due_ms) == (name, Status.OPEN, 35_000)


HAPPENS = st.sampled_from(["clear", "warning", "danger", "acknowledge", "contact", "sent"])


@given(st.lists(st.tuples(HAPPENS, st.integers(0, 90)), max_size=16))
def test_every_audible_alarm_of_hers_over_60_s_has_a_human_contact_or_somebody_who_is_asked_for_it(happens):
    """Whatever was acknowledged, sent and spoken before: the clock of contact runs from when her phone sounds anew."""
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    name, now_ms, is_spoken_with = room.signal(approach(0, 0), 0).incident_id, 0, False
    for number, (what, seconds) in enumerate(happens, 1):
        before = len(told(books))
        try:
            if what in {"clear", "warning", "danger"}:
                room.signal(approach(number, now_ms, Tier[what.upper()], began=what != "clear"), now_ms)
            elif what == "acknowledge":
                room.acknowledge(name, "ann", now_ms)
            elif what == "contact":
                room.contact(name, "ann", now_ms)
                is_spoken_with = True
            else:
                room.task(name, Where.PROTECTED, TaskStatus.SENT, "police", now_ms)
        except NotAllowedError:
            pass
        is_spoken_with = is_spoken_with and ("protected", "f-p1", "alarm.protected.approach") not in told(books)[before:]
        now_ms += 1_000 * seconds
        room.advance(now_ms)
        (row,) = room.queue()
        if Kind.APPROACH in row.worst.standing and not is_spoken_with:
            assert now_ms < row.worst.contact_due_ms <= now_ms + 60_000


def urgency_to_her(books, after=0):
    return [(one.text_key, one.urgency) for _, one in books.notices_after(after) if one.audience is Side.PROTECTED]


def test_while_she_calls_silently_nothing_rings_near_her_and_nobody_is_pressed_to_ring():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    room.signal(approach(1, 0), 0)
    room.signal(plain(Kind.SILENCE, 2, 100), 100)
    assert urgency_to_her(books) == [("alarm.protected.approach", Urgency.ALARM), ("alarm.protected.silence", Urgency.PROMPT)]
    before = len(told(books))
    called = room.signal(plain(Kind.SILENT_SOS, 3, 1_000), 1_000)
    hushed = [("alarm.protected.approach", Urgency.HUSHED), ("alarm.protected.silence", Urgency.HUSHED)]
    assert urgency_to_her(books, before) == hushed, "what was on its way to ring is taken over by words on her open page"
    assert ("operator", "ann", "alarm.operator.silent_sos") in told(books, before)
    assert called.contact_due_ms is None
    assert level(called.harm) is Tier.DANGER
    before = len(told(books))
    room.signal(approach(4, 2_000, tier=Tier.DANGER), 2_000)
    assert urgency_to_her(books, before) == hushed[:1]
    ended = room.signal(plain(Kind.SILENT_SOS, 5, 3_000, began=False), 3_000)
    assert ended.contact_due_ms == 63_000, "the approach still sounds"
    assert ended.status is not Status.RESOLVED


@pytest.mark.parametrize("trouble", Trouble)
def test_a_handset_in_trouble_is_an_incident_in_which_she_is_told_the_one_thing_that_mends_it(trouble):
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    found = room.signal(msgspec.structs.replace(plain(Kind.HANDSET, 1, 0), trouble=trouble.value), 0)
    assert told(books) == [("protected", "f-p1", f"instruction.protected.{trouble}"), ("operator", "ann", "alarm.operator.handset")]
    assert read_book().words[f"instruction.protected.{trouble}"].text["en"]
    assert room.signal(plain(Kind.HANDSET, 2, 60_000, began=False), 60_000).outcome is Outcome.SETTLED
    assert found.rung_due_ms == 30_000


def test_the_ladder_over_a_restart_and_without_any_page():
    made = engine()
    room, books = a_room(made)
    room.sign_in("ann", 0)
    room.sign_in("bob", 0)
    received(room, room.signal(approach(1, 0), 0).incident_id, 1)
    assert room.next_due_ms() == 30_000
    room.advance(29_999)
    assert len(told(books)) == 4
    room.advance(30_000)
    assert told(books, 4) == [("operator", "bob", "escalation.operator.unacknowledged")]
    room, books = a_room(made)  # a new process on the same database
    assert room.next_due_ms() == 60_000
    room.advance(60_000)
    assert sorted(told(books, 5)) == [
        ("operator", "bob", "escalation.operator.contact_due"),
        ("supervisor", "supervisor", "escalation.supervisor.contact_due"),
        ("supervisor", "supervisor", "escalation.supervisor.unacknowledged"),
    ]
    room.advance(90_000)
    assert told(books, 8) == [("responder", "police", "escalation.responder.unacknowledged")]
    assert room.next_due_ms() == 120_000


def test_after_an_hour_down_everybody_is_told_once_and_in_time_to_be_delivered():
    made = engine()
    room, books = a_room(made)
    room.sign_in("ann", 0)
    room.signal(approach(1, 0), 0)
    a_room(made)[0].advance(3_600_000)
    late = [one for _, one in books.notices_after(4)]
    assert len(late) == 9
    assert all(one.created_ms == 3_600_000 for one in late)
    assert room.next_due_ms() == 3_630_000


def test_contact_is_asked_for_every_minute_until_somebody_spoke_with_her():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    incident = room.signal(approach(1, 0), 0)
    room.acknowledge(incident.incident_id, "ann", 1_000)
    received(room, incident.incident_id, 1_000)
    assert room.next_due_ms() == 60_000
    room.advance(60_000)
    room.advance(120_000)
    assert len(told(books, 4)) == 4
    room.contact(incident.incident_id, "ann", 120_500)
    assert room.next_due_ms() == 121_000, "only the units are waited for"


def test_an_alarm_that_ended_sooner_asks_for_no_contact_but_waits_for_a_person():
    room, _books = a_room(engine())
    room.sign_in("ann", 0)
    incident = room.signal(approach(1, 0), 0)
    room.acknowledge(incident.incident_id, "ann", 1_000)
    ended = room.signal(approach(2, 40_000, Tier.WATCH, began=False), 40_000)
    assert ended.status is Status.ACKNOWLEDGED
    assert room.next_due_ms() is None


def test_repeats_merge_and_the_same_signal_counts_once():
    room, books = a_room(engine())
    first = room.signal(approach(1, 0), 0)
    count = len(told(books))
    again = room.signal(approach(1, 0), 10)
    assert again == first
    assert len(told(books)) == count
    merged = room.signal(plain(Kind.STRAP, 1, 20), 20)
    assert merged.incident_id == first.incident_id
    assert merged.kinds == (Kind.APPROACH, Kind.STRAP)
    assert merged.harm.tampered
    assert [what for what, _ in history(books, merged)] == ["opened_approach", "again_strap"]


def test_responders_hear_every_100_m_and_she_only_a_worse_band_or_a_new_approach():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    incident = room.signal(approach(1, 0, low_m=900.0), 0)
    for number, low_m in enumerate((850.0, 801.0, 800.0, 750.0, 700.0)):
        room.measured({incident.incident_id: {"p1": low_m}}, 1_000 + number)
    assert told(books, 4) == [("responder", "police", "repeat.responder.distance")] * 2
    room.signal(approach(2, 2_000, low_m=700.0), 2_000)
    assert len(told(books)) == 6
    room.signal(approach(3, 3_000, Tier.DANGER, 690.0), 3_000)
    assert told(books, 6) == [("protected", "f-p1", "alarm.protected.approach")]
    room.signal(approach(4, 4_000, Tier.WATCH, 690.0, began=False), 4_000)
    room.signal(approach(5, 5_000, Tier.WARNING, 690.0), 5_000)
    assert told(books, 7) == [
        ("protected", "f-p1", "alarm.protected.approach"),
        ("operator", "ann", "alarm.operator.approach"),
        ("responder", "police", "task.responder.at_protected"),
        ("responder", "police", "task.responder.at_monitored"),
    ]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in SETTLING])
def test_these_never_close_themselves(kind):
    room, _ = a_room(engine())
    room.signal(plain(kind, 1, 0), 0)
    left = room.signal(plain(kind, 2, 10, began=False), 10)
    room.advance(100_000_000)
    assert left.status is Status.OPEN
    assert len(room.queue()) == 1


def test_silence_settles_when_he_is_seen_again_but_not_together_with_tamper():
    room, _ = a_room(engine())
    room.signal(plain(Kind.SILENCE, 1, 0), 0)
    assert room.signal(plain(Kind.SILENCE, 2, 10, began=False), 10).outcome is Outcome.SETTLED
    room.signal(plain(Kind.SILENCE, 3, 20), 20)
    room.signal(plain(Kind.JAMMING, 1, 21), 21)
    assert room.signal(plain(Kind.SILENCE, 4, 30, began=False), 30).status is Status.OPEN


def test_no_close_without_a_reason_nor_without_a_look_nor_twice():
    room, _ = a_room(engine())
    name = room.signal(plain(Kind.SOS, 1, 0), 0).incident_id
    for by_hand in (Outcome.HELPED, Outcome.SETTLED):
        with pytest.raises(NotAllowedError):
            room.resolve(name, "ann", by_hand, "She is well.", 1)
    room.acknowledge(name, "ann", 2)
    with pytest.raises(NotAllowedError, match="reason"):
        room.resolve(name, "ann", Outcome.HELPED, "  ", 3)
    room.resolve(name, "ann", Outcome.HELPED, "She is well.", 4)
    with pytest.raises(NotAllowedError, match="resolved"):
        room.resolve(name, "ann", Outcome.HELPED, "Again.", 5)


def test_her_call_is_seen_when_an_operator_acts_on_it_and_not_before():
    room, _ = a_room(engine())
    name = room.signal(plain(Kind.SOS, 1, 100), 100).incident_id
    hers = ("f-p1", frozenset({"p1"}))
    assert room.call_seen_ms(*hers, 100) is None
    room.advance(100_000_000)
    assert room.call_seen_ms(*hers, 100) is None, "what the clock wrote is nobody's look"
    room.acknowledge(name, "ann", 100_000_200)
    assert room.call_seen_ms(*hers, 100) == 100_000_200
    assert room.call_seen_ms("f-p2", frozenset({"p2"}), 100) is None
    assert room.call_seen_ms(*hers, 100_000_300) is None, "who had it before a new call has not looked at the new one"


def test_who_works_on_an_approach_has_not_seen_the_call_that_comes_to_it():
    room, _ = a_room(engine())
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 10)
    assert room.call_seen_ms("f-p1", frozenset({"p1"}), 0) is None, "there is no call"
    room.signal(plain(Kind.SOS, 1, 20), 20)
    assert room.call_seen_ms("f-p1", frozenset({"p1"}), 20) is None
    room.write(name, "ann", "I ring her.", 30)
    assert room.call_seen_ms("f-p1", frozenset({"p1"}), 20) == 30


@pytest.mark.parametrize("kind", [Kind.SOS, Kind.SILENT_SOS])
@pytest.mark.parametrize("known", [TaskStatus.RECEIVED, TaskStatus.ARRIVED])
def test_a_call_in_an_incident_that_somebody_has_is_nobodys_until_it_is_acknowledged(kind, known):
    """At 3 a.m. whoever took the approach may sleep, and the police have long said that they know."""
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 10)
    for status in (TaskStatus.RECEIVED, TaskStatus.SENT, TaskStatus.ARRIVED)[: 1 if known is TaskStatus.RECEIVED else 3]:
        room.task(name, Where.PROTECTED, status, "police", 20)
    before = books.notices_after(0)[-1][0]
    called = room.signal(plain(kind, 1, 1_000), 1_000)
    assert (called.status, called.owner, called.rung_due_ms) == (Status.OPEN, "ann", 31_000)
    assert {("operator", "ann", f"alarm.operator.{kind}"), ("responder", "police", "task.responder.at_protected")} <= set(
        told(books, before)
    )
    asked = next(one for _, one in books.notices_after(before) if one.text_key == "task.responder.at_protected")
    assert asked.arguments == {"kind": kind.value}, "an update of the request that they know"
    room.advance(91_000)
    escalated = [one[2] for one in told(books, before) if one[2].startswith("escalation.") and "unacknowledged" in one[2]]
    assert escalated == [f"escalation.{who}.unacknowledged" for who in ("operator", "supervisor", "responder")]
    with pytest.raises(NotAllowedError, match="acknowledge"):
        room.resolve(name, "ann", Outcome.HELPED, "She is well.", 91_000)
    assert room.acknowledge(name, "ann", 92_000).rung_due_ms is None


def test_a_second_call_is_told_again_once_somebody_had_the_first_and_a_thumb_on_the_button_tells_once():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    name = room.signal(plain(Kind.SOS, 1, 0), 0).incident_id
    before = len(told(books))
    for press in range(2, 12):
        room.signal(plain(Kind.SOS, press, 100 * press), 100 * press)
    assert len(told(books)) == before, "nobody has seen the first one yet, and its clock runs"
    room.acknowledge(name, "ann", 2_000)
    room.contact(name, "ann", 3_000)
    again = room.signal(plain(Kind.SOS, 20, 7_200_000), 7_200_000)
    assert (again.status, again.rung_due_ms, again.contact_due_ms) == (Status.OPEN, 7_230_000, 7_260_000)
    assert told(books)[before:] == [("operator", "ann", "alarm.operator.sos"), ("responder", "police", "task.responder.at_protected")]


def test_an_opened_strap_is_told_to_those_who_are_on_their_way_to_him():
    room, books = a_room(engine())
    name = room.signal(approach(1, 0), 0).incident_id
    room.task(name, Where.MONITORED, TaskStatus.SENT, "police", 20)
    before = len(told(books))
    incident = room.signal(plain(Kind.STRAP, 1, 1_000), 1_000)
    assert ("responder", "police", "task.responder.at_monitored") in told(books)[before:]
    assert len(incident.tasks) == 2, "the task is the same"


def test_her_call_was_seen_also_where_the_incident_was_resolved_before_her_phone_asked():
    room, _ = a_room(engine())
    name = room.signal(plain(Kind.SOS, 1, 100), 100).incident_id
    room.acknowledge(name, "ann", 200)
    room.resolve(name, "ann", Outcome.HELPED, "She is well.", 300)
    hers = ("f-p1", frozenset({"p1"}))
    assert room.call_seen_ms(*hers, 100) == 200
    assert room.call_seen_ms("f-p1", frozenset(), 100) == 200, "also where her order has no tag"
    assert room.call_seen_ms("f-p2", frozenset({"p2"}), 100) is None
    assert room.call_seen_ms(*hers, 400) is None, "a new call is not seen by what was done for the old one"
    room.signal(plain(Kind.SOS, 1, 400), 400)
    assert room.call_seen_ms(*hers, 400) is None


def test_her_call_was_seen_also_where_the_server_started_anew_since():
    database = engine()
    before, _ = a_room(database)
    for number, at_ms in ((1, 100), (2, 150)):
        whom = party(f"p{number}", f"m{number}")
        name = before.signal(plain(Kind.SOS, number, at_ms, whom=whom), at_ms).incident_id
        before.acknowledge(name, "ann", at_ms + 100)
        before.resolve(name, "ann", Outcome.HELPED, "She is well.", at_ms + 200)
    after, _ = a_room(database)
    assert after.call_seen_ms("f-p1", frozenset({"p1"}), 100) == 200
    assert after.call_seen_ms("f-p2", frozenset(), 150) == 250, "also where her order has no tag"
    assert after.call_seen_ms("f-p1", frozenset({"p1"}), 400) is None, "a new call is not seen by what was done for the old one"
    assert after.call_seen_ms("f-p3", frozenset({"p3"}), 100) is None


def test_an_incident_without_a_call_that_was_resolved_saw_none_and_one_that_nobody_saw_neither():
    room, _ = a_room(engine())
    name = room.signal(approach(1, 0), 0).incident_id
    room.acknowledge(name, "ann", 10)
    room.resolve(name, "ann", Outcome.HELPED, "She is well.", 20)
    assert room.call_seen_ms("f-p1", frozenset({"p1"}), 0) is None
    room.signal(plain(Kind.SOS, 2, 30), 30)
    room.signal(plain(Kind.SOS, 2, 40, began=False), 40)
    assert room.call_seen_ms("f-p2", frozenset({"p2"}), 30) is None


def test_a_silent_sos_rings_nowhere_near_her():
    room, books = a_room(engine())
    room.signal(plain(Kind.SOS, 1, 0), 0)
    assert {audience for audience, _, _ in told(books)} == {"supervisor", "responder"}


@pytest.mark.parametrize(
    ("tag", "order", "expected"),
    [
        ("kr-provisional", "kr-provisional", ["police", "police"]),
        ("kr-attachment", "kr-attachment", ["tag_authority", "tag_authority"]),
        ("kr-attachment", "kr-provisional", ["police", "tag_authority"]),
        (None, "unknown", ["police", "police"]),
    ],
)
def test_who_goes_to_her_and_to_him_by_the_legal_basis(tag, order, expected):
    room, _ = a_room(engine())
    incident = room.signal(approach(1, 0, whom=party(basis=order, tag=tag)), 0)
    assert [(task.where, task.responder) for task in incident.tasks] == list(zip((Where.PROTECTED, Where.MONITORED), expected, strict=True))


def test_incidents_are_shared_and_handed_over():
    room, _ = a_room(engine())
    for number in range(6):
        room.signal(approach(1, 0, whom=party(f"p{number}")), 0)
    assert {row.worst.owner for row in room.queue()} == {None}
    room.sign_in("ann", 1)
    assert {row.worst.owner for row in room.queue()} == {"ann"}
    room.sign_in("bob", 2)
    with pytest.raises(NotAllowedError):
        room.offer("ann", "ann", 3)
    with pytest.raises(NotAllowedError):
        room.take("bob", "ann", 3)
    room.offer("ann", "bob", 3)
    room.take("bob", "ann", 4)
    assert {row.worst.owner for row in room.queue()} == {"bob"}
    room.sign_in("cat", 5)
    assert room.signal(approach(1, 6, whom=party("p9")), 6).owner == "cat"
    room.sign_out("bob", 7)
    assert {row.worst.owner for row in room.queue()} == {"cat"}


def test_nothing_of_a_refused_act_is_kept():
    room, books = a_room(engine())
    incident = room.signal(plain(Kind.BATTERY, 1, 0), 0)
    room.acknowledge(incident.incident_id, "ann", 1)
    with pytest.raises(NotAllowedError):
        room.task(incident.incident_id, Where.PROTECTED, TaskStatus.SENT, "police", 2)
    assert [what for what, _ in history(books, incident)] == ["opened_battery", "acknowledge"]
    with books.reading() as page:
        assert page.incident(incident.incident_id).status is Status.ACKNOWLEDGED


def test_the_database_itself_allows_one_open_incident_a_pair():
    room, books = a_room(engine())
    incident = room.signal(plain(Kind.SOS, 1, 0), 0)
    with pytest.raises(sa.exc.IntegrityError), books.writing() as page:
        page.put_incident(msgspec.structs.replace(incident, incident_id="other"))


@given(st.sampled_from(Kind), st.floats(0, 50_000), st.sampled_from(Tier))
def test_what_he_is_told_is_the_same_wherever_she_is(kind, low_m, tier):
    def to_him(metres, now_tier):
        room, books = a_room(engine())
        signal = approach(1, 0, now_tier, metres)
        incident = room.signal(msgspec.structs.replace(signal, kind=kind), 0)
        room.measured({incident.incident_id: {"p1": metres / 2}}, 10)
        room.advance(200_000)
        return [one for _, one in books.notices_after(0) if one.audience is Side.MONITORED]

    assert to_him(low_m, tier) == to_him(100.0, Tier.DANGER)


def test_a_notice_lives_a_minute_and_holds_no_coordinate():
    room, books = a_room(engine())
    room.signal(approach(1, 0), 0)
    for _, one in books.notices_after(0):
        assert one.expires_ms - one.created_ms <= LIFE_MS
        assert all("." not in value for value in one.arguments.values())
