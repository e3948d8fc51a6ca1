"""Which entry was tampered with: named exactly, for any tampering."""

from hypothesis import assume, given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.order import Difference, Tampering, differences

lists = st.integers(1, 60).map(lambda n: [f"{k}".encode() for k in range(n)])


def found(signed, there):
    return list(differences(signed, there))


@given(lists)
def test_nothing_done_nothing_found(signed):
    assert found(signed, signed) == []


@given(lists, st.data())
def test_one_changed_is_named(signed, data):
    entry = data.draw(st.integers(0, len(signed) - 1))
    there = [*signed[:entry], b"other", *signed[entry + 1 :]]
    assert found(signed, there) == [Difference(Tampering.CHANGED, entry)]


@given(lists, st.data())
def test_any_removed_are_named(signed, data):
    gone = data.draw(st.sets(st.integers(0, len(signed) - 1)))
    there = [each for entry, each in enumerate(signed) if entry not in gone]
    assert found(signed, there) == [Difference(Tampering.REMOVED, entry) for entry in sorted(gone)]


@given(lists, st.data())
def test_one_added_or_copied_is_named(signed, data):
    place = data.draw(st.integers(0, len(signed)))
    there = [*signed[:place], b"other", *signed[place:]]
    assert found(signed, there) == [Difference(Tampering.ADDED, place)]
    copied = [*signed[:place], signed[data.draw(st.integers(0, len(signed) - 1))], *signed[place:]]
    kinds = [each.tampering for each in found(signed, copied)]
    assert kinds == [Tampering.ADDED]


@given(lists, st.data())
def test_one_moved_is_named(signed, data):
    entry, to = data.draw(st.integers(0, len(signed) - 1)), data.draw(st.integers(0, len(signed) - 1))
    assume(abs(entry - to) > 1)
    there = [each for each in signed if each != signed[entry]]
    there.insert(to, signed[entry])
    assert found(signed, there) == [Difference(Tampering.MOVED, entry)]


@given(lists, st.data())
def test_whatever_was_done_something_is_found(signed, data):
    there = data.draw(st.lists(st.sampled_from([*signed, b"x", b"y"]), max_size=70))
    assert (found(signed, there) == []) == (signed == there)
