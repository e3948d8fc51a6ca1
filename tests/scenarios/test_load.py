"""The load generator: its requests are right to the byte, its parser splits anywhere, and its numbers are true."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from random import Random

import msgspec
import pytest

from jikimi.scenarios.load import LoadError, Person, Plan, Report, load, main, percentile_ms, split

NOW = 1_800_000_000_000
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\ncontent-length: 2\r\n\r\n{}"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length:0\r\n\r\n"


def parts(request: bytes) -> tuple[dict[str, str], list[dict]]:
    head, body = request.split(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /v1/fixes HTTP/1.1"
    headers = dict(line.split(": ") for line in lines[1:])
    assert int(headers["Content-Length"]) == len(body)
    return headers, json.loads(body)["fixes"]


@pytest.mark.parametrize("batch", [1, 2, 16, 50])
def test_requests_are_whole_and_their_fixes_new_and_in_order(batch):
    person = Person("door:80", "d1.secret", batch, Random(1))
    seen = []
    for number in range(40):
        headers, fixes = parts(person.request(NOW + number * 1000, batch))
        assert headers["Authorization"] == "Bearer d1.secret"
        assert len(fixes) == batch
        assert fixes[-1]["time"] == NOW + number * 1000
        seen += fixes
    assert len({fix["id"] for fix in seen}) == len(seen)
    times = [fix["time"] for fix in seen]
    assert times == sorted(set(times))
    assert all(37.3 < fix["lat"] < 37.8 and 126.7 < fix["lon"] < 127.3 for fix in seen)


def test_two_persons_stand_apart():
    rng = Random(1)
    first, second = (parts(Person("h", "d.s", 1, rng).request(NOW, 1))[1][0] for _ in range(2))
    assert (first["lat"], first["lon"]) != (second["lat"], second["lon"])


def test_answers_are_split_wherever_the_bytes_end():
    stream = OK + BUSY + OK
    assert split(stream, 0) == (200, len(OK))
    assert split(stream, len(OK)) == (503, len(OK) + len(BUSY))
    for end in range(len(OK)):
        assert split(OK[:end], 0) is None


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 abc OK\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0\r\n\r\n",
    ],
)
def test_what_is_no_such_answer_has_status_0(data):
    assert split(data, 0) == (0, 0)


def test_percentiles_are_of_the_numbers_themselves():
    latencies = [n / 1000 for n in range(1, 101)]
    assert [percentile_ms(latencies, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert percentile_ms([0.004], 0.5) == 4.0
    assert percentile_ms([], 0.5) is None


@asynccontextmanager
async def server(answer, *, chop: int | None = None):
    """A loopback server that reads whole requests and answers each with ``answer(number)``."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                requests.append(head + await reader.readexactly(length))
                reply = answer(len(requests))
                if reply is None:
                    break
                for start in range(0, len(reply), chop or len(reply)):
                    writer.write(reply[start : start + (chop or len(reply))])
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", requests


def plan(url: str, **options) -> Plan:
    return Plan(**{"url": url, "credentials": tuple(f"d{n}.s" for n in range(20)), "seconds": 0.2, "connections": 3, **options})


async def loaded(answer, chop=None, **options) -> tuple[Report, list[bytes]]:
    async with server(answer, chop=chop) as (url, requests):
        return await load(plan(url, **options)), requests


@pytest.mark.sockets
def test_flat_out_counts_what_the_server_saw():
    report, requests = asyncio.run(loaded(lambda _: OK, batch=3))
    assert report.requests == report.acknowledged == len(requests) >= 12
    assert report.fixes == 3 * len(requests)
    assert report.statuses == {200: len(requests)}
    ids = {(parts(request)[0]["Authorization"], fix["id"]) for request in requests for fix in parts(request)[1]}
    assert len(ids) == report.fixes
    assert 0 < report.p50_ms <= report.p90_ms <= report.p99_ms <= report.max_ms


@pytest.mark.sockets
def test_paced_sends_each_person_once_a_second():
    report, requests = asyncio.run(loaded(lambda _: OK, paced=True, seconds=0.5))
    assert report.requests == len(requests) == 10
    assert len({parts(request)[0]["Authorization"] for request in requests}) == 10


@pytest.mark.sockets
def test_answers_in_pieces_are_put_together():
    report, requests = asyncio.run(loaded(lambda _: OK, chop=7))
    assert report.acknowledged == len(requests) > 3


@pytest.mark.sockets
def test_a_busy_server_is_counted_not_hidden():
    report, _ = asyncio.run(loaded(lambda number: BUSY if number % 2 else OK))
    assert set(report.statuses) == {200, 503}
    assert report.acknowledged == report.statuses[200] < report.requests
    assert report.fixes == report.acknowledged


@pytest.mark.sockets
@pytest.mark.parametrize(("answer", "sentence"), [(lambda _: b"SSH-2.0\r\n\r\n", "broke"), (lambda n: OK if n < 5 else None, "broke")])
def test_a_broken_connection_is_an_error(answer, sentence):
    with pytest.raises(LoadError, match=sentence):
        asyncio.run(loaded(answer))


@pytest.mark.sockets
def test_the_command_reads_a_plan_and_prints_a_report(tmp_path, capsys):
    assert main([str(tmp_path / "none.json")]) == 1
    path = tmp_path / "plan.json"
    path.write_bytes(b'{"url": 1}')
    assert main([str(path)]) == 1
    path.write_bytes(msgspec.json.encode(plan("https://127.0.0.1:18499")))
    assert main([str(path)]) == 1
    assert "speaks plain HTTP" in capsys.readouterr().err
    path.write_bytes(msgspec.json.encode(plan("http://127.0.0.1:18499")))
    assert main([str(path)]) == 1
    assert "No connection" in capsys.readouterr().err
