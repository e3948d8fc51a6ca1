"""Who rests: a mean instead of the latest fix, one surprise and a departure, and the silences of devices at rest."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.core.track import Track
from jikimi.model.decision import Cause, Sight, Tier
from jikimi.model.fix import Source
from tests.core.rules import Scene, pair
from tests.core.test_who_comes import alarms, follow, straight


def rest(scene: Scene, who: str, east: float, *, minutes: int, from_s: float = 0.0, noise_m: float = 0.0, error_m: float = 8.0) -> None:
    """Let somebody rest and report once a minute."""
    rnd = Random(f"{who}{east}")
    for minute in range(minutes):
        scene.hear(who, from_s + 60.0 * minute, east + rnd.gauss(0.0, noise_m), rnd.gauss(0.0, noise_m), error_m=error_m)


def together(scene: Scene, apart_m: float, *, minutes: int, noise_m: float = 0.0, error_m: float = 8.0) -> None:
    """Let both rest, both reporting once a minute."""
    rnd = Random(1)
    for minute in range(minutes):
        for who, east in (("p", 0.0), ("m", apart_m)):
            at_s = 60.0 * minute + (0.0 if who == "p" else 1.0)
            scene.hear(who, at_s, east + rnd.gauss(0.0, noise_m), rnd.gauss(0.0, noise_m), error_m=error_m)


def track_of(scene: Scene, who: str) -> Track:
    track = scene.engine.track(who)
    assert track is not None
    return track


def test_neighbours_at_rest_are_no_alarm_however_their_fixes_scatter() -> None:
    scene = Scene(pair())
    together(scene, 260.0, minutes=180, noise_m=25.0, error_m=38.0)
    assert alarms(scene) == []


def test_a_rest_is_known_better_than_one_fix() -> None:
    scene = Scene(pair())
    together(scene, 3000.0, minutes=60, noise_m=25.0, error_m=38.0)
    track = track_of(scene, "m")
    assert track.rests
    assert track.error_m < 38.0


def test_one_fix_elsewhere_ends_no_rest() -> None:
    scene = Scene(pair())
    rest(scene, "m", 3000.0, minutes=20)
    before = track_of(scene, "m")
    lat, lon = before.lat, before.lon
    scene.hear("m", 1200.0, 3060.0, 0.0, error_m=8.0)
    assert not track_of(scene, "m").rests
    assert track_of(scene, "m").toward_mps(1.0, 0.0)[0] == 0.0
    scene.hear("m", 1260.0, 3000.0, 0.0, error_m=8.0)
    after = track_of(scene, "m")
    assert after.rests
    assert (after.lat, after.lon) == pytest.approx((lat, lon), abs=1e-7)


def test_who_leaves_is_followed_from_the_second_fix() -> None:
    scene = Scene(pair())
    rest(scene, "m", 3000.0, minutes=20)
    for step in range(1, 4):
        scene.hear("m", 1140.0 + 15.0 * step, 3000.0 - 21.0 * step, 0.0, error_m=5.0)
    track = track_of(scene, "m")
    assert not track.rests
    assert track.left is None
    assert track.toward_mps(-1.0, 0.0)[0] > 0.5


def test_the_cell_alone_proves_no_rest() -> None:
    scene = Scene(pair())
    rest(scene, "m", 3000.0, minutes=20)
    assert track_of(scene, "m").rests
    scene.hear("m", 1200.0, 3000.0, 0.0, error_m=900.0, source=Source.CELL)
    assert not track_of(scene, "m").rests


def test_a_neighbour_who_comes_is_warned_of_though_he_rested() -> None:
    scene = Scene(pair())
    together(scene, 400.0, minutes=60, noise_m=3.0)
    assert scene.tier < Tier.WARNING
    follow(scene, straight((400.0, 0.0), (0.0, 0.0), 1.4, every_s=15.0), every_s=15.0, from_s=3600.0)
    first = alarms(scene)[0]
    assert first.low_m is not None
    assert first.low_m > 150.0


@given(st.integers(0, 1000))
def test_who_is_within_the_floor_is_an_alarm_however_long_both_rest(seed: int) -> None:
    # The ring of the order is never undercut: whoever rests inside it is inside, whatever the mean says.
    rnd = Random(seed)
    scene = Scene(pair())
    for minute in range(30):
        scene.hear("p", 60.0 * minute, rnd.gauss(0.0, 10.0), rnd.gauss(0.0, 10.0), error_m=15.0)
        scene.hear("m", 60.0 * minute + 1.0, 90.0 + rnd.gauss(0.0, 10.0), rnd.gauss(0.0, 10.0), error_m=15.0)
    assert scene.tier is Tier.DANGER


def silence(scene: Scene, from_s: float, until_s: float) -> None:
    """Let her report once a minute, and him say nothing."""
    for at_s in range(int(from_s), int(until_s), 60):
        scene.hear("p", float(at_s), 0.0, 0.0)


def test_a_silence_that_is_usual_at_rest_is_said_and_sounds_nothing() -> None:
    # Given a phone at rest that was silent for 20 minutes, and was still there
    scene = Scene(pair())
    together(scene, 1500.0, minutes=20)
    silence(scene, 1200.0, 2400.0)
    scene.hear("m", 2400.0, 1500.0, 0.0)
    rest(scene, "m", 1500.0, minutes=10, from_s=2460.0)
    heard = len(scene.out)
    # When it is silent for 20 minutes again
    silence(scene, 3060.0, 4260.0)
    # Then it is said that he is not seen, and nothing sounds
    again = scene.out[heard:]
    assert Sight.BLIND in {t.monitored for t in again}
    assert {t.tier for t in again} <= {Tier.CLEAR, Tier.WATCH}


def test_a_silence_that_is_not_usual_raises() -> None:
    scene = Scene(pair())
    together(scene, 700.0, minutes=20)
    silence(scene, 1200.0, 1800.0)
    assert scene.tier is Tier.DANGER
    assert Cause.GROWTH in {reason.cause for t in scene.out for reason in t.reasons}


def test_no_silence_is_usual_beyond_its_bound() -> None:
    scene = Scene(pair(lull_most_s=900.0))
    together(scene, 700.0, minutes=20)
    silence(scene, 1200.0, 3000.0)
    scene.hear("m", 3000.0, 700.0, 0.0)
    rest(scene, "m", 700.0, minutes=20, from_s=3060.0)
    heard = len(scene.out)
    silence(scene, 4260.0, 5400.0)
    assert Tier.DANGER in {t.tier for t in scene.out[heard:]}


def test_a_device_that_claims_no_error_is_believed_as_its_fixes_scatter() -> None:
    scene = Scene(pair())
    rnd = Random(2)
    for minute in range(60):
        scene.hear("m", 60.0 * minute, 3000.0 + rnd.gauss(0.0, 4.0), rnd.gauss(0.0, 4.0), error_m=None, source=Source.UNKNOWN)
    track = track_of(scene, "m")
    variance = track.unclaimed_m2(66.0**2, 15.0)
    assert variance == pytest.approx((15.0 / 1.515) ** 2)
    assert track.unclaimed_m2(5.0**2, 15.0) == 5.0**2


def test_a_car_seen_every_five_minutes_is_warned_of_before_it_is_there() -> None:
    scene = Scene(pair())
    for step in range(5):
        at_s = 300.0 * step
        scene.hear("p", at_s, 0.0, 0.0)
        scene.hear("m", at_s + 1.0, 17_000.0 - 14.0 * at_s, 0.0)
    first = alarms(scene)[0]
    assert first.low_m is not None
    assert first.low_m > 100.0


@pytest.mark.parametrize(("aside_m", "sounds"), [(0.0, True), (600.0, False)])
def test_soon_asks_whether_the_course_leads_past(*, aside_m: float, sounds: bool) -> None:
    scene = Scene(pair(heading_reach_m=0.0, heading_reach_s=0.0))
    follow(scene, straight((-6000.0, aside_m), (0.0, aside_m), 14.0, every_s=30.0), every_s=30.0)
    assert bool(alarms(scene)) is sounds


def test_who_goes_where_she_goes_has_not_gone_away() -> None:
    # Given he came, and now walks 250 m behind her for half an hour
    scene = Scene(pair())
    way = straight((1500.0, 0.0), (250.0, 0.0), 1.4)
    follow(scene, way)
    assert scene.tier >= Tier.WARNING
    from_s = len(way) * 5.0
    for step in range(360):
        gone = 7.0 * step
        scene.hear("p", from_s + 5.0 * step, 0.0 - gone, 0.0)
        scene.hear("m", from_s + 5.0 * step + 0.1, 250.0 - gone, 0.0)
    # Then one alarm stands the whole time
    assert len(alarms(scene)) == 1
    assert scene.tier >= Tier.WARNING
