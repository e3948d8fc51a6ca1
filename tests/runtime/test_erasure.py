"""Erasure in a running server: what is due goes, from everywhere, with a certificate; what is needed or held stays."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from jikimi.incidents.status import Status
from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind
from jikimi.model.register import Act, CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.model.retention import Hold
from jikimi.policy.load import presets
from jikimi.policy.resolve import track_rules
from jikimi.runtime import keeping, recovery, response
from jikimi.runtime.keeper import held
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.lines import SqlLines
from tests import scan

pytestmark = pytest.mark.sockets

SECRET, DIGEST = new_secret()
DAY_MS = 86_400_000
HERE = (37.5512345, 126.9812345)
THERE = (37.4412345, 126.8812345)
"""Where the two of the other order are."""


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The incidents say every few seconds how far they took the journal in; a test does not wait for that."""
    monkeypatch.setattr(response, "LONGEST_S", 0.1)
    monkeypatch.setattr(keeping, "STEP_S", 0.05)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def order(name: str, him: str, her: str) -> CourtOrder:
    span = {"from_ms": now_ms() - 1_000, "until_ms": now_ms() + DAY_MS}
    return CourtOrder(
        order_id=name,
        policy_id="kr",
        basis_id="kr-provisional",
        legal_basis="test",
        owner="officer",
        monitored_ids=(him,),
        protected=(Protected(person_id=her, standing=Standing.VICTIM),),
        measures=(
            Measure(measure_id="away", kind=MeasureKind.NO_APPROACH, **span),
            Measure(measure_id="tag", kind=MeasureKind.MONITORING, **span),
        ),
        decided_ms=now_ms(),
    )


