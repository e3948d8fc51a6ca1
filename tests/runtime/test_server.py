"""A whole server on loopback: what a device sends, a page shows; what was known survives a restart."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
import sqlalchemy as sa

from jikimi.identity.guests import Waiver
from jikimi.ingest.credentials import new_secret
from jikimi.model.order import Device, DeviceKind, Order, Place
from jikimi.model.register import Act, CourtOrder, Measure, MeasureKind, Protected, Standing
from jikimi.model.zone import Circle
from jikimi.orders.codes import new_code
from jikimi.policy import terms as agreements
from jikimi.policy.durations import tables
from jikimi.policy.load import presets
from jikimi.policy.resolve import track_rules
from jikimi.runtime import recovery
from jikimi.runtime.server import Server
from jikimi.runtime.settings import Settings
from jikimi.runtime.stores import Stores
from jikimi.storage.app_locks import SqlAppLocks
from jikimi.storage.schema import acceptances

pytestmark = pytest.mark.sockets

HERE = (37.55, 126.98)
SECRET, DIGEST = new_secret()
DAY_MS = 86_400_000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def kept_order() -> CourtOrder:
    span = {"from_ms": now_ms() - 1_000, "until_ms": now_ms() + DAY_MS}
    return CourtOrder(
        order_id="kept",
        policy_id="kr",
        basis_id="kr-provisional",
        legal_basis="test",
        owner="officer",
        monitored_ids=("m",),
        protected=(Protected(person_id="p", standing=Standing.VICTIM),),
        places=(Place("home", "home", Circle(*HERE, 100.0)),),
        measures=(
            Measure(measure_id="away", kind=MeasureKind.NO_APPROACH, **span),
            Measure(measure_id="tag", kind=MeasureKind.MONITORING, **span),
        ),
        decided_ms=now_ms(),
    )


class House:
    """One order, its two devices, a pairing code: everything a test of the whole needs."""

    def __init__(self, folder: Path, port: int) -> None:
        self.settings = Settings(
            data_dir=str(folder),
            device_port=port,
            protected_port=port + 1,
            desk_port=port + 2,
            oversight_port=port + 1_000,
            field_port=0,
            helper_port=0,
            court_port=0,
            staff_codes=True,
            log_level="critical",
        )
        register = Stores(self.settings).register()
        for person in ("m", "p"):
            register.add_person(person, person.upper())
        register.add_device(Device(device_id="tag", kind=DeviceKind.TAG, person_id="m", secret_sha256=DIGEST))
        register.add_device(Device(device_id="phone", kind=DeviceKind.HANDSET, person_id="p", secret_sha256=DIGEST))
        self.order = Order(
            order_id="order",
            policy_id="kr",
            monitored_id="m",
            protected_ids=("p",),
            places=(Place("home", "home", Circle(*HERE, 100.0)),),
            from_ms=now_ms() - DAY_MS,
            until_ms=now_ms() + DAY_MS,
            legal_basis="test",
        )
        register.add_order(self.order)
        self.code = new_code()
        register.add_invitation(self.code, "protected", "p", now_ms() + DAY_MS)
        self.register = register
        self.accept_terms("p")
        self.waive_passkey("p")

    def waive_passkey(self, person: str) -> None:
        """Let somebody see the map on a phone without a passkey: few stories are about it."""
        SqlAppLocks(self.register.engine).waive(person, "order", Waiver.OLD_PHONE, "officer", now_ms())

    def accept_terms(self, person: str) -> None:
        """Let somebody have accepted what her law asks long ago, so that his position may be shown to her."""
        rows = [
            {"person_id": person, "policy_id": one.policy_id, "version": one.version, "at_ms": 1} for one in agreements.tables().values()
        ]
        with self.register.engine.begin() as connection:
            connection.execute(sa.insert(acceptances), rows)

    def url(self, audience: str) -> str:
        return f"http://localhost:{getattr(self.settings, f'{audience}_port')}"

    def request(self, device: str, north_m: float, *, number: int, secret: str = SECRET) -> dict[str, Any]:
        fix = {
            "id": f"{device}{number}",
            "time": now_ms(),
            "lat": HERE[0] + north_m / 111_000,
            "lon": HERE[1],
            "error_m": 5.0,
            "source": "gnss",
        }
        headers = {"Authorization": f"Bearer {device}.{secret}"}
        return {"url": f"{self.url('device')}/v1/fixes", "json": {"fixes": [fix]}, "headers": headers}

    async def send(self, client: httpx2.AsyncClient, device: str, north_m: float, *, number: int, secret: str = SECRET) -> httpx2.Response:
        return await client.post(**self.request(device, north_m, number=number, secret=secret))

    async def pair(self, client: httpx2.AsyncClient) -> None:
        headers = {"Origin": self.url("protected")}
        answer = await client.post(f"{self.url('protected')}/api/pair", json={"code": self.code}, headers=headers)
        assert answer.status_code == 204, answer.text
        # A browser takes a Secure cookie from localhost; this client does not, so it is told by hand.
        token = answer.headers["set-cookie"].split(";")[0]
        client.headers["Cookie"] = token

    @asynccontextmanager
    async def page(self, client: httpx2.AsyncClient) -> AsyncIterator[Callable[[Callable[[Any], bool]], Awaitable[Any]]]:
        """Open her stream; gives a function that waits for a state with a property."""
        async with client.stream("GET", f"{self.url('protected')}/api/stream") as stream:
            assert stream.status_code == 200
            lines = stream.aiter_lines()

            async def until(wanted: Callable[[Any], bool]) -> Any:
                name = ""
                async for line in lines:
                    if line.startswith("event: "):
                        name = line[7:]
                    elif line.startswith("data: ") and name == "state" and wanted(state := json.loads(line[6:])):
                        return state
                raise AssertionError("the stream ended")

            yield until


def in_person(state: Any) -> Any:
    return next(pair for pair in state["pairs"] if pair["place"] is None)


async def story(house: House) -> None:
    async with Server(house.settings, presets()), httpx2.AsyncClient(timeout=20) as client:
        await house.pair(client)
        async with house.page(client) as until:
            state = await until(lambda s: len(s["pairs"]) == 2)
            assert in_person(state)["seen"] == "blind", "nothing was heard yet: that is said, and is not clear"
            assert (await house.send(client, "phone", 0.0, number=1)).status_code == 200
            assert (await house.send(client, "tag", 5000.0, number=1)).status_code == 200
            state = await until(lambda s: in_person(s)["seen"] == "live")
            assert in_person(state)["tier"] == "clear"
            assert in_person(state)["map"] is None

            # He comes within 600 m: she sees him.
            await house.send(client, "tag", 4990.0, number=2)
            for number in (3, 4):
                await asyncio.sleep(0.3)
                await house.send(client, "tag", 400.0, number=number)
            state = await until(lambda s: in_person(s)["map"] is not None)
            assert in_person(state)["tier"] in {"warning", "danger"}
            assert in_person(state)["words"]["low_m"] < 600

            wrong = await house.send(client, "tag", 0.0, number=9, secret="x" * 43)
            assert wrong.status_code == 401


def test_what_a_device_sends_a_page_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path, 18_900)
    listen, healthy = Server._listen, []

    async def watched(server: Server, audience: str, app: Any) -> None:
        async with httpx2.AsyncClient() as client:
            with contextlib.suppress(httpx2.ConnectError):
                healthy.append((await client.get(f"http://127.0.0.1:{house.settings.device_port}/healthz"), audience))
        await listen(server, audience, app)

    monkeypatch.setattr(Server, "_listen", watched)
    asyncio.run(story(house))
    assert healthy == [], "no door opens after the server said that it is well"

    # Then: the journal holds all of it once, and says the same again byte by byte.
    journal = Stores(house.settings).reading()
    rules = track_rules(presets()["kr"])
    result = recovery.replay(journal, rules)
    assert result.difference is None
    assert result.fixes == 5
    for pair_id in recovery.pairs_of_case(journal, "order"):
        assert recovery.replay(journal, rules, pair_id).difference is None
    kinds = [type(record).__name__ for _, record in recovery.records(journal)]
    assert kinds.count("Security") == 1, "one wrong secret, one security event"
    assert kinds.count("Disclosed") >= 1, "the opened map was written down"
    leaves = [json.loads(leaf) for _, leaf in Stores(house.settings).ledger_reader().entries(0, 99)]
    assert {leaf["network"] for leaf in leaves if leaf["act"] in {"disclosed", "closed"}} == {"loopback"}, "and from where it was looked at"


def test_a_restart_knows_what_was_known(tmp_path: Path) -> None:
    house = House(tmp_path, 18_910)

    async def twice() -> None:
        async with Server(house.settings, presets()) as first, httpx2.AsyncClient(timeout=20) as client:
            await house.send(client, "phone", 0.0, number=1)
            await house.send(client, "tag", 900.0, number=1)
            before = [(v.pair_id, v.tier, v.monitored_sight, v.protected_sight) for v in first.hub.worst(10)]
            assert any(tier > 0 for _, tier, _, _ in before)
        async with Server(house.settings, presets()) as second, httpx2.AsyncClient(timeout=20) as client:
            after = [(v.pair_id, v.tier, v.monitored_sight, v.protected_sight) for v in second.hub.worst(10)]
            assert sorted(after) == sorted(before)
            again = await house.send(client, "tag", 900.0, number=1)
            assert again.json()["repeated"] + again.json()["accepted"] == 1

    asyncio.run(twice())


def test_an_order_that_the_clerk_ends_in_another_process_closes_within_a_second(tmp_path: Path) -> None:
    house = House(tmp_path, 18_920)
    clerk = Stores(house.settings).clerk(house.register, tables())
    clerk.enter(kept_order(), now_ms=now_ms(), by="x")

    async def ends() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            await house.send(client, "phone", 0.0, number=1)
            assert len(server.hub.pairs()) == 4, "the order entered by hand, and the clerk's"
            now = now_ms()
            clerk.act("kept", Act.REVOKE, at_ms=now, now_ms=now, by="x", reason="decision of today")
            for _ in range(40):
                await asyncio.sleep(0.1)
                if len(server.hub.pairs()) == 2:
                    break
            assert {pair.order_id for pair in server.hub.pairs()} == {"order"}
            answer = await house.send(client, "tag", 100.0, number=1)
            assert answer.status_code == 200, "a fix of somebody whom no order watches is kept, and judged by nobody"

    asyncio.run(ends())


def test_the_journal_full_tells_devices_to_come_back_and_screens_that_it_is_late(tmp_path: Path) -> None:
    house = House(tmp_path, 18_930)

    async def full() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            await house.send(client, "phone", 0.0, number=1)
            append = server._journal.append

            def refuse(records: Any) -> asyncio.Future[int]:
                from jikimi.runtime.ports import JournalFailedError

                future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
                future.set_exception(JournalFailedError("full"))
                return future

            server._journal.append = refuse  # type: ignore[method-assign]
            answer = await house.send(client, "tag", 300.0, number=1)
            assert answer.status_code == 503
            assert "retry-after" in answer.headers
            assert server.hub.late_s() > 0
            # The danger is known all the same: decisions do not wait for the disk.
            assert server.hub.worst(1)[0].tier > 0
            server._journal.append = append  # type: ignore[method-assign]
            answer = await house.send(client, "tag", 300.0, number=1)
            assert (answer.json()["accepted"], answer.json()["repeated"], answer.json()["refused"]) == (1, 0, [])
            assert server.hub.late_s() == 0

    asyncio.run(full())


def test_settings_round_trip(tmp_path: Path) -> None:
    settings = House(tmp_path, 18_940).settings
    assert msgspec.convert(msgspec.structs.asdict(settings), Settings) == settings
