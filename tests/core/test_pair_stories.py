"""Stories of one pair: approach, silence, blindness, suspects, leaving."""

from __future__ import annotations

import pytest

from jikimi.model.decision import Approach, Cause, Movement, Sight, Tier
from jikimi.model.fix import Source, Verdict
from tests.core.rules import PAIR, T0, Scene, fix, pair


def apart(east_m: float, **rules: float) -> Scene:
    """Both sides seen at once, so far apart."""
    scene = Scene(pair(**rules))
    scene.hear("p", 0, 0, 0)
    scene.hear("m", 0, east_m, 0)
    return scene


def test_his_fixes_trigger_judgement() -> None:
    # Given both are seen far apart
    scene = apart(6000)
    # When only his tag reports, ever nearer
    for step in range(1, 61):
        scene.hear("m", 10 * step, 6000 - 100 * step, 0)
    # Then the tier only rose, and the last one is danger
    rises = [t.tier for t in scene.out if t.tier != t.tier_before]
    assert rises == sorted(rises)
    assert (rises[0], rises[-1]) == (Tier.WATCH, Tier.DANGER)


def test_her_fixes_trigger_judgement_alike() -> None:
    scene = apart(6000)
    for step in range(1, 61):
        scene.hear("p", 10 * step, 100 * step, 0)
    assert scene.tier is Tier.DANGER
    assert any(t.approach is Approach.PROTECTED for t in scene.out)


def test_time_to_contact_warns_before_the_ring() -> None:
    # Given he drives at 20 m/s towards her from 9 km
    scene = apart(9000)
    for step in range(1, 100):
        scene.hear("p", 5 * step, 0, 0)
        scene.hear("m", 5 * step, 9000 - 100 * step, 0)
        if scene.tier >= Tier.WARNING:
            break
    # Then the warning comes by time, outside the warning ring
    assert Cause.TIME in {reason.cause for t in scene.out for reason in t.reasons}
    assert scene.out[-1].low_m is not None
    assert scene.out[-1].low_m > 1.5 * PAIR.warning_m
    assert scene.out[-1].contact_s is not None
    assert scene.out[-1].contact_s <= PAIR.warning_s
    assert (scene.out[-1].movement, scene.out[-1].approach) == (Movement.APPROACHING, Approach.MONITORED)


def test_ring_holds_however_slow_he_is() -> None:
    scene = apart(PAIR.danger_m)
    assert scene.tier is Tier.DANGER
    assert scene.causes >= {Cause.DISTANCE}


def test_silence_near_her_raises_the_tier_by_itself() -> None:
    # Given he stands 2.4 km away and then nothing more is heard of him
    scene = apart(2400)
    assert scene.tier is Tier.CLEAR
    for at_s in range(10, 400, 10):
        scene.hear("p", at_s, 0, 0)
    # Then his region has grown into the ring though nobody moved
    grown = [t for t in scene.out if Cause.GROWTH in {reason.cause for reason in t.reasons}]
    assert [t.tier for t in grown][:1] == [Tier.WATCH]
    assert grown[0].reasons[0].value == pytest.approx(PAIR.watch_m, abs=0.01)


def test_growth_enters_a_ring_at_the_first_millisecond_it_can() -> None:
    scene = apart(2400)
    scene.wait(1000)
    rise = next(t for t in scene.out if t.tier is Tier.WATCH)
    watched = scene.pair()
    assert watched.low_m(rise.at_ms) <= PAIR.watch_m < watched.low_m(rise.at_ms - 1)


def test_silence_ends_growing_but_stays_blind() -> None:
    scene = apart(6000)
    scene.wait(100_000)
    assert scene.tier is Tier.CLEAR, "at 1.5 m/s for 600 s nobody comes 4 km nearer"
    assert scene.pair().sight_m == Sight.BLIND
    assert scene.engine.next_alarm_ms() is None


@pytest.mark.parametrize("east_m", [50, 500, 1500])
def test_silence_never_lowers(east_m: float) -> None:
    scene = apart(east_m)
    tier = scene.tier
    assert tier > Tier.CLEAR
    for until_s in range(100, 4000, 100):
        scene.wait(until_s)
        assert scene.tier >= tier
        tier = scene.tier


def test_stale_and_blind_come_at_the_stated_millisecond() -> None:
    scene = apart(30_000)
    scene.hear("m", 12.345, 30_000, 0, aged_s=0.678)
    last_ms = T0 + 12_345 - 678
    scene.wait(1000)
    his = [t for t in scene.out if t.monitored != t.monitored_before][1:]
    assert [(t.monitored, t.at_ms - last_ms) for t in his] == [(Sight.STALE, 90_000), (Sight.BLIND, 300_000)]
    assert all(reason.cause is Cause.AGED and reason.side == "monitored" for t in his for reason in t.reasons)


