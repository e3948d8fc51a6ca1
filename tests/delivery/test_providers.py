"""Providers down, slow and lying, over real sockets: the next channel takes over, in time."""

import asyncio
import base64
import contextlib
import logging
import time

import msgspec
import pytest

from jikimi.delivery.client import http_client
from jikimi.delivery.endpoint import Endpoint, Poster
from jikimi.delivery.life import State
from jikimi.delivery.passage import Way, is_open, plan
from jikimi.delivery.runner import Runner
from jikimi.delivery.smpp.channel import SmppSms
from jikimi.delivery.smpp.session import Centre
from jikimi.delivery.voice import Voice, call_receipt
from tests.delivery.fakes import RULES, FakeChannel, MemoryShelf, message
from tests.delivery.smsc import THROTTLED, Smsc

FAST = msgspec.structs.replace(
    RULES, receipt_within_s=0.2, retry_after_s=0.2, lane=msgspec.structs.replace(RULES.lane, timeout_s=0.3, workers=4)
)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


def now_ms():
    return time.time_ns() // 1_000_000


class Bridge:
    """A telephony bridge: takes a call over HTTP, and its listener presses 1."""

    def __init__(self):
        self.calls = 0
        self.called = asyncio.Event()

    @contextlib.asynccontextmanager
    async def listening(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b'HTTP/1.1 202 Accepted\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{"id": "c1"}')
        self.calls += 1
        self.called.set()
        await writer.drain()
        writer.close()


async def danger_arrives(prepare, after_submit=None):
    """Send one notice by text, then by call; return how it ended and what the centre saw."""
    bridge, smsc, shelf = Bridge(), Smsc(), MemoryShelf()
    async with smsc.listening(), bridge.listening() as port:
        prepare(smsc)
        centre = Centre(
            host="127.0.0.1", port=smsc.port, system_id="jikimi", password="secret", source="JIKIMI", enquire_s=0.1, answer_s=0.5
        )
        poster = Poster(http_client(FAST.lane), {"voice": Endpoint(f"http://127.0.0.1:{port}/call", SECRET)})
        heard = []
        sms, voice = SmppSms(centre, heard.append, now_ms), Voice(poster)
        runner = Runner(shelf, [sms, voice, FakeChannel("webhook")], FAST, now_ms)
        task = asyncio.create_task(runner.run())
        ways = [Way("sms", "+821012345678"), Way("voice", "+821012345678")]
        shelf.add(plan(message(sent_ms=now_ms()), ways, FAST, is_danger=True))
        runner.wake()
        if after_submit is not None:
            await until(lambda: smsc.texts)
            after_submit(smsc)
            await until(lambda: heard)
            runner.receive(heard[0])
        await asyncio.wait_for(bridge.called.wait(), 5)
        body = b'{"key": "n1", "event": "confirmed"}'
        runner.receive(confirmed(body))
        await until(lambda: not is_open(shelf.rows["n1"]))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    return shelf.rows["n1"], smsc


def confirmed(body):
    receipt = call_receipt(body, now_ms())
    assert receipt is not None
    return receipt


async def until(condition):
    for _ in range(600):
        if condition():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it did not come")


def silent(smsc):
    smsc.silent = True


def throttling(smsc):
    smsc.statuses = [THROTTLED] * 50


def losing_lines(smsc):
    smsc.drop_on_submit = True


def refusing_us(smsc):
    smsc.password = "another"


@pytest.mark.sockets
@pytest.mark.parametrize("prepare", [silent, throttling, losing_lines, refusing_us], ids=lambda one: one.__name__)
def test_a_centre_that_fails_gives_way_to_the_call(prepare):
    passage, smsc = asyncio.run(danger_arrives(prepare))
    assert passage.state is State.SEEN
    assert smsc.texts == []
    assert [passage.ways[one.way].channel for one in passage.tries][:2] == ["sms", "voice"]


@pytest.mark.sockets
def test_a_centre_that_says_delivered_is_not_believed():
    passage, smsc = asyncio.run(danger_arrives(lambda _: None, lambda smsc: smsc.receipt("m0000", "DELIVRD")))
    assert passage.state is State.SEEN
    assert len(smsc.texts) == 1
    assert passage.tries[0].provider == "delivered"


def test_the_client_follows_nobody_and_logs_no_address():
    async def look():
        client = http_client(FAST.lane)
        assert not client.follow_redirects
        assert not client.trust_env
        await client.aclose()

    asyncio.run(look())
    assert not logging.getLogger("httpx2").isEnabledFor(logging.INFO)
