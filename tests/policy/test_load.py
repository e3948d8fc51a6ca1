"""A policy that is wrong anywhere is refused, with every line and reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.policy import MapView
from jikimi.policy.check import check
from jikimi.policy.defect import PolicyError
from jikimi.policy.load import PRESETS, load, load_directory

KR = (PRESETS / "kr.toml").read_text(encoding="utf-8")
TEMPLATE = PRESETS.parent / "template.toml"
NUMBER_LINES = [number for number, line in enumerate(KR.splitlines(), 1) if re.match(r"\w+ = -?[0-9.]+( *#.*)?$", line)]


@pytest.fixture
def defects_of(tmp_path):
    def write(text: str | bytes) -> list[tuple[int, str, str]]:
        path = tmp_path / "law.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        try:
            load(path)
        except PolicyError as error:
            return [tuple(defect) for defect in error.defects]
        return []

    return write


def changed(old: str, new: str, text: str = KR) -> str:
    assert text.count(old) >= 1, old
    return text.replace(old, new, 1)


def line_with(text: str, needle: str) -> int:
    return text[: text.index(needle)].count("\n") + 1


def test_presets_and_template_are_sound(tmp_path):
    for path in (*PRESETS.glob("*.toml"), TEMPLATE):
        assert check(path) == []
    assert load(TEMPLATE).view.map_view is MapView.INSIDE_RING


def test_broken_toml_has_its_line(defects_of):
    (defect,) = defects_of("a = 1\nb = \nc = 3\n")
    assert defect == (2, "", "This is not TOML: Invalid value.")
    (defect,) = defects_of('a = 1\nb = "open')
    assert defect[0] == 2


def test_a_text_that_is_not_utf8_has_its_line(defects_of):
    assert defects_of(b"a = 1\nb = '\xff'\n") == [(2, "", "The text is not UTF-8.")]


def test_an_absent_file_is_a_sentence(tmp_path):
    with pytest.raises(PolicyError, match="cannot be read: No such file"):
        load(tmp_path / "none.toml")


def test_an_empty_file_names_all_that_is_missing(defects_of):
    found = defects_of("")
    assert {path for _, path, sentence in found if sentence == "is missing"} >= {"policy_id", "rings", "judging", "view", "citations"}


def test_an_unknown_key_is_refused(defects_of):
    text = changed("leave_margin_m = 50", "leave_margin_m = 50\nleave_margin = 50")
    ((line, path, sentence),) = defects_of(text)
    assert (line, path) == (line_with(text, "leave_margin = 50"), "judging.leave_margin")
    assert sentence == "is not known here; did you mean leave_margin_m?"


def test_a_missing_key_has_the_line_of_its_table(defects_of):
    text = changed("map_ring_m = 600\n", "")
    found = defects_of(text)
    assert (line_with(text, "[view]"), "view.map_ring_m", "is missing") in found
    assert any("names no rule of this file" in sentence for _, _, sentence in found)


@pytest.mark.parametrize(
    ("old", "new", "path", "sentence"),
    [
        ("watch_s = 900", 'watch_s = "900"', "times.watch_s", "must be a number"),
        ("watch_s = 900", "watch_s = true", "times.watch_s", "must be a number"),
        ("watch_s = 900", "watch_s = nan", "times.watch_s", "is nan s; it must be from 10 to 86400 s"),
        ("watch_s = 900", "watch_s = inf", "times.watch_s", "is inf s; it must be from 10 to 86400 s"),
        ("metres = 2000", "metres = 2", "rings.watch.metres", "is 2 m; it must be from 10 to 100000 m"),
        ("metres = 2000", "metres = -2000", "rings.watch.metres", "is -2000 m; it must be from 10 to 100000 m"),
        ('map_view = "inside_ring"', 'map_view = "always"', "view.map_view", "must be one of inside_ring, continuous, never"),
        ("valid_from = 2026-06-01", 'valid_from = "2026-06-01"', "valid_from", "must be a date without quotes, such as 2026-06-01"),
        ("valid_from = 2026-06-01", "valid_from = 2026-06-01T00:00:00Z", "valid_from", "must be a date without quotes, such as 2026-06-01"),
        ('policy_id = "kr"', 'policy_id = "KR "', "policy_id", "must be a short name in small letters, such as kr or us-tn"),
        ('version = "2026-06"', 'version = "2026-13"', "version", "must be a year and month, such as 2026-06 or 2026-06.2"),
        ('["ko", "en"]', "[]", "languages", "must be a list with at least one entry"),
        ('["ko", "en"]', '["ko", 5]', "languages[2]", "must be text in quotes"),
        ('["ko", "en"]', '["ko", "ko"]', "languages[2]", "names ko a second time"),
        ('"Asia/Seoul"', '"Asia/Atlantis"', "time_zone", "is Asia/Atlantis, which is no time zone of the IANA database"),
        (
            'emergency_number = "112"',
            'emergency_number = "call us"',
            "emergency_number",
            "must be the digits that a phone dials, such as 112",
        ),
        ('order_field = "distance_m"', 'order_field = "distance"', "rings.danger.order_field", "must be distance_m or alert_m"),
        ("[view]\n", "[view]\n[track.view]\n", "track.view", "is not known here; known are accel_mps2, "),
    ],
)
def test_one_wrong_value(defects_of, old, new, path, sentence):
    text = changed(old, new)
    found = defects_of(text)
    line = line_with(text, new) + new.startswith("[view]")
    assert any((at, where) == (line, path) and why.startswith(sentence) for at, where, why in found), found


@pytest.mark.parametrize(
    ("old", "new", "path", "sentence"),
    [
        ("metres = 1000", "metres = 3000", "rings.warning", "reaches 3000 m, beyond watch with 2000 m"),
        (
            "least_m = 100 ",
            "most_m = 1500 ",
            "rings.danger",
            "reaches 1500 m when an order sets a distance_m of 1500 m, beyond warning with 1000 m",
        ),
        ("metres = 100\n", "metres = 50\n", "rings.danger.metres", "is 50 m, below least_m with 100 m"),
        ("least_m = 100 ", "most_m = 90 ", "rings.danger.metres", "is 100 m, above most_m with 90 m"),
        ("metres = 1000", "metres = 1000\nleast_m = 900", "rings.warning.least_m", "bounds what an order sets, but no order_field"),
        ("metres = 1000", "metres = 1000\nfactor = 2", "rings.warning.factor", "multiplies what an order sets, but no order_field"),
        ("warning_s = 300", "warning_s = 100", "times.danger_s", "is 120 s, longer than warning_s with 100 s"),
        ("warning_s = 300", "warning_s = 1000", "times.warning_s", "is 1000 s, longer than watch_s with 900 s"),
        ("stale_after_s = 90", "stale_after_s = 300", "judging.stale_after_s", "is 300 s, not before blind_after_s with 300 s"),
        ("growth_max_s = 600", "growth_max_s = 200", "judging.growth_max_s", "is 200 s; growth must last at least until"),
        ("watch_s = 15", "watch_s = 20", "sampling", "watch_s, unseen_s, rest_s, walk_s and ride_s must each be one of steps_s"),
        ("unseen_s = 30", "unseen_s = 5", "sampling", "unseen_s must not be shorter than watch_s"),
        ("steps_s = [5, 15, 30, 60]", "steps_s = [5, 15, 60, 30]", "sampling", "steps_s must rise from above 0"),
        ("default_cell_m = 2000", "default_cell_m = 200", "track.default_cell_m", "is 200 m, better than floor_cell_m with 300 m"),
        ("map_ring_m = 600", "map_ring_m = 2001", "view.map_ring_m", "is 2001 m, beyond a watch ring of 2000 m"),
        ("map_ring_m = 600", "map_ring_m = 0", "view.map_ring_m", "is 0 m with map_view inside_ring"),
        ("words_ring_m = 2000", "words_ring_m = 599", "view.words_ring_m", "is 599 m, smaller than map_ring_m with 600 m"),
        ('"inside_ring"', '"never"', "view.map_ring_m", "is 600 m, which nobody reads with map_view never: write 0"),
        ('"inside_ring"', '"continuous"', "view.words_ring_m", "closes the words while the map is always open: write inf"),
        ("position_max_age_s = 60", "position_max_age_s = 91", "view.position_max_age_s", "is 91 s; a position must be shown as old by"),
        (
            "valid_from = 2026-06-01",
            "valid_from = 2026-06-01\nvalid_until = 2026-06-01",
            "valid_until",
            "is 2026-06-01, not after valid_from",
        ),
    ],
)
def test_numbers_that_do_not_go_together(defects_of, old, new, path, sentence):
    found = defects_of(changed(old, new))
    assert any(where == path and why.startswith(sentence) for _, where, why in found), found


def test_every_defect_is_told_at_once_in_order_of_lines(defects_of):
    text = changed("metres = 2000", "metres = 2")
    text = changed("watch_s = 900", "watch_s = 9", text)
    text = changed("stale_after_s = 90", "stale_after_s = 900", text)
    text = changed('source = "As rings.watch', 'sauce = "As rings.watch', text)
    found = defects_of(text)
    assert [path for _, path, _ in found] == [
        "rings.watch.metres",
        "citations[5].source",
        "citations[5].sauce",
        "times.watch_s",
        "judging.stale_after_s",
    ]
    assert [line for line, _, _ in found] == sorted(line for line, _, _ in found)


def test_a_rule_may_be_cited_once_only(defects_of):
    text = KR + '\n[[citations]]\nrule = "times.watch_s"\nsource = "Again."\n'
    ((line, path, sentence),) = defects_of(text)
    assert (line, sentence) == (text.count("\n") - 1, "is times.watch_s, which is cited above already")
    assert path.startswith("citations[")


def test_a_citation_of_a_whole_section_is_no_citation(defects_of):
    text = KR + '\n[[citations]]\nrule = "judging"\nsource = "All of it."\n'
    ((_, _, sentence),) = defects_of(text)
    assert sentence == "is judging, which names no rule of this file"


@given(st.sampled_from(NUMBER_LINES), st.sampled_from(["1e9", "-1", "nan", '"many"', "false", "[1]", "{ a = 1 }"]))
def test_no_number_can_be_spoilt_unseen(tmp_path_factory, number, value):
    lines = KR.splitlines()
    lines[number - 1] = re.sub(r"= .*", f"= {value}", lines[number - 1])
    path = tmp_path_factory.mktemp("policy") / "law.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load(path)
    assert number in {defect.line for defect in caught.value.defects}


@pytest.mark.parametrize("match", re.findall(r'\[\[citations\]\]\nrule = "([^"]+)"', KR))
def test_every_number_needs_its_citation(defects_of, match):
    text = re.sub(rf'\[\[citations\]\]\nrule = "{re.escape(match)}"\nsource = .*\n(note = .*\n)?', "", KR, count=1)
    assert text != KR
    ((line, path, sentence),) = defects_of(text)
    assert path == match
    assert sentence == f'has no citation: add one with rule = "{match}"'
    assert line > 1


def test_inf_opens_the_words_everywhere(tmp_path):
    path = tmp_path / "law.toml"
    path.write_text(changed("words_ring_m = 2000", "words_ring_m = inf"), encoding="utf-8")
    assert load(path).view.words_ring_m is None


def versions(directory: Path, *spans: tuple[str, str | None]) -> Path:
    for number, (first, end) in enumerate(spans):
        until = f"valid_until = {end}\n" if end else ""
        (directory / f"kr-{number}.toml").write_text(
            changed("valid_from = 2026-06-01\n", f"valid_from = {first}\n{until}"), encoding="utf-8"
        )
    return directory


def test_versions_follow_each_other(tmp_path):
    loaded = load_directory(versions(tmp_path, ("2026-06-01", None), ("2025-01-01", "2026-06-01")))
    assert [policy.valid_from.year for policy in loaded["kr"]] == [2025, 2026]


@pytest.mark.parametrize("end", ["2026-06-02", None])
def test_overlapping_versions_are_refused(tmp_path, end):
    with pytest.raises(PolicyError, match=r"starts on 2026-06-01, while version 2026-06 in kr-1\.toml is still valid"):
        load_directory(versions(tmp_path, ("2026-06-01", None), ("2025-01-01", end)))


def test_check_prints_a_line_for_each_defect(tmp_path):
    path = tmp_path / "law.toml"
    path.write_text(changed("watch_s = 900", "watch_s = 9"), encoding="utf-8")
    (line,) = check(path)
    assert line == f"law.toml, line {line_with(KR, 'watch_s = 900')}: times.watch_s: is 9 s; it must be from 10 to 86400 s"
