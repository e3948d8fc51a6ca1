"""Signals taken in together, many in one transaction, do what they do one by one."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind
from jikimi.incidents.room import Room
from jikimi.model.decision import Tier
from jikimi.policy.responders import tables
from jikimi.storage.incidents import SqlIncidents
from tests.incidents.helpers import a_room, approach, engine, party, plain

PARTIES = [party("p1", "m1"), party("p2", "m1"), party("p3", "m2")]
KINDS = [Kind.SILENCE, Kind.STRAP, Kind.SOS, Kind.SILENT_SOS, Kind.BATTERY, Kind.HANDSET]


@st.composite
def signals(draw):
    number, whom, began = draw(st.integers(0, 9)), draw(st.sampled_from(PARTIES)), draw(st.booleans())
    if draw(st.booleans()):
        tier = draw(st.sampled_from([Tier.WARNING, Tier.DANGER])) if began else Tier.CLEAR
        return approach(number, 1_000, tier, draw(st.integers(10, 2_000)), whom, began)
    return plain(draw(st.sampled_from(KINDS)), number, 1_000, began, whom)


def all_of(books):
    with books.reading() as page:
        found = page.open_incidents()
        history = {one.incident_id: page.entries(one.incident_id) for one in found}
    return found, history, [one for _, one in books.notices_after(0)]


@settings(max_examples=60)
@given(st.lists(signals(), max_size=12), st.integers(0, 12))
def test_in_one_transaction_or_in_many_it_is_the_same(given_signals, cut):
    one_by_one, single = a_room(engine())
    together, batch = a_room(engine())
    for signal in given_signals:
        one_by_one.signal(signal, 1_000)
    together.signals(given_signals[:cut], 1_000)
    together.signals(given_signals[cut:], 1_000)
    assert all_of(batch) == all_of(single)


def test_an_incident_that_closes_and_one_that_opens_in_its_place_fit_in_one_transaction():
    made = engine()
    room = Room(SqlIncidents(made), tables())
    silence = [plain(Kind.SILENCE, 1, 0), plain(Kind.SILENCE, 2, 1, began=False), plain(Kind.SILENCE, 3, 2)]
    room.signals(silence, 2)
    with SqlIncidents(made).reading() as page:
        (standing,) = page.open_incidents()
    assert standing.opened_ms == 2
