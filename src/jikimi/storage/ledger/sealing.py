"""An entry before it is written: its leaf, and beside it what opens the leaf, each value under the key of its subject."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import msgspec

from jikimi.disclosure.ledger.leaf import Act, Opening, commitment, derived_salt, encode, personals
from jikimi.disclosure.ledger.tree import leaf_hash
from jikimi.storage.ledger.subjects import Subject, Subjects
from jikimi.storage.seal import NotAuthenticError, Sealer

NONCE_BYTES: Final = 16


class Sealed(msgspec.Struct, frozen=True, array_like=True):
    """One value, sealed: the field it belongs to and the number of its subject."""

    field: str
    handle: int
    value: bytes


class Row(NamedTuple):
    """An entry's row, but for its number; ``handles`` are the subjects it is about."""

    hash: bytes
    leaf: bytes
    nonce: bytes
    beside: bytes
    handles: frozenset[int]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Sealed]).decode


def sealed(act: Act, subjects: Mapping[str, Subject]) -> Row:
    """Return an act as a row; ``subjects`` holds all that it names."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    commitments: dict[str, str] = {}
    beside: list[Sealed] = []
    for field, personal in personals(act):
        subject = subjects[personal.subject]
        commitments[field] = commitment(field, derived_salt(subject.key, nonce, field), personal.value)
        beside.append(Sealed(field, subject.handle, Sealer(subject.key).seal(personal.value.encode(), _place(nonce, field))))
    leaf = encode(act, commitments)
    return Row(leaf_hash(leaf), leaf, nonce, _encode(beside), frozenset(each.handle for each in beside))


def openings(nonce: bytes, beside: bytes, subjects: Subjects) -> Iterator[Opening]:
    """Yield what can still be said of an entry; what was erased is passed over."""
    for each in _decode(beside):
        key = subjects.key(each.handle)
        if key is None:
            continue
        try:
            value = Sealer(key).open(each.value, _place(nonce, each.field)).decode()
        except NotAuthenticError:
            continue
        yield Opening(each.field, derived_salt(key, nonce, each.field), value)


def without(beside: bytes, handle: int) -> bytes:
    """Return what stands beside an entry without what belongs to one subject."""
    return _encode([each for each in _decode(beside) if each.handle != handle])


def _place(nonce: bytes, field: str) -> bytes:
    return nonce + field.encode()
