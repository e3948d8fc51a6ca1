"""Screens hear what they subscribed to, and can ask what they missed."""

from __future__ import annotations

from jikimi.apps.ports import Change, Sos
from jikimi.model.decision import Approach, Cause, Movement, Reason, Sight, Tier, Transition
from jikimi.runtime.feed import KEPT_CHANGES, Feed


def transition(pair_id: str, number: int = 1) -> Transition:
    return Transition(
        pair_id, number, 1000 + number, Tier.CLEAR, Tier.WATCH, Sight.LIVE, Sight.LIVE, Sight.LIVE, Sight.LIVE,
        (Reason(Cause.DISTANCE, "watch_m", 1900.0, 2000.0),), 1900.0, 1920.0, 1200.0, Movement.APPROACHING,
        Approach.MONITORED, "f1", "f2", "order", "test-1",
    )  # fmt: skip


def test_a_screen_hears_its_own_pairs_only() -> None:
    feed = Feed(100)
    heard: list[Change] = []
    stop = feed.subscribe(["a"], heard.append)
    feed.changed(transition("a"))
    feed.changed(transition("b"))
    feed.moved("a")
    assert [c.pair_id for c in heard] == ["a", "a"]
    stop()
    feed.changed(transition("a", 2))
    assert len(heard) == 2


def test_the_desk_hears_all_and_an_sos() -> None:
    feed = Feed(100)
    heard: list[Change] = []
    feed.subscribe(None, heard.append)
    feed.changed(transition("a"))
    feed.called("b", Sos(sos_id="s", person_id="p", at_ms=1, silent=True))
    assert [c.pair_id for c in heard] == ["a", "b"]
    assert heard[1].sos is not None


def test_a_screen_that_lost_its_line_gets_what_it_missed() -> None:
    feed = Feed(100)
    feed.changed(transition("a", 1))
    feed.changed(transition("b", 1))
    feed.changed(transition("a", 2))
    missed = feed.after(101, ["a"])
    assert missed is not None
    assert [c.transition.number for c in missed if c.transition is not None] == [2]


def test_what_is_forgotten_is_said_to_be_forgotten() -> None:
    feed = Feed(100)
    for number in range(KEPT_CHANGES + 5):
        feed.changed(transition("a", number))
    assert feed.after(100, None) is None
    assert feed.after(106, None) is not None
    assert feed.after(10**9, None) is None, "a number from the future: the server restarted"


def test_recent_transitions_come_newest_first() -> None:
    feed = Feed(0)
    for number in range(1, 4):
        feed.changed(transition("a", number))
    assert [t.number for t in feed.transitions("a", 2)] == [3, 2]
    assert feed.transitions("b", 2) == []
