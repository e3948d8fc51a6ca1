"""Replaying and playing through the door: order, times moved to now, patience, and honesty about refusals."""

from __future__ import annotations

import asyncio
import json

import httpx2
import pytest

from jikimi.model.fix import Fix, Source
from jikimi.scenarios.door import Door, RefusedError, Tally, encode, retry_after_s
from jikimi.scenarios.replay import recorded, replay
from jikimi.scenarios.stories import fixes, load, play
from jikimi.scenarios.tracks import TrackPoint

START = 1_800_000_000_000
HIM = tuple(TrackPoint(1_000_000 + n * 1000, 37.5, 127.0 + n * 1e-4, 4.0, 10.0, 90.0, Source.GNSS) for n in range(10))
HER = tuple(TrackPoint(1_002_000 + n * 3000, 37.6, 127.0) for n in range(3))
CREDENTIALS = {"tag": "tag.s1", "phone": "phone.s2"}


class FakeClock:
    """Time that passes only by sleeping; sleepers wake in order of their due time."""

    def __init__(self) -> None:
        self.ms = START
        self.slept: list[float] = []

    def now_ms(self) -> int:
        return self.ms

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        due = self.ms + round(seconds * 1000)
        for _ in range(20):
            await asyncio.sleep(0)
        self.ms = max(self.ms, due)


class FakeDoor:
    """A server that keeps what it acknowledged; ``answers`` may hold what to do first."""

    def __init__(self, clock: FakeClock, *answers) -> None:
        self.clock = clock
        self.answers = list(answers)
        self.kept: list[tuple[int, str, dict]] = []
        self.requests: list[httpx2.Request] = []
        self.transport = httpx2.MockTransport(self.answer)

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        if self.answers:
            planned = self.answers.pop(0)
            if isinstance(planned, Exception):
                raise planned
            return planned
        device = request.headers["Authorization"].removeprefix("Bearer ").split(".")[0]
        items = json.loads(request.content)["fixes"]
        self.kept += [(self.clock.ms, device, item) for item in items]
        return httpx2.Response(200, json={"accepted": len(items), "repeated": 0, "refused": []})


def replayed(clock: FakeClock, door: FakeDoor, tally: Tally | None = None, **options) -> Tally:
    tracks = {"tag": HIM, "phone": HER}
    return asyncio.run(replay(tracks, "http://door/", CREDENTIALS, clock=clock, transport=door.transport, tally=tally, **options))


def test_tracks_are_moved_to_now_and_stay_together():
    sent = list(recorded({"tag": HIM, "phone": HER}, start_ms=START))
    assert [s.received_ms - START for s in sent if s.device_id == "tag"] == [n * 1000 for n in range(10)]
    assert [s.received_ms - START for s in sent if s.device_id == "phone"] == [2000, 5000, 8000]
    assert [s.received_ms for s in sent] == sorted(s.received_ms for s in sent)
    assert all(s.fix.fix_time_ms == s.received_ms for s in sent)


def test_speed_compresses_the_waiting_and_scales_what_is_claimed():
    sent = list(recorded({"tag": HIM}, start_ms=START, speed=4.0))
    assert sent[-1].received_ms - START == 2250
    assert {s.fix.speed_mps for s in sent} == {40.0}
    assert [(s.fix.latitude, s.fix.longitude) for s in sent] == [(p.latitude, p.longitude) for p in HIM]
    assert next(recorded({"phone": HER}, start_ms=START, speed=4.0)).fix.speed_mps is None


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan")])
def test_a_speed_of_nothing_is_refused(speed):
    with pytest.raises(ValueError, match="above 0"):
        recorded({"tag": HIM}, start_ms=START, speed=speed)


def test_everything_arrives_once_in_order_and_on_time():
    clock = FakeClock()
    door = FakeDoor(clock)
    tally = replayed(clock, door)
    assert (tally.accepted, tally.retried, tally.refused) == (13, 0, {})
    assert [item["time"] for _, device, item in door.kept if device == "tag"] == [START + n * 1000 for n in range(10)]
    assert all(0 <= at_ms - item["time"] <= 1000 for at_ms, _, item in door.kept)
    assert {str(request.url) for request in door.requests} == {"http://door/v1/fixes"}


def test_what_was_not_acknowledged_is_sent_again_until_it_is():
    clock = FakeClock()
    busy = httpx2.Response(503, headers={"Retry-After": "2"})
    door = FakeDoor(clock, busy, httpx2.ConnectError("down"), httpx2.ReadTimeout("slow"), httpx2.Response(503), httpx2.Response(502))
    tally = replayed(clock, door)
    assert (tally.accepted, tally.retried) == (13, 5)
    assert 2.0 in clock.slept
    assert {item["id"] for _, device, item in door.kept if device == "tag"} == {f"{START:x}-{n}" for n in range(10)}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_refusal_for_good_ends_it_and_names_no_device(status):
    clock = FakeClock()
    with pytest.raises(ExceptionGroup) as caught:
        replayed(clock, FakeDoor(clock, httpx2.Response(status, text="tag.s1 is unknown")))
    (error,) = caught.value.exceptions
    assert isinstance(error, RefusedError)
    assert str(error) == f"The server refused a request with status {status}."


