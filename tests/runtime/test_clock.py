"""The server's time never runs backwards, whatever the wall clock does."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jikimi.runtime.clock import Clock


class Hands:
    """A wall clock and an even one, moved by hand."""

    def __init__(self) -> None:
        self.wall = 1_790_000_000_000
        self.even = 5_000

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.even)

    def pass_ms(self, wall: int, even: int) -> None:
        self.wall += wall
        self.even += even


def test_it_follows_a_wall_clock_that_goes_evenly() -> None:
    hands = Hands()
    clock = hands.clock()
    hands.pass_ms(10_003, 10_000)  # the time service slews it a little
    assert clock() == hands.wall
    assert clock.off_s == 0.0


def test_a_wall_clock_set_back_an_hour_does_not_stop_time_and_is_said() -> None:
    hands = Hands()
    clock = hands.clock()
    before = clock()
    hands.pass_ms(-3_600_000, 5_000)
    assert clock() == before + 5_000
    assert clock.off_s == -3605.0


def test_a_wall_clock_set_ahead_does_not_blind_everybody() -> None:
    hands = Hands()
    clock = hands.clock()
    before = clock()
    hands.pass_ms(86_400_000, 1_000)
    assert clock() == before + 1_000
    assert clock.off_s > 86_000


def test_after_a_restart_it_is_not_before_the_journal() -> None:
    clock = Hands().clock()
    later = clock() + 60_000
    clock.not_before(later)
    assert clock() == later


@given(st.lists(st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 10**6))))
def test_it_never_runs_backwards(moves: list[tuple[int, int]]) -> None:
    hands = Hands()
    clock = hands.clock()
    last = clock()
    for wall, even in moves:
        hands.pass_ms(wall, even)
        now = clock()
        assert now >= last
        last = now
