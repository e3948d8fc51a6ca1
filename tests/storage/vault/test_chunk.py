"""A chunk gives back every fix, its numbers to the step that the vault promises, and is small."""

import csv
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jikimi.model.fix import Fix, Source, Verdict
from jikimi.storage.vault.chunk import DEGREE, pack_chunk, unpack_chunk
from jikimi.storage.vault.kept import Kept
from jikimi.storage.vault.numbers import DamagedColumnError
from jikimi.storage.vault.rounding import ROUNDED

DATA = Path(__file__).parents[2] / "data"
NUMBER = st.none() | st.floats(allow_nan=False) | st.decimals(-1000, 1000, places=2).map(float)
TIME = st.integers(-(2**62), 2**62) | st.integers(1_780_000_000_000, 1_780_000_000_003)
NAME = st.text(max_size=20) | st.integers(0, 10**20).map(str) | st.integers(0, 9).map("fix-{:03d}".format)
FIX = st.builds(
    Fix, NAME, TIME, st.floats(-90, 90), st.floats(-180, 180) | st.sampled_from([-180.0, 180.0]),
    NUMBER, st.sampled_from(Source), NUMBER, NUMBER, NUMBER, NUMBER, st.sampled_from([None, True, False]),
)  # fmt: skip
KEPT = st.builds(Kept, FIX, TIME, st.sampled_from(Verdict), st.text(max_size=8))


def rounded(kept: Kept) -> Kept:
    """Return what the vault promises to give back."""
    at = {"latitude": round(kept.fix.latitude * DEGREE) / DEGREE, "longitude": round(kept.fix.longitude * DEGREE) / DEGREE}
    known = {name: getattr(kept.fix, name) for name in ROUNDED}
    at |= {name: None if value is None else ROUNDED[name](value) for name, value in known.items()}
    return msgspec.structs.replace(kept, fix=msgspec.structs.replace(kept.fix, **at))


def comma() -> list[Kept]:
    with (DATA / "comma2k19-gnss" / "live_gnss_ublox.csv").open() as file:
        return [drive(row) for row in csv.DictReader(file)]


def walk() -> list[Kept]:
    with (DATA / "pixel-walk-fixes" / "fixes.csv").open() as file:
        return [step(row) for row in csv.DictReader(file)]


def step(row: dict[str, str]) -> Kept:
    names = ("AccuracyMeters", "SpeedMps", "BearingDegrees", "AltitudeMeters")
    error, speed, course, height = (float(row[name]) if row[name] else None for name in names)
    time = int(row["UnixTimeMillis"])
    source = Source.GNSS if row["Provider"] == "GPS" else Source.FUSED
    fix = Fix(str(time), time, float(row["LatitudeDegrees"]), float(row["LongitudeDegrees"]), error, source, speed, course, height)
    return Kept(fix, time + 80 + time % 7, Verdict.USED, "phone")


def drive(row: dict[str, str]) -> Kept:
    time = int(row["utc_ms"])
    fix = Fix(
        str(time), time, float(row["latitude"]), float(row["longitude"]), None, Source.GNSS,
        float(row["speed_mps"]), float(row["bearing_deg"]), float(row["altitude_m"]), None, valid=True,
    )  # fmt: skip
    return Kept(fix, time + 80 + time % 7, Verdict.USED, "tag-1")


@given(st.lists(KEPT, max_size=12))
@settings(max_examples=300, deadline=None)
def test_any_fixes_come_back_as_they_were(kept):
    again = unpack_chunk(pack_chunk(kept))
    assert again == [rounded(one) for one in kept]
    # As bytes too, since -0.0 equals 0.0.
    assert msgspec.msgpack.encode(again) == msgspec.msgpack.encode([rounded(one) for one in kept])
    assert unpack_chunk(pack_chunk(again)) == again


@given(st.binary(max_size=200))
def test_bytes_that_are_no_chunk_are_refused(data):
    with pytest.raises(DamagedColumnError):
        unpack_chunk(data)


def test_unknown_is_not_zero():
    unknown = Kept(Fix("a", 1, 0.0, 0.0), 2, Verdict.ZERO_ISLAND, "d")
    zero = Kept(Fix("b", 1, 0.0, 0.0, 0.0, Source.GNSS, 0.0, 0.0, 0.0, 0.0, valid=False), 2, Verdict.ZERO_ISLAND, "d")
    assert unpack_chunk(pack_chunk([unknown, zero])) == [unknown, zero]


@pytest.mark.parametrize("recorded", [comma, walk])
def test_a_recorded_drive_needs_at_most_12_bytes_a_fix(recorded):
    kept = recorded()
    packed = pack_chunk(kept)
    assert unpack_chunk(packed) == [rounded(one) for one in kept]
    assert (len(packed) + 28) / len(kept) <= 12  # 28: nonce and tag of the seal
