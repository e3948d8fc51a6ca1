"""The noise models, and how near they come to what real receivers did (recordings in tests/data)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import hypot
from pathlib import Path
from random import Random
from statistics import median, quantiles

import msgspec
import pytest

from jikimi.core.geodesy import displacement
from jikimi.model.fix import Source
from jikimi.scenarios.motion import Recorded
from jikimi.scenarios.noise import CANYON, CELL, CLAIM_SIGMAS, INDOOR, KINDS, NETWORK, OPEN_SKY, PHONE, URBAN, Jumps, Noise, Receiver
from jikimi.scenarios.tracks import read

DATA = Path(__file__).parents[1] / "data"


def radii(noise: Noise, hours: int = 40, step_s: float = 2.0, seed: int = 5) -> list[float]:
    receiver = Receiver(noise, Random(seed))
    return [hypot(*receiver.deviation(n * step_s)[:2]) for n in range(int(hours * 3600 / step_s) // 10)]


def p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def recorded_errors(name: str) -> list[tuple[float, float]]:
    """(east, north) of a receiver's fixes against the 20 Hz truth, both on UTC."""
    folder = DATA / "comma2k19-gnss"
    truth = read(folder / "ground_truth_20hz.csv")
    body, begin, end = Recorded(truth), truth[0].time_ms, truth[-1].time_ms
    poses = [(body.at((p.time_ms - begin) * 0.001), p) for p in read(folder / name) if begin <= p.time_ms <= end]
    return [displacement(pose.latitude, pose.longitude, p.latitude, p.longitude) for pose, p in poses]


def claims(source: Source) -> list[float]:
    return [p.error_m for p in read(DATA / "pixel-walk-fixes" / "fixes.csv") if p.source is source]


def test_open_sky_lies_between_the_two_recorded_receivers():
    """u-blox p50 2.2 m, p95 2.4 m; Qualcomm p50 3.5 m, p95 9.6 m. The model: within 20 % of that range."""
    ublox, qcom = ([hypot(*e) for e in recorded_errors(name)] for name in ("live_gnss_ublox.csv", "live_gnss_qcom.csv"))
    model = radii(OPEN_SKY)
    assert 0.8 * median(ublox) <= median(model) <= 1.2 * median(qcom)
    assert 0.8 * p95(ublox) <= p95(model) <= 1.2 * p95(qcom)


def test_open_sky_changes_from_second_to_second_as_slowly_as_the_recorded():
    """Error change over 2 s: u-blox p50 some 0.1 m, Qualcomm 2.1 m. White noise of the model's width would give 3.4 m."""
    qcom, ublox = recorded_errors("live_gnss_qcom.csv"), recorded_errors("live_gnss_ublox.csv")[::20]
    receiver = Receiver(OPEN_SKY, Random(1))
    model = [receiver.deviation(n * 2.0)[:2] for n in range(4000)]

    def change(errors):
        return median(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(errors))

    assert change(ublox) <= change(model) <= change(qcom)


@pytest.mark.parametrize(("noise", "source"), [(OPEN_SKY, Source.GNSS), (PHONE, Source.FUSED), (NETWORK, Source.UNKNOWN)])
def test_claims_are_like_those_of_a_real_phone(noise, source):
    """Median claimed radius within 15 %, its 95th percentile within 40 % of the recorded."""
    receiver = Receiver(noise, Random(2))
    model = [receiver.deviation(n * 1.0).claim_m for n in range(5000)]
    assert median(model) == pytest.approx(median(claims(source)), rel=0.15)
    assert p95(model) == pytest.approx(p95(claims(source)), rel=0.4)


def test_the_network_provider_errs_against_gnss_as_recorded():
    """Recorded: p50 31 m, p95 65 m from the GNSS position of the same moment; the model within 20 %."""
    track = read(DATA / "pixel-walk-fixes" / "fixes.csv")
    gnss = tuple(p for p in track if p.source is Source.GNSS)
    body, times = Recorded(gnss), [p.time_ms for p in gnss]
    found = []
    for p in track:
        if p.source is Source.UNKNOWN and 0 < bisect_right(times, p.time_ms) < len(times):
            pose = body.at((p.time_ms - gnss[0].time_ms) * 0.001)
            found.append(hypot(*displacement(pose.latitude, pose.longitude, p.latitude, p.longitude)))
    model = radii(NETWORK)
    assert median(model) == pytest.approx(median(found), rel=0.2)
    assert p95(model) == pytest.approx(p95(found), rel=0.2)


