"""A witness signs only what holds everything it signed before."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.checkpoint import Checkpoint, cosigned_at
from jikimi.disclosure.ledger.note import Kind, Note, NoteError, Signer
from jikimi.disclosure.ledger.note import parse as parse_note
from jikimi.disclosure.ledger.proof import Proof, check
from jikimi.disclosure.ledger.proof import parse as parse_proof
from jikimi.disclosure.ledger.tree import ProofError, consistency_proof, fold, inclusion_proof, leaf_hash
from jikimi.disclosure.ledger.witness import Refusal, Request, Seen, WitnessRefusedError, parse, witness

LOG = Signer("a.example/ledger", bytes(32))
SIGNER = Signer("w.example", bytes([1] * 32), Kind.WITNESS)
HASHES = [leaf_hash(f"{n}".encode()) for n in range(100)]
OTHER = [leaf_hash(b"another past"), *HASHES[1:]]


def nodes(hashes):
    return lambda height, number: fold(hashes[number << height : (number + 1) << height])


def asked(old, new, hashes=HASHES, key=LOG):
    note = key.sign(Checkpoint("a.example/ledger", new, fold(hashes[:new])).text())
    return Request(old, tuple(consistency_proof(nodes(hashes), old, new)) if old else (), str(note))


def seen(size, hashes=HASHES):
    return Seen(size, fold(hashes[:size]))


@given(st.lists(st.integers(0, 100), min_size=1, max_size=6).map(sorted))
def test_it_follows_a_ledger_that_only_grows(steps):
    state = Seen()
    for at_s, size in enumerate(steps, start=1):
        request = parse(str(asked(state.size, size)))
        line, state = witness(request, LOG.verifier, state, SIGNER, at_s)
        note = parse_note(request.note)
        assert cosigned_at(Note(note.text, (*note.signatures, line)), SIGNER.verifier) == at_s
        assert state == seen(size)


@given(st.integers(1, 99), st.integers(0, 100))
def test_it_refuses_a_fork_whatever_proof_comes_with_it(old, more):
    new = min(100, old + more)
    with pytest.raises(WitnessRefusedError) as refused:
        witness(asked(old, new, OTHER), LOG.verifier, seen(old), SIGNER, 0)
    assert refused.value.refusal is Refusal.FORK


def test_it_refuses_a_ledger_that_was_cut_back():
    with pytest.raises(WitnessRefusedError) as refused:
        witness(asked(5, 5), LOG.verifier, seen(6), SIGNER, 0)
    assert refused.value.refusal is Refusal.FORK
    assert "6 were signed before" in str(refused.value)


def test_it_says_from_where_it_wants_the_proof():
    with pytest.raises(WitnessRefusedError, match="begin at 6") as refused:
        witness(asked(5, 9), LOG.verifier, seen(6), SIGNER, 0)
    assert refused.value.refusal is Refusal.OTHER_PAST


def test_it_refuses_what_the_ledger_did_not_sign():
    with pytest.raises(WitnessRefusedError) as refused:
        witness(asked(0, 9, key=Signer("a.example/ledger", bytes([3] * 32))), LOG.verifier, Seen(), SIGNER, 0)
    assert refused.value.refusal is Refusal.UNSIGNED


@pytest.mark.parametrize(
    "text", ["", "old 1", "old -1\n\nx", "old 01\n\nx", "old 1\nAAA\n\nx", "new 1\n\nx", "old 1\n" + "AAAA\n" * 64 + "\nx"]
)
def test_what_is_no_request_is_refused(text):
    with pytest.raises(WitnessRefusedError) as refused:
        parse(text)
    assert refused.value.refusal is Refusal.UNREADABLE


LEAVES = [f"{n}".encode() for n in range(100)]


@given(st.integers(1, 100), st.data())
def test_a_proof_of_one_entry_stands_for_itself(size, data):
    entry = data.draw(st.integers(0, size - 1))
    made = Proof(entry, LEAVES[entry], tuple(inclusion_proof(nodes(HASHES), entry, size)), asked(0, size).note)
    assert parse_proof(str(made)) == made
    assert check(made, LOG.verifier).size == size
    with pytest.raises(ProofError):
        check(Proof(entry, b"something else", made.path, made.note), LOG.verifier)


@pytest.mark.parametrize(
    "spoil",
    [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 5", "index 05"),
        ("extra ", "more "),
        ("\n\n", "\n"),
        ("a.example", "b.example"),
    ],
)
def test_what_is_no_proof_is_refused(spoil):
    text = str(Proof(5, LEAVES[5], tuple(inclusion_proof(nodes(HASHES), 5, 9)), asked(0, 9).note))
    with pytest.raises(NoteError):
        check(parse_proof(text.replace(*spoil)), LOG.verifier)
    with pytest.raises(NoteError):
        parse_proof("")
    with pytest.raises(NoteError, match="32 bytes"):
        parse_proof(text.replace("index 5\n", "index 5\nAAAA\n"))