def test_an_answer_of_something_else_is_a_refusal():
    clock = FakeClock()
    with pytest.raises(ExceptionGroup) as caught:
        replayed(clock, FakeDoor(clock, httpx2.Response(200, text="<html>")))
    assert str(caught.value.exceptions[0]) == "The server's answer cannot be read; is this address the devices' door?"


def test_single_refused_fixes_are_counted_by_reason():
    clock, tally = FakeClock(), Tally()
    answer = {"accepted": 0, "repeated": 1, "refused": [{"index": 0, "reason": "The time is missing."}]}
    replayed(clock, FakeDoor(clock, httpx2.Response(200, json=answer)), tally)
    assert tally.refused == {"The time is missing.": 1}
    assert str(tally) == "12 fixes accepted, 1 repeated, 0 requests sent again; refused 1: The time is missing."


def test_cancelling_stops_at_once_and_leaves_the_numbers():
    async def scene() -> Tally:
        clock, tally = FakeClock(), Tally()
        door = FakeDoor(clock)

        class Stuck(FakeClock):
            async def sleep(self, seconds: float) -> None:
                if self.ms >= START + 4000:
                    await asyncio.Event().wait()
                await super().sleep(seconds)

        task = asyncio.create_task(replay({"tag": HIM}, "http://door", CREDENTIALS, clock=Stuck(), transport=door.transport, tally=tally))
        for _ in range(1000):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return tally

    assert asyncio.run(scene()).accepted == 5


def test_a_story_is_played_as_it_is_offline():
    clock = FakeClock()
    door = FakeDoor(clock)
    story = load("seoul")
    credentials = {actor.device_id: f"{actor.device_id}.s" for actor in story.actors}
    tally = asyncio.run(play([story], "http://door", credentials, pace=20.0, clock=clock, transport=door.transport))
    expected = list(fixes(story, 0, start_ms=START, pace=20.0, run=f"{START:x}"))
    assert tally.accepted == len(expected) == len(door.kept)
    for device in credentials:
        assert [item["id"] for _, name, item in door.kept if name == device] == [s.fix.fix_id for s in expected if s.device_id == device]


def test_stories_loop_side_by_side_with_new_ids_each_time():
    clock = FakeClock()
    door = FakeDoor(clock)
    stories = [load("munich"), load("seoul")]
    credentials = {actor.device_id: f"{actor.device_id}.s" for story in stories for actor in story.actors}
    asyncio.run(play(stories, "http://door", credentials, pace=50.0, times=2, clock=clock, transport=door.transport))
    for device in credentials:
        ids = [item["id"] for _, name, item in door.kept if name == device]
        assert len(set(ids)) == len(ids)
        assert len({fix_id.split("-")[0] for fix_id in ids}) == 2


def test_a_story_needs_a_credential_for_each_device():
    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(play([load("seoul")], "http://door", {}, clock=FakeClock(), transport=FakeDoor(FakeClock()).transport))
    assert isinstance(caught.value.exceptions[0], KeyError)


def test_the_body_leaves_out_what_is_unknown_and_keeps_zero():
    bare = Fix("a", 5, 1.5, 2.5)
    full = Fix("b", 6, 1.5, 2.5, 0.0, Source.CELL, 0.0, 0.0, 0.0, 0.0, valid=False)
    assert json.loads(encode([bare, full])) == {
        "fixes": [
            {"id": "a", "time": 5, "lat": 1.5, "lon": 2.5},
            {
                "id": "b", "time": 6, "lat": 1.5, "lon": 2.5, "error_m": 0.0, "source": "cell", "speed_mps": 0.0,
                "course_deg": 0.0, "altitude_m": 0.0, "battery_pct": 0.0, "valid": False,
            },
        ]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("2", 2.0), ("9999999999999", 60.0), ("-1", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("", None)],
)
def test_retry_after_is_read_in_seconds_only(header, seconds):
    assert retry_after_s(header) == seconds


def test_the_door_waits_longer_each_time_up_to_a_limit():
    clock = FakeClock()
    door = FakeDoor(clock, *[httpx2.Response(503)] * 8)

    async def scene() -> None:
        async with httpx2.AsyncClient(transport=door.transport) as client:
            await Door(client, "http://door", clock, Tally()).deliver("tag.s1", [Fix("a", 5, 1.5, 2.5)])

    asyncio.run(scene())
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0, 10.0]
