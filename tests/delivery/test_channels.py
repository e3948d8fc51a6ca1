"""Webhooks, voice, the SMS gateway, e-mail, CAP and Cursor-on-Target: what goes out and what answers mean."""

import asyncio
import base64
import email
import email.policy
import json
import re
from xml.etree import ElementTree as ET

import httpx2
import pytest

from jikimi.delivery.cap import NAMESPACE, Chain, Origin, cap_alert
from jikimi.delivery.cot import Spot, cot_event, cot_gone
from jikimi.delivery.endpoint import Endpoint, Poster
from jikimi.delivery.mail import Mail, mail_of
from jikimi.delivery.message import BadReceiptError, Step, Verdict
from jikimi.delivery.signing import is_signed, secret_bytes, signed_headers
from jikimi.delivery.sms_gateway import SmsGateway
from jikimi.delivery.stream import LiveStream
from jikimi.delivery.voice import Voice, call_receipt
from jikimi.delivery.webhook import Webhook
from tests.delivery.fakes import START_MS, message
from tests.delivery.relay import FakeRelay

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
KEY = secret_bytes(SECRET)
NOW_S = START_MS // 1000
ORIGIN = Origin("jikimi.example", "Control room")


TAKEN = httpx2.Response(200, json={"id": "r-1"})


def handed(make, answer=TAKEN, **other):
    seen = []

    def receiver(request):
        seen.append(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def go():
        endpoints = {name: Endpoint(f"https://{name}.example/in", SECRET) for name in ("police", "voice", "sms")}
        channel = make(Poster(httpx2.AsyncClient(transport=httpx2.MockTransport(receiver)), endpoints))
        try:
            return await channel.hand(message(**{"address": "police", **other}), START_MS)
        finally:
            await channel.close()

    return asyncio.run(go()), seen


def test_the_example_of_the_standard():
    key = secret_bytes("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signed_headers(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert is_signed(key, headers, body, 1614265330)


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "other"},
        {"webhook-timestamp": str(NOW_S + 301)},
        {"webhook-timestamp": "²"},
        {"webhook-timestamp": ""},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": ""},
    ],
)
def test_a_changed_or_old_request_is_not_signed(change):
    headers = signed_headers(KEY, "n1", NOW_S, b"{}")
    assert not is_signed(KEY, {**headers, **change}, b"{}", NOW_S)
    assert not is_signed(KEY, headers, b"{ }", NOW_S)
    assert not is_signed(KEY, headers, b"{}", NOW_S - 301)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", base64.b64encode(bytes(32)).decode(), "whsec_ä"])
def test_a_weak_secret_is_refused(secret):
    with pytest.raises(ValueError):
        secret_bytes(secret)


def test_no_endpoint_without_encryption():
    with pytest.raises(ValueError, match="https"):
        Endpoint("http://police.example/in", SECRET)


def test_a_webhook_is_a_signed_cloud_event_with_cap_inside():
    async def attach(one):
        return {"cap": cap_alert(one, ORIGIN)}

    answer, (request,) = handed(lambda poster: Webhook(poster, "/jikimi", attach))
    assert (answer.verdict, answer.reference) == (Verdict.ACCEPTED, "r-1")
    assert is_signed(KEY, request.headers, request.content, NOW_S)
    assert request.headers["content-type"].startswith("application/cloudevents+json")
    event = json.loads(request.content)
    assert {name: event[name] for name in ("specversion", "id", "source", "type")} == {
        "specversion": "1.0",
        "id": "n1",
        "source": "/jikimi",
        "type": "jikimi.notice",
    }
    assert event["time"] == "2026-05-28T20:26:40.000Z"
    assert event["data"]["expires"] == "2026-05-28T20:27:40.000Z"
    assert ET.fromstring(event["data"]["cap"]).tag == f"{{{NAMESPACE}}}alert"