@pytest.mark.parametrize(("noise", "low_m", "high_m"), [(INDOOR, 50.0, 300.0), (CELL, 500.0, 4000.0)])
def test_indoor_and_cell_errors_lie_in_their_range(noise, low_m, high_m):
    errors = radii(noise)
    assert sum(low_m <= error <= high_m for error in errors) / len(errors) > 0.75
    assert all(error < 3.0 * high_m for error in errors)


def test_urban_jumps_are_far_off_short_and_over_confident():
    receiver = Receiver(URBAN, Random(3))
    seen = [receiver.deviation(float(n)) for n in range(20_000)]
    jumped = [d for d in seen if d.claim_m == URBAN.jumps.claim_m]
    assert 20 <= len(jumped) <= 200
    assert all(120.0 < hypot(d.east_m, d.north_m) < 280.0 for d in jumped)
    runs = "".join("x" if d.claim_m == 2.0 else " " for d in seen).split()
    assert max(map(len, runs)) <= 5


def test_the_tail_is_heavy():
    """Beyond four standard deviations of one axis a normal radius lies in 0.03 % of cases; with the tail in more."""
    noise = Noise(source=Source.GNSS, drift_m=0.0, drift_s=1.0, jitter_m=1.0, tail_share=0.05, tail_factor=5.0)
    far = sum(radius > 4.0 for radius in radii(noise))
    assert far > 0.01 * len(radii(noise))


def test_the_drift_keeps_its_width_and_forgets_in_its_time():
    noise = Noise(source=Source.GNSS, drift_m=10.0, drift_s=30.0, jitter_m=0.0)
    receiver = Receiver(noise, Random(9))
    east = [receiver.deviation(n * 3.0).east_m for n in range(40_000)]
    variance = sum(e * e for e in east) / len(east)
    assert variance**0.5 == pytest.approx(10.0, rel=0.1)
    lagged = sum(a * b for a, b in zip(east, east[10:], strict=False)) / (len(east) - 10) / variance
    assert lagged == pytest.approx(0.368, abs=0.06)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_same_seed_gives_the_same_errors_and_another_one_others(name):
    def some(seed):
        receiver = Receiver(KINDS[name], Random(seed))
        return [receiver.deviation(n * 7.0) for n in range(50)]

    assert some(4) == some(4) != some(5)


def test_the_claim_is_the_68_percent_radius_where_it_is_honest():
    noise = Noise(source=Source.GNSS, drift_m=0.0, drift_s=1.0, jitter_m=3.0, claim_spread=0.0)
    assert noise.claim_m == pytest.approx(3.0 * CLAIM_SIGMAS)
    errors = radii(noise)
    assert sum(error <= noise.claim_m for error in errors) / len(errors) == pytest.approx(0.68, abs=0.02)


def test_a_device_that_asks_seldom_meets_a_jump_as_rarely_as_jumps_last():
    """Two seconds and a half in 900: a share of 0.3 %, at whatever interval."""
    for interval_s in (1.0, 240.0):
        receiver = Receiver(URBAN, Random(8))
        seen = [receiver.deviation(n * interval_s).claim_m == URBAN.jumps.claim_m for n in range(40_000)]
        assert 0.0015 < sum(seen) / len(seen) < 0.005


def test_calm_keeps_jumps_apart():
    jumps = Jumps(every_s=20.0, length_m=200.0, last_s=(15.0, 15.0), claim_m=2.0, calm_s=30.0)
    receiver = Receiver(msgspec.structs.replace(OPEN_SKY, jumps=jumps), Random(8))
    jumped = [receiver.deviation(n * 15.0).claim_m == 2.0 for n in range(2000)]
    assert sum(jumped) > 200
    assert not any(a and b for a, b in pairwise(jumped))


def test_between_tall_buildings_errors_swell_for_minutes_while_the_claim_stays():
    """The 95 % radius over the median: 2.1 for a normal error, more than 3 here; and neighbouring minutes are alike."""
    errors = radii(CANYON)
    assert p95(errors) / median(errors) > 3.0
    assert CANYON.claim_m == URBAN.claim_m
    receiver = Receiver(CANYON, Random(4))
    steady = [hypot(*receiver.deviation(n * 60.0)[:2]) for n in range(20_000)]
    calm = median(steady)
    after_wide = [b for a, b in pairwise(steady) if a > 3.0 * calm]
    assert median(after_wide) > 1.5 * calm
