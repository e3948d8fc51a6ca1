"""From an alarm to a person: a flood in the queue, work shared out, and her call for help on the desk.

Run alone: ``python -m bench incidents``. The normal rate is 4,500 alarms a day among 5,200 tags.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import msgspec

from bench.figures import Figure
from bench.journal import percentile
from jikimi.identity.roles import Role
from jikimi.incidents.incident import Kind, Party
from jikimi.incidents.opening import Signal
from jikimi.incidents.ranking import key
from jikimi.incidents.room import Room
from jikimi.model.decision import Sight, Tier
from jikimi.model.order import Order
from jikimi.orders.codes import new_code
from jikimi.policy.responders import tables
from jikimi.runtime import logs, policies
from jikimi.runtime.commands import DAY_MS, now_ms
from jikimi.runtime.response import OUTAGE_BATCH
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.database import open_database
from jikimi.storage.identity import SqlStaff
from jikimi.storage.incidents import SqlIncidents

OPERATORS = 14
TAGS = 5_200
WAITING, COMING = 700, 62
"""62 alarms are ten times the normal rate for two minutes."""
OPEN, LOOKS = 1_000, 50
ALARMS_A_DAY = 4_500
SILENT = 100_000
CALLERS, CALLS = 10, 10
PORT = 18_750


@contextmanager
def a_room() -> Iterator[Room]:
    """Yield a room over an encrypted file, with its operators on duty."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        engine = open_database(Path(folder) / "register.db", bytes(32))
        room = Room(SqlIncidents(engine), tables())
        for number in range(OPERATORS):
            room.sign_in(f"operator-{number}", 0)
        yield room
        engine.dispose()


def alarm(number: int, chance: random.Random) -> Signal:
    """Return an alarm of one of the tags."""
    pair = number % TAGS
    party = Party(
        pair_id=f"p{pair}",
        order_id=f"o{pair}",
        policy_id="kr",
        basis_id="kr-provisional",
        tag_basis_id=None,
        monitored_id=f"m{pair}",
        protected_id=f"f{pair}",
        breaches=chance.randrange(4),
    )
    return Signal(
        signal_id=f"s{number}",
        at_ms=number,
        party=party,
        kind=Kind.APPROACH,
        tier=chance.choice((Tier.WARNING, Tier.WARNING, Tier.DANGER)),
        contact_s=chance.uniform(5.0, 600.0),
        low_m=chance.uniform(0.0, 1_000.0),
        sight=chance.choice(list(Sight)),
    )


def flood() -> list[Figure]:
    """Let ten times the normal rate into a full queue. One that is lost or stands below a lesser one ends the bench."""
    chance, took = random.Random(5), []
    with a_room() as room:
        for number in range(WAITING):
            room.signal(alarm(number, chance), number)
        for number in range(WAITING, WAITING + COMING):
            start = time.perf_counter()
            room.signal(alarm(number, chance), number)
            queue = room.queue()
            took.append(time.perf_counter() - start)
            heads = [key(row.worst) for row in queue]
            found = {one.party.pair_id for row in queue for one in (row.worst, *row.others)}
            if heads != sorted(heads) or len(found) != number + 1:
                raise AssertionError("An incident was lost, or stands below a lesser one.")
    return [Figure(f"incidents: {WAITING} open, one more ranked and in the queue, worst", max(took), "s", 3.0, "lower")]


def looks() -> list[Figure]:
    """Ask for the queue while a thousand are open."""
    chance, took = random.Random(6), []
    with a_room() as room:
        for number in range(OPEN):
            room.signal(alarm(number, chance), number)
        for _ in range(LOOKS):
            start = time.perf_counter()
            room.queue()
            took.append((time.perf_counter() - start) * 1000.0)
    return [Figure(f"incidents: queue of {OPEN:,} open, p99", percentile(sorted(took), 0.99), "ms", 100.0, "lower")]


