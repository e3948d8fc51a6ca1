"""Whose incidents are open, as the gate asks at each look; and her position at the desk, on a whole server."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest

from jikimi.incidents.incident import FINDING, Kind, Outcome
from jikimi.incidents.room import Room
from jikimi.policy.load import presets
from jikimi.policy.responders import tables
from jikimi.runtime.server import Server
from jikimi.runtime.standing import Standing
from jikimi.storage.incidents import SqlIncidents
from tests.disclosure.cases import HOME, PAIR
from tests.incidents.helpers import engine, party, plain
from tests.runtime.ports import free_base
from tests.runtime.test_response import Desk, Station
from tests.runtime.test_server import HERE

OWN = msgspec.structs.replace(PAIR, monitored_id="m1", owner_id="f-p1")
OTHERS = msgspec.structs.replace(PAIR, monitored_id="m1", owner_id="f-p2")


class TestStanding:
    def room(self):
        standing = Standing()
        books = SqlIncidents(engine(), standing.kept)
        return standing, books, Room(books, tables())

    @pytest.mark.parametrize("kind", list(Kind))
    def test_an_incident_in_which_somebody_must_be_found_opens_the_two_it_concerns_and_nobody_else(self, kind):
        standing, _, room = self.room()
        room.signal(plain(kind, 1, 1_000), 1_000)
        assert standing.concerns(OWN) == (kind in FINDING)
        assert standing.concerns(msgspec.structs.replace(HOME, monitored_id="m1", owner_id="f-p1")) == (kind in FINDING)
        assert not standing.concerns(OTHERS)

    def test_it_ends_with_the_incident_and_an_exercise_is_none(self):
        standing, _, room = self.room()
        drill = msgspec.structs.replace(plain(Kind.APPROACH, 1, 1_000), drill=True)
        room.signal(drill, 1_000)
        assert not standing.concerns(OWN)
        strap = room.signal(plain(Kind.STRAP, 2, 2_000), 2_000)
        assert standing.concerns(OWN)
        room.acknowledge(strap.incident_id, "kim", 3_000)
        assert standing.concerns(OWN), "somebody works on it"
        room.resolve(strap.incident_id, "kim", Outcome.TECHNICAL, "a loose strap", 4_000)
        assert not standing.concerns(OWN)

    def test_what_was_not_kept_opens_nothing(self):
        standing, books, _ = self.room()
        room = Room(books, {"kr": msgspec.structs.replace(tables()["kr"], ladder=())})
        with pytest.raises(IndexError):
            room.signal(plain(Kind.STRAP, 1, 1_000), 1_000)
        assert not standing.concerns(OWN)

    def test_another_process_knows_what_stands_and_lets_go_of_what_was_erased(self):
        _, books, room = self.room()
        room.signal(plain(Kind.STRAP, 1, 1_000), 1_000)
        room.signal(plain(Kind.STRAP, 2, 1_000, whom=party("p2")), 1_000)
        fresh = Standing()
        with books.reading() as page:
            stand = page.open_incidents()
        fresh.recalled(stand)
        assert fresh.concerns(OWN)
        fresh.recalled([one for one in stand if one.party.pair_id == "p2"])
        assert (fresh.concerns(OWN), fresh.concerns(OTHERS)) == (False, True)


class Opened:
    """An operator with the one pair of two persons open."""

    def __init__(self, desk: Desk) -> None:
        self._client = desk.client
        self._name = ""

    async def sit(self) -> None:
        async with self._client.stream("GET", "/api/stream") as stream:
            async for line in stream.aiter_lines():
                if line.startswith("data: ") and '"rows"' in line:
                    rows = json.loads(line[6:])["rows"]
                    self._name = next(row["pair"] for row in rows if row["place"] is None)
                    return

    async def look(self) -> Any:
        return (await self._client.get(f"/api/pairs/{self._name}")).json()

    async def until(self, *, is_open: bool) -> Any:
        for _ in range(200):
            page = await self.look()
            if (page["map"] is not None) == is_open:
                return page
            await asyncio.sleep(0.05)
        raise AssertionError(page["closed"])


@pytest.mark.sockets
def test_her_position_is_hidden_from_the_desk_in_quiet_times_and_opens_with_an_incident(tmp_path: Path) -> None:
    house = Station(tmp_path, free_base())

    async def story() -> None:
        async with Server(house.settings, presets()) as running, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            recorded: list[str] = []
            running.hub.looked = lambda look: recorded.append(look.scope)
            seat = Opened(desk)

            async def is_hidden() -> None:
                page = await seat.look()
                assert (page["map"], page["closed"]) == (None, "no_incident")
                assert str(HERE[0])[:5] not in json.dumps(page), "no place, however written"

            # Given her phone is heard and his tag never was: nobody sees where she is for that
            await house.send(client, "phone", 0.0, number=1)
            await seat.sit()
            await is_hidden()
            # When he is near enough for attention and not for an alarm: neither
            await house.send(client, "tag", 1_500.0, number=1)
            assert (await seat.look())["row"]["tier"] == "watch"
            await is_hidden()
            # When an incident is open in which nobody must be found: neither
            await house.events(client, "tag", {"id": "b1", "event": "battery_low", "battery_pct": 4})
            await desk.until(1)
            await is_hidden()
            # When his strap is opened: both, for as long as somebody works on that
            await house.events(client, "tag", {"id": "s1", "event": "strap"})
            page = await seat.until(is_open=True)
            assert page["row"]["tier"] == "watch"
            assert page["map"]["protected"]["latitude"] == HERE[0]
            assert page["map"]["monitored"]["latitude"] > HERE[0]
            incident = (await desk.until(1))["rows"][0]["incident"]
            assert await desk.do(f"incidents/{incident}/acknowledge") == 204
            assert (await seat.look())["map"] is not None
            assert await desk.do(f"incidents/{incident}/resolve", {"outcome": "technical", "reason": "A loose strap."}) == 204
            await is_hidden()
            # When he comes: at the first look after the fix that makes it an alarm, whether or not the books know of it yet
            running.hub.heard = lambda _record: None
            for number in (2, 3, 4):
                await house.send(client, "tag", 60.0, number=number)
            page = await seat.look()
            assert page["row"]["tier"] == "danger"
            assert page["map"]["protected"] is not None
            assert page["map"]["monitored"] is not None
            assert (await desk.queue())["rows"] == []
            assert [one for one in recorded if not one.startswith("words")] == ["map:incident", "closed", "map:tier"]

    asyncio.run(story())
