"""An export is checked offline: what is right passes, whatever was done to it is found."""

from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.checkpoint import Checkpoint, cosign
from jikimi.disclosure.ledger.leaf import Act, Opening, Personal, commitment, encode
from jikimi.disclosure.ledger.note import Kind, Note, Signer
from jikimi.disclosure.ledger.tree import fold, leaf_hash
from jikimi.disclosure.ledger.verify import Export, verify

LOG = Signer("a.example/ledger", bytes(32))
WITNESS = Signer("w.example", bytes([1] * 32), Kind.WITNESS)
LEAVES = [
    encode(
        Act(at_ms=n, act="disclosed", what="map", purpose="response", audience="desk", who=Personal("s", f"{n}")),
        {"who": commitment("who", bytes(32), f"{n}")},
    )
    for n in range(60)
]


def noted(leaves, size):
    return LOG.sign(Checkpoint("a.example/ledger", size, fold([leaf_hash(leaf) for leaf in leaves[:size]])).text())


def exported(leaves, hashes, notes, openings=()):
    return Export(lambda: leaves, lambda: hashes, [str(note) for note in notes], openings)


def honest(size, steps):
    return [noted(LEAVES, step) for step in sorted({*steps, size})]


def hashed(leaves):
    return [leaf_hash(leaf) for leaf in leaves]


def found(export, **more):
    return [(finding.kind, finding.entry) for finding in verify(export, LOG.verifier, **more).findings]


sizes = st.integers(2, 60)


@given(sizes, st.sets(st.integers(0, 1)))
def test_what_is_as_it_was_signed_passes(size, steps):
    notes = honest(size, steps)
    report = verify(exported(LEAVES[:size], hashed(LEAVES[:size]), notes), LOG.verifier)
    assert report.findings == []
    assert (report.size, report.checkpoints) == (size, len(notes))


@st.composite
def tampered(draw):
    size = draw(sizes)
    leaves = LEAVES[:size]
    what = draw(st.sampled_from(["change", "remove", "swap", "add", "cut"]))
    place = draw(st.integers(0, size - 2))
    if what == "change":
        leaves[place] = leaves[place].replace(b"map", b"words")
    elif what == "remove":
        del leaves[place]
    elif what == "swap":
        leaves[place], leaves[place + 1] = leaves[place + 1], leaves[place]
    elif what == "add":
        leaves.insert(place, LEAVES[0].replace(b"map", b"words"))
    else:
        leaves = leaves[:place]
    return size, what, place, leaves


@given(tampered(), st.sets(st.integers(1, 60)))
def test_any_tampering_with_the_past_is_found_and_named(case, steps):
    size, what, place, leaves = case
    notes = honest(size, {step for step in steps if step < size})
    kinds = {"change": ("changed", place), "remove": ("removed", place), "add": ("added", place), "cut": ("removed", place)}
    said = found(exported(leaves, hashed(LEAVES[:size]), notes))
    if what == "swap":
        assert len(said) == 1
        assert said[0] in {("moved", place), ("moved", place + 1)}
    else:
        assert said[0] == kinds[what]


@given(tampered(), st.sets(st.integers(1, 60)))
def test_whoever_also_forges_the_list_of_hashes_is_found_between_two_checkpoints(case, steps):
    size, _, place, leaves = case
    steps = {step for step in steps if step < size} | {size}
    (said,) = verify(exported(leaves, hashed(leaves), honest(size, steps)), LOG.verifier).findings
    kind = "removed" if len(leaves) < min(step for step in steps if step > place) else "range"
    assert (said.kind, said.entry) == (kind, max((step for step in steps if step <= place), default=0))


def test_a_forged_list_of_hashes_alone_is_no_tampering_with_entries():
    forged = hashed(LEAVES[:9])
    forged[4] = bytes(32)
    assert found(exported(LEAVES[:9], forged, honest(9, {5}))) == [("hashes", 4)]
    assert found(exported(LEAVES[:9], forged[:2], honest(9, {5}))) == [("hashes", 2)]


def test_entries_after_the_newest_checkpoint_are_nobodys():
    assert found(exported(LEAVES[:9], hashed(LEAVES[:9]), honest(7, {5}))) == [("added", 7), ("added", 8)]


def test_a_checkpoint_that_the_reader_kept_finds_a_ledger_written_anew():
    """Given a ledger that was changed and signed anew by whoever has its key, then an older checkpoint gives it away."""
    forged = [leaf.replace(b"map", b"words") for leaf in LEAVES[:20]]
    export = exported(forged, hashed(forged), [noted(forged, 10), noted(forged, 20)])
    assert found(export) == []
    assert found(export, known=[str(noted(LEAVES, 15))]) == [("fork", None)]
    cut = exported(LEAVES[:10], hashed(LEAVES[:10]), [noted(LEAVES, 10)])
    assert found(cut) == []
    assert found(cut, known=[str(noted(LEAVES, 15))]) == [("removed", 10)]


def test_checkpoints_of_others_are_not_believed():
    stranger = Signer("a.example/ledger", bytes([7] * 32))
    text = noted(LEAVES, 5).text
    assert found(exported(LEAVES[:5], hashed(LEAVES[:5]), [stranger.sign(text)])) == [("checkpoint", None), ("checkpoint", None)]
    mixed = exported(LEAVES[:5], hashed(LEAVES[:5]), [noted(LEAVES, 5), "nonsense"])
    assert found(mixed) == [("checkpoint", None)]


def test_witnesses_are_looked_for_and_forged_ones_found():
    note = noted(LEAVES, 5)
    signed = Note(note.text, (*note.signatures, cosign(note.text, WITNESS, 1_790_000_000)))
    report = verify(exported(LEAVES[:5], hashed(LEAVES[:5]), [signed]), LOG.verifier, [WITNESS.verifier])
    assert report.cosigned == {str(WITNESS.verifier): (5, 1_790_000_000)}
    other = noted(LEAVES, 6)
    forged = Note(other.text, (*other.signatures, cosign(note.text, WITNESS, 1_790_000_000)))
    assert ("checkpoint", None) in found(exported(LEAVES[:6], hashed(LEAVES[:6]), [note, forged]), witnesses=[WITNESS.verifier])


def test_what_is_said_of_an_entry_must_be_what_it_committed_to():
    right = [(3, Opening("who", bytes(32), "3"))]
    wrong = [(2, Opening("who", bytes(32), "3")), (4, Opening("order", bytes(32), "4")), (99, Opening("who", bytes(32), "99"))]
    export = exported(LEAVES[:5], hashed(LEAVES[:5]), honest(5, ()), right + wrong)
    assert found(export) == [("opening", 2), ("opening", 4), ("opening", 99)]


def test_an_empty_ledger_may_be_signed():
    assert found(exported([], [], [noted(LEAVES, 0)])) == []
