"""The vault: bytes a fix at rest on recorded drives at their real rates, and how fast fixes go in and come out.

Run alone: ``python -m bench vault``. All columns count, and the seal: fix id, fix time, reception, position, error, source, speed,
course, altitude, battery, validity, verdict, device. A day is compacted, as it is once it is over. Unknown stays unknown and costs
little, so a drive that states less needs less: the names say what each one states.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import tempfile
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Figure
from jikimi.basemap.demonstration import DATA as MAPS
from jikimi.disclosure.proof import prove
from jikimi.model.fix import Fix, Source, Verdict
from jikimi.model.record import Fixes
from jikimi.orders.project import Span
from jikimi.storage.vault.store import DATA, DAY_MS, Vault
from jikimi.storage.vault.wrapping import LocalWrapper

RECORDED = Path(__file__).parents[1] / "tests" / "data"
GOAL_BYTES = 12
KEY = bytes(32)
START_MS = 20_000 * DAY_MS


def measure() -> list[Figure]:
    """Return all figures of the vault."""
    drives = (
        ("car, 10 Hz, speed, course, height", comma("ublox")),
        ("car, each 2 s, speed, course, height", comma("qcom")),
        ("car, 20 Hz, position and height", survey()),
        ("car, 1 Hz, position only", munich()),
        ("walk with a phone, two sources, all but battery", phone()),
    )
    return [*(at_rest(name, fixes, GOAL_BYTES) for name, fixes in drives), *speed()]


def comma(receiver: str) -> list[Fix]:
    """Return a minute of a real receiver in a car; ids name the time."""
    with (RECORDED / "comma2k19-gnss" / f"live_gnss_{receiver}.csv").open(encoding="utf-8") as file:
        return [_comma(row) for row in csv.DictReader(file)]


def survey() -> list[Fix]:
    """Return the same minute as a surveyor's receiver computed it afterwards, 20 a second."""
    with (RECORDED / "comma2k19-gnss" / "ground_truth_20hz.csv").open(encoding="utf-8") as file:
        return [_survey(row) for row in csv.DictReader(file)]


def _survey(row: dict[str, str]) -> Fix:
    when = START_MS + round(float(row["boot_time_s"]) * 1000)
    return Fix(str(when), when, float(row["latitude"]), float(row["longitude"]), source=Source.GNSS, altitude_m=float(row["altitude_m"]))


def _comma(row: dict[str, str]) -> Fix:
    return Fix(
        row["utc_ms"],
        int(row["utc_ms"]),
        float(row["latitude"]),
        float(row["longitude"]),
        source=Source.GNSS,
        speed_mps=float(row["speed_mps"]),
        course_deg=float(row["bearing_deg"]),
        altitude_m=float(row["altitude_m"]),
        valid=True,
    )


def munich() -> list[Fix]:
    """Return twenty minutes of a drive through a town, one a second; ids name the time."""
    line = json.loads((MAPS / "barefoot-munich-1hz" / "x0001-001.geojson").read_text(encoding="utf-8"))["coordinates"]
    return [Fix(str(START_MS + n * 1000), START_MS + n * 1000, y, x, source=Source.GNSS) for n, (x, y) in enumerate(line)]


def phone() -> list[Fix]:
    """Return a walk with a phone, every 1 to 2 s from two providers."""
    with (RECORDED / "pixel-walk-fixes" / "fixes.csv").open(encoding="utf-8") as file:
        return [_phone(row) for row in csv.DictReader(file)]


def _phone(row: dict[str, str]) -> Fix:
    error, speed_mps, course, height = (
        float(row[name]) if row[name] else None for name in ("AccuracyMeters", "SpeedMps", "BearingDegrees", "AltitudeMeters")
    )
    when = row["UnixTimeMillis"]
    source = Source.GNSS if row["Provider"] == "GPS" else Source.FUSED
    return Fix(when, int(when), float(row["LatitudeDegrees"]), float(row["LongitudeDegrees"]), error, source, speed_mps, course, height)


def at_rest(name: str, fixes: Sequence[Fix], goal: float) -> Figure:
    """Return the bytes a fix of a day that is over, with the seal. Recorded times; the delay until reception scatters by 200 ms."""
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder), KEY, LocalWrapper(KEY))
        vault.take([(n, _record([fix], 80 + zlib.crc32(b"%d" % n) % 200)) for n, fix in enumerate(fixes, 1)], until=len(fixes))
        for day in vault.days("p"):
            vault.compact("p", day)
        vault.close()
        with sqlite3.connect(Path(folder) / DATA) as data:
            size = data.execute("SELECT sum(length(sealed)) FROM chunks").fetchone()[0]
    return Figure(f"vault, {name}", size / len(fixes), "bytes/fix", goal, "lower", f"{len(fixes)} fixes")


def speed(count: int = 50_000) -> list[Figure]:
    """Return how many fixes a second go in and come out, one a second of one person."""
    drive = munich()
    fixes = [_at(drive[n % len(drive)], START_MS + n * 1000) for n in range(count)]
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(Path(folder), KEY, LocalWrapper(KEY))
        began = time.perf_counter()
        vault.take([(1, _record(fixes, 80))], until=1)
        taken = time.perf_counter()
        found = sum(1 for _ in vault.read("p", START_MS, START_MS + count * 1000, prove({"p": [Span(0, 10**15)]})))
        ended = time.perf_counter()
        vault.close()
    note = f"{found} fixes"
    return [
        Figure("vault, taken over", count / (taken - began), "fixes/s", None, "higher", note),
        Figure("vault, read", found / (ended - taken), "fixes/s", None, "higher", note),
    ]


def _record(fixes: list[Fix], delay_ms: int) -> Fixes:
    return Fixes(fixes[0].fix_time_ms + delay_ms, "tag", "p", fixes, [Verdict.USED] * len(fixes))


def _at(fix: Fix, time_ms: int) -> Fix:
    return Fix(str(time_ms), time_ms, fix.latitude, fix.longitude, source=fix.source)
