"""When many fall silent: what is one of an outage and what is not, in whichever sequence it comes, on a whole server too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx2
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.incidents.incident import Kind
from jikimi.incidents.opening import Signal
from jikimi.model.decision import Sight, Tier
from jikimi.policy.load import presets
from jikimi.policy.responders import tables
from jikimi.runtime.outage import Outage
from jikimi.runtime.server import Server
from tests.incidents.helpers import approach, party, plain
from tests.runtime.test_response import Station

KR = tables()["kr"]
FEW = {"kr": msgspec.structs.replace(KR, mass=msgspec.structs.replace(KR.mass, silent=3, within_s=60))}


def silence(number: int, at_ms: int, *, began: bool = True, tier: Tier = Tier.CLEAR, pair: int | None = None) -> Signal:
    made = plain(Kind.SILENCE, f"{number}.{began}", at_ms, began, party(f"p{number if pair is None else pair}", f"m{number}"))
    return msgspec.structs.replace(made, tier=tier, sight=Sight.BLIND if began else Sight.LIVE)


def test_from_the_fourth_silence_in_a_minute_it_is_an_outage_and_calm_ends_it() -> None:
    outage = Outage(FEW)
    assert [outage.takes(silence(n, 1_000 * n)) for n in range(6)] == [False, False, False, True, True, True]
    assert not outage.takes(silence(6, 200_000)), "two minutes later one falls silent by itself"


def test_the_window_goes_on_after_a_restart() -> None:
    outage = Outage(FEW)
    outage.remember([("kr", 2_000), ("kr", 1_000), ("kr", 3_000), ("gone", 1)])
    assert outage.takes(silence(9, 30_000)), "three stand already, of the minute before"
    outage = Outage(FEW)
    outage.remember([("kr", 1_000), ("kr", 2_000), ("kr", 3_000)])
    assert not outage.takes(silence(9, 90_000)), "those were long before"


def test_danger_and_everything_else_goes_its_own_way() -> None:
    outage = Outage(FEW)
    for n in range(10):
        outage.takes(silence(n, n))
    assert not outage.takes(silence(20, 20, tier=Tier.WARNING))
    assert not outage.takes(approach(1, 20, whom=party("p20")))
    assert not outage.takes(plain(Kind.SOS, 1, 20))


def test_what_ends_waits_behind_what_began_and_goes_to_the_members_while_an_incident_is_open() -> None:
    outage = Outage(FEW)
    for n in range(5):
        outage.takes(silence(n, n))
    assert outage.takes(silence(4, 10, began=False, tier=Tier.DANGER)), "its beginning waits here"
    assert not outage.takes(silence(0, 10, began=False)), "that one is an incident of its own"
    outage.policies = frozenset({"kr"})
    assert outage.takes(silence(1, 10, began=False))
    assert [one.signal_id for one in outage.next(2)] == ["silence.3.True", "silence.4.True"]
    outage.done(2)
    assert len(list(outage)) == 2


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 90_000)), max_size=40), st.integers(1, 7))
def test_nothing_is_lost_and_a_pairs_order_holds(steps: list[tuple[int, bool, int]], most: int) -> None:
    outage = Outage(FEW)
    made = [silence(n, at_ms, began=began, pair=pair) for n, (pair, began, at_ms) in enumerate(sorted(steps, key=lambda one: one[2]))]
    waited = [one for one in made if outage.takes(one)]
    taken: list[Signal] = []
    while outage:
        piece = outage.next(most)
        assert piece == outage.next(most), "what failed is tried again"
        outage.done(len(piece))
        taken += piece
    assert taken == waited
    assert not any(outage.waits_with(f"p{pair}") for pair in range(6))


@pytest.mark.sockets
def test_on_a_whole_server_two_thousand_silent_pairs_are_one_line_and_an_approach_among_them_is_first(tmp_path: Path) -> None:
    house = Station(tmp_path, 18_532)

    async def story() -> None:
        async with Server(house.settings, presets()) as server, httpx2.AsyncClient(timeout=20) as client, house.operator() as desk:
            response = server.attendance.response
            for n in range(2_000):
                response.signal(silence(n, response._hub.now_ms()))
            await house.approach(client)
            for _ in range(400):
                rows = (await desk.queue())["rows"]
                mass = [row for row in rows if row["kinds"] == ["mass_silence"]]
                if mass and mass[0]["members"]["total"] == 1_900 and len(rows) == 102:
                    break
                await asyncio.sleep(0.05)
            assert len(rows) == 102, "the first hundred have incidents of their own"
            assert rows[0]["kinds"][0] == "approach"
            name = mass[0]["incident"]
            first = (await client_members(desk.client, name, 0))["rows"]
            rest = (await client_members(desk.client, name, 200))["rows"]
            assert (len(first), len(rest)) == (200, 200)
            assert {one["pair"] for one in first}.isdisjoint(one["pair"] for one in rest)
            for n in range(100, 2_000):
                response.signal(silence(n, response._hub.now_ms(), began=False))
            for _ in range(400):
                if all(row["kinds"] != ["mass_silence"] for row in (await desk.queue())["rows"]):
                    break
                await asyncio.sleep(0.05)
            assert (await desk.page(name))["row"]["outcome"] == "settled"

    asyncio.run(story())


async def client_members(client: httpx2.AsyncClient, name: str, skip: int) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = (await client.get(f"/api/incidents/{name}/members?skip={skip}")).json()
    return found
