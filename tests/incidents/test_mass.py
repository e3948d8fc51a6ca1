"""Many fall silent at once: one incident, every pair counted and visible in it, and whoever is in danger in one of her own."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind, Outcome
from jikimi.incidents.status import Status
from jikimi.model.decision import Sight, Tier
from tests.incidents.helpers import a_room, approach, engine, party, plain, told


def silence(number, pair, began=True, tier=Tier.CLEAR, contact_s=None, at_ms=0):
    made = plain(Kind.SILENCE, number, at_ms, began, party(f"p{pair}", f"m{pair}"))
    return msgspec.structs.replace(made, tier=tier, contact_s=contact_s, sight=Sight.BLIND if began else Sight.LIVE)


def pairs(room, incident_id, skip=0, most=10_000):
    return [(one.party.pair_id, one.ended_ms is None) for one in room.members(incident_id, skip, most)]


def only(room):
    (row,) = room.queue()
    return row.worst


def test_a_thousand_silences_are_one_incident_with_the_worst_on_top():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    many = [silence(n, n, contact_s={777: 10.0, 5: 500.0}.get(n), tier=Tier.WATCH) for n in range(1_000)]
    assert room.silences(many[:600], 0) == {"kr"}
    room.silences(many[600:], 10)
    incident = only(room)
    assert (incident.kinds, incident.owner, incident.members.total, incident.members.standing) == (
        (Kind.MASS_SILENCE,), "ann", 1_000, 1_000,
    )  # fmt: skip
    assert pairs(room, incident.incident_id)[:2] == [("p777", True), ("p5", True)]
    assert len(pairs(room, incident.incident_id)) == 1_000
    assert [key for _, _, key in told(books)] == ["alarm.operator.mass_silence"], "one alarm for the operator"
    assert incident.rung_due_ms == 30_000, "nobody takes it: it climbs like any other"
    room.silences(many, 20)
    assert only(room).members.total == 1_000, "the same signals again change nothing"


def test_who_has_an_incident_of_her_own_is_told_there_and_is_no_member():
    room, _ = a_room(engine())
    own = room.signal(approach(1, 0, whom=party("p3", "m3")), 0)
    room.silences([silence(n, n) for n in range(10)], 10)
    rows = {row.worst.kinds[0]: row.worst for row in room.queue()}
    assert rows[Kind.APPROACH].standing == {Kind.APPROACH, Kind.SILENCE}
    mass = rows[Kind.MASS_SILENCE]
    assert mass.members.total == 9
    # And whom somebody comes near afterwards has one of her own at once, above them all.
    near = room.signal(approach(2, 20, Tier.DANGER, 90.0, party("p7", "m7")), 20)
    assert room.queue()[0].worst.incident_id == near.incident_id
    assert ("p7", True) in pairs(room, mass.incident_id)
    room.silences([silence(100, 3, began=False), silence(101, 7, began=False, tier=Tier.DANGER)], 30)
    assert room.queue()[0].worst.incident_id == near.incident_id
    with room._books.reading() as page:
        assert page.incident(own.incident_id).standing == {Kind.APPROACH}
    assert ("p7", False) in pairs(room, mass.incident_id)


def test_it_settles_when_the_last_is_seen_again_and_a_person_s_stays_a_person_s():
    room, _ = a_room(engine())
    room.silences([silence(n, n) for n in range(4)], 0)
    name = only(room).incident_id
    room.acknowledge(name, "ann", 5)
    room.silences([silence(10 + n, n, began=False) for n in range(3)], 10)
    assert only(room).members.standing == 1
    assert room.silences([silence(20, 3, began=False)], 20) == frozenset()
    assert room.queue() == []
    with room._books.reading() as page:
        closed = page.incident(name)
        assert (closed.status, closed.outcome) == (Status.RESOLVED, Outcome.SETTLED)
        assert [one.what for one in page.entries(name)] == [
            "opened_mass_silence", "members_4", "acknowledge", "ended_mass_silence", "resolved_settled",
        ]  # fmt: skip
    assert len(pairs(room, name)) == 4, "who was silent, and until when, can still be read"


def test_each_woman_is_told_once_the_worst_first_and_who_is_seen_again_is_not():
    room, books = a_room(engine())
    room.silences([silence(n, n, contact_s=float(n)) for n in range(6)], 0)
    room.silences([silence(10, 0, began=False)], 1)
    before = len(told(books))
    assert room.tell_members(2, 2) == 2
    assert told(books, before) == [("protected", "f-p1", "alarm.protected.silence"), ("protected", "f-p2", "alarm.protected.silence")]
    assert room.tell_members(10, 3) == 3
    assert room.tell_members(10, 4) == 0
    assert len(told(books, before)) == 5


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.booleans(), st.booleans()), max_size=60),
    st.sets(st.integers(0, 12), max_size=4),
    st.integers(1, 7),
)
def test_no_silence_is_lost_whatever_the_sequence(steps, in_danger, piece):
    """Each pair's last word is true somewhere: in its own incident, or as a member."""
    room, _ = a_room(engine())
    for pair in in_danger:
        room.signal(approach(1, 0, whom=party(f"p{pair}", f"m{pair}")), 0)
    signals = [silence(number, pair, began) for number, (pair, began, _) in enumerate(steps)]
    for start in range(0, len(signals), piece):
        room.silences(signals[start : start + piece], start)
    last = {pair: began for pair, began, _ in steps}
    own = {row.worst.party.pair_id for row in room.queue() if Kind.SILENCE in row.worst.standing}
    masses = [row.worst.incident_id for row in room.queue() if row.worst.kinds == (Kind.MASS_SILENCE,)]
    members = {pair for name in masses for pair, stands in pairs(room, name) if stands}
    for pair, began in last.items():
        assert (f"p{pair}" in (own if pair in in_danger else members)) is began
    assert all(row.worst.members.standing == len(members) for row in room.queue() if row.worst.members)
