"""Recorded tracks: what is read, what is refused, and what is known between two rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from jikimi.cli import app
from jikimi.core.geodesy import offset
from jikimi.scenarios.score.recorded import FolderError, cases, read_folder
from tests.scenarios.score.hand import HOME, T0

HEAD = "time,latitude,longitude,error_m\n"


def write(folder: Path, name: str, norths: list[tuple[float, float]], head: str = HEAD) -> None:
    rows = [f"{T0 / 1000 + second},{','.join(map(str, offset(*HOME, 0.0, north)))},5" for second, north in norths]
    (folder / f"{name}.csv").write_text(head + "\n".join(rows) + "\n")


def test_every_ordered_pair_is_a_case_where_both_were_recorded(tmp_path: Path) -> None:
    write(tmp_path, "a", [(second, 0.0) for second in range(0, 600, 10)])
    write(tmp_path, "b", [(second, 1000.0) for second in range(100, 900, 10)])
    people, defects = read_folder(tmp_path)
    assert defects == []
    found = list(cases(people))
    assert [one.variant for one in found] == ["a and b", "b and a"]
    assert found[0].truth.start_ms == T0 + 100_000
    assert found[0].heard[0].fix.error_m == 5.0
    assert len(found[0].truth.monitored.latitude) == 98


def test_gaps_are_gaps(tmp_path: Path) -> None:
    write(tmp_path, "a", [(0, 0.0), (100, 100.0), (300, 300.0), (400, 400.0)])
    write(tmp_path, "b", [(second, 0.0) for second in range(0, 401, 5)])
    people, _ = read_folder(tmp_path)
    north = next(cases(people)).truth.monitored.latitude
    known = np.isfinite(north)
    assert known[: 100 // 5 + 1].all()
    assert not known[100 // 5 + 1 : 300 // 5].any()
    assert known[300 // 5 :].all()
    assert north[10] == pytest.approx(offset(*HOME, 0.0, 50.0)[0], abs=1e-9)


def test_a_night_between_two_days_is_no_case(tmp_path: Path) -> None:
    day = [*range(0, 600, 10), *range(40_000, 40_600, 10)]
    for name in "ab":
        write(tmp_path, name, [(second, 0.0) for second in day])
    people, _ = read_folder(tmp_path)
    assert len(list(cases(people))) == 4


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("1800000000,91,127,5", "the latitude is not a number from -90 to 90"),
        ("1800000000,37,127.0x,5", "the longitude is not a number from -180 to 180"),
        (",37,127,5", "the time is missing"),
        ("2027-01-01T00:00:00,37,127,5", "the time has no offset"),
        ("yesterday,37,127,5", "the time is neither ISO 8601 nor a number"),
        ("1800000000,37,127,5 m", "error_m is not a number"),
    ],
)
def test_a_broken_row_costs_nobody_else_anything(tmp_path: Path, row: str, sentence: str) -> None:
    write(tmp_path, "a", [(0, 0.0), (10, 0.0)])
    (tmp_path / "b.csv").write_text(f"{HEAD}1800000000,37,127,5\n{row}\n2027-01-15T08:00:10Z,37,127,\n")
    people, defects = read_folder(tmp_path)
    assert len(defects) == 1
    assert defects[0].startswith("b.csv, line 3: ")
    assert sentence in defects[0]
    assert len(people[1].fixes) == 2


def test_what_phones_do_not_know_costs_no_position(tmp_path: Path) -> None:
    write(tmp_path, "a", [(0, 0.0), (10, 0.0)])
    (tmp_path / "b.csv").write_text("time,latitude,longitude,speed_mps,course_deg\n1800000000,37,127,-1,-1\n")
    people, defects = read_folder(tmp_path)
    assert defects == []
    assert (people[1].fixes[0].speed_mps, people[1].fixes[0].course_deg) == (None, None)


def test_a_file_that_is_no_text_is_named_and_the_others_count(tmp_path: Path) -> None:
    for name in "ab":
        write(tmp_path, name, [(0, 0.0), (10, 0.0)])
    (tmp_path / "c.csv").write_bytes(HEAD.encode() + b"\xff\xfe" * 100_000)
    people, defects = read_folder(tmp_path)
    assert len(people) == 2
    assert defects[0].startswith("c.csv")


def test_a_folder_without_two_tracks_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lat,lon\n1,2\n")
    with pytest.raises(FolderError, match=r"holds 0 readable tracks; two are needed. a.csv: no column time, latitude, longitude."):
        read_folder(tmp_path)


def test_the_command_scores_a_folder_under_every_preset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "a", [(second, 0.0) for second in range(0, 2000, 10)])
    write(tmp_path, "b", [(second, max(0.0, 1500.0 - second)) for second in range(0, 2000, 10)])
    app(["score", "--tracks", str(tmp_path), "--out", str(tmp_path)], exit_on_error=False, result_action="return_value")
    assert "2 tracks, 400 rows." in capsys.readouterr().out
    for name in ("kr", "es", "fr"):
        told = {figure["name"]: figure["value"] for figure in json.loads((tmp_path / f"score-tracks-{name}.json").read_bytes())}
        assert told["contacts warned of before"] == 100.0
        page = (tmp_path / f"score-tracks-{name}.html").read_text()
        assert "<svg" in page
        assert "http" not in page.replace("http-equiv", "")
