"""Byte ranges of one file over ASGI: exact, uncached, and nothing read that nobody waits for."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import urllib.request

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st

from jikimi.basemap.serve import CHUNK_BYTES, MapShrankError, PmtilesApp

DATA = os.urandom(3 * CHUNK_BYTES + 17)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("map") / "base.pmtiles"
    path.write_bytes(DATA)
    return path


class Answer:
    def __init__(self, messages):
        self.status = messages[0]["status"]
        self.headers = dict(messages[0]["headers"])
        self.chunks = [message["body"] for message in messages[1:]]
        self.body = b"".join(self.chunks)
        assert [message.get("more_body", False) for message in messages[1:]] == [True] * (len(self.chunks) - 1) + [False]
        assert len(messages[0]["headers"]) == len(self.headers)


def ask(path, method="GET", after_send=None, **headers):
    sent = []
    gone = asyncio.Event()

    async def receive():
        if sent:
            await gone.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)
        if after_send is not None:
            after_send(len(sent), gone)
        await asyncio.sleep(0)

    scope = {"type": "http", "method": method, "headers": [(name.replace("_", "-").encode(), value) for name, value in headers.items()]}
    asyncio.run(PmtilesApp(path)(scope, receive, send))
    return sent


def get(path, method="GET", **headers):
    return Answer(ask(path, method, **headers))


def test_the_whole_file_in_bounded_chunks(path):
    answer = get(path)
    assert (answer.status, answer.body) == (200, DATA)
    assert max(map(len, answer.chunks)) <= CHUNK_BYTES
    assert answer.headers[b"content-length"] == b"%d" % len(DATA)
    assert answer.headers[b"accept-ranges"] == b"bytes"
    assert answer.headers[b"cache-control"] == b"no-store"
    assert b"content-range" not in answer.headers


@given(st.integers(0, len(DATA) - 1), st.integers(0, len(DATA) + 10))
def test_a_range_is_a_slice(path, first, length):
    answer = get(path, range=b"bytes=%d-%d" % (first, first + length))
    wanted = DATA[first : first + length + 1]
    assert (answer.status, answer.body) == (206, wanted)
    assert answer.headers[b"content-range"] == b"bytes %d-%d/%d" % (first, first + len(wanted) - 1, len(DATA))
    assert answer.headers[b"content-length"] == b"%d" % len(wanted)


def test_the_last_bytes(path):
    assert get(path, range=b"bytes=-5").body == DATA[-5:]


def test_beyond_the_end_is_416(path):
    answer = get(path, range=b"bytes=%d-" % len(DATA))
    assert (answer.status, answer.headers[b"content-range"]) == (416, b"bytes */%d" % len(DATA))


def test_head_has_no_body_and_ignores_ranges(path):
    answer = get(path, "HEAD", range=b"bytes=0-1")
    assert (answer.status, answer.body, answer.headers[b"content-length"]) == (200, b"", b"%d" % len(DATA))


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_the_map_can_only_be_read(path, method):
    answer = get(path, method)
    assert (answer.status, answer.headers[b"allow"]) == (405, b"GET, HEAD")


def test_without_a_map_a_sentence(tmp_path):
    for absent in (tmp_path / "none.pmtiles", tmp_path):
        answer = get(absent)
        assert (answer.status, answer.headers[b"cache-control"]) == (404, b"no-store")
        assert answer.body.startswith(b"No base map is installed")
        assert str(tmp_path).encode() not in answer.body


def test_an_empty_file(tmp_path):
    empty = tmp_path / "base.pmtiles"
    empty.touch()
    assert (get(empty).status, get(empty).body) == (200, b"")
    assert get(empty, range=b"bytes=0-").status == 416


def test_if_range_holds_only_for_the_same_file(tmp_path):
    path = tmp_path / "base.pmtiles"
    path.write_bytes(b"first map")
    etag = get(path).headers[b"etag"]
    assert get(path, range=b"bytes=0-4", if_range=etag).body == b"first"
    (tmp_path / "new").write_bytes(b"other map")
    (tmp_path / "new").replace(path)
    assert get(path).headers[b"etag"] != etag
    again = get(path, range=b"bytes=0-4", if_range=etag)
    assert (again.status, again.body) == (200, b"other map")
    assert get(path, range=b"bytes=0-4", if_range=b"W/" + etag).status == 200
    assert get(path, range=b"bytes=0-4", if_range=b"Wed, 21 Oct 2015 07:28:00 GMT").status == 200


def test_a_map_replaced_while_it_is_sent_stays_the_old_one(tmp_path):
    path = tmp_path / "base.pmtiles"
    path.write_bytes(DATA)

    def replace(count, gone):
        if count == 2:
            (tmp_path / "new").write_bytes(bytes(10))
            (tmp_path / "new").replace(path)

    assert Answer(ask(path, after_send=replace)).body == DATA


def test_a_map_cut_while_it_is_sent_ends_the_connection(tmp_path):
    path = tmp_path / "base.pmtiles"
    path.write_bytes(DATA)
    with pytest.raises(MapShrankError):
        ask(path, after_send=lambda count, gone: os.truncate(path, 10) if count == 2 else None)


def test_a_client_that_left_is_not_read_for(path):
    sent = ask(path, after_send=lambda count, gone: gone.set() if count == 2 else None)
    assert 2 <= len(sent) < 2 + len(DATA) // CHUNK_BYTES
    assert sent[-1]["more_body"]


@pytest.mark.sockets
def test_over_a_real_socket(path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/tiles/base.pmtiles"
        server = uvicorn.Server(uvicorn.Config(PmtilesApp(path), log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with urllib.request.urlopen(urllib.request.Request(address, headers={"Range": "bytes=1000-400000"})) as answer:
                assert (answer.status, answer.read()) == (206, DATA[1000:400001])
            with urllib.request.urlopen(urllib.request.Request(address, method="HEAD")) as answer:
                assert (int(answer.headers["Content-Length"]), answer.read()) == (len(DATA), b"")
        finally:
            server.should_exit = True
            thread.join()
