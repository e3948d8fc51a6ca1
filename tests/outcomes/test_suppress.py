"""What is hidden cannot be worked out from what is shown: an attacker with every published figure and all their sums tries."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from jikimi.outcomes.suppress import LEAST, WIDTH, Sum, bounds, drawn, hidden


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


@given(TABLES, st.randoms())
@settings(deadline=None, max_examples=60)
def test_no_figure_under_five_can_be_narrowed_down_by_any_sum(table: tuple[tuple[int, int], list[int]], chance) -> None:
    # Given any table with its margins, the most linked form a report has
    (rows, columns), values = table
    counts, sums = grid(rows, columns, values)
    # When it is published
    gone = hidden(counts, counts, sums, {name: chance.random() for name in counts})
    # Then every small figure is hidden, and an attacker with all sums cannot narrow one down to fewer than five whole numbers
    assert {name for name, count in counts.items() if count < LEAST} <= gone
    for name in sorted(gone):
        low, high = attack(name, counts, gone, sums)
        assert low <= counts[name] <= high
        assert high - low >= WIDTH


@pytest.mark.parametrize("values", [(5, 4, 4), (6, 3, 5), (9, 1, 6), (3, 20, 40), (1, 1, 9), (2, 7, 8, 9)])
def test_whoever_knows_how_it_is_hidden_cannot_work_back(values: tuple[int, ...]) -> None:
    # Given a sum and its parts, published by a lot that nobody knows
    names = [f"part-{number}" for number in range(len(values))]
    counts, sums = {**dict(zip(names, values, strict=True)), "all": sum(values)}, [Sum("all", tuple(names))]
    gone = hidden(counts, counts, sums, drawn(names) | {"all": 1.0})  # with the sum shown he knows more
    # When an attacker with the program tries, for each hidden part, the tables that would add up
    parts = [name for name in names if name in gone]
    could: dict[str, set[int]] = {name: set() for name in parts}
    for tried in splits(sum(counts[name] for name in parts), len(parts)):
        found = dict(zip(parts, tried, strict=True))
        tells = any(value not in could[name] and len(could[name]) <= WIDTH for name, value in found.items())
        if tells and reached({**counts, **found}, sums, gone):
            for name, value in found.items():
                could[name].add(value)
    # Then each could still be any of five numbers, as somebody who only has the sums would say
    assert parts
    assert all(len(numbers) > WIDTH for numbers in could.values())


def splits(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Every way to share a number among so many parts."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        yield from ((first, *rest) for rest in splits(total - first, parts - 1))


def reached(counts: dict[str, int], sums: list[Sum], gone: frozenset[str]) -> bool:
    """Whether a table could have been published like this, by whatever lot: what is hidden came first."""
    first = sorted(gone)
    return any(
        hidden(counts, counts, sums, {name: order.index(name) if name in order else 99.0 for name in counts}) == gone
        for order in itertools.permutations(first)
    )


def by_size(counts: dict[str, int]) -> dict[str, float]:
    """A lot that falls on the smallest."""
    return {name: float(count) for name, count in counts.items()}


def test_a_small_figure_in_a_row_takes_another_one_with_it() -> None:
    counts, sums = {"a": 3, "b": 20, "c": 40, "all": 63}, [Sum("all", ("a", "b", "c"))]
    assert hidden(counts, counts, sums, by_size(counts)) == {"a", "b"}


def test_two_small_figures_whose_sum_is_small_are_not_enough() -> None:
    # 1 + 1 = 2: whoever subtracts knows each to be 0, 1 or 2. The next one must go, too.
    counts, sums = {"a": 1, "b": 1, "c": 9, "d": 40, "all": 51}, [Sum("all", ("a", "b", "c", "d"))]
    assert hidden(counts, counts, sums, by_size(counts)) == {"a", "b", "c"}
    assert bounds("a", counts, {"a", "b", "c"}, sums) == (0, 11)


def test_a_hundred_alarms_of_one_woman_are_one_woman() -> None:
    counts = {"a": 100, "b": 200, "c": 300, "all": 600}
    orders = {"a": 1, "b": 90, "c": 90, "all": 181}
    assert hidden(counts, orders, [Sum("all", ("a", "b", "c"))], by_size(counts)) == {"a", "b"}


def test_large_figures_all_stay() -> None:
    counts, sums = grid(3, 3, [10] * 9)
    assert hidden(counts, counts, sums, by_size(counts)) == frozenset()
