"""Closing, from outside: the real core, gate and app; what her session's bytes hold while he comes, stays, and goes.

He walks past her on a line to the north. Nothing here looks inside: a position is what looks like one in the bytes.
"""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from jikimi.apps.desk import desk_app
from jikimi.apps.protected import protected_app
from jikimi.disclosure.ledger.leaf import Personal
from jikimi.ingest.ports import Decoded, IntakeFailedError
from jikimi.model.fix import Fix, Source
from jikimi.model.order import Device, DeviceKind
from jikimi.model.record import Disclosed, decode
from jikimi.orders.clerk import Clerk
from jikimi.orders.pairs import pairs_of
from jikimi.policy.durations import tables
from jikimi.policy.resolve import pair_rules
from jikimi.runtime.clock import Clock
from jikimi.runtime.hub import Hub
from jikimi.runtime.mind import Mind
from jikimi.runtime.office import Office
from jikimi.storage.memory import MemoryJournal
from tests.apps.client import FAR_MS, STAFF, TOKEN, Browser
from tests.apps.fake_watch import FakeRegister, FakeSession, FakeStaff
from tests.apps.jump_loop import run
from tests.apps.test_stream import pause
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS, ORDER
from tests.disclosure.ledger.fake_ledger import FakeLedger
from tests.orders.fake_books import FakeBooks

POSITION = re.compile(rb"\b3[67]\.\d{3,}|\b12[67]\.\d{3,}|latitude|longitude")
"""What a place in this story looks like."""
METRE = 1 / 111_000
PLACELESS = msgspec.structs.replace(ORDER, places=())


class City:
    """A whole server but for its sockets, on time that jumps."""

    def __init__(self):
        loop = asyncio.get_running_loop()

        def now_ms():
            return NOW_MS + round(loop.time() * 1000)

        self.journal = MemoryJournal()
        self.ledger = FakeLedger()
        self.hub = Hub(Mind(KOREA.track), self.journal, self.ledger, Clock(now_ms, now_ms), {"kr": KOREA})
        self.hub.set_orders([PLACELESS], pairs_of(PLACELESS, KOREA, pair_rules))
        register = FakeRegister()
        register.sessions = {TOKEN: FakeSession("protected", HER, FAR_MS), STAFF: FakeSession("desk", "operator", FAR_MS)}
        office = Office(Clerk(FakeBooks(), tables(), bytes(32)), self.hub.now_ms, lambda: None)
        self.her = Browser(protected_app(self.hub, register, office, device_url="https://door.test"), "protected", TOKEN)
        self.staff = Browser(desk_app(self.hub, register, office, FakeStaff()), "desk", STAFF)
        self._told = 0

    async def sees(self, person_id, metres_north):
        """A device of a person reports."""
        self._told += 1
        device = Device(device_id=f"d-{person_id}", kind=DeviceKind.TAG, person_id=person_id, secret_sha256=b"")
        fix = Fix(
            fix_id=str(self._told),
            fix_time_ms=self.hub.now_ms(),
            latitude=37.5 + metres_north * METRE,
            longitude=127.012345,
            error_m=5.0,
            source=Source.GNSS,
        )
        await self.hub.offer(device, Decoded(fixes=(fix,)))

    async def walks(self, *metres, every_s=5.0):
        """He reports from these distances, and she from where she is."""
        for metre in metres:
            await self.sees(HER, 0.0)
            await self.sees(HIM, metre)
            await pause(every_s)
            self.hub.tick()

    async def waits(self, seconds):
        for _ in range(int(seconds)):
            await pause(1.0)
            self.hub.tick()

    def disclosed(self):
        """What the journal says of who saw what."""
        records = [decode(data) for _, data in self.journal.read()]
        return [(record.recipient, record.scope) for record in records if isinstance(record, Disclosed)]

    async def everything_she_can_ask(self):
        """Every answer that her session can get now, as bytes."""
        line = self.her.listen(last=0)
        await pause(12.0)
        asked = [await self.her.get(path) for path in ("/api/me", "/api/stream/", "/api/pairs/x", "/tiles/base.pmtiles", "/")]
        asked.append(await self.her.post("/api/sos/cancel", {"id": "x"}))
        await line.leave()
        return line.bytes + b"".join(answer.body for answer in asked)


COMING = range(3000, 150, -75)
GOING = range(150, 4500, 75)


def test_nothing_before_the_ring_and_nothing_after_the_all_clear():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(*range(3000, 800, -75))
        assert POSITION.search(line.bytes) is None
        assert city.disclosed() == []
        await city.walks(*range(800, 150, -50))
        assert POSITION.search(line.bytes) is not None
        assert city.disclosed() == [(HER, "map:inside_ring")]
        await city.walks(*GOING)
        await city.waits(KOREA.view.close_after_s + KOREA.judging.leave_dwell_s)
        assert line.of("state")[-1]["pairs"][0]["tier"] == "clear"
        before = len(line.raw)
        await city.walks(*range(4500, 4000, -25))
        assert POSITION.search(b"".join(line.raw[before:])) is None
        assert POSITION.search(await city.everything_she_can_ask()) is None
        assert city.disclosed()[-1] == (HER, "closed")
        assert len(city.disclosed()) == 2
        await line.leave()

    run(whole())


