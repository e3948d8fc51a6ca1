"""The queue's order: total, stable, and never better for more harm."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.incident import Harm, Incident, Kind
from jikimi.incidents.ranking import first, key, ranked, rows, urgency
from jikimi.model.decision import Sight, Tier
from tests.incidents.helpers import party

HARMS = st.builds(
    Harm,
    tier=st.sampled_from(Tier),
    contact_s=st.none() | st.floats(0, 1e6),
    sight=st.sampled_from(Sight),
    breaches=st.integers(0, 9),
    tampered=st.booleans(),
    sos=st.booleans(),
)
MANY = st.lists(st.tuples(HARMS, st.integers(0, 5), st.integers(0, 4)), max_size=60)


def incidents(drawn):
    return [
        Incident(
            incident_id=f"{number:03}",
            party=party(f"p{number}", f"m{him}"),
            kinds=(Kind.APPROACH,),
            standing=frozenset(),
            harm=harm,
            opened_ms=at_ms,
        )
        for number, (harm, at_ms, him) in enumerate(drawn)
    ]


@given(MANY, st.randoms())
def test_the_order_is_total_and_does_not_depend_on_arrival(drawn, random):
    many = incidents(drawn)
    assert len({key(one) for one in many}) == len(many)
    shuffled = random.sample(many, len(many))
    assert ranked(shuffled) == ranked(many)
    assert first(shuffled, 10) == ranked(many)[:10]


@given(MANY)
def test_equal_harm_keeps_the_sequence_of_arrival(drawn):
    of_one = ranked(incidents([(Harm(), at_ms, him) for _, at_ms, him in drawn]))
    assert [one.opened_ms for one in of_one] == sorted(one.opened_ms for one in of_one)


@given(HARMS, HARMS)
def test_more_of_any_harm_never_ranks_lower(harm, other):
    before = urgency(harm)
    worse = {
        "tier": max(harm.tier, other.tier),
        "sight": max(harm.sight, other.sight),
        "breaches": max(harm.breaches, other.breaches),
        "tampered": harm.tampered or other.tampered,
        "sos": harm.sos or other.sos,
        "contact_s": min((one for one in (harm.contact_s, other.contact_s) if one is not None), default=None),
    }
    for name, value in worse.items():
        assert urgency(msgspec.structs.replace(harm, **{name: value})) >= before
    assert urgency(msgspec.structs.replace(harm, **worse)) >= before


@given(MANY, st.booleans())
def test_none_is_lost_and_none_stands_below_a_lower_risk(drawn, flood):
    many = incidents(drawn)
    found = rows(many, flood=flood)
    assert sorted(one.incident_id for row in found for one in (row.worst, *row.others)) == [one.incident_id for one in many]
    heads = [key(row.worst) for row in found]
    assert heads == sorted(heads)
    assert all(key(row.worst) < key(one) for row in found for one in row.others)
