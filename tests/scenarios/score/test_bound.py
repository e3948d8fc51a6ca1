"""What nobody could know, and what warning costs whoever knows all that can be known."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.model.decision import Tier
from jikimi.scenarios.score.bound import Ahead, ahead, price, told_s
from jikimi.scenarios.score.case import Case, Kind, Mode, Said
from jikimi.scenarios.score.goals import Figure, figures
from jikimi.scenarios.score.matched import leads_s, matched, worse_side
from jikimi.scenarios.score.measure import CONTACT_M, Truthful, measure
from jikimi.scenarios.score.page import Dot, drawing
from jikimi.scenarios.score.run import OURS
from jikimi.scenarios.score.table import missed_rows
from jikimi.scenarios.score.totals import Totals
from tests.scenarios.score.hand import case, coming, said


def told(one: Case) -> float | None:
    truth = Truthful(one)
    return told_s(one, truth.distances, truth.step(truth.entries_ms[0][0]), CONTACT_M)


def test_a_report_tells_of_a_way_when_a_hundred_metres_of_it_are_gone() -> None:
    # Given he walks from 400 m, is at 290 m at the report of second 110, and comes into contact at second 300
    assert told(case(coming(400))) == pytest.approx(190.0)


def test_the_last_way_begins_where_he_waited_last() -> None:
    # Given he waited at 250 m for two minutes, and has set out at 240 m: half of what there is to close is gone at 170 m,
    # which the report of second 370 tells; contact is at second 431
    waits = [*(float(400 - second) for second in range(151)), *[250.0] * 130, *(float(250 - second) for second in range(251))]
    assert told(case(waits)) == pytest.approx(431.0 - 370.0)


def test_between_two_reports_nobody_can_know() -> None:
    one = case(coming(400))
    at_home = [heard for heard in one.heard if heard.now_ms <= one.truth.start_ms + 60_000]
    assert told(msgspec.structs.replace(one, heard=at_home)) is None
    # What is only received afterwards tells nothing before either.
    late = [heard._replace(now_ms=heard.now_ms + 600_000) if heard not in at_home else heard for heard in one.heard]
    assert told(msgspec.structs.replace(one, heard=late)) is None


def test_a_missed_contact_is_listed_with_what_was_told_of_it() -> None:
    one = case(coming(400))
    row = next(missed_rows(Totals("x", [measure(Truthful(one), [said(0, Tier.CLEAR)])])))
    assert row == ("by hand", "", "1", "nothing", "190", "missed: something was heard of it")
    deaf = msgspec.structs.replace(one, heard=one.heard[:2])
    assert next(missed_rows(Totals("x", [measure(Truthful(deaf), [said(0, Tier.CLEAR)])])))[-1] == "between two reports"


def test_what_there_was_to_go_by_two_minutes_before() -> None:
    one = case(coming(400), mode=Mode.CAR)
    found = ahead(one, Truthful(one).distances, CONTACT_M)
    assert found is not None
    assert found.distance_m == pytest.approx(220.0, abs=0.5), "contact at 100 m, two minutes at 1 m/s before"
    assert found.aside_m == pytest.approx(0.0, abs=0.5)
    assert ahead(case(coming(400), mode=Mode.FOOT), Truthful(one).distances, CONTACT_M) is None
    leaves = case([500.0 - second for second in range(300)] + [200.0 + second for second in range(300)], mode=Mode.CAR, kind=Kind.PASS_BY)
    passing = ahead(leaves, Truthful(leaves).distances, CONTACT_M)
    assert passing is not None
    assert passing.distance_m == pytest.approx(320.0, abs=1.5)


def test_the_price_is_that_of_the_best_way_to_tell_them_apart() -> None:
    coming_there = [Ahead(1000.0, 10.0 * number, 0.01 * number) for number in range(1, 11)]
    passing = [Ahead(1000.0, 45.0, 0.9), Ahead(1000.0, 95.0, 0.9), Ahead(1000.0, 500.0, 0.9), Ahead(1000.0, 500.0, 0.055)]
    assert price(coming_there, passing, 0.5) == 0.0, "by the angle, none of them"
    assert price(coming_there, passing, 1.0) == 0.25
    assert price(coming_there, [], 0.5) is None


def score_of(name: str, warned: bool, false: bool, seeds: int = 4) -> Totals:
    scores = []
    for seed in range(seeds):
        comes = case(coming(400, rest_s=1500), seed=seed)
        passes = case([400.0] * 1500, seed=seed)
        scores += [
            measure(Truthful(one), [said(0, Tier.CLEAR), *(alarm if sounds else [])])
            for one, sounds, alarm in ((comes, warned, [said(100, Tier.WARNING)]), (passes, false, sounding()))
        ]
    return Totals(name, scores)


def sounding() -> list[Said]:
    return [said(100, Tier.WARNING), said(200, Tier.CLEAR)]


def test_judges_are_compared_at_no_more_misses_and_no_shorter_lead() -> None:
    careful, bold, deaf = score_of("careful", True, False), score_of("bold", True, True), score_of("deaf", False, False)
    ring = score_of("ring", False, True)
    assert leads_s(bold)[0] == pytest.approx(200.0)
    assert matched([deaf, bold, careful], ring, leads=False) is deaf, "two with no false alarm: the first"
    assert matched([deaf, bold], bold, leads=True) is bold
    assert matched([deaf], bold, leads=False) is None
    assert worse_side([deaf, bold], ring) == 1.0
    assert worse_side([bold], ring) == 0.0, "as many false alarms: neither is worse"
    assert worse_side([deaf], bold) == 0.0


def test_the_comparison_stands_among_the_figures() -> None:
    found = {
        OURS: score_of(OURS, True, False),
        f"{OURS} x 0.5": score_of(f"{OURS} x 0.5", True, True),
        "ring of 2 km": score_of("r", True, True),
    }
    by_name: dict[str, Figure] = {figure.name: figure for figure in figures(found)}
    equal = by_name["false alarms over those of r, at no more misses and no shorter lead"]
    assert equal.value == 0.0
    assert by_name["judges on the worse side of the curve, of 1"].value == 1.0
    assert by_name["silent misses that a report told of"].value == 0.0


def test_held_out_seeds_are_drawn_as_ours_and_dashed() -> None:
    def at(name: str, false: float) -> Dot:
        return Dot(name, false, 2.0, (false, false), (2.0, 2.0))

    picture = drawing([at("a", 1.0), at("b", 2.0)], [at("ring", 3.0)], [at("c", 1.5), at("d", 2.5)])
    assert picture.count('class="ours"') == 4
    assert picture.count('class="other"') == 1
    assert picture.count('class="curve dashed"') == 1