def test_an_unknown_endpoint_is_called_by_nobody():
    answer, seen = handed(lambda poster: Webhook(poster, "/jikimi"), address="https://evil.example")
    assert (answer.verdict, answer.is_gone, seen) == (Verdict.REFUSED, True, [])


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        (httpx2.Response(200, text="thanks"), Verdict.ACCEPTED),
        (httpx2.Response(500), Verdict.REFUSED),
        (httpx2.ReadError("broke"), Verdict.UNKNOWN),
        (httpx2.ConnectTimeout("slow"), Verdict.REFUSED),
    ],
)
def test_what_a_receiver_answers(given, verdict):
    answer, _ = handed(lambda poster: Webhook(poster, "/jikimi"), given)
    assert answer.verdict is verdict
    assert answer.reference is None


def test_a_call_and_a_text_name_key_number_and_life():
    _, (call,) = handed(Voice, address="+821012345678", is_drill=True)
    said = json.loads(call.content)
    assert (said["key"], said["to"], said["drill"], said["until_ms"]) == ("n1", "+821012345678", True, START_MS + 60_000)
    assert "위험" in said["say"]
    _, (text,) = handed(SmsGateway, address="+821012345678")
    assert json.loads(text.content)["valid_s"] == 60
    assert call.headers["webhook-id"] == "n1"


@pytest.mark.parametrize(
    ("event", "step", "from_device"),
    [("confirmed", Step.SEEN, True), ("busy", Step.FAILED, False), ("no_answer", Step.FAILED, False)],
)
def test_only_a_pressed_key_is_a_persons_answer(event, step, from_device):
    body = json.dumps({"key": "n1", "event": event}).encode()
    receipt = call_receipt(body, START_MS)
    assert (receipt.key, receipt.step, receipt.from_device) == ("n1", step, from_device)


def test_a_mailbox_that_answers_has_told_nobody():
    body = b'{"key": "n1", "event": "answered"}'
    assert call_receipt(body, START_MS) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"key": "n1", "event": "loved"}', b'{"key": "n1", "event": "busy", "more": 1}'])
def test_other_forms_are_refused(body):
    with pytest.raises(BadReceiptError):
        call_receipt(body, START_MS)


class FakeScreens:
    def __init__(self, *subjects):
        self.subjects = subjects
        self.shown = []

    def show(self, subject, message):
        self.shown.append(message.key)
        return subject in self.subjects


@pytest.mark.parametrize(("open_to", "verdict"), [("her", Verdict.ACCEPTED), ("another", Verdict.REFUSED)])
def test_a_stream_without_a_page_is_refused_at_once(open_to, verdict):
    answer = asyncio.run(LiveStream(FakeScreens(open_to)).hand(message(address="her"), START_MS))
    assert answer.verdict is verdict
    assert not answer.is_fault


# CAP 1.2 section 3.2 and its schema: order of elements, values, form of times.
ALERT = ["identifier", "sender", "sent", "status", "msgType", "source", "scope", "restriction", "addresses", "code", "note", "references"]
INFO = ["language", "category", "event", "responseType", "urgency", "severity", "certainty", "audience", "eventCode", "effective", "onset"]
INFO += ["expires", "senderName", "headline", "description", "instruction", "web", "contact", "parameter", "resource", "area"]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")


def cap(**other):
    chain = other.pop("chain", Chain())
    root = ET.fromstring(cap_alert(message(**{"address": "police", **other}), ORIGIN, chain))
    names = [child.tag.removeprefix(f"{{{NAMESPACE}}}") for child in root]
    places = [[*ALERT, "info"].index(name) for name in names]
    assert places == sorted(places)
    info = root.find(f"{{{NAMESPACE}}}info")
    places = [INFO.index(child.tag.removeprefix(f"{{{NAMESPACE}}}")) for child in info]
    assert places == sorted(places)
    read = {child.tag.removeprefix(f"{{{NAMESPACE}}}"): child.text for child in [*root, *info]}
    assert TIME.fullmatch(read["sent"])
    assert TIME.fullmatch(read["expires"])
    return read


def test_a_cap_alert_is_private_and_says_so():
    read = cap()
    assert (read["status"], read["msgType"], read["scope"], read["addresses"]) == ("Actual", "Alert", "Private", '"police"')
    assert "references" not in read
    assert not {"circle", "polygon", "geocode"} & read.keys()


