"""One man comes near a woman and her home: one thing for people, and each pair keeps what happened at it."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind, Where
from jikimi.incidents.opening import begun, merged, with_strands
from jikimi.incidents.ranking import urgency
from jikimi.incidents.room import Room, key_of
from jikimi.incidents.status import Status
from jikimi.model.decision import Sight, Tier
from jikimi.model.responders import MergeBy
from jikimi.policy.responders import tables
from jikimi.storage.incidents import SqlIncidents
from tests.incidents.helpers import a_room, approach, engine, party, plain, told

HER = party("her")
HOME = msgspec.structs.replace(HER, pair_id="home")
"""The same man and woman; her home stands in for her."""


def test_she_and_her_home_are_one_incident_with_one_set_of_requests():
    room, books = a_room(engine())
    room.sign_in("ann", 0)
    first = room.signal(approach(1, 0, whom=HOME, low_m=700.0), 0)
    both = room.signal(approach(1, 10, Tier.DANGER, 90.0, HER), 10)
    assert both.incident_id == first.incident_id
    assert [task.where for task in both.tasks] == [Where.PROTECTED, Where.MONITORED]
    assert [one for one in told(books) if one[0] == "responder" and "task" in one[2]] == [
        ("responder", "police", "task.responder.at_protected"),
        ("responder", "police", "task.responder.at_monitored"),
    ]
    assert told(books).count(("protected", "f-her", "alarm.protected.approach")) == 2, "danger is told anew"
    assert both.party.pair_id == "her", "it stands where it is worst"
    with books.reading() as page:
        assert [(one.what, one.pair_id) for one in page.entries(both.incident_id)] == [
            ("opened_approach", "home"),
            ("again_approach", "her"),
        ]
    assert room.approaches() == {"her": both.incident_id, "home": both.incident_id}


def test_what_ends_at_her_home_lasts_while_it_lasts_at_her():
    room, _ = a_room(engine())
    for number, whom in enumerate((HER, HOME)):
        room.signal(plain(Kind.SILENCE, number, 0, whom=whom), 0)
    left = room.signal(plain(Kind.SILENCE, 8, 10, began=False, whom=HOME), 10)
    assert (left.status, left.standing) == (Status.OPEN, {Kind.SILENCE})
    assert room.signal(plain(Kind.SILENCE, 9, 20, began=False, whom=HER), 20).status is Status.RESOLVED


def test_the_separation_told_is_that_of_the_nearest_place():
    room, books = a_room(engine())
    room.signal(approach(1, 0, whom=HOME, low_m=700.0), 0)
    name = room.signal(approach(1, 10, Tier.DANGER, 90.0, HER), 10).incident_id
    before = len(told(books))
    room.measured({name: {"home": 100.0}}, 20)
    assert told(books, before) == [], "she is nearer in tier, and her separation did not change"
    room.measured({name: {"her": 400.0}}, 30)
    assert told(books, before) == [("responder", "police", "repeat.responder.distance")]


def test_where_the_policy_says_so_each_pair_is_a_thing_of_its_own():
    kr = tables()["kr"]
    apart = msgspec.structs.replace(kr, merge=msgspec.structs.replace(kr.merge, by=MergeBy.PAIR))
    room = Room(SqlIncidents(engine()), {"kr": apart})
    assert room.signal(approach(1, 0, whom=HOME), 0) != room.signal(approach(1, 0, whom=HER), 0)
    assert len(room.queue()) == 2


def test_two_women_of_one_man_and_two_men_of_one_woman_are_never_one():
    keys = {key_of(one, MergeBy.PARTY) for one in (HER, party("other"), party("her", him="m2"))}
    assert len(keys) == 3
    assert key_of(HER, MergeBy.PARTY) == key_of(HOME, MergeBy.PARTY)


def test_an_incident_that_an_earlier_version_opened_is_found_and_goes_on():
    room, books = a_room(engine())
    old = room.signal(approach(1, 0, whom=HER), 0)
    with books.writing() as page:
        page.put_incident(msgspec.structs.replace(old, key="", strands=()))
    again = room.signal(plain(Kind.STRAP, 2, 10, whom=HER), 10)
    assert again.incident_id == old.incident_id
    assert again.standing == {Kind.APPROACH, Kind.STRAP}
    assert [one.pair_id for one in again.strands] == ["her"]


SIGNALS = st.builds(
    lambda number, kind, pair, began, tier, contact_s, sight: msgspec.structs.replace(
        approach(number, number, tier, 10.0, msgspec.structs.replace(HER, pair_id=pair), began), kind=kind, contact_s=contact_s, sight=sight
    ),
    st.integers(0, 1_000_000),
    st.sampled_from(Kind),
    st.sampled_from(("her", "home", "work")),
    st.booleans(),
    st.sampled_from(Tier),
    st.none() | st.floats(0, 1e5),
    st.sampled_from(Sight),
)


@given(st.lists(SIGNALS, min_size=1, max_size=30))
def test_an_incident_is_never_less_urgent_than_any_of_its_pairs_and_forgets_no_cause(signals):
    room, _ = a_room(engine())
    opening = msgspec.structs.replace(signals[0], began=True)
    incident = room.signal(opening, 0)
    incident = with_strands(incident, [begun(opening)])
    for signal in signals[1:]:
        incident = merged(incident, signal)
        assert all(urgency(incident.harm)[:2] >= urgency(strand.harm)[:2] for strand in incident.strands)
        assert incident.standing == frozenset().union(*(strand.standing for strand in incident.strands))
        assert incident.party.pair_id in {strand.pair_id for strand in incident.strands}
