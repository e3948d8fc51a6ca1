"""Leaves: nothing of a person can be read in them, nothing of a place gets into them."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.leaf import (
    Act,
    Client,
    LeafError,
    Network,
    Opening,
    Personal,
    check,
    commitment,
    decode,
    derived_salt,
    encode,
    opens,
    personals,
)
from jikimi.disclosure.ledger.place import looks_like_a_place

ACT = Act(
    at_ms=1_790_000_000_000,
    act="disclosed",
    what="map:inside_ring",
    purpose="response",
    audience="desk",
    client=Client.BROWSER,
    network=Network.OFFICE,
    who=Personal("staff-1", "Kim, desk 3"),
    whose=(Personal("m1", "m1"), Personal("p1", "p1")),
    order=Personal("o1", "2026-가합-17"),
    reason=Personal("o1", "SOS at the shop, caller asks for help"),
    address=Personal("staff-1", "192.168.100.200"),
)
KEY, NONCE = bytes(range(32)), bytes(16)


def made(act):
    openings = [Opening(name, derived_salt(KEY, NONCE, name), personal.value) for name, personal in personals(act)]
    return encode(act, {o.field: commitment(o.field, o.salt, o.value) for o in openings}), openings


def test_a_leaf_says_in_the_open_what_concerns_nobody_and_opens_with_its_salts():
    check(ACT)
    leaf, openings = made(ACT)
    fields = decode(leaf)
    assert fields["what"] == "map:inside_ring"
    assert fields["at_ms"] == ACT.at_ms
    assert [o.field for o in openings] == ["address", "order", "reason", "who", "whose/0", "whose/1"]
    assert all(opens(leaf, opening) for opening in openings)
    for word in ("Kim, desk", "staff-1", "가합", "SOS at", "192.168"):
        assert word.encode() not in leaf


def test_a_wrong_salt_value_or_place_opens_nothing():
    leaf, openings = made(ACT)
    for opening in openings:
        other = msgspec.structs.replace
        wrong = [
            other(opening, value="x"),
            other(opening, salt=bytes(32)),
            other(opening, salt=opening.salt[1:]),
            other(opening, field="recipient"),
        ]
        assert not any(opens(leaf, each) for each in wrong)
    swapped = [
        msgspec.structs.replace(o, field=f)
        for o in openings
        for f in ("whose/0", "whose/1", "whose/2", "whose", "whose/x", "who/0")
        if o.field != f
    ]
    assert not any(opens(leaf, each) for each in swapped)


def test_the_commitment_is_what_sha256sum_gives():
    # printf of 32 zero bytes, then "who=Kim", through sha256sum, in base64url without padding.
    assert commitment("who", bytes(32), "Kim") == "z7p-7_d7WpyFH_Tswuxr15UeSqzQPg5f6RDSNCMOthE"


def test_the_same_person_looks_different_in_each_entry():
    salts = {derived_salt(KEY, bytes([n]) * 16, "who") for n in range(100)}
    assert len({commitment("who", salt, "Kim") for salt in salts}) == 100


degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
WAYS = [
    "{0:.6f}, {1:.6f}",
    "{0:.3f} {1:.3f}",
    "at {0:.4f}/{1:.4f} he stood",
    "{0:.5f}",
    "위도 {0:.2f} 경도 {1:.2f}",
    "lat={0:.1f}",
    "{0:+.2f};{1:+.2f}",
    "geo:{0:.4f},{1:.4f}",
    "({0:.2f}, {1:.2f})",
    "{0:.0f}° {1:.0f}°",
    "seen{0:.7f}x",
    "{0:.4e} {1:.4e}",
]


@given(degrees, st.sampled_from(WAYS))
def test_a_coordinate_is_refused_however_it_is_written(where, way):
    text = way.format(*where)
    for name in ("who", "order", "recipient", "reason"):
        with pytest.raises(LeafError) as refused:
            check(msgspec.structs.replace(ACT, **{name: Personal("x", text)}))
        assert text not in str(refused.value)
    with pytest.raises(LeafError):
        check(msgspec.structs.replace(ACT, whose=(Personal("x", text),)))


@pytest.mark.parametrize(
    "text",
    [
        "37,5665 126,9780",
        "37도 33분",
        "37°33'59\"",
        "33'59\"",
        "37.5665.1",
        "S 33.86",
        "N 37 33.9",
        "37.56N",
        "375665000 1269780000",
        "322000 4159000",
        "8Q98HXX9+2X",
        "52S CG 12345 67890",
        "\uff13\uff17\uff0e\uff15\uff16\uff16\uff15",
        "latitude: -37",
        "\u221237.566",
        "126.978",
        "3.75665e1 1.26978e2",
    ],
)
def test_other_ways_to_write_a_place_are_refused_too(text):
    assert looks_like_a_place(text)


@pytest.mark.parametrize(
    "text",
    [
        "order-1f2e3d4c",
        "2026-가합-17",
        "Kim, desk 3",
        "after 12 minutes, 300 m",
        "24.11.2026 10:30",
        "2026-11-24T10:30:00Z",
        "person-1f2e3d4c",
        "112",
        "1.5 h",
        "C++",
        "protocol 3.2.1",
        "flat 3, salon 5",
        "waited 12.50 s",
        "minutes 12.30",
        "from 192.168.100.200",
        "staff.kim@office.example",
        "Art. 9 (1) 2",
        "010-1234-5678",
        "1,000 won",
        "a" * 500,
    ],
)
def test_ordinary_words_and_numbers_are_not_places(text):
    assert not looks_like_a_place(text)


@pytest.mark.parametrize(
    "change",
    [
        {"what": "37.5"},
        {"act": ""},
        {"purpose": "Own Safety"},
        {"audience": "desk2"},
        {"what": "a" * 65},
        {"at_ms": -1},
        {"at_ms": 2**53},
        {"who": Personal("", "x")},
        {"who": Personal("x", "")},
        {"reason": Personal("x", "y" * 501)},
        {"address": Personal("x", "somewhere")},
        {"whose": (Personal("x", "y"),) * 21},
    ],
)
def test_what_has_no_place_in_an_entry_is_refused(change):
    with pytest.raises(LeafError):
        check(msgspec.structs.replace(ACT, **change))


words = st.from_regex(r"[a-z]{1,8}([_.:-][a-z]{1,8}){0,3}", fullmatch=True)
people = st.none() | st.builds(Personal, st.text(min_size=1, max_size=9), st.text(min_size=1, max_size=60))
acts = st.builds(
    Act,
    at_ms=st.integers(0, 2**53 - 1),
    act=words,
    what=words,
    purpose=words,
    audience=words,
    client=st.sampled_from(Client),
    network=st.sampled_from(Network),
    who=people,
    whose=st.lists(people.filter(bool), max_size=3).map(tuple),
    order=people,
    recipient=people,
    reason=people,
)


@given(acts)
def test_any_leaf_reads_back_and_holds_no_number_but_its_time(act):
    leaf, openings = made(act)
    fields = decode(leaf)
    assert all(opens(leaf, opening) for opening in openings)
    assert {name for name, value in fields.items() if isinstance(value, int)} == {"at_ms", "v"}
    texts = [value for name, value in fields.items() if isinstance(value, str) and name not in {"who", "order", "recipient", "reason"}]
    assert not re.search(r"\d", "".join(texts))
    assert b"\n" not in leaf


@pytest.mark.parametrize(
    "spoil",
    [
        lambda f: f | {"latitude": 37.5},
        lambda f: f | {"at_ms": 37.5},
        lambda f: f | {"at_ms": True},
        lambda f: f | {"v": 2},
        lambda f: f | {"who": "Kim"},
        lambda f: f | {"whose": []},
        lambda f: f | {"whose": "Kim"},
        lambda f: f | {"what": "37.5665"},
        lambda f: {name: value for name, value in f.items() if name != "act"},
        lambda f: [f],
    ],
)
def test_a_leaf_that_we_would_not_have_written_is_refused(spoil):
    fields = decode(made(ACT)[0])
    with pytest.raises(LeafError):
        decode(json.dumps(spoil(fields), sort_keys=True, separators=(",", ":")).encode())


@pytest.mark.parametrize("leaf", [b"", b"{", b"\xff", b"[" * 9999, b"null"])
def test_bytes_that_are_no_leaf_are_refused(leaf):
    with pytest.raises(LeafError):
        decode(leaf)
    with pytest.raises(LeafError):
        decode(json.dumps(decode(made(ACT)[0]), sort_keys=True).encode())
