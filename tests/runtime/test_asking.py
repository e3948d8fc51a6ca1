"""A device is told its interval when it changes, now and then, and when an answer was lost."""

from __future__ import annotations

from jikimi.runtime.asking import Asking

T0 = 1_790_000_000_000


def test_a_change_is_told_once():
    asking = Asking()
    told = [asking.ask("d", wanted, 600.0, T0 + second * 1000, unheard=False) for second, wanted in enumerate([60.0, 60.0, 5.0, 5.0, 60.0])]
    assert told == [60.0, None, 5.0, None, 60.0]


def test_it_is_told_again_after_a_while():
    asking = Asking()
    assert asking.ask("d", 60.0, 600.0, T0, unheard=False) == 60.0
    assert asking.ask("d", 60.0, 600.0, T0 + 599_999, unheard=False) is None
    assert asking.ask("d", 60.0, 600.0, T0 + 600_000, unheard=False) == 60.0
    assert asking.ask("d", 60.0, 600.0, T0 + 600_001, unheard=False) is None


def test_it_is_told_again_when_the_answer_was_lost():
    asking = Asking()
    asking.ask("d", 5.0, 600.0, T0, unheard=False)
    assert asking.ask("d", 5.0, 600.0, T0 + 1000, unheard=True) == 5.0


def test_each_device_is_told_for_itself():
    asking = Asking()
    asking.ask("d", 5.0, 600.0, T0, unheard=False)
    assert asking.ask("e", 5.0, 600.0, T0, unheard=False) == 5.0


def test_who_is_not_watched_is_told_nothing_and_everything_anew_later():
    asking = Asking()
    asking.ask("d", 5.0, 600.0, T0, unheard=False)
    assert asking.ask("d", None, 600.0, T0, unheard=False) is None
    assert asking.ask("d", 5.0, 600.0, T0, unheard=False) == 5.0
