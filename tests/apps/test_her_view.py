"""She keeps her view open; a person at the desk opens it to her, and only after that is written down."""

from __future__ import annotations

import asyncio

import msgspec

from jikimi.model.access import Urgency
from jikimi.model.decision import Tier
from jikimi.model.policy import MapView
from tests.apps.client import World
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER, KOREA, NEVER, ORDER, PAIR, view

BY_HAND = msgspec.structs.replace(KOREA, access=msgspec.structs.replace(KOREA.access, urgency=Urgency.OPERATOR))


async def at_the_desk(policy=BY_HAND):
    """A world whose desk has seen the board once, and the name by which it knows the pair."""
    world = World()
    world.watch.policies[ORDER.order_id] = policy
    world.watch.views[PAIR.pair_id] = view(1_500.0, tier=Tier.WATCH, now_ms=world.watch.now_ms())
    line = world.staff.listen()
    await asyncio.sleep(1.5)
    name = line.of("board")[-1]["rows"][0]["pair"]
    await line.leave()
    return world, name


def test_a_touch_renews_her_view():
    async def story():
        world = World()
        assert (await world.her.post("/api/view/renew")).status == 204
        assert world.watch.renewals == {HER: world.watch.now_ms()}
        world.her.token = None
        assert (await world.her.post("/api/view/renew")).error == "session_needed"

    run(story())


def test_the_desk_opens_her_view_with_a_reason_that_is_written_down_first():
    async def story():
        world, name = await at_the_desk()
        assert (await world.staff.get(f"/api/pairs/{name}")).json["may_show"] is True
        assert (await world.staff.post(f"/api/pairs/{name}/show", {"reason": " "})).status == 400
        world.watch.hold = asyncio.Event()
        asked = asyncio.create_task(world.staff.post(f"/api/pairs/{name}/show", {"reason": "she is on the street"}))
        await asyncio.sleep(1)
        assert world.watch.grants == {}
        world.watch.hold.set()
        assert (await asked).status == 204
        grant = world.watch.grants[PAIR.pair_id]
        assert (grant.by, grant.reason) == ("operator", "she is on the street")
        line = world.her.listen()
        await asyncio.sleep(1)
        (state, *_) = line.of("state")[-1:]
        assert next(pair for pair in state["pairs"] if pair["place"] is None)["map"]["monitored"] is not None
        await line.leave()

    run(story())


def test_where_the_law_leaves_it_to_the_ring_or_to_nobody_the_desk_is_told_so():
    async def story():
        for policy in (KOREA, NEVER, msgspec.structs.replace(BY_HAND, view=msgspec.structs.replace(KOREA.view, map_view=MapView.NEVER))):
            world, name = await at_the_desk(policy)
            assert (await world.staff.get(f"/api/pairs/{name}")).json["may_show"] is False
            answer = await world.staff.post(f"/api/pairs/{name}/show", {"reason": "x"})
            assert (answer.status, answer.error) == (409, "refused")
            assert world.watch.grants == {}
        assert (await world.staff.post("/api/pairs/nobody/show", {"reason": "x"})).error == "pair_unknown"

    run(story())
