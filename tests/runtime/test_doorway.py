"""Requests that arrive whole are judged at once; whatever else comes is served as ever, and nobody's answer changes place."""

from __future__ import annotations

import asyncio
import json
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn import Config
from uvicorn.server import ServerState

from jikimi.apps.device import Reply
from jikimi.runtime.doorway import MOST_AT_ONCE, DoorProtocol
from jikimi.runtime.listening import HEAD_S, PatientProtocol
from tests.apps.jump_loop import run
from tests.ingest.fakes import NOW_MS, SECRET
from tests.ingest.fakes import Door as Devices
from tests.runtime.test_listening import Line

KEEP_ALIVE_S = 5


class Door:
    """Takes whatever is posted to /v1/fixes, and answers when it is told to."""

    def __init__(self):
        self.asked = []
        self.answers = []

    def serves(self, method, path):
        return path == b"/v1/fixes" and method in {b"GET", b"POST"}

    def at_once(self, method, target, headers, body, answer):
        self.asked.append((target, dict(headers).get(b"name"), body))
        self.answers.append(answer)

    def answer(self, number):
        body = self.asked[number][2]
        self.answers[number](Reply(200, body, ((b"content-length", b"%d" % len(body)),)))


async def other(scope, receive, send):
    """Say what was asked in the other way."""
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message["more_body"]:
            break
    said = b"other:" + scope["path"].encode() + b":" + dict(scope["headers"]).get(b"name", b"") + b":" + body
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
    await send({"type": "http.response.body", "body": said})


def line(door, app=other, make=DoorProtocol):
    found = Line()
    made = partial(make, door) if make is DoorProtocol else make
    config = Config(app, lifespan="off", log_config=None, timeout_keep_alive=KEEP_ALIVE_S)
    protocol = made(config=config, server_state=ServerState(), app_state={}, _loop=asyncio.get_running_loop())
    protocol.connection_made(found)
    return protocol, found


def post(body: bytes, *lines: bytes, path: bytes = b"/v1/fixes", version: bytes = b"1.1", method: bytes = b"POST") -> bytes:
    head = (method + b" " + path + b" HTTP/" + version, b"Host: x", b"Name: n", b"Content-Length: %d" % len(body), *lines, b"", b"")
    return b"\r\n".join(head) + body


def answered(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def rounds(count=20):
    for _ in range(count):
        await asyncio.sleep(0)


def test_a_whole_request_is_judged_before_anything_else_runs():
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.data_received(post(b"one", path=b"/v1/fixes?x=1"))
        assert door.asked == [(b"/v1/fixes?x=1", b"n", b"one")]
        assert found.writes == []
        door.answer(0)
        assert found.writes == [answered(b"one")]

    run(story())


def test_requests_sent_without_waiting_are_answered_in_their_order_in_one_write():
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.data_received(post(b"one") + post(b"two") + post(b"three"))
        assert [body for *_, body in door.asked] == [b"one", b"two", b"three"]
        door.answer(2)
        door.answer(1)
        await rounds()
        assert found.writes == []
        door.answer(0)
        await rounds()
        assert found.writes == [answered(b"one") + answered(b"two") + answered(b"three")]

    run(story())


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (post(b"b", path=b"/healthz"), b"other:/healthz:n:b"),
        (post(b"b", path=b"/v1/fixes", version=b"1.0"), b"other:/v1/fixes:n:b"),
        (post(b"b", method=b"PUT"), b"other:/v1/fixes:n:b"),
        (post(b"b", path=b"/v1/%66ixes"), b"other:/v1/fixes:n:b"),
        (post(b"b", b"Expect: 100-continue"), b"other:/v1/fixes:n:b"),
    ],
)
def test_what_is_not_plain_is_served_in_the_other_way_and_in_its_turn(request_, said):
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.data_received(post(b"one") + request_)
        await rounds()
        assert found.written == b""
        door.answer(0)
        await rounds()
        assert found.written.startswith(answered(b"one"))
        assert found.written.endswith(said)
        assert len(door.asked) == 1
        if not found.closed:
            protocol.data_received(post(b"two"))
            door.answer(1)
            assert found.written.endswith(answered(b"two"))

    run(story())


def test_a_body_that_comes_later_is_waited_for_in_the_other_way():
    async def story():
        door = Door()
        protocol, found = line(door)
        whole = post(b"one two")
        protocol.data_received(whole[:-4])
        await rounds()
        protocol.data_received(whole[-4:] + post(b"three"))
        await rounds()
        assert door.asked == []
        assert found.written.count(b"other:/v1/fixes:n:one two") == 1
        assert found.written.endswith(b"other:/v1/fixes:n:three")

    run(story())


def test_nobody_holds_the_loop_with_more_than_a_few_at_once():
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.data_received(b"".join(post(b"%d" % number) for number in range(MOST_AT_ONCE + 3)))
        assert len(door.asked) == MOST_AT_ONCE
        await rounds()
        assert found.written == b""
        for number in range(MOST_AT_ONCE):
            door.answer(number)
        await rounds(60)
        assert found.written.startswith(b"".join(answered(b"%d" % number) for number in range(MOST_AT_ONCE)))
        assert [found.written.count(b"other:/v1/fixes:n:%d" % (MOST_AT_ONCE + more)) for more in range(3)] == [1, 1, 1]

    run(story())


