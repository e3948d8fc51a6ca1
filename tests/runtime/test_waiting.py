"""Who waits for help waits behind nobody, and each pair's signals keep their order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind
from jikimi.runtime.waiting import URGENT, Waiting
from tests.incidents.helpers import party, plain

THINGS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from([Kind.SILENCE, Kind.APPROACH, Kind.SOS, Kind.BATTERY])), max_size=40)


def signal(number, pair, kind):
    return plain(kind, number, 0, whom=party(pair))


@given(things=THINGS, most=st.integers(1, 5))
def test_nothing_is_lost_nothing_doubled_and_a_pairs_order_holds(things, most):
    waiting, made = Waiting(), [signal(number, *thing) for number, thing in enumerate(things)]
    for one in made:
        waiting.add(one)
    assert sorted(one.signal_id for one in waiting) == sorted(one.signal_id for one in made)
    taken = []
    while waiting:
        batch = waiting.next(most)
        assert 0 < len(batch) <= most
        assert waiting.next(most) == batch, "what failed is tried again"
        waiting.done(batch)
        taken += batch
    assert not waiting.next(most)
    for pair in "abcd":
        assert [one for one in taken if one.party.pair_id == pair] == [one for one in made if one.party.pair_id == pair]
    in_danger = {one.party.pair_id for one in made if one.kind in URGENT}
    ranks = [one.party.pair_id not in in_danger for one in taken]
    assert ranks == sorted(ranks)


def test_a_call_for_help_passes_a_thousand_silent_tags():
    waiting = Waiting()
    for number in range(1000):
        waiting.add(signal(number, f"p{number}", Kind.SILENCE))
    waiting.add(signal(1000, "p999", Kind.SOS))
    assert [one.kind for one in waiting.next(2)] == [Kind.SILENCE, Kind.SOS], "her pair's own, then all others"
    assert {one.party.pair_id for one in waiting.next(2)} == {"p999"}