def test_every_look_is_an_entry_of_the_ledger_that_names_who_whose_and_why():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(*range(800, 150, -50), *GOING)
        await city.waits(KOREA.view.close_after_s + KOREA.judging.leave_dwell_s)
        opened, closed = city.ledger.acts
        assert (opened.act, opened.what, opened.audience) == ("disclosed", "map:inside_ring", "protected")
        assert opened.who == Personal(HER, HER)
        assert opened.whose == (Personal(HIM, HIM), Personal(HER, HER))
        assert opened.order == Personal(ORDER.order_id, ORDER.order_id)
        assert (opened.purpose, opened.recipient, opened.reason) == ("own_safety", None, None), "she looks herself, and needs no reason"
        assert (closed.act, closed.what, closed.who) == ("closed", "map", Personal(HER, HER))
        await line.leave()

    run(whole())


def test_without_the_ledger_she_is_warned_and_sees_no_position():
    async def whole():
        city = City()
        city.ledger.down = True
        line = city.her.listen()
        await city.walks(*COMING)
        assert line.of("state")[-1]["pairs"][0]["tier"] in {"warning", "danger"}
        assert POSITION.search(line.bytes) is None
        city.ledger.down = False
        await city.walks(150, 150)
        assert POSITION.search(line.bytes) is not None
        await line.leave()

    run(whole())


def test_the_record_stands_in_the_journal_before_the_first_position_goes_out():
    async def whole():
        city = City()
        line = city.her.listen()
        at_first = []
        hear = line._hear

        def listening(block):
            if not at_first and POSITION.search(block.encode()):
                at_first.append(city.disclosed())
            hear(block)

        line._hear = listening
        await city.walks(*COMING)
        assert at_first == [[(HER, "map:inside_ring")]]
        await line.leave()

    run(whole())


def test_a_full_disk_closes_the_map_but_not_the_warning():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(700)
        city.journal.full = True
        for _ in range(4):
            with pytest.raises(IntakeFailedError):
                await city.sees(HIM, 300)
            await pause(3.0)
        state = line.of("state")[-1]["pairs"][0]
        assert (state["map"], state["closed"]) == (None, "no_record")
        assert state["words"]["low_m"] < 600
        assert POSITION.search(line.bytes) is None
        city.journal.full = False
        await pause(2.0)
        assert line.of("state")[-1]["pairs"][0]["map"] is not None
        await line.leave()

    run(whole())


def test_the_end_of_the_order_ends_the_stream_in_the_middle_of_the_alarm():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(*COMING)
        assert POSITION.search(line.bytes)
        city.hub.set_orders([], [])
        before = len(line.raw)
        await pause(10.0)
        assert (line.of("end"), line.done) == ([{"reason": "order_ended"}], True)
        assert POSITION.search(b"".join(line.raw[before:])) is None
        assert POSITION.search(await city.everything_she_can_ask()) is None
        assert city.disclosed()[-1] == (HER, "closed")

    run(whole())


def test_leaving_the_page_is_written_down_and_coming_back_is_a_new_opening():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(*COMING)
        await line.leave()
        await pause(0.1)
        assert [scope for _, scope in city.disclosed()] == ["map:inside_ring", "closed"]
        again = city.her.listen()
        await pause(0.1)
        assert POSITION.search(again.bytes)
        assert [scope for _, scope in city.disclosed()] == ["map:inside_ring", "closed", "map:inside_ring"]
        await again.leave()

    run(whole())


def test_a_line_that_comes_back_by_itself_begins_no_new_ten_minutes():
    async def story():
        city = City()
        await city.walks(*COMING)
        line = city.her.listen()
        await city.waits(1)
        assert city.disclosed()[-1] == (HER, "map:inside_ring")
        for _ in range(12):
            await line.leave()
            line = city.her.listen()
            await city.walks(150, 150, every_s=27.0)
        states = line.of("state")
        assert states[-1]["pairs"][0]["closed"] == "not_renewed"
        assert states[-1]["pairs"][0]["map"] is None
        # She takes the phone up: it is open at once, and for another ten minutes.
        assert (await city.her.post("/api/view/renew", {})).status == 204
        await city.walks(150, every_s=5.0)
        assert line.of("state")[-1]["pairs"][0]["map"] is not None
        await line.leave()

    run(story())


def test_his_silence_takes_his_position_away_and_never_the_warning():
    async def whole():
        city = City()
        line = city.her.listen()
        await city.walks(*COMING)
        before = len(line.raw)
        await city.waits(2 * KOREA.view.position_max_age_s)
        late = len(line.raw)
        for _ in range(30):
            await city.sees(HER, 0.0)
            await city.waits(10)
        after = b"".join(line.raw[late:])
        assert late > before
        assert POSITION.search(after) is None
        assert line.of("state")[-1]["pairs"][0]["seen"] == "blind"
        assert line.of("state")[-1]["pairs"][0]["tier"] == "danger"
        await line.leave()

    run(whole())


def test_the_desk_sees_no_position_of_a_clear_pair():
    async def whole():
        city = City()
        line = city.staff.listen()
        await city.walks(5000, 4990, 4980)
        name = line.of("board")[-1]["rows"][0]["pair"]
        closed = await city.staff.get(f"/api/pairs/{name}")
        assert (closed.json["map"], POSITION.search(closed.body)) == (None, None)
        await city.walks(*COMING)
        assert POSITION.search((await city.staff.get(f"/api/pairs/{name}")).body)
        assert city.disclosed() == [("operator", "words:quiet"), ("operator", "map:tier")]
        await city.walks(*GOING)
        await city.waits(60)
        closed = await city.staff.get(f"/api/pairs/{name}")
        assert (closed.json["row"]["tier"], closed.json["map"]) == ("clear", None)
        assert POSITION.search(closed.body) is None
        assert POSITION.search(line.bytes) is None
        await city.waits(1)
        told = [("operator", "words:quiet"), ("operator", "map:tier"), ("operator", "closed"), ("operator", "words:quiet")]
        assert city.disclosed() == told
        await line.leave()

    run(whole())