def test_who_reads_no_answers_is_not_taken_at_once():
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.pause_writing()
        protocol.data_received(post(b"one"))
        await rounds()
        assert (door.asked, found.written) == ([], b"")
        protocol.resume_writing()
        await rounds()
        assert found.written.endswith(b"n:one")

    run(story())


def test_a_connection_closes_when_its_client_or_the_server_wants_it_once_all_is_answered():
    async def story():
        door = Door()
        (by_client, first), (by_server, second) = line(door), line(door)
        by_client.data_received(post(b"one") + post(b"two", b"Connection: close"))
        by_server.data_received(post(b"three"))
        by_server.shutdown()
        await rounds()
        assert not first.closed
        assert not second.closed
        for number in range(3):
            door.answer(number)
        await rounds()
        assert first.closed
        assert first.written.endswith(b"content-length: 3\r\nconnection: close\r\n\r\ntwo")
        assert second.closed
        assert second.written.endswith(b"content-length: 5\r\nconnection: close\r\n\r\nthree")

    run(story())


def test_an_idle_connection_is_closed_a_waiting_one_is_not():
    async def story():
        door = Door()
        protocol, found = line(door)
        for number in range(3):
            protocol.data_received(post(b"one"))
            await asyncio.sleep(100)
            assert not found.closed
            door.answer(number)
            await asyncio.sleep(KEEP_ALIVE_S - 1)
        protocol.data_received(b"POST /v1/fixes HT")
        await asyncio.sleep(HEAD_S - 1)
        assert not found.closed
        await asyncio.sleep(2)
        assert found.closed
        idle, rested = line(door)
        idle.data_received(post(b"one"))
        door.answer(3)
        await asyncio.sleep(KEEP_ALIVE_S + 1)
        assert rested.closed

    run(story())


def test_an_answer_to_somebody_who_left_is_dropped():
    async def story():
        door = Door()
        protocol, found = line(door)
        protocol.data_received(post(b"one") + post(b"two"))
        protocol.connection_lost(ConnectionResetError())
        door.answer(0)
        door.answer(1)
        await rounds()
        assert found.written == b""

    run(story())


BEARER = b"Authorization: Bearer tag-1." + SECRET.encode()


def fixes(number: int, *lines: bytes) -> bytes:
    return post(json.dumps({"fixes": [{"id": f"f{number}", "time": NOW_MS, "lat": 37.5, "lon": 127.0}]}).encode(), *lines)


KINDS = (
    lambda n: fixes(n, BEARER),
    lambda n: fixes(n, b"Authorization: Bearer tag-1.wrong"),
    lambda n: fixes(n, BEARER, b"Content-Encoding: gzip"),
    lambda n: post(b'{"fixes":[{"id":"%d"}]}' % n, BEARER),
    lambda n: post(b"not JSON", BEARER),
    lambda n: post(b"", BEARER, method=b"PUT"),
    lambda n: post(b"", path=b"/nowhere"),
    lambda n: b"GET /osmand?id=tag-2.%b&lat=37.5&lon=127&timestamp=%d HTTP/1.1\r\nHost: x\r\n\r\n" % (SECRET.encode(), NOW_MS // 1000 - n),
    lambda n: post(b"{}", BEARER, path=b"/traccar"),
    lambda n: b"POST /v1/fixes HTTP/1.1\r\nHost: x\r\n%b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" % BEARER,
)


@given(kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=24), data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_requests_come_the_bytes_of_the_answers_are_those_of_the_other_way(kinds, data):
    sent = b"".join(kind(number) for number, kind in enumerate(kinds))
    cuts = sorted(data.draw(st.lists(st.integers(1, len(sent)), max_size=6)))

    async def story(make):
        devices = Devices()
        protocol, found = line(devices.app, devices.app, make)
        for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True):
            protocol.data_received(sent[start:end])
            await rounds(5)
        await rounds(400)
        return found.written, [[fix.fix_id for fix in decoded.fixes] for _, decoded in devices.intake.offered]

    at_once, other_way = (asyncio.run(story(make)) for make in (DoorProtocol, PatientProtocol))
    assert at_once == other_way
    assert at_once[0].count(b"HTTP/1.1 ") == len(kinds)


def test_a_fault_of_ours_is_told_and_answered():
    async def story():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: told.append(context["exception"]))
        devices = Devices()
        protocol, found = line(devices.app, devices.app)
        devices.intake.busy = lambda: 1 / 0
        protocol.data_received(fixes(1, BEARER))
        del devices.intake.busy

        async def broken(device, decoded):
            raise ZeroDivisionError

        devices.intake.offer = broken
        protocol.data_received(fixes(2, BEARER))
        await rounds()
        assert found.written.count(b"HTTP/1.1 500 Internal Server Error\r\n") == 2
        assert [type(fault) for fault in told] == [ZeroDivisionError] * 2

    run(story())


def test_a_journal_that_fails_asks_to_send_again():
    async def story():
        devices = Devices()
        devices.intake.fail = True
        protocol, found = line(devices.app, devices.app)
        protocol.data_received(fixes(1, BEARER))
        await rounds()
        assert found.written.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"retry-after: 2\r\n" in found.written

    run(story())