class House:
    """Two orders, four devices."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = Settings(
            staff_codes=True,
            data_dir=str(folder),
            device_port=port,
            protected_port=port + 1,
            desk_port=port + 2,
            oversight_port=port + 1_000,
            field_port=port + 3,
            helper_port=0,
            court_port=0,
            log_level="critical",
            vault_every_s=3600.0,
        )
        self.number = 0

    def enter(self, server: Server) -> None:
        for name, him, her in (("ours", "him-1", "her-1"), ("theirs", "him-2", "her-2")):
            server.office.clerk.enter(order(name, him, her), now_ms=now_ms(), by="officer", labels={him: f"Mr {him}", her: f"Ms {her}"})
            for person, kind in ((him, DeviceKind.TAG), (her, DeviceKind.HANDSET)):
                device = Device(device_id=f"device-{person}", kind=kind, person_id=person, secret_sha256=DIGEST)
                server.register.add_device(device)

    async def send(self, client: httpx2.AsyncClient, person: str, where: tuple[float, float]) -> int:
        self.number += 1
        fix = {"id": f"fix-{self.number}", "time": now_ms(), "lat": where[0], "lon": where[1], "error_m": 5.0}
        headers = {"Authorization": f"Bearer device-{person}.{SECRET}"}
        url = f"http://127.0.0.1:{self.settings.device_port}/v1/fixes"
        return (await client.post(url, json={"fixes": [fix]}, headers=headers)).status_code

    async def live(self, server: Server, client: httpx2.AsyncClient) -> None:
        """Let everybody report; he of the first order stands beside her, so there is an incident."""
        await server._follower.follow_once()
        for _ in range(3):
            for person, where in (("her-1", HERE), ("him-1", HERE), ("her-2", THERE), ("him-2", (36.0, 128.0))):
                assert await self.send(client, person, where) == 200
            await asyncio.sleep(0.05)
        for _ in range(100):
            if server.attendance.response.books.reading and await asyncio.to_thread(self.incidents, server):
                return
            await asyncio.sleep(0.05)
        raise AssertionError("no incident was opened")

    @staticmethod
    def incidents(server: Server) -> int:
        with server.attendance.response.books.reading() as page:
            return len(page.open_incidents())

    def places(self, persons: tuple[str, ...] = ("him-1", "her-1", "him-2", "her-2")) -> dict[str, set[str]]:
        """Return where each of the two places can still be found by whoever has the master key."""
        spelled = {"ours": scan.encodings(HERE[0]), "theirs": scan.encodings(THERE[0])}
        return {name: scan.found(scan.opened(self.settings, bytes(32), persons), wanted) for name, wanted in spelled.items()}

    def named(self) -> set[str]:
        things = scan.opened(self.settings, bytes(32), ("him-1", "her-1"))
        return scan.found(things, {b"him-1", b"her-1", b"ours"})


def run(folder: Path, port: int, story: Any) -> None:
    house = House(folder, port)

    async def whole() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            await asyncio.to_thread(house.enter, server)
            await house.live(server, client)
            await story(house, server, client)

    asyncio.run(whole())


def acquit(server: Server, name: str) -> None:
    server.office.clerk.act(name, Act.ACQUIT, at_ms=now_ms(), now_ms=now_ms(), by="court-desk", reason="acquitted")


async def certificates(server: Server) -> list[str]:
    """Return what the ledger says was erased."""
    server.staff.look_now()
    while await asyncio.to_thread(SqlLines(server.register.engine).unwritten):
        await asyncio.sleep(0.05)
    await server._ledger.checkpoint()
    reader = server.stores.ledger_reader()
    newest = reader.newest()
    assert newest is not None
    leaves = [msgspec.json.decode(leaf) for _, leaf in reader.entries(0, newest[0].size)]
    reader.close()
    return sorted(leaf["what"] for leaf in leaves if leaf["act"] == "erased")


def test_after_acquittal_everything_is_erased_everywhere_and_the_ledger_has_certificates(tmp_path: Path) -> None:
    async def story(house: House, server: Server, client: httpx2.AsyncClient) -> None:
        before = await server.keeping.round()
        assert not before.due
        assert before.taken > 0
        await server.save()
        assert house.places() == {"ours": {"journal", "vault", "checkpoint"}, "theirs": {"journal", "vault", "checkpoint"}}
        for incident in await asyncio.to_thread(open_incidents, server):
            await asyncio.to_thread(resolve, server, incident)
        await asyncio.to_thread(acquit, server, "ours")
        await asyncio.sleep(0.1)
        left = await server.keeping.round()
        assert not left.due
        assert house.places() == {"ours": set(), "theirs": {"vault", "checkpoint", "past"}}
        assert house.named() <= {"register", "ledger"}
        mind = server._mind
        assert not {"him-1", "her-1"} & {*mind.health, *mind.sos, *dict(mind.engine.tracks())}, "nor in memory"
        assert not {"device-him-1", "device-her-1"} & {*mind.repeats, *server.hub._asking._told}
        assert {"him-2", "her-2"} <= {*mind.health}
        assert await house.send(client, "him-1", HERE) == 401, "his device is no device any more"
        assert await house.send(client, "him-2", (36.0, 128.0)) == 200, "the other order goes on"
        assert await certificates(server) == ["incidents", "positions", "register"]
        assert not scan.found(scan.raw(tmp_path), scan.encodings(HERE[0]) | scan.encodings(HERE[1]))

    run(tmp_path, 20_310, story)
    house = House(tmp_path, 20_310)
    replayed = recovery.replay(Stores(house.settings).reading(), recovery_rules())
    assert replayed.difference is None, "what is left can be run again"
    assert replayed.fixes == 7, "what the others reported before the erasure too"


def test_a_legal_hold_by_a_court_stops_erasure_and_ends_by_itself(tmp_path: Path) -> None:
    async def story(house: House, server: Server, _client: httpx2.AsyncClient) -> None:
        for incident in await asyncio.to_thread(open_incidents, server):
            await asyncio.to_thread(resolve, server, incident)
        until = now_ms() + 4_000
        hold = Hold(
            hold_id="h",
            order_id="ours",
            authority="Seoul Central District Court",
            reason="appeal",
            by="clerk",
            from_ms=now_ms(),
            until_ms=until,
        )
        server.keeping._retention.put_hold(hold, held(hold, "held"))
        await asyncio.to_thread(acquit, server, "ours")
        found = await server.keeping.round()
        assert (found.due, found.next_ms) == (False, until)
        assert "vault" in house.places()["ours"]
        await asyncio.sleep(max(0.0, until - now_ms()) / 1000 + 0.01)
        await server.keeping.round()
        assert house.places()["ours"] == set()

    run(tmp_path, 20_320, story)


def open_incidents(server: Server) -> list[Any]:
    with server.attendance.response.books.reading() as page:
        return page.open_incidents()


def resolve(server: Server, incident: Any) -> None:
    with server.attendance.response.books.writing() as page:
        page.put_incident(msgspec.structs.replace(incident, status=Status.RESOLVED, resolved_ms=now_ms()))


def recovery_rules() -> Any:
    return track_rules(presets()["kr"])
