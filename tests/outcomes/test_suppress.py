"""What is hidden cannot be worked out from what is shown: an attacker with every published figure and all their sums tries."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from jikimi.outcomes.suppress import LEAST, WIDTH, Sum, bounds, hidden


def grid(rows: int, columns: int, values: list[int]) -> tuple[dict[str, int], list[Sum]]:
    """A table with all its margins, as a report prints it."""
    counts: dict[str, int] = {}
    sums = []
    for row in range(rows):
        for column in range(columns):
            counts[f"{row}.{column}"] = values[row * columns + column]
    for row in range(rows):
        parts = tuple(f"{row}.{column}" for column in range(columns))
        counts[f"{row}.all"] = sum(counts[part] for part in parts)
        sums.append(Sum(f"{row}.all", parts))
    for column in (*map(str, range(columns)), "all"):
        parts = tuple(f"{row}.{column}" for row in range(rows))
        counts[f"all.{column}"] = sum(counts[part] for part in parts)
        sums.append(Sum(f"all.{column}", parts))
    sums.append(Sum("all.all", tuple(f"all.{column}" for column in range(columns))))
    return counts, sums


def attack(name: str, counts: dict[str, int], gone: frozenset[str], sums: list[Sum]) -> tuple[float, float]:
    """The least and the greatest whole number that a hidden figure can be: another method than the one under test."""
    columns = sorted(gone)
    rows = []
    values = []
    for one in sums:
        row = [(-1.0 if other == one.total else 1.0) if other in one.figures else 0.0 for other in columns]
        shown = sum((-1 if other == one.total else 1) * counts[other] for other in one.figures if other not in gone)
        rows.append(row)
        values.append(-float(shown))
    aim = np.array([1.0 if other == name else 0.0 for other in columns])
    rule = LinearConstraint(np.array(rows), values, values)
    found = [milp(sign * aim, constraints=rule, integrality=np.ones(len(columns))) for sign in (1.0, -1.0)]
    low, high = (sign * one.fun if one.status == 0 else sign * -np.inf for sign, one in zip((1.0, -1.0), found, strict=True))
    return round(low) if np.isfinite(low) else low, round(high) if np.isfinite(high) else high


TABLES = st.tuples(st.integers(1, 4), st.integers(1, 4)).flatmap(
    lambda shape: st.tuples(
        st.just(shape), st.lists(st.integers(0, 12) | st.integers(0, 300), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1])
    )
)


@given(TABLES)
@settings(deadline=None, max_examples=60)
def test_no_figure_under_five_can_be_narrowed_down_by_any_sum(table: tuple[tuple[int, int], list[int]]) -> None:
    # Given any table with its margins, the most linked form a report has
    (rows, columns), values = table
    counts, sums = grid(rows, columns, values)
    # When it is published
    gone = hidden(counts, counts, sums)
    # Then every small figure is hidden, and an attacker with all sums cannot narrow one down to fewer than five whole numbers
    assert {name for name, count in counts.items() if count < LEAST} <= gone
    for name in sorted(gone):
        low, high = attack(name, counts, gone, sums)
        assert low <= counts[name] <= high
        assert high - low >= WIDTH


@given(TABLES, st.randoms())
@settings(deadline=None, max_examples=30)
def test_the_sequence_of_the_figures_decides_nothing(table: tuple[tuple[int, int], list[int]], shuffled) -> None:
    (rows, columns), values = table
    counts, sums = grid(rows, columns, values)
    names = list(counts)
    shuffled.shuffle(names)
    assert hidden({name: counts[name] for name in names}, counts, sums) == hidden(counts, counts, sums)


def test_a_small_figure_in_a_row_takes_another_one_with_it() -> None:
    counts, sums = {"a": 3, "b": 20, "c": 40, "all": 63}, [Sum("all", ("a", "b", "c"))]
    assert hidden(counts, counts, sums) == {"a", "b"}


def test_two_small_figures_whose_sum_is_small_are_not_enough() -> None:
    # 1 + 1 = 2: whoever subtracts knows each to be 0, 1 or 2. The next one must go, too.
    counts, sums = {"a": 1, "b": 1, "c": 9, "d": 40, "all": 51}, [Sum("all", ("a", "b", "c", "d"))]
    assert hidden(counts, counts, sums) == {"a", "b", "c"}
    assert bounds("a", counts, {"a", "b", "c"}, sums) == (0, 11)


def test_a_hundred_alarms_of_one_woman_are_one_woman() -> None:
    counts = {"a": 100, "b": 200, "c": 300, "all": 600}
    orders = {"a": 1, "b": 90, "c": 90, "all": 181}
    assert hidden(counts, orders, [Sum("all", ("a", "b", "c"))]) == {"a", "b"}


def test_large_figures_all_stay() -> None:
    counts, sums = grid(3, 3, [10] * 9)
    assert hidden(counts, counts, sums) == frozenset()