def test_her_phone_goes_blind_likewise() -> None:
    scene = apart(30_000)
    for at_s in range(10, 400, 10):
        scene.hear("m", at_s, 30_000, 0)
    hers = [t for t in scene.out if t.protected != t.protected_before][1:]
    assert [(t.protected, t.at_ms - T0) for t in hers] == [(Sight.STALE, 90_000), (Sight.BLIND, 300_000)]


def test_seen_again_is_told() -> None:
    scene = apart(30_000)
    scene.wait(400)
    scene.hear("m", 401, 30_000, 0)
    assert scene.causes == {Cause.SEEN}
    assert scene.out[-1].monitored is Sight.LIVE


def test_tier_is_left_only_after_margin_and_dwell() -> None:
    # Given he is inside the danger ring
    scene = apart(100)
    # When he is outside the ring but within the margin (his error counts against him)
    for at_s in range(1, 100):
        scene.hear("m", at_s, 150, 0)
        scene.hear("p", at_s, 0, 0)
    assert scene.tier is Tier.DANGER
    # When he is outside the margin, then only after the dwell time
    left: list[float] = []
    for at_s in range(300, 400):
        scene.hear("m", at_s, 700, 0)
        scene.hear("p", at_s, 0, 0)
        if scene.tier < Tier.DANGER:
            left.append(at_s)
            break
    assert scene.causes >= {Cause.LEFT}
    assert left[0] - 300 >= PAIR.leave_dwell_s


def test_coming_back_within_the_dwell_time_starts_it_anew() -> None:
    scene = apart(900, warning_s=60.0, watch_s=60.0, danger_s=60.0, watch_m=1000.0, warning_m=1000.0, warning_floor_m=1000.0)
    assert scene.tier is Tier.WARNING
    for at_s in range(150, 160):
        scene.hear("m", at_s, 1600, 0)
        scene.hear("p", at_s, 0, 0)
    scene.hear("p", 400, 0, 0)
    scene.hear("m", 400, 900, 0)
    began = scene.pair().below_since_ms
    assert began == -1
    assert scene.tier is Tier.WARNING


def test_one_vague_fix_elsewhere_ends_no_alarm() -> None:
    # Given she rests, and his phone, which knows its cell alone, may be where she is
    scene = Scene(pair(watch_m=300.0, warning_m=200.0, watch_s=0.0, warning_s=0.0, danger_s=0.0))

    def minutes(first: int, last: int, north_m: float) -> None:
        for minute in range(first, last):
            scene.hear("p", 60.0 * minute, 0.0, 0.0)
            scene.hear("m", 60.0 * minute + 1.0, 0.0, north_m, error_m=2000.0, source=Source.CELL)

    minutes(0, 4, 500.0)
    assert scene.tier is Tier.DANGER
    # When some fixes as vague find him farther off, then the alarm goes on
    minutes(4, 8, 6000.0)
    assert scene.pair().gap_m() > 200.0
    assert scene.tier is Tier.DANGER
    # And it ends when they all did for as long as the memory of who came
    minutes(8, 20, 6000.0)
    assert scene.tier is Tier.CLEAR


def test_tier_is_never_left_while_blind() -> None:
    # Given he was near, and she is not heard any more
    scene = apart(500)
    scene.wait(400)
    # When his tag says he is far away for an hour
    for at_s in range(400, 4000, 10):
        scene.hear("m", at_s, 20_000, 0)
    # Then the tier stays: nobody knows where she is
    assert scene.pair().sight_p == Sight.BLIND
    assert all(t.tier >= t.tier_before for t in scene.out)
    assert scene.tier > Tier.CLEAR
    # When she is seen again, far from him
    for at_s in range(4000, 4100, 10):
        scene.hear("p", at_s, 0, 0)
        scene.hear("m", at_s + 1, 20_000, 0)
    assert scene.tier is Tier.CLEAR


def test_her_silent_phone_does_not_hide_his_approach() -> None:
    # Given her phone has been silent for two minutes
    scene = apart(20_000)
    # When he drives towards where she was, at 20 m/s
    for step in range(60):
        scene.hear("m", 120 + 5 * step, 20_000 - 100 * step, 0)
        if scene.tier > Tier.CLEAR:
            break
    # Then the time to contact counts, though nobody says that they approach each other
    assert scene.pair().sight_p == Sight.STALE
    assert scene.out[-1].low_m is not None
    assert scene.out[-1].low_m > 2 * PAIR.watch_m
    assert scene.out[-1].movement is Movement.UNKNOWN


