"""The public report: counts that add up, hidden where they could point to a person, and never made twice."""

from __future__ import annotations

import csv
import datetime as dt
import io

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jikimi.outcomes.noise import EPSILON, MOST_OF_ONE, SCALE, TABLES, noised
from jikimi.outcomes.release import HIDDEN, NotOverError, check_over, release
from jikimi.outcomes.report import csv_of, definitions, html_of, published
from jikimi.outcomes.row import Warned
from jikimi.outcomes.suppress import LEAST, WIDTH, bounds
from jikimi.outcomes.table import CUTS, MEDIAN_LEAST, SPANS, blind_hours, figures, medians, paths
from tests.outcomes.rows import drawn, incident

APPROACH = "incidents/kind=approach"


@given(st.integers(0, 10_000), st.integers(0, 40))
@settings(deadline=None, max_examples=30)
def test_every_sum_that_is_claimed_holds(seed, orders):
    found = figures(drawn(seed, orders))
    for one in found.sums:
        assert found.counts[one.total] == sum(found.counts[part] for part in one.parts)


def test_every_figure_has_a_definition_and_every_comparison_a_source():
    known = definitions()
    assert set(known.cuts) == set(CUTS) | {f"{path}/{cut}" for path, cuts in CUTS.items() for cut in cuts}
    assert set(known.spans) == {span.field for span in SPANS}
    assert {one.id for one in published()} == {"kr-2024-approaches", "kr-2024-texts", "qld-2019-right"}
    assert all(one.source and one.counts and one.beside in {*CUTS, *known.cuts} for one in published())


@given(st.integers(0, 10_000), st.integers(20, 110))
@example(7, 80)
@settings(deadline=None, max_examples=5)
def test_a_year_shows_no_figure_under_five_and_none_can_be_worked_out(seed, orders):
    """The attack by differencing: with every shown figure and all the sums, over all tables at once.

    Regions, petitions, kinds of refusals and the rest fall by chance. The year after, with the same orders in it, is another release: it
    changes nothing of this one, so that the difference of the two is a year and no person.
    """
    rows = drawn(seed, orders)
    after = [msgspec.structs.replace(row, year=2028) for row in drawn(seed, orders + 1)]
    truth = figures(rows)
    made = release([*rows, *after], "kr", 2027, None, 0)
    shown = made.figures
    assert (set(shown), made.medians, made.blind_hours) == (set(truth.counts), medians(rows), blind_hours(rows))
    assert all(value is None or value == truth.counts[name] for name, value in shown.items())
    gone = {name for name, value in shown.items() if value is None}
    assert all(value is None or value >= LEAST for value in shown.values())
    assert any(value is not None for value in shown.values())
    for name in sorted(gone)[::7]:
        low, high = bounds(name, truth.counts, gone, truth.sums)
        assert low - 1e-6 <= truth.counts[name] <= high + 1e-6
        assert high - low >= WIDTH - 1e-6


def test_a_figure_of_one_womans_hundred_alarms_is_hidden():
    rows = [incident("one", region="KR-50") for _ in range(100)] + [incident(f"{number}") for number in range(60)]
    rows += [incident(f"late-{number}", warned=Warned.LATE) for number in range(20)]
    shown = release(rows, "kr", 2027, None, 0)
    assert "KR-50" not in shown.regions
    assert shown.figures[f"{APPROACH}|other"] is None
    assert shown.figures[f"{APPROACH}|KR-11"] is None, "or the hundred would be the difference to the whole"


def test_linkage_whoever_knows_that_she_is_in_a_group_learns_nothing_that_all_of_it_share():
    """Every approach in a region ended in hurt: shown beside its total, that would tell it of each woman there."""
    rows = [incident(f"{number}", region="KR-26", harm="hurt") for number in range(30)]
    rows += [incident(f"x-{number}", harm="none") for number in range(40)]
    shown = release(rows, "kr", 2027, None, 0).figures
    whole, part = f"{APPROACH}|KR-26", f"{APPROACH}/harm=hurt|KR-26"
    assert None in {shown[whole], shown[part]}


def test_a_median_needs_orders_enough_and_one_order_cannot_pull_it():
    rows = [incident(f"{number}", lead_s=300) for number in range(MEDIAN_LEAST - 1)]
    assert "lead_s" not in medians(rows)
    assert medians([*rows, *(incident("much", lead_s=10_000) for _ in range(500))])["lead_s"] == 300


def test_hours_of_blindness_are_not_told_where_one_order_has_nearly_all_of_them():
    even = [incident(f"{number}", kind="silence", warned=None, lead_s=None, blind_s=3_600) for number in range(20)]
    assert blind_hours(even) == 20
    assert blind_hours([*even, incident("much", kind="silence", warned=None, lead_s=None, blind_s=10_000_000)]) is None
    assert blind_hours(even[:5]) is None


def test_a_quarter_is_noised_within_its_budget():
    rows = drawn(3, 200)
    assert len(TABLES) * MOST_OF_ONE / SCALE == pytest.approx(EPSILON)
    draws = [noised(rows) for _ in range(20)]
    assert len({tuple(draw.values()) for draw in draws}) > 1, "chance decides"
    assert all(value >= 0 for draw in draws for value in draw.values())
    assert set(draws[0]) == {f"{path}/{cut}={part}|all" for path, cuts in CUTS.items() for cut, parts in cuts.items() for part in parts}


def test_one_order_gives_a_quarters_table_three_cases_at_most(monkeypatch):
    """The bound that the noise rests on: with the noise off, a hundred alarms of one order count for three."""
    from jikimi.outcomes import noise

    names = ["incidents/kind=approach", "incidents/kind=sos"]
    assert sum(noise._counts([incident("one") for _ in range(100)], names)) == MOST_OF_ONE
    assert sum(noise._counts([incident(f"{number}") for number in range(100)], names)) == 100


@pytest.mark.parametrize(
    ("quarter", "day", "early"),
    [
        (None, dt.date(2028, 1, 31), True),
        (None, dt.date(2028, 2, 1), False),
        (1, dt.date(2027, 5, 1), True),
        (1, dt.date(2027, 5, 2), False),
    ],
)
def test_a_time_is_published_a_month_after_its_end(quarter, day, early):
    now = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp() * 1000
    if early:
        with pytest.raises(NotOverError, match="This can be published from"):
            check_over(2027, quarter, "Asia/Seoul", now - 86_400_000)
    else:
        check_over(2027, quarter, "Asia/Seoul", now)


def test_page_and_table_say_the_same_and_need_nothing_from_outside():
    made = release(drawn(11, 60), "kr", 2027, None, 1_800_000_000_000)
    lines = list(csv.DictReader(io.StringIO(csv_of(made))))
    counts = {f"{line['figure']}|{line['region']}": line["value"] for line in lines if line["unit"] == "count"}
    assert counts == {name: HIDDEN if value is None else str(value) for name, value in made.figures.items()}
    assert all(line["definition"] for line in lines)
    page = html_of(made)
    assert not {"http:", "https:", "<script", "src=", "url("} & set(page.split())
    assert "://" not in page
    assert "4,976" in page
    assert "11,465" in page
    assert all(definitions().cuts[path] for path in CUTS)


def test_paths_name_nothing_twice():
    assert len(paths()) == len(set(paths()))
