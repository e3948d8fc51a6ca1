"""The desk over the real core: who calls for help stands on top, and attempts are told."""

from __future__ import annotations

import msgspec

from jikimi.orders.pairs import pairs_of
from jikimi.policy.resolve import pair_rules
from tests.apps.jump_loop import run
from tests.apps.test_closing import PLACELESS, City
from tests.apps.test_stream import pause
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS


def orders(count):
    """One order a pair: hers, and others'."""
    others = [
        msgspec.structs.replace(PLACELESS, order_id=f"order-{n}", monitored_id=f"m-{n}", protected_ids=(f"h-{n}",)) for n in range(count)
    ]
    return [PLACELESS, *others]


class Town(City):
    """The same server with more pairs."""

    def __init__(self):
        super().__init__()
        found = orders(3)
        self.hub.set_orders(found, [pair for order in found for pair in pairs_of(order, KOREA, pair_rules)])


def test_a_calm_pair_that_calls_for_help_stands_above_danger_and_falls_back():
    async def whole():
        town = Town()
        await town.sees(HER, 0.0)
        await town.sees(HIM, 9_000.0)
        await town.sees("h-1", 0.0)
        await town.sees("m-1", 30.0)
        line = town.staff.listen()
        await pause(2.0)
        assert [row["tier"] for row in line.of("board")[-1]["rows"]][:2] == ["danger", "clear"]
        assert (await town.her.post("/api/sos", {"id": "s1", "silent": True})).status == 202
        await pause(2.0)
        first, second = line.of("board")[-1]["rows"][:2]
        assert (first["tier"], first["sos"]["silent"], second["tier"], second["sos"]) == ("clear", True, "danger", None)
        assert line.of("sos")[0] == {"pair": first["pair"], "at_ms": NOW_MS + 2_000, "silent": True, "cancelled": False}
        await town.her.post("/api/sos/cancel", {"id": "s1"})
        await pause(2.0)
        assert line.of("board")[-1]["rows"][0]["tier"] == "danger"
        assert [sos["cancelled"] for sos in line.of("sos")] == [False, True]
        await line.leave()

    run(whole())


def test_an_attempt_is_told_to_the_desk_and_not_to_her():
    async def whole():
        town = Town()
        desk, hers = town.staff.listen(), town.her.listen()
        await pause(1.0)
        town.hub.security("wrong_secret", "tag-77", "native")
        await pause()
        assert desk.of("security") == [{"at_ms": NOW_MS + 1_000, "kind": "wrong_secret", "protocol": "native"}]
        assert b"tag-77" not in desk.bytes
        assert hers.of("security") == []
        await desk.leave()
        await hers.leave()

    run(whole())


def test_numbers_go_on_from_the_core_over_a_reconnection():
    async def whole():
        town = Town()
        await town.walks(3_000.0)
        line = town.her.listen()
        await pause(1.0)
        last = max(number for _, _, _, number in line.heard if number is not None)
        await line.leave()
        await town.walks(*range(2_900, 1_000, -100))
        again = town.her.listen(last=last)
        await pause()
        assert [name for _, name, _, _ in again.heard][-1] == "state"
        assert again.of("transition")[0]["tier_before"] == "clear"
        assert again.of("transition")[-1]["tier"] == again.of("state")[0]["pairs"][0]["tier"] != "clear"
        assert again.heard[-1][3] > last
        await again.leave()

    run(whole())