def shared_out() -> list[Figure]:
    """Let a tenth of a day's alarms come at once; each is acknowledged by whoever has it, and closed."""
    chance, took = random.Random(7), []
    start = time.perf_counter()
    with a_room() as room:
        for number in range(ALARMS_A_DAY // 10):
            begin = time.perf_counter()
            incident = room.signal(alarm(number, chance), number)
            took.append(time.perf_counter() - begin)
            if incident is None or incident.owner is None:
                raise AssertionError("An alarm has nobody.")
            room.acknowledge(incident.incident_id, incident.owner, number)
    a_day_s = (time.perf_counter() - start) * 10
    note = f"{OPERATORS} operators; a day of {ALARMS_A_DAY:,} alarms at 20 times its speed is one each {86_400 / 20 / ALARMS_A_DAY:.2f} s"
    return [
        Figure("incidents: alarm to the operator who has it, worst", max(took), "s", 10.0, "lower", note),
        Figure("incidents: a day of alarms opened and acknowledged", a_day_s, "s", 86_400 / 20, "lower", "a tenth measured"),
    ]


def outage() -> list[Figure]:
    """Let every pair of a large country fall silent at once, and one man come near in the middle of it. One that is lost ends the bench."""
    took, near_s = [], 0.0
    party = alarm(0, random.Random(8)).party
    with a_room() as room:
        began = time.perf_counter()
        for start in range(0, SILENT, OUTAGE_BATCH):
            piece = [silence(number, party) for number in range(start, start + OUTAGE_BATCH)]
            begin = time.perf_counter()
            room.silences(piece, start)
            took.append((time.perf_counter() - begin) * 1000.0)
            if start == SILENT // 2:
                begin = time.perf_counter()
                room.signal(alarm(SILENT + 1, random.Random(9)), start)
                near_s = time.perf_counter() - begin
        whole_s = time.perf_counter() - began
        mass = next(row.worst for row in room.queue() if row.worst.members is not None)
        if mass.members is None or mass.members.standing != SILENT or len(room.queue()) != 2:
            raise AssertionError("A silent pair was lost.")
        begin = time.perf_counter()
        room.members(mass.incident_id, 0, 200)
        page_ms = (time.perf_counter() - begin) * 1000.0
    note = f"{SILENT:,} pairs, {OUTAGE_BATCH} a transaction"
    return [
        Figure("incidents: an outage of all pairs, until each is counted in one incident", whole_s, "s", None, "lower", note),
        Figure("incidents: one transaction of an outage, p99", percentile(sorted(took), 0.99), "ms", None, "lower", note),
        Figure("incidents: an approach in the middle of it, until it is kept", near_s * 1000.0, "ms", 1_000.0, "lower"),
        Figure("incidents: the worst 200 members of it", page_ms, "ms", 100.0, "lower"),
    ]


def silence(number: int, like: Party) -> Signal:
    """Return a pair that falls silent."""
    party = msgspec.structs.replace(like, pair_id=f"silent{number}", monitored_id=f"sm{number}", protected_id=f"sf{number}")
    signal_id = f"silent{number}.1.silence"
    return Signal(signal_id=signal_id, at_ms=number, party=party, kind=Kind.SILENCE, tier=Tier.CLEAR, sight=Sight.BLIND)


async def pressed(folder: str) -> list[float]:
    """Run a server; press SOS again and again, and return the milliseconds until the desk's stream says so."""
    settings = Settings(
        staff_codes=True,
        data_dir=folder,
        device_port=PORT,
        protected_port=PORT + 1,
        desk_port=PORT + 2,
        field_port=0,
        helper_port=0,
        court_port=0,
        oversight_port=PORT + 1_000,
        log_level="error",
    )
    logs.configure(settings.log_level)
    register = Stores(settings).register()
    until_ms = now_ms() + DAY_MS
    codes = [new_code() for _ in range(CALLERS)]
    for number, code in enumerate(codes):
        register.add_person(f"m{number}", "M")
        register.add_person(f"p{number}", "P")
        register.add_order(
            Order(
                order_id=f"o{number}",
                policy_id="kr",
                monitored_id=f"m{number}",
                protected_ids=(f"p{number}",),
                from_ms=now_ms() - DAY_MS,
                until_ms=until_ms,
                legal_basis="bench",
            )
        )
        register.add_invitation(code, "protected", f"p{number}", until_ms)
    staff, desk_code = SqlStaff(register.engine), new_code()
    staff.add("chief", Role.ADMINISTRATOR, "chief", None, now_ms=now_ms(), until_ms=now_ms())
    staff.add("operator", Role.OPERATOR, "chief", desk_code, now_ms=now_ms(), until_ms=until_ms)
    async with Server(settings, policies.load(settings)), httpx2.AsyncClient(timeout=20) as desk:
        await sign_in(desk, settings.url("desk"), desk_code)
        async with desk.stream("GET", f"{settings.url('desk')}/api/stream") as stream:
            lines = stream.aiter_lines()
            while await anext(lines) != "event: board":
                pass
            return [took for number, code in enumerate(codes) for took in await calls_of(settings.url("protected"), code, number, lines)]


async def sign_in(client: httpx2.AsyncClient, base: str, code: str) -> None:
    """Redeem a code; the cookie is kept by hand, since it is meant for TLS."""
    answer = await client.post(f"{base}/api/pair", json={"code": code}, headers={"Origin": base})
    client.headers["Cookie"] = answer.headers["set-cookie"].split(";")[0]


async def calls_of(base: str, code: str, who: int, lines: AsyncIterator[str]) -> list[float]:
    """Press as one person; return how long each press took to the desk, milliseconds."""
    took = []
    async with httpx2.AsyncClient(timeout=20) as her:
        await sign_in(her, base, code)
        for number in range(CALLS):
            begin = time.perf_counter()
            sent = asyncio.create_task(
                her.post(f"{base}/api/sos", json={"id": f"{who}-{number}", "silent": False}, headers={"Origin": base})
            )
            while await anext(lines) != "event: sos":
                pass
            took.append((time.perf_counter() - begin) * 1000.0)
            await sent
    return took


def called() -> list[Figure]:
    """Measure her call for help."""
    with tempfile.TemporaryDirectory(prefix="jikimi-bench-") as folder:
        found = sorted(asyncio.run(pressed(folder)))
    note = f"{len(found)} presses, over sockets"
    return [
        Figure("incidents: SOS pressed to the desk's stream, p50", percentile(found, 0.5), "ms", None, "lower", note),
        Figure("incidents: SOS pressed to the desk's stream, p99", percentile(found, 0.99), "ms", 1_000.0, "lower", note),
    ]


def measure() -> list[Figure]:
    """Measure all of it."""
    return [*flood(), *looks(), *shared_out(), *outage(), *called()]
