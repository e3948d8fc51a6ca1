"""Load on the devices' door, for benches: run it in a process of its own, ``python -m jikimi.scenarios.load``.

A client library would cost more than the server it loads, so requests are written and answers split by hand:
HTTP/1.1 (RFC 9112), connections kept open, several requests on their way on each (pipelining). Two ways of asking:

- *paced*: every person reports once a second, spread evenly; a request's time counts from the moment it was due, so a
  slow server cannot hide behind a waiting client.
- *flat out*: each connection always has ``depth`` requests on their way.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import time
from collections import deque
from pathlib import Path
from random import Random
from typing import Final, cast
from urllib.parse import urlsplit

import msgspec

from jikimi.core.geodesy import offset

CENTRE: Final = (37.55, 126.99)
AREA_M: Final = 15_000.0
STEP_M: Final = 1.4
"""Everybody walks to and fro at 1.4 m/s while reporting once a second."""
STEPS: Final = 16
LAST_ANSWER_S: Final = 30.0
"""How long the last answers may take."""
ID_DIGITS: Final = 12
TIME_DIGITS: Final = 13


class LoadError(Exception):
    """The load could not be carried out: no connection, or an answer that is no HTTP."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to send.

    Attributes:
        url: the devices' door, without a path.
        credentials: ``<device>.<secret>`` of every person's device.
        seconds: for how long.
        batch: fixes in a request, the last of them now.
        connections: how many.
        depth: with ``paced`` False, requests on their way on each connection.
        paced: every person one request in ``batch`` seconds; else flat out.
        seed: of the positions.
    """

    url: str
    credentials: tuple[str, ...]
    seconds: float
    batch: int = 1
    connections: int = 32
    depth: int = 4
    paced: bool = False
    seed: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Latencies in milliseconds, None when nothing was answered with 200.

    Attributes:
        requests: answered.
        acknowledged: of them with 200.
        statuses: answers by status.
        fixes: in acknowledged requests.
        seconds: from the first request to the last answer.
        requests_per_s, fixes_per_s: acknowledged, over ``seconds``.
        p50_ms, p90_ms, p99_ms, max_ms: of acknowledged requests.
    """

    requests: int
    acknowledged: int
    statuses: dict[int, int]
    fixes: int
    seconds: float
    requests_per_s: float
    fixes_per_s: float
    p50_ms: float | None
    p90_ms: float | None
    p99_ms: float | None
    max_ms: float | None


