"""A report sent again is known; a new one never passes for a known one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.fix import Fix
from jikimi.runtime.repeats import LEAST, Repeats, event_mark, fix_mark

T0 = 1_790_000_000_000


def test_a_batch_sent_again_is_known_whole() -> None:
    repeats = Repeats()
    batch = [(f"fix-{n}", T0 + n * 1000) for n in range(10_000)]
    repeats.expect(len(batch))
    assert all(repeats.add_fix(*fix) for fix in batch)
    repeats.expect(len(batch))
    assert not any(repeats.add_fix(*fix) for fix in batch)


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=40), st.integers(1, 20))
def test_a_batch_is_known_as_its_fixes_are_one_by_one(reports: list[tuple[int, str]], size: int) -> None:
    one, other = Repeats(), Repeats()
    fixes = [Fix(name, T0 + offset, 37.5, 127.0) for offset, name in reports]
    for start in range(0, len(fixes), size):
        batch = fixes[start : start + size]
        one.expect(len(fixes))
        other.expect(len(fixes))
        assert one.new_fixes(batch) == [fix for fix in batch if other.add_fix(fix.fix_id, fix.fix_time_ms)]
    assert one.marks == other.marks
    assert one.newest_ms == other.newest_ms


def test_a_late_fix_that_was_never_sent_is_new() -> None:
    repeats = Repeats()
    repeats.add_fix("b", T0 + 1000)
    assert repeats.add_fix("a", T0)
    assert not repeats.add_fix("a", T0)


def test_two_fixes_of_one_moment_are_two() -> None:
    repeats = Repeats()
    assert repeats.add_fix("gps", T0)
    assert repeats.add_fix("network", T0)


def test_what_could_not_be_stored_counts_when_it_comes_again() -> None:
    repeats = Repeats()
    repeats.add_fix("a", T0)
    repeats.add_event("sos")
    repeats.forget(fix_mark("a", T0))
    repeats.forget(event_mark("sos"))
    assert repeats.add_fix("a", T0)
    assert repeats.add_event("sos")


def test_memory_is_bounded() -> None:
    repeats = Repeats()
    for n in range(10_000):
        repeats.add_fix(f"{n}", T0 + n)
    assert len(repeats.marks) <= 2 * LEAST


@given(st.lists(st.text(max_size=12), unique=True, max_size=LEAST))
def test_events_with_different_ids_are_never_taken_for_each_other(ids: list[str]) -> None:
    repeats = Repeats()
    assert all(repeats.add_event(event_id) for event_id in ids)
    assert not any(repeats.add_event(event_id) for event_id in ids)


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc")), max_size=60))
def test_state_survives_as_bytes(reports: list[tuple[int, str]]) -> None:
    one = Repeats()
    for n, (offset, name) in enumerate(reports):
        one.add_fix(name, T0 + offset)
        if n == len(reports) // 2:
            one = Repeats(one.marks.tobytes(), one.keep, one.newest_ms)
    other = Repeats()
    for offset, name in reports:
        other.add_fix(name, T0 + offset)
    assert one.marks == other.marks