def test_updates_and_cancels_name_all_that_came_before():
    chain = Chain((("n0", START_MS - 5000), ("n00", START_MS - 9000)))
    read = cap(chain=chain)
    assert read["msgType"] == "Update"
    first, second = read["references"].split(" ")
    assert first == "jikimi.example,n0,2026-05-28T20:26:35-00:00"
    assert second.startswith("jikimi.example,n00,")
    read = cap(chain=chain, ends=True)
    assert (read["msgType"], read["responseType"], read["urgency"]) == ("Cancel", "AllClear", "Past")


def test_a_drill_is_an_exercise_and_notes_it():
    read = cap(is_drill=True)
    assert read["status"] == "Exercise"
    assert read["note"]


def test_what_xml_cannot_hold_is_left_out():
    assert cap(text="a\x00<b>&\x0b\n")["description"] == "a<b>&\n"


def spot(**other):
    given = {"uid": "i1-m", "callsign": "M", "is_protected": False, "latitude": 37.5, "longitude": 127.0, "error_m": 12.34}
    return Spot(**{**given, "fix_ms": START_MS - 4000, "stale_ms": START_MS + 60_000, **other})


def test_a_cursor_on_target_event():
    root = ET.fromstring(cot_event(spot(course_deg=90.0, speed_mps=1.5, remark="구조"), START_MS))
    assert root.attrib == {
        "version": "2.0",
        "uid": "i1-m",
        "type": "a-s-G",
        "how": "m-g",
        "time": "2026-05-28T20:26:40.000Z",
        "start": "2026-05-28T20:26:36.000Z",
        "stale": "2026-05-28T20:27:40.000Z",
    }
    point = root.find("point").attrib
    assert (point["lat"], point["lon"], point["ce"], point["hae"]) == ("37.500000", "127.000000", "12.3", "9999999.0")
    assert root.find("detail/track").attrib == {"course": "90.0", "speed": "1.5"}
    assert root.find("detail/remarks").text == "구조"


def test_unknown_errors_are_unknown_and_not_nought():
    root = ET.fromstring(cot_event(spot(error_m=None, is_protected=True, is_drill=True), START_MS))
    assert root.find("point").get("ce") == "9999999.0"
    assert root.find("detail/track") is None
    assert (root.get("type"), root.get("opex")) == ("a-f-G", "e")
    gone = ET.fromstring(cot_gone("i1-m", START_MS))
    assert (gone.get("type"), gone.find("detail/link").get("uid")) == ("t-x-d-d", "i1-m")


def mailed(**answers):
    async def go():
        relay = FakeRelay(**answers)
        async with relay.listening() as settings:
            channel = Mail(settings)
            answer = await channel.hand(message(address="desk@example.net"), START_MS)
            await channel.close()
            return answer, relay.mails

    return asyncio.run(go())


@pytest.mark.sockets
def test_a_mail_arrives_whole():
    answer, (raw,) = mailed()
    assert answer.verdict is Verdict.ACCEPTED
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert (mail["subject"], mail["to"], mail["auto-submitted"]) == ("위험", "desk@example.net", "auto-generated")
    assert mail.get_content().splitlines() == ["지금 안전한 곳으로 가세요."]


@pytest.mark.sockets
@pytest.mark.parametrize(
    ("answers", "verdict", "is_gone"),
    [
        ({"RCPT": b"550 nobody"}, Verdict.REFUSED, True),
        ({"RCPT": b"451 later"}, Verdict.REFUSED, False),
        ({"MAIL": b"421 busy"}, Verdict.REFUSED, False),
        ({"DATA": b""}, Verdict.UNKNOWN, False),
    ],
)
def test_what_a_relay_answers(answers, verdict, is_gone):
    answer, _ = mailed(**answers)
    assert (answer.verdict, answer.is_gone) == (verdict, is_gone)


def test_a_repetition_has_the_same_message_id_and_no_header_can_be_slipped_in():
    first, again = (mail_of(message(address="a@example.net"), "b@example.net", START_MS + extra) for extra in (0, 500))
    assert first["message-id"] == again["message-id"]
    with pytest.raises(ValueError):
        mail_of(message(address="a@example.net", title="x\r\nBcc: c@example.net"), "b@example.net", START_MS)