class Person:
    """One device's requests, prebuilt: only the fix id and the time are put in at the last moment, both of fixed width."""

    __slots__ = ("heads", "last_ms", "number", "tails")

    def __init__(self, host: str, credential: str, batch: int, rng: Random, first_number: int = 0) -> None:
        self.number = first_number
        self.last_ms: int | None = None
        start = offset(*CENTRE, rng.uniform(-AREA_M, AREA_M), rng.uniform(-AREA_M, AREA_M))
        places = [offset(*start, 0.0, STEP_M * min(step, STEPS - step)) for step in range(STEPS)]
        self.tails = [f',"lat":{lat:.7f},"lon":{lon:.7f},"error_m":5.0,"source":"gnss"}}'.encode() for lat, lon in places]
        self.heads = [self._head(host, credential, batch, step) for step in range(STEPS)]

    def _head(self, host: str, credential: str, batch: int, step: int) -> bytes:
        fixes = sum(len(b'{"id":"","time":') + ID_DIGITS + TIME_DIGITS + len(self.tails[(step + index) % STEPS]) for index in range(batch))
        length = len(b'{"fixes":[]}') + fixes + batch - 1
        return (
            f"POST /v1/fixes HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {credential}\r\n"
            f'Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{{"fixes":['
        ).encode("ascii")

    def request(self, now_ms: int, batch: int) -> bytes:
        """Return the next request, its last fix dated ``now_ms``, the others evenly since the last request, at most 1 s apart."""
        first = self.number
        self.number += batch
        gap_ms = 1000 if self.last_ms is None else min(1000, (now_ms - self.last_ms) // batch)
        self.last_ms = now_ms
        if batch == 1:
            step = first % STEPS
            return b'%b{"id":"%012d","time":%013d%b]}' % (self.heads[step], first, now_ms, self.tails[step])
        begin_ms = now_ms - (batch - 1) * gap_ms
        fixes = [
            b'{"id":"%012d","time":%013d%b' % (first + index, begin_ms + index * gap_ms, self.tails[(first + index) % STEPS])
            for index in range(batch)
        ]
        return self.heads[first % STEPS] + b",".join(fixes) + b"]}"


class Connection(asyncio.Protocol):
    """Writes requests, splits answers, and hands each answer's status and due time to the run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.due: deque[float] = deque()
        self.lost: Exception | None = None
        self._rest = b""
        self._same = b""
        """The last whole answer. Most are the same bytes again, and need not be read twice."""
        self._status = 0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one without saying so

    def connection_lost(self, exc: Exception | None) -> None:
        """Remember that answers still due will not come."""
        if self.due:
            self.fail(exc if exc is not None else LoadError("The server closed a connection with answers still due."))

    def fail(self, error: Exception) -> None:
        """End the run with an error."""
        self.lost = error
        self.run.finished.set()

    def send(self, requests: list[bytes], due: float) -> None:
        """Write requests at once; their time counts from ``due``."""
        assert self._transport is not None
        self.due.extend([due] * len(requests))
        self._transport.write(b"".join(requests))

    def close(self) -> None:
        """Close."""
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Split off whole answers, and have as many requests follow."""
        data = self._rest + data if self._rest else data
        now = time.perf_counter()
        at = answers = 0
        while (end := self._end(data, at)) is not None:
            if end == at or not self.due:
                self.fail(LoadError("The server's answer is not HTTP/1.1 with a Content-Length."))
                return
            at = end
            self.run.count(self._status, now, self.due.popleft())
            answers += 1
        self._rest = data[at:]
        if answers:
            self.run.follow(self, answers)

    def _end(self, data: bytes, at: int) -> int | None:
        """Read the answer that begins at ``at``; return its end, ``at`` where it is no answer, None while it is incomplete."""
        if self._same and data.startswith(self._same, at):
            return at + len(self._same)
        answer = split(data, at)
        if answer is None:
            return None
        self._status, end = answer
        self._same = data[at:end]
        return end


def split(data: bytes, at: int) -> tuple[int, int] | None:
    """Return (status, end) of the answer that begins at ``at``; status 0 where it is no such answer; None while it is incomplete."""
    head_end = data.find(b"\r\n\r\n", at)
    if head_end < 0:
        return None
    status = data[at + 9 : at + 12]
    head = data[at:head_end].lower()
    mark = head.find(b"\r\ncontent-length:")
    if data[at : at + 9] != b"HTTP/1.1 " or not status.isdigit() or mark < 0:
        return 0, at
    digits = head[mark + 17 :].split(b"\r\n", 1)[0].strip()
    if not digits.isdigit():
        return 0, at
    end = head_end + 4 + int(digits)
    return (int(status), end) if end <= len(data) else None


class Run:
    """One load, from the first request to the last answer."""

    def __init__(self, plan: Plan) -> None:
        parts = urlsplit(plan.url)
        if parts.scheme != "http" or parts.hostname is None:
            msg = "The load generator speaks plain HTTP: give an address like http://127.0.0.1:8080."
            raise LoadError(msg)
        self.plan = plan
        self.host = parts.hostname
        self.port = parts.port if parts.port is not None else 80
        rng = Random(plan.seed)  # noqa: S311 - positions, not secrets
        first_number = time.time_ns() // 1_000_000_000 % 1_000_000 * 1_000_000  # a later load sends new fixes, no repetitions
        self.people = [Person(parts.netloc, credential, plan.batch, rng, first_number) for credential in plan.credentials]
        self.finished = asyncio.Event()
        self.latencies_s: list[float] = []
        self.statuses: dict[int, int] = {}
        self.begun = self.ended = 0.0
        self._next = 0
        self._waiting = 0
        self._sending = True

    async def go(self) -> Report:
        """Connect, send for the time of the plan, wait for the last answers."""
        loop = asyncio.get_running_loop()
        connections: list[Connection] = []
        try:
            for _ in range(min(self.plan.connections, len(self.people))):
                connections.append((await loop.create_connection(lambda: Connection(self), self.host, self.port))[1])  # noqa: PERF401
            self.begun = self.ended = time.perf_counter()
            await (self._paced(connections) if self.plan.paced else self._flat_out(connections))
            self._sending = False
            if self._waiting:
                await asyncio.wait_for(self.finished.wait(), LAST_ANSWER_S)
        except TimeoutError:
            raise LoadError(f"The server did not answer within {LAST_ANSWER_S:.0f} s.") from None
        except OSError as error:
            raise LoadError(f"No connection to the server ({error.strerror}).") from None
        finally:
            for connection in connections:
                connection.close()
        if lost := next((connection.lost for connection in connections if connection.lost is not None), None):
            raise LoadError("A connection broke with answers still due.") from lost
        return self._report()

    async def _flat_out(self, connections: list[Connection]) -> None:
        for connection in connections:
            self._send(connection, self.plan.depth)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.finished.wait(), self.plan.seconds)

    async def _paced(self, connections: list[Connection]) -> None:
        gap_s = self.plan.batch / len(self.people)
        for number in range(int(self.plan.seconds / gap_s)):
            due = self.begun + number * gap_s
            wait_s = due - time.perf_counter()
            if wait_s > 0.0:
                await asyncio.sleep(wait_s)
            elif number % 64 == 0:
                await asyncio.sleep(0.0)
            if self.finished.is_set():
                return
            self._send(connections[number % len(connections)], 1, due)

    def _send(self, connection: Connection, requests: int, due: float | None = None) -> None:
        """Send the next persons' requests; their time counts from now where they were due at no other."""
        now_ms = time.time_ns() // 1_000_000
        people, batch = self.people, self.plan.batch
        first = self._next
        self._next = (first + requests) % len(people)
        self._waiting += requests
        connection.send(
            [people[index % len(people)].request(now_ms, batch) for index in range(first, first + requests)],
            time.perf_counter() if due is None else due,
        )

    def count(self, status: int, now: float, due: float) -> None:
        """Count an answer that came now."""
        self.ended = now
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            self.latencies_s.append(self.ended - due)
        self._waiting -= 1

    def follow(self, connection: Connection, answers: int) -> None:
        """Flat out, send as many requests as were answered on the same connection; at the end, tell when all are."""
        if self._sending and not self.plan.paced:
            self._send(connection, answers)
        elif not self._sending and self._waiting == 0:
            self.finished.set()

    def _report(self) -> Report:
        latencies = sorted(self.latencies_s)
        seconds = max(self.ended - self.begun, 1e-9)
        good = len(latencies)
        return Report(
            requests=sum(self.statuses.values()),
            acknowledged=good,
            statuses=dict(sorted(self.statuses.items())),
            fixes=good * self.plan.batch,
            seconds=round(seconds, 3),
            requests_per_s=round(good / seconds, 1),
            fixes_per_s=round(good * self.plan.batch / seconds, 1),
            p50_ms=percentile_ms(latencies, 0.50),
            p90_ms=percentile_ms(latencies, 0.90),
            p99_ms=percentile_ms(latencies, 0.99),
            max_ms=percentile_ms(latencies, 1.0),
        )


