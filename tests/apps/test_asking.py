"""What a device is answered, through the real door, hub and core: hers follows the pair, his tells nothing of her (promise 5)."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest

from jikimi.apps.device import DeviceApp
from jikimi.ingest.credentials import digest
from jikimi.model.order import Device, DeviceKind
from jikimi.model.sampling import SAMPLING
from jikimi.orders.pairs import pairs_of
from jikimi.policy.resolve import pair_rules
from jikimi.runtime.clock import Clock
from jikimi.runtime.hub import Hub
from jikimi.runtime.mind import Mind
from jikimi.storage.memory import MemoryJournal
from tests.apps.jump_loop import run
from tests.apps.test_stream import pause
from tests.disclosure.cases import HER, HIM, KOREA, NOW_MS, ORDER
from tests.disclosure.ledger.fake_ledger import FakeLedger
from tests.ingest.fakes import SECRET, FakeDirectory

METRE = 1 / 111_000


class Door:
    """The devices' door of a whole server, without a socket."""

    def __init__(self, policy=KOREA):
        loop = asyncio.get_running_loop()

        def now_ms():
            return NOW_MS + round(loop.time() * 1000)

        self.now_ms = now_ms
        self.hub = Hub(Mind(KOREA.track), MemoryJournal(), FakeLedger(), Clock(now_ms, now_ms), {"kr": policy})
        self.hub.set_orders([ORDER], pairs_of(ORDER, KOREA, pair_rules))
        people = {"tag": HIM, "phone": HER}
        devices = [
            Device(device_id=name, kind=DeviceKind.TAG, person_id=person, secret_sha256=digest(SECRET)) for name, person in people.items()
        ]
        self.app = DeviceApp(FakeDirectory(*devices), self.hub, now_ms)
        self._number = 0

    async def reports(self, device, metres_north, *, number=None):
        """Return all bytes of the answer, head and body."""
        self._number += 1
        fix = {"id": str(number or self._number), "time": self.now_ms(), "lat": 37.5 + metres_north * METRE, "lon": 127.0, "error_m": 5.0}
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/fixes",
            "query_string": b"",
            "headers": [(b"authorization", f"Bearer {device}.{SECRET}".encode())],
        }
        incoming = [{"type": "http.request", "body": json.dumps({"fixes": [fix]}).encode(), "more_body": False}]
        sent = []

        async def receive():
            return incoming.pop()

        async def send(message):
            sent.append(message)

        await self.app(scope, receive, send)
        return sent


def interval_s(sent):
    return json.loads(sent[-1]["body"]).get("interval_s")


async def his_answers(hers_m):
    """He rests, then walks north 600 m; she is, from report to report, at these places (None: she does not report)."""
    door = Door()
    answers = []
    for number, her_m in enumerate(hers_m):
        if her_m is not None:
            await door.reports("phone", her_m, number=f"h{number}")
        answers.append(await door.reports("tag", max(0, number - 10) * 21.0, number=f"m{number}"))
        await pause(15.0)
        door.hub.tick()
    return answers


STEPS = 40


@pytest.mark.parametrize(
    "hers_m",
    [
        [200.0] * STEPS,
        [50_000.0] * STEPS,
        [2_100.0 - 50.0 * step for step in range(STEPS)],
        [None] * STEPS,
        [400.0 if step % 2 else None for step in range(STEPS)],
    ],
)
def test_his_answers_are_the_same_bytes_wherever_she_is(hers_m):
    async def story():
        assert await his_answers(hers_m) == await his_answers([9_000.0] * STEPS)

    run(story())


def test_his_answers_follow_his_own_movement():
    async def story():
        told = [interval_s(answer) for answer in await his_answers([None] * STEPS)]
        assert told[0] == 60.0
        assert 15.0 in told[11:20]
        assert sum(interval is not None for interval in told) <= 4, "it is told on a change, not at each report"

    run(story())


def test_hers_follows_the_pair_and_is_told_again_when_an_answer_was_lost():
    async def story():
        door = Door()
        await door.reports("tag", 30_000.0)
        first = await door.reports("phone", 0.0, number="a")
        again = await door.reports("phone", 0.0, number="a")
        assert (interval_s(first), interval_s(again)) == (60.0, 60.0)
        assert interval_s(await door.reports("phone", 1.0)) is None
        for number in range(1, 5):
            await pause(5.0)
            await door.reports("tag", 50.0 + number)
        assert interval_s(await door.reports("phone", 0.0)) == 5.0

    run(story())


def test_the_numbers_are_those_of_the_orders_policy():
    async def story():
        twenty = msgspec.structs.replace(SAMPLING, steps_s=(5.0, 15.0, 20.0), unseen_s=20.0, rest_s=20.0, repeat_s=90.0)
        door = Door(msgspec.structs.replace(KOREA, sampling=twenty))
        assert interval_s(await door.reports("tag", 30_000.0)) == 20.0
        assert interval_s(await door.reports("phone", 0.0)) == 20.0
        told = []
        for _ in range(7):
            await pause(15.0)
            told.append(interval_s(await door.reports("phone", 0.0)))
        assert told == [None] * 5 + [20.0, None], "an unchanged one is told again after 90 s"

    run(story())


def test_a_device_nobody_watches_is_asked_for_nothing():
    async def story():
        door = Door()
        door.hub.set_orders([], [])
        assert interval_s(await door.reports("tag", 0.0)) is None

    run(story())
