"""The tree against the published vectors of Certificate Transparency, and against a tree built the slow way."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    check_consistency,
    check_inclusion,
    consistency_proof,
    fold,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_at,
)

# The reference vectors of RFC 6962 trees, as the Certificate Transparency project publishes them: eight entries, the root after each.
ENTRIES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
}
CONSISTENCY = {
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
LEAVES = [leaf_hash(bytes.fromhex(entry)) for entry in ENTRIES]
MANY = [leaf_hash(f"entry {n}".encode()) for n in range(300)]


def slow_root(leaves):
    """The definition of RFC 6962, section 2.1, word for word."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(slow_root(leaves[:split]), slow_root(leaves[split:]))


def nodes_of(leaves):
    def node(height, number):
        part = leaves[number << height : (number + 1) << height]
        assert len(part) == 1 << height, "only complete subtrees are asked for"
        return fold(part)

    return node


def test_the_published_roots():
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        frontier.append(leaf)
        assert frontier.root() == bytes.fromhex(root) == root_at(nodes_of(LEAVES), frontier.size) == fold(LEAVES[: frontier.size])


@pytest.mark.parametrize(("entry", "size"), INCLUSION)
def test_the_published_inclusion_proofs(entry, size):
    proof = [bytes.fromhex(step) for step in INCLUSION[entry, size]]
    assert inclusion_proof(nodes_of(LEAVES), entry, size) == proof
    check_inclusion(LEAVES[entry], entry, size, proof, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_the_published_consistency_proofs(old, new):
    proof = [bytes.fromhex(step) for step in CONSISTENCY[old, new]]
    assert consistency_proof(nodes_of(LEAVES), old, new) == proof
    check_consistency(old, new, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1]), proof)


def test_every_size_has_the_root_of_the_definition():
    frontier = Frontier()
    for size, leaf in enumerate(MANY, start=1):
        frontier.append(leaf)
        assert frontier.root() == slow_root(MANY[:size]) == fold(MANY[:size])


sizes = st.integers(1, 300)


@given(size=sizes, data=st.data())
def test_an_inclusion_proof_holds_and_nothing_near_it_does(size, data):
    entry = data.draw(st.integers(0, size - 1))
    root = slow_root(MANY[:size])
    proof = inclusion_proof(nodes_of(MANY), entry, size)
    check_inclusion(MANY[entry], entry, size, proof, root)
    wrong = [
        (MANY[(entry + 1) % 300], entry, size, proof, root),
        (MANY[entry], entry + 1, size, proof, root),
        (MANY[entry], -1, size, proof, root),
        (MANY[entry], entry, size, [*proof, root], root),
        (MANY[entry], entry, size, proof, LEAVES[0]),
    ]
    wrong += [(MANY[entry], entry, size, proof[:cut], root) for cut in range(len(proof))]
    wrong += [
        (MANY[entry], entry, size, [*proof[:n], MANY[299], *proof[n + 1 :]], root) for n in range(len(proof)) if proof[n] != MANY[299]
    ]
    for case in wrong:
        with pytest.raises(ProofError):
            check_inclusion(*case)


@given(new=sizes, data=st.data())
def test_a_consistency_proof_holds_and_nothing_near_it_does(new, data):
    old = data.draw(st.integers(1, new))
    roots = slow_root(MANY[:old]), slow_root(MANY[:new])
    proof = consistency_proof(nodes_of(MANY), old, new)
    check_consistency(old, new, *roots, proof)
    forked = slow_root([*MANY[: old - 1], leaf_hash(b"another past")])
    wrong = [(old, new, forked, roots[1], proof), (old, new, *roots, [*proof, MANY[0]]), (new + 1, new, *roots, proof)]
    wrong += [(old, new, *roots, proof[:cut]) for cut in range(len(proof))]
    for case in wrong:
        with pytest.raises(ProofError):
            check_consistency(*case)


def test_an_empty_tree_is_the_past_of_every_tree():
    check_consistency(0, 8, EMPTY_ROOT, LEAVES[0], [])
    with pytest.raises(ProofError, match="empty"):
        check_consistency(0, 8, LEAVES[1], LEAVES[0], [])
    for bad in ((0, 5), (6, 5)):
        with pytest.raises(ValueError, match="consistent"):
            consistency_proof(nodes_of(LEAVES), *bad)
    with pytest.raises(ValueError, match="no such entry"):
        inclusion_proof(nodes_of(LEAVES), 8, 8)