def percentile_ms(latencies_s: list[float], share: float) -> float | None:
    """Return the least of the sorted latencies that ``share`` of them do not exceed, in milliseconds; None of none."""
    if len(latencies_s) == 0:
        return None
    rank = max(-(-len(latencies_s) * share // 1), 1.0)
    return round(latencies_s[int(rank) - 1] * 1000.0, 3)


async def load(plan: Plan) -> Report:
    """Carry out a plan.

    Raises:
        LoadError: no connection, a broken one, or a server that does not speak HTTP/1.1.
    """
    return await Run(plan).go()


def main(arguments: list[str] | None = None) -> int:
    """Read a plan (JSON, from a file or standard input), carry it out, and print the report as one line of JSON.

    Credentials come in the plan and never on the command line, where every user of the machine could read them.
    """
    parser = argparse.ArgumentParser(prog="jikimi.scenarios.load", description="Load the devices' door; the report is JSON.")
    parser.add_argument("plan", help="file with the plan as JSON, or - for standard input")
    name = parser.parse_args(arguments).plan
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        plan = msgspec.json.decode(data, type=Plan)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            report = runner.run(load(plan))
    except (OSError, msgspec.DecodeError, LoadError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(msgspec.json.encode(report).decode() + "\n")
    return 0


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Return uvloop's loop where there is one: it halves the cost of a request."""
    try:
        import uvloop  # noqa: PLC0415 - not on every system
    except ImportError:
        return None
    return uvloop.Loop


if __name__ == "__main__":
    raise SystemExit(main())
