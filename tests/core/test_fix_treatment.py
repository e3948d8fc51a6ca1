"""What becomes of each kind of fix: one test of its name for each stated treatment."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.core.geodesy import offset
from jikimi.model.decision import Cause, Sight, Tier
from jikimi.model.fix import Fix, Source, Verdict
from tests.core.rules import HOME, T0, TRACK, Scene, fix, pair


def seen(at_s: float = 0.0) -> Scene:
    """Both sides are seen, 5 km apart."""
    scene = Scene(pair())
    scene.hear("p", at_s, 0, 0)
    scene.hear("m", at_s, 5000, 0)
    return scene


def test_first_fix_places_the_person_at_once() -> None:
    scene = Scene(pair())
    assert scene.hear("m", 1, 5000, 0) is Verdict.USED
    assert scene.place_of("m") == pytest.approx((5000, 0), abs=0.01)
    assert [(t.monitored_before, t.monitored, t.low_m) for t in scene.out] == [(Sight.BLIND, Sight.LIVE, None)]
    assert scene.causes == {Cause.SEEN}


def test_unassigned_fix_is_not_judged() -> None:
    scene = Scene(pair())
    assert scene.hear("stranger", 1, 0, 0) is Verdict.UNASSIGNED
    assert scene.engine.track("stranger") is None
    assert scene.out == []


def test_late_fix_that_is_the_newest_moves_the_track_at_its_own_time() -> None:
    scene = seen()
    assert scene.hear("m", 60, 4900, 0, aged_s=40) is Verdict.USED
    track = scene.engine.track("m")
    assert track is not None
    assert track.t_ms == T0 + 20_000


def test_late_fix_older_than_the_blind_limit_is_used_and_stays_blind() -> None:
    scene = Scene(pair())
    scene.hear("p", 1000, 0, 0)
    assert scene.hear("m", 1000, 5000, 0, aged_s=400) is Verdict.USED
    assert scene.pair().sight_m == Sight.BLIND


def test_out_of_order_fix_changes_nothing() -> None:
    scene = seen()
    scene.hear("m", 30, 4950, 0)
    before = scene.place_of("m")
    assert scene.hear("m", 31, 0, 0, aged_s=11) is Verdict.OUT_OF_ORDER
    assert scene.place_of("m") == before
    assert scene.tier is Tier.CLEAR


def test_duplicate_changes_nothing_whatever_it_is_called() -> None:
    scene = seen()
    item = fix(T0 + 10_000, 4950, 0)
    assert scene.receive("m", 10, item) is Verdict.USED
    before = scene.place_of("m")
    assert scene.receive("m", 11, msgspec.structs.replace(item, fix_id="again")) is Verdict.DUPLICATE
    assert scene.place_of("m") == before


def test_another_place_at_the_same_moment_is_no_duplicate() -> None:
    scene = seen()
    scene.receive("m", 10, fix(T0 + 10_000, 4950, 0))
    assert scene.receive("m", 10, fix(T0 + 10_000, 4951, 0)) is Verdict.USED


def test_future_dated_fix_counts_as_of_its_reception() -> None:
    scene = seen()
    assert scene.hear("m", 10, 4950, 0, aged_s=-3600) is Verdict.FUTURE
    track = scene.engine.track("m")
    assert track is not None
    assert track.t_ms == T0 + 10_000
    assert scene.hear("m", 20, 4940, 0) is Verdict.USED, "the wrong clock did not lock the track"


def test_clock_a_little_fast_is_taken_as_it_stands() -> None:
    scene = seen()
    assert scene.hear("m", 10, 4950, 0, aged_s=-TRACK.future_tolerance_s) is Verdict.USED


@pytest.mark.parametrize("lat_lon", [(0.0, 0.0), (-0.0, 0.0), (9e-6, -9e-6)])
def test_zero_island_is_not_a_place(lat_lon: tuple[float, float]) -> None:
    scene = seen()
    before = scene.place_of("m")
    assert scene.receive("m", 10, Fix("z", T0 + 10_000, *lat_lon)) is Verdict.ZERO_ISLAND
    assert scene.place_of("m") == before


@pytest.mark.parametrize("lat_lon", [(0.0, 9.5), (51.5, 0.0), (0.0, 0.001), (-0.001, 0.0)])
def test_zero_alone_is_a_place(lat_lon: tuple[float, float]) -> None:
    scene = Scene(pair())
    assert scene.receive("m", 10, Fix("z", T0 + 10_000, *lat_lon)) is Verdict.USED


def test_impossible_speed_is_held_as_suspect() -> None:
    scene = seen()
    before = scene.place_of("m")
    assert scene.hear("m", 10, 45_000, 0) is Verdict.IMPOSSIBLE_SPEED
    assert scene.place_of("m") == before
    assert scene.tier is Tier.CLEAR


def test_impossible_speed_after_a_long_gap_is_held_too() -> None:
    scene = seen()
    assert scene.hear("m", 200, 45_000, 0) is Verdict.IMPOSSIBLE_SPEED


def test_outlier_then_confirmed_sets_the_track_anew() -> None:
    scene = seen()
    scene.hear("m", 10, 5001, 0)
    assert scene.hear("m", 20, 5400, 0) is Verdict.OUTLIER
    assert scene.place_of("m")[0] < 5010
    assert scene.hear("m", 30, 5410, 0) is Verdict.CONFIRMED
    assert scene.place_of("m") == pytest.approx((5410, 0), abs=0.01)


def test_outlier_then_refuted_is_forgotten() -> None:
    scene = seen()
    scene.hear("m", 10, 5001, 0)
    assert scene.hear("m", 20, 5400, 0) is Verdict.OUTLIER
    assert scene.hear("m", 30, 5002, 0) is Verdict.USED
    track = scene.engine.track("m")
    assert track is not None
    assert track.suspect is None
    assert scene.place_of("m")[0] == pytest.approx(5002, abs=5)
    assert scene.hear("m", 40, 5410, 0) is Verdict.OUTLIER, "the old suspect does not confirm a new one"


def test_three_fixes_on_one_course_are_believed_at_any_speed_people_travel() -> None:
    scene = seen()
    verdicts = [scene.hear("m", 20 + 10 * i, 8000 + 800 * i, 0) for i in range(3)]
    assert verdicts[-1] is Verdict.CONFIRMED


def test_cell_only_fixes_never_narrow_below_their_floor() -> None:
    scene = Scene(pair())
    scene.hear("p", 0, 0, 0)
    for step in range(20):
        assert scene.hear("m", step * 10, 9000, 0, error_m=10.0, source=Source.CELL) is Verdict.USED
    track = scene.engine.track("m")
    assert track is not None
    assert track.error_m >= TRACK.floor_cell_m
    assert track.source is Source.CELL


def test_vague_cell_fix_is_at_best_stale() -> None:
    scene = Scene(pair())
    scene.hear("p", 0, 0, 0)
    scene.hear("m", 0, 9000, 0, error_m=None, source=Source.CELL)
    assert scene.pair().sight_m == Sight.STALE
    assert scene.out[-1].monitored is Sight.STALE


def test_region_that_grows_too_wide_says_so() -> None:
    scene = Scene(pair(stale_after_s=200.0, blind_after_s=400.0))
    scene.hear("p", 0, 0, 0)
    scene.hear("m", 0, 9000, 0)
    scene.hear("m", TRACK.reset_after_s + 1, 9000, 0, error_m=2000.0)
    assert scene.causes == {Cause.VAGUE}
    assert (scene.out[-1].monitored_before, scene.out[-1].monitored) == (Sight.LIVE, Sight.STALE)


def test_invalid_fix_is_not_believed() -> None:
    scene = seen()
    assert scene.hear("m", 10, 0, 0, valid=False) is Verdict.INVALID
    assert scene.tier is Tier.CLEAR
    assert scene.hear("m", 11, 4990, 0, valid=None) is Verdict.USED, "unknown validity is not invalid"


def test_long_gap_forgets_the_velocity() -> None:
    scene = seen()
    for step in range(1, 10):
        scene.hear("m", step, 5000 + 20 * step, 0)
    track = scene.engine.track("m")
    assert track is not None
    assert track.ve > 10
    assert scene.hear("m", 9 + TRACK.reset_after_s + 1, 5200, 0) is Verdict.USED
    assert (track.ve, track.vn) == (0.0, 0.0)


@pytest.mark.parametrize("source", list(Source))
def test_claimed_error_of_nothing_is_raised_to_the_floor_of_its_source(source: Source) -> None:
    scene = Scene(pair())
    scene.hear("m", 0, 5000, 0, error_m=0.0, source=source)
    track = scene.engine.track("m")
    assert track is not None
    floor = getattr(TRACK, f"floor_{source.value}_m")
    assert math.sqrt(track.pp) * 1.515 == pytest.approx(floor)


@pytest.mark.parametrize("source", list(Source))
def test_unknown_error_is_the_default_of_its_source(source: Source) -> None:
    scene = Scene(pair())
    scene.hear("m", 0, 5000, 0, error_m=None, source=source)
    track = scene.engine.track("m")
    assert track is not None
    assert math.sqrt(track.pp) * 1.515 == pytest.approx(getattr(TRACK, f"default_{source.value}_m"))


def test_floor_follows_the_source_of_each_fix() -> None:
    scene = Scene(pair())
    scene.hear("m", 0, 5000, 0, error_m=0.0, source=Source.CELL)
    scene.hear("m", 10, 5000, 0, error_m=0.0, source=Source.GNSS)
    track = scene.engine.track("m")
    assert track is not None
    assert track.error_m < TRACK.floor_cell_m


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False, min_value=0.0)


@given(
    error=numbers,
    speed=numbers,
    course=numbers,
    altitude=numbers,
    battery=numbers,
    valid=st.none() | st.booleans(),
    source=st.sampled_from(Source),
)
def test_any_mixture_of_unknown_and_zero_is_taken(
    error: float | None,
    speed: float | None,
    course: float | None,
    altitude: float | None,
    battery: float | None,
    valid: bool | None,
    source: Source,
) -> None:
    scene = Scene(pair())
    lat, lon = offset(*HOME, 1.0, 1.0)
    for at_s in (0, 1):
        item = Fix(f"f{at_s}", T0 + at_s * 1000, lat, lon, error, source, speed, course, altitude, battery, valid)
        scene.receive("p", at_s, item)
        verdict = scene.receive("m", at_s, item)
    assert verdict is (Verdict.INVALID if valid is False else Verdict.USED)
    if valid is not False:
        assert scene.tier is Tier.DANGER
        assert scene.out[-1].low_m == 0.0


def test_both_on_one_spot_is_danger_at_no_distance() -> None:
    scene = Scene(pair())
    scene.hear("p", 0, 0, 0, error_m=0.0)
    scene.hear("m", 0, 0, 0, error_m=0.0)
    assert scene.tier is Tier.DANGER
    assert scene.out[-1].low_m == 0.0
    assert scene.out[-1].contact_s == 0.0


def test_speed_shown_fades_at_once_where_the_rules_remember_none() -> None:
    scene = Scene(pair(), track=msgspec.structs.replace(TRACK, shown_memory_s=0.0))
    for step in range(12):
        scene.hear("m", step, 20 * step, 0)
    track = scene.engine.track("m")
    assert track is not None
    assert track.shown_mps > 10
    for step in range(12, 100):
        scene.hear("m", step, 220, 0)
    assert track.shown_mps < 1.0


def test_absurd_error_does_not_break_the_track() -> None:
    scene = seen()
    assert scene.hear("m", 10, 5000, 0, error_m=1e300) is Verdict.USED
    assert scene.hear("m", 20, 5000, 0) is Verdict.USED
    assert scene.place_of("m") == pytest.approx((5000, 0), abs=5)


def test_the_engines_time_never_goes_back() -> None:
    scene = seen(10)
    with pytest.raises(ValueError, match="never goes back"):
        scene.engine.advance(T0)
