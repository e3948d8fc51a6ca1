"""Providers' word: read, kept, and believed by nobody; a lie about delivery stops no fall-over."""

from __future__ import annotations

import asyncio

import pytest

from jikimi.apps.receipts import ReceiptDoor
from jikimi.delivery.mail import mail_of
from jikimi.delivery.message import Answer, BadReceiptError, Receipt, Step, Verdict
from jikimi.delivery.passage import advance, answered, received
from jikimi.delivery.providers import provider_receipt
from jikimi.delivery.signing import secret_bytes, signed_headers
from tests.delivery.fakes import RULES, START_MS, message, passage
from tests.runtime.test_dispatch import SECRET

KEY = secret_bytes(SECRET)
NAME = "0123456789abcdef01234567"


def bounce(action: str, message_id: str) -> bytes:
    return (
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nIt came back.\r\n"
        f"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: {action}\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--b--\r\n"
    ).encode()


def test_each_providers_form_is_read() -> None:
    told = provider_receipt("sms", b'{"key": "%s", "status": "delivered"}' % NAME.encode(), 5)
    assert told == Receipt(key=NAME, channel="sms_http", step=Step.DELIVERED, at_ms=5, from_device=False)
    assert provider_receipt("sms", b'{"key": "%s", "status": "sent"}' % NAME.encode(), 5) is None
    called = provider_receipt("voice", b'{"key": "n1", "event": "confirmed"}', 5)
    assert called is not None
    assert called.from_device
    sent = mail_of(message(NAME, address="duty@example.org"), "a@example.org", START_MS)
    back = provider_receipt("email", bounce("failed", str(sent["Message-ID"])), 5)
    assert back is not None
    assert (back.key, f"<{back.reference}@jikimi.invalid>", back.step) == (None, sent["Message-ID"], Step.FAILED)
    assert provider_receipt("email", bounce("delayed", str(sent["Message-ID"])), 5) is None


@pytest.mark.parametrize("name", ["sms", "voice", "email"])
@pytest.mark.parametrize("body", [b"", b"{}", b"\xff", b'{"key": "x"}', bounce("failed", "<other@example.org>")])
def test_what_is_none_of_theirs_is_refused(name: str, body: bytes) -> None:
    with pytest.raises(BadReceiptError):
        provider_receipt(name, body, 5)


def test_a_provider_that_lies_about_delivery_does_not_stop_the_next_channel() -> None:
    one, number = advance(passage(NAME, channels=("sms_http", "voice")), START_MS, RULES, {"sms_http", "voice"})
    assert number == 0
    one = answered(one, 0, Answer(Verdict.ACCEPTED), START_MS + 10)
    lie = provider_receipt("sms", b'{"key": "%s", "status": "delivered"}' % NAME.encode(), START_MS + 20)
    assert lie is not None
    one = received(one, lie)
    assert one.tries[0].provider is Step.DELIVERED, "kept"
    one, number = advance(one, START_MS + 10_000, RULES, {"sms_http", "voice"})
    assert number == 1, "and not believed"
    assert one.ways[one.tries[1].way].channel == "voice"


def test_only_what_is_signed_with_the_bridges_secret_is_taken() -> None:
    heard: list[Receipt] = []
    alarms: list[str] = []

    async def beyond(scope: object, receive: object, send: object) -> None:
        raise AssertionError

    door = ReceiptDoor(
        {"sms": KEY, "police": KEY}, heard.append, lambda: START_MS, lambda kind, *_: alarms.append(kind), beyond, {"records": KEY}
    )

    async def post(path: str, body: bytes, headers: dict[str, str], method: str = "POST") -> int:
        sent: list[dict[str, object]] = []
        scope = {"type": "http", "method": method, "path": path, "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": body}

        async def send(event: dict[str, object]) -> None:
            sent.append(event)

        await door(scope, receive, send)
        return int(str(sent[0]["status"]))

    async def story() -> None:
        body = b'{"key": "%s", "status": "failed"}' % NAME.encode()
        good = signed_headers(KEY, "r1", START_MS // 1000, body)
        assert await post("/v1/receipts/sms", body, good) == 204
        assert await post("/v1/receipts/sms", body, {}) == 401
        assert await post("/v1/receipts/sms", body + b" ", good) == 401
        assert await post("/v1/receipts/sms", body, signed_headers(KEY, "r1", START_MS // 1000 - 400, body)) == 401
        assert await post("/v1/receipts/police", body, good) == 401, "an agency is no provider"
        assert await post("/v1/receipts/voice", body, good) == 401, "not set up"
        assert await post("/v1/receipts/records", body, good) == 400, "the word of an authority has another form"
        word = b'{"key": "%s", "status": "received"}' % NAME.encode()[:24]
        assert await post("/v1/receipts/records", word, signed_headers(KEY, "r3", START_MS // 1000, word)) == 204
        assert await post("/v1/receipts/sms", b"{}", signed_headers(KEY, "r2", START_MS // 1000, b"{}")) == 400
        assert await post("/v1/receipts/sms", body, good, "GET") == 405
        assert await post("/v1/receipts/sms", b"x" * 20_000, good) == 413

    asyncio.run(story())
    assert [(one.step, one.from_device, one.by) for one in heard] == [(Step.FAILED, False, None), (Step.DELIVERED, True, "records")]
    assert set(alarms) == {"forged_receipt"}
