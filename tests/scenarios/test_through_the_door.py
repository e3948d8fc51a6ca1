"""Against the devices' door itself: what a story says is what the intake gets."""

from __future__ import annotations

import asyncio
import hashlib
from random import Random

import httpx2
import pytest

from jikimi.apps.device import DeviceApp
from jikimi.ingest.ports import Decoded, IntakeFailedError, Receipt, Request
from jikimi.ingest.protocols import native
from jikimi.model.fix import Fix
from jikimi.model.order import Device
from jikimi.scenarios.load import Person
from jikimi.scenarios.stories import fixes, load, members, play

START = 1_800_000_000_000
SECRET = "s" * 43


class Clock:
    """Passes only by sleeping."""

    ms = START

    def now_ms(self) -> int:
        return self.ms

    async def sleep(self, seconds: float) -> None:
        due = self.ms + round(seconds * 1000)
        for _ in range(20):
            await asyncio.sleep(0)
        self.ms = max(self.ms, due)


class Server:
    """Directory and intake in one: keeps what it acknowledged, and fails to store now and then."""

    def __init__(self, story, fail_every: int) -> None:
        digest = hashlib.sha256(SECRET.encode()).digest()
        self.devices = {
            m.device_id: Device(device_id=m.device_id, kind=m.kind, person_id=m.person_id, secret_sha256=digest) for m in members(story)
        }
        self.kept: dict[str, list[Fix]] = {device_id: [] for device_id in self.devices}
        self.fail_every = fail_every
        self.offers = 0

    def find(self, device_id: str) -> Device | None:
        return self.devices.get(device_id)

    def behind(self, gateway_id: str, name: str) -> Device | None:
        return None

    async def offer(self, device: Device, decoded: Decoded) -> Receipt:
        self.offers += 1
        if self.offers % self.fail_every == 0:
            raise IntakeFailedError
        self.kept[device.device_id] += decoded.fixes
        assert decoded.refused == ()
        return Receipt(accepted=len(decoded.fixes), repeated=0)

    def security(self, kind: str, device_id: str | None, protocol: str) -> None:
        raise AssertionError(kind)

    def busy(self) -> bool:
        return False


@pytest.mark.parametrize("name", ["munich", "seoul"])
def test_the_intake_gets_the_story_once_and_whole_though_the_store_fails_now_and_then(name):
    story, clock = load(name), Clock()
    server = Server(story, fail_every=7)
    transport = httpx2.ASGITransport(app=DeviceApp(server, server, clock.now_ms))
    credentials = {device_id: f"{device_id}.{SECRET}" for device_id in server.devices}
    tally = asyncio.run(play([story], "http://door", credentials, pace=6.0, clock=clock, transport=transport))
    expected = list(fixes(story, 0, start_ms=START, pace=6.0, run=f"{START:x}"))
    for device_id, kept in server.kept.items():
        assert kept == [s.fix for s in expected if s.device_id == device_id]
    assert tally.accepted == len(expected)
    assert tally.retried >= 1


def test_the_loads_requests_are_read_by_the_native_decoder():
    body = Person("h", "d.s", 5, Random(1)).request(START, 5).split(b"\r\n\r\n")[1]
    decoded = native.decode(Request("POST", "/v1/fixes", b"", {"content-type": "application/json"}, body))
    assert (len(decoded.fixes), decoded.refused) == (5, ())
    assert decoded.fixes[-1].fix_time_ms == START
