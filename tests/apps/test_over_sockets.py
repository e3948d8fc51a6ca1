"""The apps behind the real HTTP server: what a browser gets over a real line, also when it hangs up or stops reading."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import socket

import pytest
import uvicorn

from jikimi.disclosure.gate import Closed
from tests.apps.client import STAFF, TOKEN, World
from tests.apps.test_stream import fresh
from tests.disclosure.cases import PAIR, transition

pytestmark = pytest.mark.sockets


@contextlib.asynccontextmanager
async def serving(app):
    """Serve an app as the runtime does; yield its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)  # inherited by its connections: they fill up soon
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False, date_header=False, lifespan="off")
        server = uvicorn.Server(config)
        server.capture_signals = contextlib.nullcontext
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.force_exit = server.should_exit = True
            await task


@contextlib.asynccontextmanager
async def asking(port, method, path, audience="protected", token=TOKEN, body=b""):
    """Send a request; yield the reader of its answer."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.connect(("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=line, limit=4_096)
    head = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Sec-Fetch-Site: same-origin",
        f"Cookie: __Host-jikimi-{audience}={token}",
        f"Content-Length: {len(body)}",
        "Connection: close",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body)
    try:
        yield reader, writer
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def until(condition):
    """Wait until something is so; a test that waits too long has failed."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.005)


async def heard(reader, name, at_least=1):
    """Read until an event of this name came so often; return everything read."""
    found = b""
    async with asyncio.timeout(5):
        while found.count(b"event: %s\n" % name) < at_least:
            found += await reader.read(65_536)
    return found


def run(story):
    asyncio.run(story())


def test_a_request_and_its_answer():
    async def story():
        world = World()
        async with serving(world.protected) as port:
            async with asking(port, "GET", "/api/me") as (reader, _):
                head, _, body = (await reader.read()).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200")
            assert b"cache-control: no-store" in head.lower()
            assert json.loads(body)["demo"] is False
            async with asking(port, "POST", "/api/sos", body=b'{"id":"s1"}') as (reader, _):
                assert (await reader.read()).startswith(b"HTTP/1.1 202")
            assert len(world.watch.raised) == 1

    run(story)


def test_the_other_audiences_cookie_opens_nothing():
    async def story():
        world = World()
        async with serving(world.desk) as port:
            for audience in ("protected", "desk"):
                async with asking(port, "GET", "/api/stream", audience) as (reader, _):
                    assert (await reader.read()).startswith(b"HTTP/1.1 401")
            async with asking(port, "GET", "/api/me", "desk", STAFF) as (reader, _):
                assert (await reader.read()).startswith(b"HTTP/1.1 200")

    run(story)


def test_a_stream_tells_and_a_screen_that_hangs_up_leaves_nothing_behind():
    async def story():
        world = World()
        world.watch.views[PAIR.pair_id] = fresh(world)
        async with serving(world.protected) as port:
            async with asking(port, "GET", "/api/stream") as (reader, _):
                first = await heard(reader, b"state")
                assert b"text/event-stream" in first
                assert b'"latitude"' in first
                world.watch.turned(transition())
                assert b'"tier_before"' in await heard(reader, b"transition")
                assert world.watch.subscribers == 1
            await until(lambda: world.watch.subscribers == 0)
            await until(lambda: [record[4] for record in world.watch.recorded] == ["map:inside_ring", "closed"])

    run(story)


def test_a_screen_that_stops_reading_costs_no_memory_and_gets_the_newest_when_it_reads_again():
    async def story():
        world = World()
        world.watch.views[PAIR.pair_id] = fresh(world)
        made = []
        async with serving(world.protected) as port, asking(port, "GET", "/api/stream") as (reader, writer):
            await heard(reader, b"state")
            writer.transport.pause_reading()
            for number in range(6_000):
                world.watch.turned(transition(number), fresh(world, 300.0 + number / 100))
                if number % 10 == 0:
                    made.append(world.watch.looks)
                    await asyncio.sleep(0)
            assert made[-1] == made[-100]  # nothing is made any more for a line that takes nothing
            writer.transport.resume_reading()
            found = b""
            async with asyncio.timeout(5):
                while b'"low_m":360.0' not in found[-8_000:]:
                    found += await reader.read(1 << 20)
            ids = [int(number) for number in re.findall(rb"^id: (\d+)$", found, re.MULTILINE)]
            assert ids == sorted(ids)
            assert len(ids) < 4_000

    run(story)


def test_signing_off_ends_the_stream_at_once():
    async def story():
        world = World()
        world.watch.views[PAIR.pair_id] = fresh(world)
        async with serving(world.protected) as port, asking(port, "GET", "/api/stream") as (reader, _):
            await heard(reader, b"state")
            async with asking(port, "DELETE", "/api/session") as (answer, _):
                assert (await answer.read()).startswith(b"HTTP/1.1 204")
            assert b'"session_ended"' in await reader.read()

    run(story)


def test_a_record_that_fails_closes_the_map_and_the_stream_goes_on():
    async def story():
        world = World()
        world.watch.fails = True
        world.watch.views[PAIR.pair_id] = fresh(world)
        async with serving(world.protected) as port, asking(port, "GET", "/api/stream") as (reader, _):
            closed = await heard(reader, b"state")
            assert b'"closed":"%s"' % Closed.NO_RECORD.encode() in closed
            assert b"latitude" not in closed
            world.watch.fails = False
            assert b'"latitude"' in await heard(reader, b"state")  # tried again without any change

    run(story)
