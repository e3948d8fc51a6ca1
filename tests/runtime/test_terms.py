"""Terms before her first view, on a whole server: warned without them, shown him with them, and asked again by a new version."""

from __future__ import annotations

import asyncio

import httpx2
import msgspec
import pytest
import sqlalchemy as sa

from jikimi.policy.load import presets
from jikimi.runtime.server import Server
from jikimi.storage.schema import acceptances
from tests.runtime.test_server import House, in_person

pytestmark = pytest.mark.sockets


def newer(server):
    """Let the terms be a new version, as after a restart with another file."""
    tables = server.terms._tables
    server.terms._tables = {name: msgspec.structs.replace(terms, version="2027-01") for name, terms in tables.items()}


async def near(house, client, number):
    for add, metres in enumerate((5000.0, 4990.0, 400.0, 399.0)[-2 if number > 1 else 0 :]):
        await house.send(client, "phone", 0.0, number=number + add)
        await house.send(client, "tag", metres, number=number + add)
        await asyncio.sleep(0.3)


def test_she_is_warned_without_terms_and_shown_him_with_them_and_a_new_version_closes_nothing(tmp_path):
    house = House(tmp_path, 20_560)
    with house.register.engine.begin() as connection:
        connection.execute(sa.delete(acceptances))

    async def first():
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client:
            await house.pair(client)
            base, own = house.url("protected"), {"Origin": house.url("protected")}
            async with house.page(client) as until:
                await near(house, client, 1)
                warned = in_person(await until(lambda s: in_person(s)["closed"] == "terms"))
                assert warned["tier"] in {"warning", "danger"}
                assert (warned["map"], warned["closed"]) == (None, "terms")
                assert warned["words"]["low_m"] < 600, "the alarm and its words need no acceptance"
                assert (await client.post(f"{base}/api/sos", json={"id": "s1"}, headers=own)).status_code == 202
                (asked,) = (await client.get(f"{base}/api/terms")).json()
                wrong = await client.post(f"{base}/api/terms", json={"policy": asked["policy"], "version": "another"}, headers=own)
                assert wrong.json()["error"] == "refused"
                given = {"policy": asked["policy"], "version": asked["version"]}
                assert (await client.post(f"{base}/api/terms", json=given, headers=own)).status_code == 204
                await until(lambda s: in_person(s)["map"] is not None)
                assert (await client.get(f"{base}/api/terms")).json() == []
                newer(server)
                await near(house, client, 5)
                assert [one["version"] for one in (await client.get(f"{base}/api/terms")).json()] == ["2027-01"]
                assert in_person(await until(lambda s: True))["map"] is not None, "a new version hides nothing"

    async def again():
        async with Server(house.settings, presets()) as server:
            assert server.terms.has_accepted("p")
            assert not server.terms.has_accepted("somebody") or not server.hub.orders_protecting("somebody")
            for _ in range(100):
                if not server.staff._lines.unwritten():
                    break
                await asyncio.sleep(0.05)
            rows = server.terms._books.of("p")
            assert list(rows) == [("kr", "2026-06")]
            assert server.staff._lines.unwritten() == [], "the ledger holds version and time"

    asyncio.run(first())
    asyncio.run(again())
