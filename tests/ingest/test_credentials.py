"""Claims, secrets and signatures."""

from __future__ import annotations

import base64
import hashlib
import string

import msgspec
import pytest

from jikimi.ingest.credentials import (
    Denied,
    Guard,
    SecretClaim,
    SignedClaim,
    basic,
    bearer,
    digest,
    new_secret,
    sign,
    signature,
    token_claim,
)
from jikimi.ingest.ports import Request
from tests.ingest.fakes import DEVICES, NOW_MS, SECRET, FakeDirectory

REQUEST = Request("POST", "/v1/fixes", b"", {}, b"{}")


def test_a_new_secret_is_random_and_only_its_digest_need_be_kept():
    (one, one_digest), (two, _) = new_secret(), new_secret()
    assert one != two
    assert len(base64.urlsafe_b64decode(one + "=")) == 32
    assert set(one) <= set(string.ascii_letters + string.digits + "-_")
    assert one_digest == hashlib.sha256(one.encode()).digest() == digest(one)


@pytest.mark.parametrize(
    ("token", "claim"),
    [
        ("d.s", SecretClaim("d", "s")),
        ("a.b.s", SecretClaim("a.b", "s")),
        ("d.", None),
        (".s", None),
        ("ds", None),
        ("", None),
    ],
)
def test_a_token_is_parted_at_its_last_dot(token, claim):
    assert token_claim(token) == claim
    assert bearer({"authorization": f"BEARER  {token} "}) == claim


@pytest.mark.parametrize("header", ["", "Bearer", "Basic d.s", "Token d.s"])
def test_other_schemes_are_no_bearer(header):
    assert bearer({"authorization": header}) is None


@pytest.mark.parametrize(
    ("text", "claim"), [("d:s", SecretClaim("d", "s")), ("d:s:t", SecretClaim("d", "s:t")), ("d", None), (":s", None), ("d:", None)]
)
def test_basic_is_user_and_password(text, claim):
    assert basic({"authorization": "basic " + base64.b64encode(text.encode()).decode()}) == claim


@pytest.mark.parametrize("encoded", ["", "!", "YQ", base64.b64encode(b"\xff:\xff").decode(), "\u00e9"])
def test_basic_that_is_none_is_no_claim(encoded):
    assert basic({"authorization": f"Basic {encoded}"}) is None


@pytest.mark.parametrize(
    "header",
    [
        "Jikimi-HMAC device=d,time=5,nonce=n,signature=AB",
        "jikimi-hmac  signature=ab, nonce=n , time=5, device=d",
        'Jikimi-HMAC device="d",time="5",nonce="n",signature="ab"',
    ],
)
def test_a_signature_is_read_in_any_order(header):
    assert signature({"authorization": header}) == SignedClaim("d", 5, "n", "ab")


def test_a_nonce_may_be_left_out():
    assert signature({"authorization": "Jikimi-HMAC device=d,time=5,signature=ab"}) == SignedClaim("d", 5, "", "ab")


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "device=d,time=5",
        "time=5,signature=a",
        "device=d,signature=a",
        "device=d,time=-5,signature=a",
        "device=d,time=\u0665,signature=a",
    ],
)
def test_half_a_signature_is_no_claim(parameters):
    assert signature({"authorization": f"Jikimi-HMAC {parameters}"}) is None


def test_the_signed_lines_are_these():
    request = Request("POST", "/v1/fixes", b"", {}, b'{"fixes":[]}')
    text = "POST\n/v1/fixes\n1795000000000\nn-1\n" + hashlib.sha256(request.body).hexdigest()
    assert sign(b"key", request, 1_795_000_000_000, "n-1") == _hmac_by_definition(b"key", text.encode())
    with_query = Request("GET", "/osmand", b"a=1", {}, b"")
    text = "GET\n/osmand?a=1\n5\n\n" + hashlib.sha256(b"").hexdigest()
    assert sign(b"key", with_query, 5, "") == _hmac_by_definition(b"key", text.encode())


def _hmac_by_definition(key: bytes, text: bytes) -> str:
    """HMAC-SHA256 as RFC 2104, section 2, writes it."""
    padded = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + text).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def test_a_device_without_a_key_cannot_sign():
    guard = Guard(FakeDirectory(*DEVICES))
    claim = SignedClaim("no.key.here", NOW_MS, "", sign(b"", REQUEST, NOW_MS, ""))
    assert guard.check(claim, REQUEST, NOW_MS) == Denied("wrong_signature", "no.key.here")


def test_the_revoked_are_told_nothing_more():
    guard = Guard(FakeDirectory(*DEVICES))
    assert guard.check(SecretClaim("gone", SECRET), REQUEST, NOW_MS) == Denied("revoked_device", "gone")
    assert guard.check(SecretClaim("gone", "x"), REQUEST, NOW_MS) == Denied("wrong_secret", "gone")


def test_any_text_can_be_a_wrong_secret():
    guard = Guard(FakeDirectory(*DEVICES))
    for secret in ("\ud800", "\u00e9", "\0", "x" * 10_000):
        assert guard.check(SecretClaim("tag-1", secret), REQUEST, NOW_MS) == Denied("wrong_secret", "tag-1")
        assert guard.check(SignedClaim("tag-1", NOW_MS, "", secret), REQUEST, NOW_MS) == Denied("wrong_signature", "tag-1")


def rotated_guard(until_ms):
    new, new_digest = new_secret()
    device = msgspec.structs.replace(
        DEVICES[0], secret_sha256=new_digest, sealing_key=new.encode(), earlier_sha256=digest(SECRET), earlier_key=SECRET.encode(),
        earlier_until_ms=until_ms,
    )  # fmt: skip
    return Guard(FakeDirectory(device)), new


def test_after_a_rotation_both_secrets_hold_until_the_overlap_ends():
    guard, new = rotated_guard(NOW_MS + 1)
    assert guard.check(SecretClaim("tag-1", new), REQUEST, NOW_MS).sealing_key == new.encode()
    earlier = guard.check(SecretClaim("tag-1", SECRET), REQUEST, NOW_MS)
    assert earlier.sealing_key == SECRET.encode(), "what it sealed opens with the key that it has"
    assert guard.check(SecretClaim("tag-1", SECRET), REQUEST, NOW_MS + 1).kind == "rotated_secret"
    assert guard.check(SecretClaim("tag-1", new), REQUEST, NOW_MS + 1).device_id == "tag-1"
    assert guard.check(SecretClaim("tag-1", "wrong"), REQUEST, NOW_MS).kind == "wrong_secret"


def test_a_signature_by_the_earlier_secret_holds_as_long_and_only_once():
    guard, _ = rotated_guard(NOW_MS + 1_000)
    claim = SignedClaim("tag-1", NOW_MS, "n", sign(SECRET.encode(), REQUEST, NOW_MS, "n"))
    assert not isinstance(guard.check(claim, REQUEST, NOW_MS), Denied)
    assert guard.check(claim, REQUEST, NOW_MS).kind == "replayed"
    late = SignedClaim("tag-1", NOW_MS + 1_000, "n", sign(SECRET.encode(), REQUEST, NOW_MS + 1_000, "n"))
    assert guard.check(late, REQUEST, NOW_MS + 1_000).kind == "rotated_secret"


def test_a_revoked_device_is_not_believed_by_its_earlier_secret():
    guard, _ = rotated_guard(NOW_MS + 1_000)
    guard._directory.devices["tag-1"] = msgspec.structs.replace(guard._directory.devices["tag-1"], revoked=True)
    assert guard.check(SecretClaim("tag-1", SECRET), REQUEST, NOW_MS).kind == "revoked_device"
