"""A report sent again is known; a new one never passes for a known one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.model.event import DeviceEvent, EventKind
from jikimi.model.fix import Fix
from jikimi.runtime.repeats import BUDGET, LEAST, MOST, Repeats, event_mark, fair, fix_mark

T0 = 1_790_000_000_000


def fix(name: str, at_ms: int) -> Fix:
    return Fix(name, at_ms, 37.5, 127.0)


def event(name: str, kind: EventKind = EventKind.SOS, at_ms: int | None = None) -> DeviceEvent:
    return DeviceEvent(name, kind, at_ms)


def test_a_batch_sent_again_is_known_whole() -> None:
    repeats = Repeats()
    batch = [fix(f"fix-{n}", T0 + n * 1000) for n in range(10_000)]
    repeats.expect(len(batch))
    assert repeats.new_fixes(batch) == batch
    repeats.expect(len(batch))
    assert repeats.new_fixes(batch) == []


def test_a_queue_of_most_of_a_day_sent_again_one_by_one_is_known() -> None:
    """Given a tracker that lost its answers, when it sends thousands of old reports anew, then none is stored twice."""
    repeats = Repeats()
    day = [fix(f"{n}", T0 + n * 10_000) for n in range(8_000)]
    for one in day:
        repeats.expect(1, fair(500))
        assert repeats.new_fixes([one]) == [one]
    assert not any(repeats.new_fixes([one]) for one in day)


def test_ten_thousand_fixes_of_one_moment_are_ten_thousand() -> None:
    repeats = Repeats()
    batch = [fix(f"{n}", T0) for n in range(10_000)]
    repeats.expect(len(batch))
    assert len(repeats.new_fixes(batch)) == 10_000


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=40), st.integers(1, 20))
def test_a_batch_is_known_as_its_fixes_are_one_by_one(reports: list[tuple[int, str]], size: int) -> None:
    one, other = Repeats(), Repeats()
    fixes = [fix(name, T0 + offset) for offset, name in reports]
    for start in range(0, len(fixes), size):
        batch = fixes[start : start + size]
        one.expect(len(fixes))
        other.expect(len(fixes))
        assert one.new_fixes(batch) == [single for single in batch if other.new_fixes([single])]
    assert one.marks == other.marks
    assert one.newest_ms == other.newest_ms


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from("abcd")), max_size=60))
def test_what_is_new_is_what_was_never_sent(reports: list[tuple[int, str]]) -> None:
    repeats = Repeats()
    repeats.expect(len(reports))
    new = repeats.new_fixes([fix(name, T0 + offset) for offset, name in reports])
    assert [(one.fix_time_ms - T0, one.fix_id) for one in new] == list(dict.fromkeys(reports))


def test_a_late_fix_that_was_never_sent_is_new() -> None:
    repeats = Repeats()
    repeats.new_fixes([fix("b", T0 + 1000)])
    assert repeats.new_fixes([fix("a", T0)])
    assert not repeats.new_fixes([fix("a", T0)])


def test_two_fixes_of_one_moment_are_two() -> None:
    assert len(Repeats().new_fixes([fix("gps", T0), fix("network", T0)])) == 2


def test_a_tracker_that_counts_anew_after_a_restart_loses_nothing() -> None:
    repeats = Repeats()
    assert repeats.new_fixes([fix("1", T0)])
    assert repeats.new_fixes([fix("1", T0 + 60_000)])
    assert repeats.add_event(event("1", EventKind.ALIVE))
    assert repeats.add_event(event("1"))
    assert repeats.add_event(event("1", at_ms=T0))
    assert not repeats.add_event(event("1"))


def test_what_could_not_be_stored_counts_when_it_comes_again() -> None:
    repeats = Repeats()
    repeats.new_fixes([fix("a", T0)])
    repeats.add_event(event("sos"))
    repeats.forget(fix_mark("a", T0))
    repeats.forget(event_mark(event("sos")))
    assert repeats.new_fixes([fix("a", T0)])
    assert repeats.add_event(event("sos"))


@given(st.integers(0, 10_000_000))
def test_memory_is_bounded(devices: int) -> None:
    share = fair(devices)
    assert LEAST <= share <= MOST
    assert share == LEAST or share * devices <= BUDGET
    repeats = Repeats()
    for n in range(3 * LEAST):
        repeats.new_fixes([fix(f"{n}", T0 + n)])
    assert len(repeats.marks) <= 2 * LEAST


@given(st.lists(st.text(max_size=12), unique=True, max_size=LEAST))
def test_events_with_different_ids_are_never_taken_for_each_other(ids: list[str]) -> None:
    repeats = Repeats()
    assert all(repeats.add_event(event(name)) for name in ids)
    assert not any(repeats.add_event(event(name)) for name in ids)


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc")), max_size=60))
def test_state_survives_as_bytes(reports: list[tuple[int, str]]) -> None:
    one = Repeats()
    for n, (offset, name) in enumerate(reports):
        one.new_fixes([fix(name, T0 + offset)])
        if n == len(reports) // 2:
            one = Repeats(one.marks.tobytes(), one.keep, one.newest_ms)
    other = Repeats()
    for offset, name in reports:
        other.new_fixes([fix(name, T0 + offset)])
    assert one.marks == other.marks