@pytest.mark.parametrize("silent", ["m", "p"])
def test_staleness_of_either_side_lowers_nothing(silent: str) -> None:
    # Given he drives towards her at 20 m/s and the watch came by time
    scene = apart(9000)
    for step in range(1, 20):
        scene.hear("p", 5 * step, 0, 0)
        scene.hear("m", 5 * step, 9000 - 100 * step, 0)
    tier = scene.tier
    assert tier > Tier.CLEAR
    # When one of them is not heard any more, but the other is: she stands still, or he drives on
    for at_s in range(100, 290, 5):
        scene.hear("p" if silent == "m" else "m", at_s, 0 if silent == "m" else 9000 - 20 * at_s, 0)
        assert scene.tier >= tier


def test_suspect_within_a_minute_counts_at_once() -> None:
    # Given he stands 3 km away
    scene = apart(3000)
    for at_s in range(1, 30):
        scene.hear("m", at_s, 3000, 0)
        scene.hear("p", at_s, 0, 0)
    assert scene.tier is Tier.CLEAR
    # When one fix says he is beside her
    assert scene.hear("m", 30, 60, 0) in {Verdict.OUTLIER, Verdict.IMPOSSIBLE_SPEED}
    # Then nobody waits for a second one
    assert scene.tier is Tier.DANGER
    assert Cause.SUSPECT in scene.causes
    assert [r.side for r in scene.out[-1].reasons if r.cause is Cause.SUSPECT] == ["monitored"]


def test_suspect_of_hers_counts_and_is_named_hers() -> None:
    scene = apart(3000)
    for at_s in range(1, 30):
        scene.hear("m", at_s, 3000, 0)
        scene.hear("p", at_s, 0, 0)
    scene.hear("p", 30, 2950, 0)
    assert scene.tier is Tier.DANGER
    assert [r.side for r in scene.out[-1].reasons if r.cause is Cause.SUSPECT] == ["protected"]


@pytest.mark.parametrize("jump_m", [-400.0, 300.0, 2000.0, 39_000.0])
def test_suspect_far_away_changes_no_tier(jump_m: float) -> None:
    scene = apart(5000)
    for at_s in range(1, 200):
        scene.hear("p", at_s, 0, 0)
        scene.hear("m", at_s, 5000 + (jump_m if at_s % 7 == 0 else 0.0), 0)
    assert {t.tier for t in scene.out} == {Tier.CLEAR}


def test_phone_at_rest_that_jumps_200_m_with_a_claimed_error_of_2_m_raises_nothing() -> None:
    scene = apart(2350)
    for at_s in range(1, 600):
        scene.hear("p", at_s, 0, 0)
        scene.hear("m", at_s, 2350 - (200.0 if at_s % 20 == 0 else 0.0), 0, error_m=2.0)
    assert {t.tier for t in scene.out} == {Tier.CLEAR}


def test_way_between_two_fixes_counts() -> None:
    # Given rings without times, and he drives past her at 25 m/s, 60 m beside her, seen every 12 s, never within 130 m
    scene = Scene(pair(watch_s=0.0, warning_s=0.0, danger_s=0.0, warning_m=100.0, watch_m=100.0, growth_max_s=0.0))
    for step in range(40):
        scene.hear("p", 12 * step, 0, 0)
        scene.hear("m", 12 * step, 300 * step - 6150, 60, error_m=5.0)
    # Then the way between the fixes is what is found
    rises = [t for t in scene.out if t.tier > t.tier_before]
    assert [t.tier for t in rises] == [Tier.DANGER]
    assert Cause.SEGMENT in {reason.cause for reason in rises[0].reasons}


def test_new_rules_are_judged_at_once_and_history_goes_on() -> None:
    scene = apart(1500)
    assert scene.tier is Tier.WATCH
    number = scene.pair().number
    scene.out += scene.engine.put(pair(danger_m=2000.0, warning_m=2000.0), T0 + 1000)
    assert scene.tier is Tier.DANGER
    assert scene.out[-1].number == number + 1


def test_every_transition_has_a_reason_and_counts_on() -> None:
    scene = apart(3000)
    for at_s in range(1, 900, 7):
        if not 200 < at_s < 560:
            scene.hear("m", at_s, abs(3000 - 10 * at_s), 0)
        scene.hear("p", at_s, 0, 0)
    scene.wait(3000)
    assert [t.number for t in scene.out] == list(range(1, len(scene.out) + 1))
    assert all(t.reasons for t in scene.out)
    assert all(t.rules == "test-1" and t.order_id == "order" for t in scene.out)


def test_transitions_name_the_fixes_they_rest_on() -> None:
    scene = apart(5000)
    scene.hear("m", 10, 4990, 0)
    scene.receive("m", 20, fix(T0 + 20_000, 60, 0))
    assert scene.out[-1].monitored_fix == f"f{T0 + 10_000}", "a suspect is no fix the track rests on"


def test_quiet_pair_explains_nothing_and_an_alarmed_one_its_last_step() -> None:
    scene = apart(9000)
    assert scene.pair().last is None
    scene.wait(100)
    assert scene.pair().last == scene.out[-1]
