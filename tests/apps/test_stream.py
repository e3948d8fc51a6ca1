"""The event stream: first word fast, changes at once, never a flood, never silence, never a position after its time."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import msgspec
import pytest

from jikimi.apps import stream as streams
from jikimi.apps.board import MOST_ROWS
from jikimi.apps.ports import Sos
from jikimi.model.decision import Tier
from tests.apps.client import FAR_MS, STAFF, TOKEN, Browser, World
from tests.apps.fake_watch import FakeSession
from tests.apps.jump_loop import run
from tests.disclosure.cases import HER, HER_AT, HIS_AT, HOME, NOW_MS, ORDER, PAIR, numbers, side, transition, view


async def pause(seconds=0.0):
    await asyncio.sleep(seconds)
    for _ in range(5):
        await asyncio.sleep(0)


def fresh(world, low_m=420.0, **change):
    """A pair seen just now."""
    now_ms = world.watch.now_ms()
    sides = {"monitored": side(HIS_AT, 0.0, now_ms), "protected": side(HER_AT, 0.0, now_ms)}
    return view(low_m, now_ms=now_ms, **(sides | change))


class TestConnecting:
    def test_first_bytes_before_the_state_is_even_made(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            world.watch.hold = asyncio.Event()  # the journal takes its time
            line = world.her.listen()
            await pause()
            assert (line.status, line.raw) == (200, [b"retry: 1000\n\n"])
            assert line.headers["content-type"] == "text/event-stream"
            assert line.headers["cache-control"] == "no-store"
            assert "content-security-policy" in line.headers
            await pause(0.3)
            (state,) = line.of("state")
            assert (state["pairs"][0]["map"], state["pairs"][0]["closed"]) == (None, "no_record")
            world.watch.hold.set()
            await line.leave()

        run(whole())

    def test_state_at_once(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause()
            assert [(name, number) for _, name, _, number in line.heard] == [("state", 1000)]
            assert line.of("state")[0]["pairs"][0]["map"]["monitored"]["latitude"] == HIS_AT[0]
            assert world.watch.recorded == [(HER, "protected", PAIR.pair_id, "own_safety", "map:inside_ring")]
            await line.leave()

        run(whole())

    @pytest.mark.parametrize("token", [None, "unknown-token-0123456789", "short", 'odd"token; x'])
    def test_no_session_no_stream(self, token):
        async def whole():
            world = World()
            line = Browser(world.protected, "protected", token).listen()
            await line.task
            assert (line.status, line.bytes) == (401, b'{"error":"session_needed"}')

        run(whole())

    def test_a_session_of_the_other_audience_is_none(self):
        async def whole():
            world = World()
            for app, audience, token in ((world.desk, "desk", TOKEN), (world.protected, "protected", STAFF)):
                line = Browser(app, audience, token).listen()
                await line.task
                assert line.status == 401

        run(whole())

    def test_another_sites_page_cannot_listen(self):
        async def whole():
            world = World()
            world.her.site = "cross-site"
            line = world.her.listen()
            await line.task
            assert line.status == 403

        run(whole())

    def test_leaving_cleans_up(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause()
            assert world.watch.subscribers == 1
            await line.leave()
            await pause()
            assert world.watch.subscribers == 0
            assert world.watch.recorded[-1][4] == "closed"
            await pause(10)
            assert len(asyncio.all_tasks()) == 1

        run(whole())

    def test_a_server_that_stops_ends_every_stream_properly(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            lines = [world.her.listen(), world.her.listen(), world.staff.listen()]
            await pause(1.0)
            world.protected.close()
            world.desk.close()
            await pause()
            assert [(line.task.done(), line.done, line.of("end")) for line in lines] == [(True, True, [])] * 3

        run(whole())

    def test_being_cancelled_cleans_up(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause()
            line.task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await line.task
            await pause(10)
            assert world.watch.subscribers == 0
            assert len(asyncio.all_tasks()) == 1

        run(whole())


class TestPace:
    def test_first_change_after_quiet_goes_out_at_once(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.watch.moved(fresh(world, 333.0))
            await pause()
            assert line.times("state") == [0.0, 1.0]
            assert line.of("state")[-1]["pairs"][0]["words"]["low_m"] == 333.0
            await line.leave()

        run(whole())

    def test_two_who_report_once_a_second_never_wait(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            for second in range(1, 8):
                for _ in range(2):
                    await pause(0.01)
                    world.watch.moved(fresh(world, 300.0 + second))
                    await pause()
                    assert line.of("state")[-1]["pairs"][0]["words"]["low_m"] == 300.0 + second
                await pause(0.98)
            assert len(line.times("state")) == 15
            await line.leave()

        run(whole())

    def test_a_few_at_once_then_five_a_second_and_the_last_word_is_never_lost(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            for number in range(100):
                world.watch.moved(fresh(world, 300.0 + number))
                await asyncio.sleep(0.01)
            await pause(0.5)
            times = [at for at in line.times("state") if at >= 1.0]
            assert 8 <= len(times) <= 11
            assert all(after - before >= 0.199 for before, after in pairwise(times[5:]))
            assert line.of("state")[-1]["pairs"][0]["words"]["low_m"] == 399.0
            await line.leave()

        run(whole())

    def test_a_transition_never_waits(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.watch.moved(fresh(world, 350.0))
            await asyncio.sleep(0.02)
            world.watch.turned(transition(tier=Tier.DANGER, before=Tier.WARNING), fresh(world, 90.0, tier=Tier.DANGER))
            await pause()
            assert [(at, name) for at, name, _, _ in line.heard][-2:] == [(1.02, "transition"), (1.02, "state")]
            assert line.of("transition")[0]["tier"] == "danger"
            assert line.of("state")[-1]["pairs"][0]["tier"] == "danger"
            await line.leave()

        run(whole())

    def test_a_state_is_made_once_a_change_and_never_for_a_beat(self):
        async def whole():
            world = World()
            del world.watch.known[HOME.pair_id]
            world.watch.views[PAIR.pair_id] = fresh(world, 5000.0)
            line = world.her.listen()
            await pause(8.0)
            assert (len(line.of("beat")), world.watch.looks) == (3, 1)
            await line.leave()

        run(whole())


class TestBeats:
    def test_every_three_seconds_and_a_state_every_ten(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(60.0)
            beats, states = line.times("beat"), line.times("state")
            assert all(2.9 < after - before < 3.1 for before, after in pairwise(beats))
            assert all(after - before <= 10.0 for before, after in pairwise(states))
            assert line.of("beat")[0]["at_ms"] == NOW_MS + round(beats[0] * 1000)
            await line.leave()

        run(whole())

    def test_are_spread_over_the_three_seconds(self):
        async def whole():
            world = World()
            lines = []
            for number in range(60):
                token = f"token-{number}-0123456789abcdef"
                world.register.sessions[token] = FakeSession("protected", HER, FAR_MS)
                lines.append(Browser(world.protected, "protected", token).listen())
            await pause(10.0)
            firsts = [line.times("beat")[0] for line in lines]
            assert max(firsts.count(at) for at in firsts) <= 2
            assert max(firsts) <= 3.2
            for line in lines:
                await line.leave()

        run(whole())


class TestSlowScreens:
    def test_get_the_newest_state_and_no_backlog(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            line.flowing.clear()
            for number in range(2_000):
                world.watch.moved(fresh(world, 100.0 + number / 10))
                await asyncio.sleep(0.01)
            line.flowing.set()
            await pause(0.3)
            lows = [state["pairs"][0]["words"]["low_m"] for state in line.of("state")]
            assert len(lows) <= 4
            assert lows[-1] == 299.9
            await line.leave()

        run(whole())

    def test_keep_a_bounded_number_of_transitions_the_newest(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            line.flowing.clear()
            for number in range(500):
                world.watch.turned(transition(number, at_ms=NOW_MS + number))
                await asyncio.sleep(0)
            line.flowing.set()
            await pause(0.3)
            told = line.of("transition")
            assert len(told) <= streams.MOST_EVENTS + 1
            assert told[-1]["at_ms"] == NOW_MS + 499
            await line.leave()

        run(whole())

    def test_one_that_takes_nothing_is_given_up(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            line.flowing.clear()
            await pause(streams.STUCK_S + 8.0)
            assert line.task.done()
            assert line.task.exception() is None
            assert world.watch.subscribers == 0

        run(whole())

    def test_do_not_hold_up_others(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            stuck, well = world.her.listen(), world.her.listen()
            await pause(1.0)
            stuck.flowing.clear()
            world.watch.moved(fresh(world, 222.0))
            await pause()
            assert well.times("state")[-1] == 1.0
            stuck.flowing.set()
            await stuck.leave()
            await well.leave()

        run(whole())


class TestReturning:
    def test_missed_transitions_then_the_state(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            for number in range(3):
                world.watch.turned(transition(number, at_ms=NOW_MS + number))
            world.watch.turned(transition(9, pair=msgspec.structs.replace(PAIR, pair_id="pair-of-another")))
            line = world.her.listen(last=1001)
            await pause()
            assert [(name, number) for _, name, _, number in line.heard] == [
                ("transition", 1002),
                ("transition", 1003),
                ("state", 1004),
            ]
            await line.leave()

        run(whole())

    @pytest.mark.parametrize("last", [5, 99999999999, "abc", "-1", "9" * 40, "١٢"])
    def test_unknown_or_forgotten_numbers_bring_the_state_alone(self, last):
        async def whole():
            world = World()
            world.watch.forgot_before = 1000
            world.watch.views[PAIR.pair_id] = fresh(world)
            world.watch.turned(transition())
            scope_safe = last if str(last).isascii() else "x"
            line = world.her.listen(last=scope_safe)
            await pause()
            assert [name for _, name, _, _ in line.heard] == ["state"]
            await line.leave()

        run(whole())

    def test_no_gap_between_what_was_missed_and_what_comes(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen(last=1000)
            for number in range(20):
                world.watch.turned(transition(number, at_ms=NOW_MS + number))
                await asyncio.sleep(0)
            await pause()
            assert [told["at_ms"] - NOW_MS for told in line.of("transition")] == list(range(20))
            await line.leave()

        run(whole())


class TestEnding:
    def test_session_ended_here(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            assert (await world.her.call("DELETE", "/api/session")).status == 204
            await pause()
            assert line.of("end") == [{"reason": "session_ended"}]
            assert line.done
            assert line.task.done()

        run(whole())

    def test_session_ended_elsewhere_is_noticed_within_ten_seconds(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            del world.register.sessions[TOKEN]
            await pause(9.0)
            assert line.of("end") == [{"reason": "session_ended"}]
            assert (await world.her.get("/api/me")).status == 401

        run(whole())

    def test_a_register_out_of_reach_does_not_end_her_protection(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.register.broken = True
            await pause(60.0)
            assert line.of("end") == []
            await line.leave()

        run(whole())

    def test_order_ended(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.watch.known.clear()
            world.watch.orders.clear()
            await pause(9.0)
            assert line.of("end") == [{"reason": "order_ended"}]

        run(whole())

    def test_an_order_past_its_end_shows_nothing_more_even_if_still_watched(self):
        async def whole():
            world = World()
            world.watch.orders[ORDER.order_id] = msgspec.structs.replace(ORDER, until_ms=NOW_MS + 4_000)
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(3.9)
            before = len(line.raw)
            for _ in range(20):
                await pause(0.5)
                world.watch.moved(fresh(world, 50.0))
            assert line.of("end") == [{"reason": "order_ended"}]
            assert not any(number in b"".join(line.raw[before:]) for number in numbers(HIS_AT, HER_AT))

        run(whole())

    def test_nobody_without_an_order_gets_a_stream(self):
        async def whole():
            world = World()
            world.watch.orders.clear()
            line = world.her.listen()
            await pause()
            assert [name for _, name, _, _ in line.heard] == ["end"]

        run(whole())

    def test_a_new_order_is_taken_up(self):
        async def whole():
            world = World()
            world.watch.known.pop(HOME.pair_id)
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.watch.known[HOME.pair_id] = HOME
            world.watch.views[HOME.pair_id] = fresh(world, 1500.0, protected=None, pair=HOME)
            await pause(3.5)
            assert len(line.of("state")[-1]["pairs"]) == 2
            world.watch.moved(fresh(world, 1400.0, protected=None, pair=HOME))
            await pause()
            assert {pair["place"]: pair["words"]["low_m"] for pair in line.of("state")[-1]["pairs"]}["home"] == 1400.0
            await line.leave()

        run(whole())

    def test_too_many_lines_of_one_session_close_the_oldest(self):
        async def whole():
            world = World()
            lines = [world.her.listen() for _ in range(streams.MOST_LINES + 3)]
            await pause()
            assert [line.task.done() for line in lines] == [True] * 3 + [False] * streams.MOST_LINES
            for line in lines[3:]:
                await line.leave()

        run(whole())


class TestClosingFromOutside:
    def test_after_all_clear_and_the_countdown_no_coordinate_comes(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(2.0)
            assert all(number in line.bytes for number in numbers(HIS_AT))
            clear = fresh(world, 3_000.0, tier=Tier.CLEAR)
            world.watch.turned(transition(tier=Tier.CLEAR, before=Tier.WARNING), clear)
            await pause(20.1)
            before = len(line.raw)
            for _ in range(30):
                world.watch.moved(fresh(world, 2_900.0, tier=Tier.CLEAR))
                await pause(1.0)
            after = b"".join(line.raw[before:])
            assert after.count(b"event: state") >= 30
            assert not any(number in after for number in numbers(HIS_AT, HER_AT))
            assert world.watch.recorded[-1][4] == "closed"
            another = world.her.listen()
            await pause()
            assert not any(number in another.bytes for number in numbers(HIS_AT, HER_AT))
            answer = await world.her.get("/api/me")
            assert not any(number in answer.body for number in numbers(HIS_AT, HER_AT))
            await line.leave()
            await another.leave()

        run(whole())

    def test_the_map_closes_on_time_without_any_change(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(1.0)
            world.watch.moved(fresh(world, 900.0))
            await pause(25.0)
            closed = [at for at, name, data, _ in line.heard if name == "state" and data["pairs"][0]["map"] is None]
            assert 21.0 <= closed[0] <= 21.2
            await line.leave()

        run(whole())

    def test_a_position_grown_too_old_goes(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.her.listen()
            await pause(130.0)
            closed = [
                (at, data["pairs"][0]["closed"]) for at, name, data, _ in line.heard if name == "state" and data["pairs"][0]["map"] is None
            ]
            assert closed[0][1] == "no_position"
            assert 120.0 <= closed[0][0] <= 120.3
            await line.leave()

        run(whole())

    def test_pairs_have_other_names_in_every_session(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            world.register.sessions["second-token-0123456789"] = FakeSession("protected", HER, FAR_MS)
            lines = [world.her.listen(), Browser(world.protected, "protected", "second-token-0123456789").listen(), world.her.listen()]
            await pause()
            names = [line.of("state")[0]["pairs"][0]["pair"] for line in lines]
            assert names[0] == names[2] != names[1]
            assert not any(word in line.bytes for line in lines for word in (b"pair-1", b"person-", b"order-1"))
            for line in lines:
                await line.leave()

        run(whole())


class TestDesk:
    def test_board_on_connect_and_at_most_once_a_second(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.staff.listen()
            await pause(2.0)
            for number in range(300):
                world.watch.moved(fresh(world, 100.0 + number))
                await asyncio.sleep(0.01)
            await pause(1.1)
            times = line.times("board")
            assert times[0] == 0.0
            assert all(after - before >= 0.999 for before, after in pairwise(times))
            assert line.of("board")[-1]["rows"][0]["low_m"] == 399.0
            assert not any(number in line.bytes for number in numbers(HIS_AT, HER_AT))
            await line.leave()

        run(whole())

    def test_transitions_sos_and_security_at_once(self):
        async def whole():
            world = World()
            world.watch.views[PAIR.pair_id] = fresh(world)
            line = world.staff.listen()
            await pause(2.5)
            world.watch.moved(fresh(world))
            await asyncio.sleep(0.1)
            world.watch.turned(transition())
            call = Sos(sos_id="s", person_id=HER, at_ms=NOW_MS + 5, silent=True)
            world.watch.called(PAIR.pair_id, call)
            world.watch.called(PAIR.pair_id, msgspec.structs.replace(call, cancelled_ms=NOW_MS + 9))
            world.watch.alarmed("wrong_secret")
            await pause()
            name = line.of("board")[0]["rows"][0]["pair"]
            assert [(at, kind) for at, kind, _, _ in line.heard][-4:] == [
                (2.6, "transition"),
                (2.6, "sos"),
                (2.6, "sos"),
                (2.6, "security"),
            ]
            assert line.of("transition")[0]["pair"] == name
            assert line.of("sos") == [
                {"pair": name, "at_ms": NOW_MS + 5, "silent": True, "cancelled": False},
                {"pair": name, "at_ms": NOW_MS + 9, "silent": True, "cancelled": True},
            ]
            assert line.of("security") == [{"at_ms": NOW_MS + 2600, "kind": "wrong_secret", "protocol": "native"}]
            assert b"device-secret-name" not in line.bytes
            await line.leave()

        run(whole())

    def test_a_long_board_is_cut_and_says_by_how_much(self):
        async def whole():
            world = World()
            world.watch.known.clear()
            for number in range(MOST_ROWS + 7):
                pair = msgspec.structs.replace(PAIR, pair_id=f"pair-{number}")
                world.watch.known[pair.pair_id] = pair
                world.watch.views[pair.pair_id] = fresh(world, pair=pair, tier=Tier.DANGER if number == MOST_ROWS else Tier.WATCH)
            line = world.staff.listen()
            await pause(0.1)
            (board,) = line.of("board")
            assert (len(board["rows"]), board["truncated"], board["rows"][0]["tier"]) == (MOST_ROWS, 7, "danger")
            assert len({row["pair"] for row in board["rows"]}) == MOST_ROWS
            await line.leave()

        run(whole())

    def test_two_desks_share_the_work_and_no_name(self):
        async def whole():
            world = World()
            world.watch.known.pop(HOME.pair_id)
            world.watch.views[PAIR.pair_id] = fresh(world)
            world.register.sessions["second-staff-0123456789"] = FakeSession("desk", "other", FAR_MS)
            lines = [world.staff.listen(), Browser(world.desk, "desk", "second-staff-0123456789").listen()]
            await pause()
            one, other = (line.of("board")[0] for line in lines)
            assert one["rows"][0].pop("pair") != other["rows"][0].pop("pair")
            assert one == other
            for line in lines:
                await line.leave()

        run(whole())

    def test_says_when_the_server_is_behind(self):
        async def whole():
            world = World()
            world.watch.late = 2.54
            line = world.staff.listen()
            await pause()
            assert (line.of("board")[0]["late_s"], line.of("board")[0]["rows"]) == (2.5, [])
            await line.leave()

        run(whole())
