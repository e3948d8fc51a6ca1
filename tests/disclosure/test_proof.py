"""A proof of the gate: nobody else has one, and it reaches as far as it says."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.gate import of_all, of_one
from jikimi.disclosure.proof import Proof, prove
from jikimi.orders.project import Span

times = st.integers(0, 60)
pieces = st.dictionaries(st.sampled_from("abc"), st.lists(st.builds(Span, times, times), max_size=5), max_size=3)


def moments(proof, name):
    return {at for at in range(-1, 62) if proof.covers(name, at, at + 1)}


def test_no_proof_is_made_copied_carried_or_changed_outside_the_gate():
    proof = prove({"a": [Span(1, 2)]})
    for make in (Proof, lambda: copy.copy(proof), lambda: copy.deepcopy(proof), lambda: pickle.dumps(proof)):
        with pytest.raises(TypeError):
            make()
    with pytest.raises(TypeError):
        proof._provable["b"] = (Span(1, 2),)
    with pytest.raises(AttributeError):
        proof.more = 1


@given(pieces)
def test_it_covers_its_pieces_and_nothing_else(given_provable):
    proof = prove(given_provable)
    for name in "abcd":
        inside = {at for span in given_provable.get(name, ()) for at in range(*span)}
        assert moments(proof, name) == inside
        assert {at for span in proof.pieces(name) for at in range(*span)} == inside
        assert (name in proof.persons) == bool(inside)


@given(st.lists(pieces, max_size=3))
def test_several_together_let_be_read_what_each_does_and_no_more(many):
    proofs = [prove(one) for one in many]
    for name in "abc":
        together = set().union(*(moments(one, name) for one in proofs))
        assert moments(of_all(proofs), name) == moments(of_one(proofs, name), name) == together
    assert set(of_one(proofs, "a").persons) <= {"a"}
