"""What pairing counts: failures, before they are made; and never what went well."""

from __future__ import annotations

import asyncio

from jikimi.apps.pairing import FAILURE_S, LOUD_PER_MINUTE, PER_MINUTE
from tests.apps.client import Browser, World
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER


def with_codes(number):
    world = World()
    world.register.codes = {f"code-{one:03}": ("desk", f"operator-{one}") for one in range(number)}
    return world


async def pair(world, code, client="203.0.113.7"):
    return await Browser(world.desk, "desk", client=client).post("/api/pair", {"code": code})


def test_a_whole_desk_behind_one_address_pairs_in_one_minute():
    async def whole():
        world = with_codes(40)
        answers = [await pair(world, code) for code in list(world.register.codes)]
        assert {answer.status for answer in answers} == {204}

    run(whole())


def test_strangers_from_thousands_of_addresses_close_the_door_for_nobody():
    async def whole():
        world = with_codes(1)
        guesses = 10 * LOUD_PER_MINUTE
        answers = await asyncio.gather(*(pair(world, f"guess-{n}", f"198.51.{n // 250}.{n % 250 + 1}") for n in range(guesses)))
        assert {answer.status for answer in answers} == {403}
        assert (await pair(world, "code-000")).status == 204

    run(whole())


def test_a_good_code_gives_no_new_tries():
    async def whole():
        world = with_codes(3)
        for _ in range(PER_MINUTE - 1):
            assert (await pair(world, "guess")).status == 403
        assert (await pair(world, "code-000")).status == 204
        assert (await pair(world, "guess")).status == 403
        assert (await pair(world, "code-001")).status == 403

    run(whole())


def test_many_at_once_are_no_way_around_the_count():
    async def whole():
        world = with_codes(0)
        asked = []
        redeem = world.register.redeem
        world.register.redeem = lambda code, *when: asked.append(code) or redeem(code, *when)
        await asyncio.gather(*(pair(world, f"guess-{n}") for n in range(50)))
        assert len(asked) == PER_MINUTE

    run(whole())


def test_tries_come_back_at_their_pace():
    async def whole():
        world = with_codes(1)
        for _ in range(PER_MINUTE):
            await pair(world, "guess")
        assert (await pair(world, "code-000")).status == 403
        await asyncio.sleep(60 / PER_MINUTE)
        assert (await pair(world, "code-000")).status == 204

    run(whole())


def test_every_failure_takes_the_same_time_and_a_good_code_none():
    async def whole():
        loop = asyncio.get_running_loop()
        world = with_codes(1)
        world.register.codes["hers"] = ("protected", HER)
        for code in ["guess", "hers", "x" * 1_000, "1", "2", "counted out"]:
            began = loop.time()
            assert (await pair(world, code)).status == 403
            assert abs(loop.time() - began - FAILURE_S) < 0.001
        began = loop.time()
        assert (await pair(world, "code-000", "192.0.2.9")).status == 204
        assert loop.time() - began < 0.001

    run(whole())
