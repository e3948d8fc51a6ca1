"""The gate: who sees how much, until when, and what never leaves."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.gate import (
    GROUNDS,
    LOOK_MS,
    NOTHING_OPEN,
    RESPONSE,
    VALID_S,
    Asking,
    Audience,
    Closed,
    Ground,
    OpenState,
    Purpose,
    Scope,
    decide,
    pinned,
    valid_s,
    withheld,
)
from jikimi.model.decision import Sight, Tier
from jikimi.model.fix import Source
from jikimi.policy.load import presets
from tests.disclosure.cases import ALWAYS, HER, HER_AT, HOME, KOREA, NEVER, NOW_MS, ORDER, PAIR, policy, side, view

HERS = Asking(audience=Audience.PROTECTED, subject=HER, purpose=Purpose.OWN_SAFETY, pair=PAIR, order=ORDER)
DESK = Asking(audience=Audience.DESK, subject="operator", purpose=Purpose.RESPONSE, pair=PAIR, order=ORDER)


def ask(request=HERS, seen=None, rules=KOREA, *, sos=False, incident=False, state=NOTHING_OPEN, now_ms=NOW_MS):
    return decide(request, seen or view(), rules, sos=sos, incident=incident, state=state, now_ms=now_ms)


def change(struct, **fields):
    return msgspec.structs.replace(struct, **fields)


class TestHerMap:
    def test_opens_inside_the_ring_and_not_beyond(self):
        assert ask(seen=view(600.0)).ground is Ground.INSIDE_RING
        outside = ask(seen=view(600.1))
        assert (outside.scope, outside.closed, outside.monitored) == (Scope.WORDS, Closed.OUTSIDE_RING, False)

    def test_zero_metres_is_inside(self):
        assert ask(seen=view(0.0)).scope is Scope.MAP

    def test_continuous_opens_at_any_distance_and_without_hers(self):
        assert ask(seen=view(90_000.0), rules=ALWAYS).ground is Ground.CONTINUOUS
        opening = ask(seen=view(None, protected=None), rules=ALWAYS)
        assert (opening.scope, opening.words, opening.protected) == (Scope.MAP, False, False)

    def test_never_stays_closed_even_in_danger(self):
        opening = ask(seen=view(5.0, tier=Tier.DANGER), rules=NEVER)
        assert (opening.scope, opening.closed) == (Scope.WORDS, Closed.POLICY)

    def test_no_distance_no_map(self):
        opening = ask(seen=view(None, monitored=None))
        assert (opening.scope, opening.closed) == (Scope.NONE, Closed.NO_POSITION)

    def test_a_position_older_than_twice_the_age_is_not_given(self):
        limit_s = 2 * KOREA.view.position_max_age_s
        assert ask(seen=view(100.0, monitored=side(age_s=limit_s))).monitored
        old = ask(seen=view(100.0, monitored=side(age_s=limit_s + 0.1)))
        assert (old.scope, old.closed, old.fresh) == (Scope.WORDS, Closed.NO_POSITION, False)

    def test_her_own_old_position_is_left_out_and_his_stays(self):
        opening = ask(seen=view(100.0, protected=side(HER_AT, age_s=500.0)))
        assert opening.monitored
        assert not opening.protected


class TestClosing:
    def test_stays_open_for_the_countdown_and_then_closes(self):
        opening = ask(seen=view(500.0))
        left = ask(seen=view(900.0), state=opening.state, now_ms=NOW_MS + 4_000)
        assert (left.ground, left.until_ms) == (Ground.CLOSING, NOW_MS + 24_000)
        still = ask(seen=view(900.0), state=left.state, now_ms=NOW_MS + 23_999)
        assert still.ground is Ground.CLOSING
        shut = ask(seen=view(900.0), state=still.state, now_ms=NOW_MS + 24_000)
        assert (shut.scope, shut.closed) == (Scope.WORDS, Closed.OUTSIDE_RING)
        assert ask(seen=view(900.0), state=shut.state, now_ms=NOW_MS + 24_001).ground is None

    def test_a_view_not_looked_at_for_long_does_not_stay_open_longer(self):
        opening = ask(seen=view(500.0))
        late = ask(seen=view(900.0), state=opening.state, now_ms=NOW_MS + 600_000)
        assert late.ground is None

    def test_the_end_counts_no_later_than_the_next_look_was_due(self):
        opening = ask(seen=view(500.0))
        late = ask(seen=view(900.0), state=opening.state, now_ms=NOW_MS + 15_000)
        assert late.until_ms == NOW_MS + LOOK_MS + 20_000

    def test_coming_back_stops_the_countdown(self):
        left = ask(seen=view(900.0), state=ask(seen=view(500.0)).state, now_ms=NOW_MS + 1_000)
        back = ask(seen=view(599.0), state=left.state, now_ms=NOW_MS + 2_000)
        assert (back.ground, back.state.ended_ms) == (Ground.INSIDE_RING, None)

    def test_a_view_never_opened_has_no_countdown(self):
        assert ask(seen=view(900.0)).state == OpenState(alarm_ms=NOW_MS - 60_000)


class TestWords:
    def test_ring(self):
        assert ask(seen=view(2000.0)).words
        far = ask(seen=view(2000.1))
        assert (far.scope, far.words) == (Scope.NONE, False)

    def test_only_while_the_tier_asks_for_attention(self):
        assert ask(seen=view(1500.0, tier=Tier.WATCH)).words
        clear = ask(seen=view(1500.0, tier=Tier.CLEAR))
        assert (clear.scope, clear.words) == (Scope.NONE, False)
        assert ask(seen=view(1500.0, tier=Tier.CLEAR), rules=policy(words_ring_m=None)).words

    def test_at_every_distance_without_a_ring(self):
        assert ask(seen=view(80_000.0), rules=policy(words_ring_m=None)).words

    def test_not_once_the_interval_grows_no_more(self):
        limit_s = KOREA.judging.growth_max_s
        assert ask(seen=view(100.0, monitored=side(age_s=limit_s))).words
        assert ask(seen=view(100.0, monitored=side(age_s=limit_s + 1))).scope is Scope.NONE
        assert not ask(seen=view(100.0, protected=side(HER_AT, age_s=limit_s + 1))).words


class TestEntitled:
    @pytest.mark.parametrize(
        "fields",
        [
            {"order": None},
            {"order": change(ORDER, until_ms=NOW_MS)},
            {"order": change(ORDER, from_ms=NOW_MS + 1)},
            {"order": change(ORDER, order_id="another")},
            {"subject": "person-x"},
            {"purpose": Purpose.RESPONSE},
            {"pair": HOME},
        ],
    )
    def test_nothing_without_order_purpose_and_person(self, fields):
        opening = ask(change(HERS, **fields), view(10.0, tier=Tier.DANGER), ALWAYS)
        assert (opening.scope, opening.words, opening.closed, opening.state) == (Scope.NONE, False, Closed.POLICY, NOTHING_OPEN)

    def test_the_desk_needs_its_own_purpose_and_an_order(self):
        assert ask(change(DESK, purpose=Purpose.OWN_SAFETY)).scope is Scope.NONE
        assert ask(change(DESK, order=None), sos=True).scope is Scope.NONE
        assert ask(DESK).scope is Scope.MAP


class TestDesk:
    def test_an_alarm_is_an_incident_from_its_first_moment(self):
        for tier in (Tier.WARNING, Tier.DANGER):
            opening = ask(DESK, view(5000.0, tier=tier, since_ms=NOW_MS))
            assert (opening.ground, opening.monitored, opening.protected) == (Ground.TIER, True, True)

    def test_a_call_and_an_open_incident_open_both_at_any_tier(self):
        for facts, ground in (({"sos": True}, Ground.SOS), ({"incident": True}, Ground.INCIDENT)):
            for tier in (Tier.CLEAR, Tier.WATCH):
                opening = ask(DESK, view(5000.0, tier=tier), **facts)
                assert (opening.ground, opening.monitored, opening.protected) == (ground, True, True)

    @pytest.mark.parametrize("tier", [Tier.CLEAR, Tier.WATCH])
    @pytest.mark.parametrize("sight", list(Sight))
    def test_near_or_unseen_without_an_incident_is_told_in_words_and_shows_neither(self, tier, sight):
        for who in ("monitored_sight", "protected_sight"):
            opening = ask(DESK, view(700.0, tier=tier, **{who: sight}))
            assert (opening.scope, opening.closed, opening.words) == (Scope.WORDS, Closed.NO_INCIDENT, True)
            assert (opening.monitored, opening.protected, opening.trail_since_ms) == (False, False, None)

    def test_a_tag_that_was_never_heard_opens_nothing(self):
        never = view(None, tier=Tier.CLEAR, monitored=None, monitored_sight=Sight.BLIND)
        assert (ask(DESK, never).scope, ask(DESK, never).protected) == (Scope.NONE, False)
        assert ask(DESK, never, incident=True).protected

    def test_an_old_position_is_not_given_here_either(self):
        limit_s = 2 * KOREA.view.position_max_age_s
        young = view(10.0, tier=Tier.CLEAR, monitored_sight=Sight.BLIND, monitored=side(age_s=limit_s))
        assert ask(DESK, young, incident=True).monitored
        aged = view(10.0, tier=Tier.CLEAR, monitored_sight=Sight.BLIND, monitored=side(age_s=limit_s + 0.1))
        old = ask(DESK, aged, incident=True)
        assert (old.monitored, old.protected, old.trail_since_ms) == (False, True, None)
        neither = view(10.0, monitored=side(age_s=4_000.0), protected=side(HER_AT, age_s=4_000.0))
        assert (ask(DESK, neither).scope, ask(DESK, neither).closed) == (Scope.NONE, Closed.NO_POSITION)

    def test_without_any_position(self):
        opening = ask(DESK, view(None, monitored=None, protected=None), sos=True)
        assert (opening.scope, opening.closed) == (Scope.NONE, Closed.NO_POSITION)

    def test_with_hers_alone(self):
        opening = ask(DESK, view(None, monitored=None), sos=True)
        assert (opening.scope, opening.monitored, opening.protected, opening.trail_since_ms) == (Scope.MAP, False, True, None)


class TestTrail:
    def test_only_while_the_alarm_lasts(self):
        assert ask(seen=view(100.0, tier=Tier.WATCH)).trail_since_ms is None
        assert ask(seen=view(100.0, tier=Tier.WARNING)).trail_since_ms == NOW_MS - 60_000

    def test_goes_back_to_the_alarms_beginning_over_a_higher_tier(self):
        first = ask(seen=view(500.0, tier=Tier.WARNING))
        worse = view(90.0, tier=Tier.DANGER, now_ms=NOW_MS + 30_000, since_ms=NOW_MS + 29_000)
        assert ask(seen=worse, state=first.state, now_ms=NOW_MS + 30_000).trail_since_ms == NOW_MS - 60_000

    def test_ends_with_it(self):
        first = ask(seen=view(500.0))
        calm = ask(seen=view(500.0, tier=Tier.WATCH), state=first.state)
        assert (calm.trail_since_ms, calm.state.alarm_ms) == (None, None)

    def test_no_longer_than_the_policy_says(self):
        long_ago = view(100.0, since_ms=NOW_MS - 5_000_000)
        assert ask(seen=long_ago).trail_since_ms == NOW_MS - 600_000
        assert ask(seen=long_ago, rules=policy(trail_s=0.0)).trail_since_ms is None

    def test_none_outside_the_ring(self):
        assert ask(seen=view(700.0)).trail_since_ms is None


class TestPinAndTime:
    def test_no_pin_for_cell_or_vague(self):
        assert pinned(side(), PAIR.rules)
        assert not pinned(side(source=Source.CELL), PAIR.rules)
        assert pinned(side(error_m=PAIR.rules.vague_error_m), PAIR.rules)
        assert not pinned(side(error_m=PAIR.rules.vague_error_m + 1), PAIR.rules)

    def test_a_screen_may_keep_it_no_longer_than_the_gate_and_never_long(self):
        opening = ask(seen=view(100.0))
        assert valid_s(opening, NOW_MS) == VALID_S
        ending = ask(change(HERS, order=change(ORDER, until_ms=NOW_MS + 5_000)), view(100.0))
        assert valid_s(ending, NOW_MS) == 5.0
        assert valid_s(ending, NOW_MS + 9_000) == 0.0
        assert valid_s(ask(change(HERS, order=None)), NOW_MS) == 0.0

    def test_a_position_about_to_become_too_old(self):
        opening = ask(seen=view(100.0, monitored=side(age_s=110.0)))
        assert opening.until_ms == NOW_MS + 10_000

    def test_withheld_shows_no_position(self):
        opening = withheld(ask(seen=view(100.0)))
        assert (opening.scope, opening.closed, opening.monitored, opening.protected) == (Scope.WORDS, Closed.NO_RECORD, False, False)
        assert (opening.ground, opening.trail_since_ms) == (None, None)


metres = st.none() | st.floats(0, 50_000)
quiet = st.sampled_from([Tier.CLEAR, Tier.WATCH])
ages = st.floats(0, 5_000)
looks = st.lists(st.tuples(st.integers(0, 40_000), metres, st.sampled_from(Tier), ages), min_size=1, max_size=30)


@given(looks)
def test_no_position_for_her_longer_than_the_countdown_after_the_ring(steps):
    """However often or seldom somebody looks: 20 s after the last look inside the ring, plus one look, all is closed."""
    now_ms, state, inside_ms = NOW_MS, NOTHING_OPEN, None
    for wait_ms, low_m, tier, age_s in steps:
        now_ms += wait_ms
        inside = low_m is not None and low_m <= KOREA.view.map_ring_m and tier >= Tier.WARNING
        seen = view(low_m, tier=tier, now_ms=now_ms, monitored=side(age_s=age_s, now_ms=now_ms))
        opening = decide(HERS, seen, KOREA, sos=False, state=state, now_ms=now_ms)
        state = opening.state
        inside_ms = now_ms if inside else inside_ms
        if opening.scope is Scope.MAP:
            assert inside_ms is not None
            assert now_ms < inside_ms + LOOK_MS + 20_000
            assert age_s <= 2 * KOREA.view.position_max_age_s
        else:
            assert not opening.monitored
            assert not opening.protected
            assert opening.trail_since_ms is None


@given(
    st.sampled_from(Audience), st.sampled_from(Purpose), st.booleans(), st.sampled_from(Tier), st.sampled_from(Sight), metres, st.booleans()
)
def test_an_ended_order_opens_nothing(audience, purpose, sos, tier, sight, low_m, never_there):
    order = None if never_there else change(ORDER, until_ms=NOW_MS - 1)
    asking = Asking(audience=audience, subject=HER, purpose=purpose, pair=PAIR, order=order)
    opening = decide(asking, view(low_m, tier=tier, monitored_sight=sight), ALWAYS, sos=sos, state=NOTHING_OPEN, now_ms=NOW_MS)
    assert (opening.scope, opening.words, opening.monitored, opening.protected) == (Scope.NONE, False, False, False)


@given(looks)
def test_the_same_question_has_the_same_answer(steps):
    state = NOTHING_OPEN
    for wait_ms, low_m, tier, age_s in steps:
        seen = view(low_m, tier=tier, monitored=side(age_s=age_s))
        once = decide(HERS, seen, KOREA, sos=False, state=state, now_ms=NOW_MS + wait_ms)
        assert once == decide(HERS, seen, KOREA, sos=False, state=state, now_ms=NOW_MS + wait_ms)
        assert (once.ground is None) != (once.closed is None)
        state = once.state


def test_after_the_all_clear_nothing_is_shown_not_even_for_the_countdown():
    """Given her map is open, when the alarm is over, then the very next answer holds no position."""
    shown = ask(seen=view(100.0))
    assert shown.monitored
    clear = ask(seen=view(2_400.0, tier=Tier.CLEAR), state=shown.state, now_ms=NOW_MS + 100)
    assert (clear.ground, clear.monitored, clear.protected) == (None, False, False)


def test_who_was_lost_near_her_and_turns_up_far_away_opens_nothing():
    """Given he is blind and could be within the ring, when a fix puts him far outside, then his new position is not shown."""
    lost = ask(seen=view(0.0, monitored=side(age_s=400.0)))
    assert not lost.monitored
    found = ask(seen=view(1_824.0), state=lost.state, now_ms=NOW_MS + 5_000)
    assert (found.monitored, found.closed) == (False, Closed.OUTSIDE_RING)


@given(st.sampled_from(Audience), st.sampled_from(Purpose), st.sampled_from(Tier), st.tuples(*[st.sampled_from(Sight)] * 2), metres, ages)
def test_who_brings_help_sees_no_position_without_an_alarm_a_call_or_an_incident(audience, purpose, tier, sights, low_m, age_s):
    """Whatever is believed of a pair, and whoever of them asks."""
    asking = Asking(audience=audience, subject=HER, purpose=purpose, pair=PAIR, order=ORDER)
    seen = view(low_m, tier=tier, monitored_sight=sights[0], protected_sight=sights[1], monitored=side(age_s=age_s), protected=side(HER_AT))
    opening = ask(asking, seen, ALWAYS)
    if audience is not Audience.PROTECTED and (opening.monitored or opening.protected):
        assert tier >= Tier.WARNING
        assert audience in RESPONSE
    for given_ in ({"sos": True}, {"incident": True}):
        called = ask(asking, seen, ALWAYS, **given_)
        assert called.protected == (audience in RESPONSE and purpose is Purpose.RESPONSE) or audience is Audience.PROTECTED


def test_only_she_and_those_who_bring_help_have_grounds():
    assert GROUNDS.keys() == {Audience.PROTECTED, *RESPONSE}
    assert {ground for audience in RESPONSE for ground, _ in GROUNDS[audience]} == {Ground.SOS, Ground.TIER, Ground.INCIDENT}


@given(quiet, metres, ages, st.sampled_from(Sight))
def test_her_map_never_opens_by_the_ring_before_the_alarm(tier, low_m, age_s, sight):
    seen = view(low_m, tier=tier, monitored_sight=sight, monitored=side(age_s=age_s))
    for rules in (KOREA, *presets().values()):
        opening = decide(HERS, seen, rules, state=NOTHING_OPEN, now_ms=NOW_MS)
        assert (opening.ground, opening.monitored) == (None, False)


@given(st.sampled_from(Tier), metres, ages, ages, st.sampled_from(sorted(presets())))
def test_within_the_ring_she_has_every_word_though_the_map_is_closed(tier, low_m, his_age_s, her_age_s, name):
    """From ``watch`` on, whatever the map does: the words do not wait for the alarm."""
    rules = presets()[name]
    seen = view(low_m, tier=tier, monitored=side(age_s=his_age_s), protected=side(HER_AT, age_s=her_age_s))
    told = low_m is not None and max(his_age_s, her_age_s) <= rules.judging.growth_max_s
    ring_m = rules.view.words_ring_m
    near = ring_m is None or (tier >= Tier.WATCH and told and low_m <= max(ring_m, rules.view.map_ring_m))
    assert decide(HERS, seen, rules, state=NOTHING_OPEN, now_ms=NOW_MS).words == (told and near)


def test_a_map_closes_with_the_alarm_though_he_stays_at_watch_inside_the_ring():
    """Given her map is open, when the alarm falls back to watch, then it closes within the countdown, and words go on."""
    shown = ask(seen=view(100.0))
    fallen = ask(seen=view(100.0, tier=Tier.WATCH), state=shown.state, now_ms=NOW_MS + 1_000)
    assert (fallen.ground, fallen.until_ms) == (Ground.CLOSING, NOW_MS + 21_000)
    shut = ask(seen=view(100.0, tier=Tier.WATCH), state=fallen.state, now_ms=NOW_MS + 21_000)
    assert (shut.scope, shut.closed, shut.words) == (Scope.WORDS, Closed.NO_ALARM, True)
