"""Ways to a court: each takes a package whole or says in a sentence that it did not; a repetition counts once."""

import asyncio
import email
import email.policy
import time

import httpx2
import pyrage
import pytest

from jikimi.delivery.courts.drop import Drop
from jikimi.delivery.courts.mailbox import Mailbox
from jikimi.delivery.courts.receiver import Receiver
from jikimi.delivery.endpoint import Endpoint
from jikimi.petitions.document import written
from jikimi.petitions.package import opened, packed
from jikimi.petitions.ports import NotHandedError
from jikimi.scenarios.court import Court
from tests.delivery.relay import FakeRelay
from tests.petitions.case import FILED, FORM, answers

NOW_MS = int(time.time()) * 1000
KEY = pyrage.x25519.Identity.generate()
SECRET = "whsec_" + "QUJD" * 8
PACKAGE = packed(written(FORM, answers(), petition_id="p1", day=FILED), {}, str(KEY.to_public()))


def test_a_folder_gets_the_package_whole_and_once(tmp_path):
    drop = Drop(tmp_path)
    for _ in range(2):
        assert asyncio.run(drop.hand(PACKAGE, NOW_MS)).at_ms == NOW_MS
    (only,) = tmp_path.iterdir()
    assert only.name == PACKAGE.name
    assert opened(only.read_bytes(), str(KEY)).papers.open.petition_id == "p1"


def test_a_folder_that_is_away_is_said_and_not_made(tmp_path):
    with pytest.raises(NotHandedError, match="Nothing was filed"):
        asyncio.run(Drop(tmp_path / "away").hand(PACKAGE, NOW_MS))
    assert not (tmp_path / "away").exists()


def mailed(**said):
    async def go():
        relay = FakeRelay(**said)
        async with relay.listening() as settings:
            handed = await Mailbox(settings, "petitions@court.example").hand(PACKAGE, NOW_MS)
        return handed, relay.mails

    return asyncio.run(go())


@pytest.mark.sockets
def test_a_mailbox_gets_a_sealed_package_and_no_word_of_hers():
    handed, (raw,) = mailed()
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    (attached,) = mail.iter_attachments()
    assert (handed.number, attached.get_filename()) == (None, PACKAGE.name)
    assert opened(attached.get_content(), str(KEY)).papers.open.petition_id == "p1"
    assert PACKAGE.sha256 in mail.get_body().get_content()
    assert "김하나" not in mail.as_string()


@pytest.mark.sockets
@pytest.mark.parametrize(("said", "words"), [({"RCPT": b"550 nobody"}, "Nothing was filed"), ({"DATA": b""}, "did not say")])
def test_a_mailbox_that_does_not_take_it_is_said(said, words):
    with pytest.raises(NotHandedError, match=words):
        mailed(**said)


def posted(app, secret=SECRET, times=1):
    async def go():
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app))
        receiver = Receiver(client, Endpoint("https://court.example/petitions", secret))
        handed = [await receiver.hand(PACKAGE, NOW_MS) for _ in range(times)]
        await receiver.close()
        return handed

    return asyncio.run(go())


def test_a_receiver_gives_a_number_and_counts_a_repetition_once():
    court = Court(SECRET, str(KEY))
    first, again = posted(court, times=2)
    assert first.number == again.number == "2027-1"
    assert list(court.inbox) == ["2027-1"]
    assert court.inbox["2027-1"].papers.sealed is not None


def test_a_receiver_refuses_what_is_not_signed_by_us():
    court = Court(SECRET, str(KEY))
    with pytest.raises(NotHandedError, match="did not take"):
        posted(court, secret="whsec_" + "REVG" * 8)
    assert court.inbox == {}


def test_a_receiver_with_another_key_does_not_take_it():
    with pytest.raises(NotHandedError, match="did not take"):
        posted(Court(SECRET, str(pyrage.x25519.Identity.generate())))


def answering(status, body):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return app


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"", "did not take"),
        (302, b'{"number": "1"}', "did not take"),
        (202, b"", "no number"),
        (202, b"{}", "no number"),
        (202, b'{"number": "1"}' + b" " * 5000, "no number"),
    ],
)
def test_what_is_no_receipt_is_none(status, body, words):
    with pytest.raises(NotHandedError, match=words):
        posted(answering(status, body))


def test_a_receiver_that_cannot_be_reached_is_said():
    async def app(scope, receive, send):
        raise httpx2.ConnectError("away")

    with pytest.raises(NotHandedError, match="counted once"):
        posted(app)
