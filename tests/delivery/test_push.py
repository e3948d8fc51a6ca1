"""Web Push: the RFC's example, what the browser decrypts, what the push service sees and answers."""

import asyncio
import json

import httpx2
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jikimi.delivery.message import Verdict
from jikimi.delivery.push.channel import WebPush, topic_of
from jikimi.delivery.push.encrypt import TEXT_BYTES, encrypt
from jikimi.delivery.push.vapid import Vapid, base64url, from_base64url
from tests.delivery.fakes import START_MS, message

HOST = "push.example.net"
AUTH = bytes(range(16))
BROWSER = ec.derive_private_key(7, ec.SECP256R1())
BROWSER_PUBLIC = BROWSER.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def private(text):
    return ec.derive_private_key(int.from_bytes(from_base64url(text), "big"), ec.SECP256R1())


def test_the_example_of_rfc_8291_appendix_a():
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        from_base64url("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        from_base64url("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
        sender=private("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )
    assert base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
        "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def opened(body):
    """Decrypt as a browser does."""
    salt, length, sealed = body[:16], body[20], body[21:]
    sender, sealed = sealed[:length], sealed[length:]
    shared = BROWSER.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    material = HKDF(hashes.SHA256(), 32, AUTH, b"WebPush: info\0" + BROWSER_PUBLIC + sender).derive(shared)
    key = HKDF(hashes.SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(material)
    nonce = HKDF(hashes.SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(material)
    text = AESGCM(key).decrypt(nonce, sealed, None)
    assert text[-1] == 2
    return json.loads(text[:-1])


def address(endpoint=f"https://{HOST}/abc", p256dh=BROWSER_PUBLIC):
    return json.dumps({"endpoint": endpoint, "keys": {"p256dh": base64url(p256dh), "auth": base64url(AUTH)}})


VAPID = Vapid(ec.derive_private_key(9, ec.SECP256R1()), "mailto:duty@example.net")


def handed(answer, now_ms=START_MS, **other):
    seen = []

    def service(request):
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return httpx2.Response(answer)

    async def go():
        channel = WebPush(httpx2.AsyncClient(transport=httpx2.MockTransport(service)), VAPID, [HOST])
        try:
            return await channel.hand(message(**{"address": address(), **other}), now_ms)
        finally:
            await channel.close()

    return asyncio.run(go()), seen


def test_what_the_service_sees_and_what_the_browser_reads():
    answer, (request,) = handed(201, now_ms=START_MS + 2500)
    assert answer.verdict is Verdict.ACCEPTED
    assert request.headers["ttl"] == "57"
    assert request.headers["urgency"] == "high"
    assert request.headers["topic"] == topic_of("pair-1")
    assert len(request.headers["topic"]) == 32
    assert request.headers["content-encoding"] == "aes128gcm"
    read = opened(request.content)
    assert read["key"] == "n1"
    assert read["tag"] == topic_of("pair-1")
    assert read["title"] == "위험"
    assert "위험".encode() not in request.content


def test_life_beyond_a_minute_is_cut():
    _, (request,) = handed(201, life_ms=3_600_000)
    assert request.headers["ttl"] == "60"


def test_a_text_too_long_to_carry_leaves_the_alarm():
    _, (request,) = handed(201, text="가" * TEXT_BYTES)
    read = opened(request.content)
    assert read["text"] == ""
    assert read["title"] == "위험"


def test_the_signature_is_for_this_service_only_and_lasts_less_than_a_day():
    header = VAPID.authorization(f"https://{HOST}/abc?x=1", START_MS)
    token, key = header.removeprefix("vapid t=").split(", k=")
    head, claims, signature = token.split(".")
    raw = from_base64url(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(key))
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    read = json.loads(from_base64url(claims))
    assert read["aud"] == f"https://{HOST}"
    assert START_MS // 1000 < read["exp"] <= START_MS // 1000 + 86_400
    assert VAPID.authorization(f"https://{HOST}/other", START_MS + 1000) == header
    assert VAPID.authorization(f"https://{HOST}/other", START_MS + 3_600_000) != header


@pytest.mark.parametrize(
    ("answer", "verdict", "is_gone", "is_fault"),
    [
        (410, Verdict.REFUSED, True, False),
        (404, Verdict.REFUSED, True, False),
        (429, Verdict.REFUSED, False, True),
        (503, Verdict.REFUSED, False, True),
        (504, Verdict.UNKNOWN, False, True),
        (413, Verdict.REFUSED, False, False),
        (httpx2.ReadTimeout("slow"), Verdict.UNKNOWN, False, True),
        (httpx2.ConnectError("down"), Verdict.REFUSED, False, True),
    ],
)
def test_what_each_answer_means(answer, verdict, is_gone, is_fault):
    found, _ = handed(answer)
    assert (found.verdict, found.is_gone, found.is_fault) == (verdict, is_gone, is_fault)


@pytest.mark.parametrize(
    "bad",
    ["", "{}", "[]", address(endpoint="https://evil.example/x"), address(endpoint="http://127.0.0.1/x"), address(p256dh=b"\4" + bytes(64))],
)
def test_a_made_up_subscription_calls_nobody(bad):
    found, seen = handed(201, address=bad)
    assert found.verdict is Verdict.REFUSED
    assert seen == []
