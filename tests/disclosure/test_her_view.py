"""Her view of him: while the alarm lasts, opened by the ring or by a person, kept open by her; and what an investigator reads."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.gate import LOOK_MS, NOTHING_OPEN, PURPOSES, Asking, Audience, Closed, Ground, Scope, decide
from jikimi.disclosure.held import held
from jikimi.disclosure.proof import prove
from jikimi.disclosure.viewer import QUIET, Viewer
from jikimi.model.access import Grant, Permission, Purpose, Urgency
from jikimi.model.decision import Approach, Tier
from jikimi.model.policy import MapView
from jikimi.orders.project import Span
from jikimi.policy.load import presets
from tests.disclosure.cases import ALWAYS, HER, HIM, KOREA, NEVER, NOW_MS, ORDER, PAIR, policy, view
from tests.disclosure.fake_evidence import FakeEvidence

HERS = Asking(audience=Audience.PROTECTED, subject=HER, purpose=Purpose.OWN_SAFETY, pair=PAIR, order=ORDER)
TEN_MIN_MS = 600_000
GRANT = Grant(by="operator", reason="she runs and must know the side", until_ms=NOW_MS + TEN_MIN_MS)


def urgent(urgency):
    return msgspec.structs.replace(KOREA, access=msgspec.structs.replace(KOREA.access, urgency=urgency))


def ask(seen=None, rules=KOREA, *, state=NOTHING_OPEN, now_ms=NOW_MS, **more):
    return decide(HERS, seen or view(now_ms=now_ms), rules, state=state, now_ms=now_ms, **more)


calm = st.sampled_from([Tier.CLEAR, Tier.WATCH])


class TestWhileTheAlarmLasts:
    @given(
        st.lists(st.tuples(st.integers(1, 29_999), st.sampled_from([Tier.CLEAR, Tier.WATCH])), max_size=8),
        st.sampled_from([Tier.CLEAR, Tier.WATCH]),
    )
    def test_all_clear_closes_it_within_30_s_however_seldom_somebody_looks(self, looks, last_tier):
        """The alarm ended right after the last look at it: whoever looks meanwhile, and whatever calm it fell back to."""
        state = ask(view(300.0)).state
        for wait_ms, tier in sorted(looks):
            state = ask(view(300.0, tier=tier, now_ms=NOW_MS + wait_ms), state=state, now_ms=NOW_MS + wait_ms).state
        last = ask(view(300.0, tier=last_tier, now_ms=NOW_MS + 30_000), state=state, now_ms=NOW_MS + 30_000)
        assert (last.ground, last.closed, last.monitored) == (None, Closed.NO_ALARM, False)
        assert all(LOOK_MS + rules.view.close_after_s * 1000 <= 30_000 for rules in presets().values())

    def test_it_shows_no_way_older_than_the_alarm(self):
        opening = ask(view(300.0, since_ms=NOW_MS - 90_000))
        assert opening.trail_since_ms == NOW_MS - 90_000

    @given(st.lists(st.tuples(st.integers(0, 60_000), st.booleans()), min_size=1, max_size=40))
    def test_never_longer_than_ten_minutes_after_she_looked_last(self, steps):
        now_ms, state, looked_ms = NOW_MS, NOTHING_OPEN, None
        for wait_ms, renews in steps:
            now_ms += wait_ms
            looked_ms = now_ms if renews or looked_ms is None else looked_ms
            opening = ask(view(300.0, now_ms=now_ms), state=state, now_ms=now_ms, renewed_ms=looked_ms)
            state = opening.state
            assert (opening.ground is not None) == (now_ms < looked_ms + TEN_MIN_MS)


class TestTerms:
    """Before she accepted the terms she is warned as everybody is, and is not shown where he is."""

    @given(metres=st.floats(0, 5_000), urgency=st.sampled_from(list(Urgency)), mode=st.sampled_from(list(MapView)), granted=st.booleans())
    def test_without_terms_no_position_and_every_word(self, metres, urgency, mode, granted):
        rules = urgent(urgency)
        rules = msgspec.structs.replace(rules, view=msgspec.structs.replace(rules.view, map_view=mode))
        seen, grant = view(metres), GRANT if granted else None
        closed, opened = ask(seen, rules, grant=grant, accepted=False), ask(seen, rules, grant=grant)
        assert not closed.monitored
        assert not closed.protected
        assert closed.ground is closed.trail_since_ms is None
        assert (closed.words, closed.fresh, closed.until_ms) == (opened.words, opened.fresh, opened.until_ms)
        assert closed.closed is (opened.closed if opened.ground is None else Closed.TERMS)

    def test_the_desk_sees_what_it_sees_whatever_she_accepted(self):
        desk = Asking(audience=Audience.DESK, subject="anna", purpose=Purpose.RESPONSE, pair=PAIR, order=ORDER)
        found = [decide(desk, view(), KOREA, accepted=one, state=NOTHING_OPEN, now_ms=NOW_MS) for one in (True, False)]
        assert found[0] == found[1]


class TestTenMinutes:
    def test_without_a_renewal_it_closes_and_says_so_while_words_go_on(self):
        state = ask().state
        assert ask(state=state, now_ms=NOW_MS + TEN_MIN_MS - 1).ground is Ground.INSIDE_RING
        shut = ask(state=state, now_ms=NOW_MS + TEN_MIN_MS)
        assert (shut.ground, shut.closed, shut.scope, shut.monitored) == (None, Closed.NOT_RENEWED, Scope.WORDS, False)

    def test_the_opening_names_that_moment(self):
        state = ask().state
        late = ask(state=state, now_ms=NOW_MS + TEN_MIN_MS - 5_000)
        assert late.until_ms == NOW_MS + TEN_MIN_MS

    def test_a_renewal_opens_it_again(self):
        shut = ask(state=ask().state, now_ms=NOW_MS + TEN_MIN_MS)
        again = ask(state=shut.state, now_ms=NOW_MS + TEN_MIN_MS + 1_000, renewed_ms=NOW_MS + TEN_MIN_MS + 500)
        assert again.ground is Ground.INSIDE_RING

    def test_an_alarm_that_grows_worse_is_a_renewal(self):
        shut = ask(state=ask().state, now_ms=NOW_MS + TEN_MIN_MS)
        worse = ask(view(80.0, tier=Tier.DANGER, now_ms=NOW_MS + TEN_MIN_MS), state=shut.state, now_ms=NOW_MS + TEN_MIN_MS)
        assert worse.ground is Ground.INSIDE_RING

    def test_a_continuous_view_needs_none(self):
        later = NOW_MS + 10 * TEN_MIN_MS
        assert ask(view(9_000.0, now_ms=later), ALWAYS, state=ask(rules=ALWAYS).state, now_ms=later).ground is Ground.CONTINUOUS


class TestUrgency:
    def test_where_a_person_decides_the_ring_opens_nothing(self):
        assert ask(rules=urgent(Urgency.OPERATOR)).closed is Closed.OUTSIDE_RING

    def test_a_person_opens_it_beyond_the_ring_until_the_grant_ends(self):
        rules = urgent(Urgency.OPERATOR)
        opened = ask(view(1_500.0), rules, grant=GRANT)
        assert (opened.ground, opened.monitored) == (Ground.OPERATOR, True)
        assert opened.until_ms == GRANT.until_ms or opened.until_ms < GRANT.until_ms
        assert ask(view(1_500.0), rules, grant=GRANT, now_ms=GRANT.until_ms).ground is None

    def test_where_the_ring_decides_a_grant_opens_nothing(self):
        assert ask(view(1_500.0), grant=GRANT).ground is None

    def test_either_opens_by_both(self):
        rules = urgent(Urgency.EITHER)
        assert ask(view(300.0), rules).ground is Ground.INSIDE_RING
        assert ask(view(1_500.0), rules, grant=GRANT).ground is Ground.OPERATOR

    def test_no_grant_opens_anything_without_an_alarm_or_against_the_law(self):
        assert ask(view(1_500.0, tier=Tier.CLEAR), urgent(Urgency.OPERATOR), grant=GRANT).ground is None
        never = msgspec.structs.replace(NEVER, access=urgent(Urgency.OPERATOR).access)
        assert ask(view(100.0), never, grant=GRANT).closed is Closed.POLICY


class TestPurposes:
    def test_the_list_is_closed_and_each_jurisdiction_names_its_own(self):
        assert set(PURPOSES.values()) == set(Purpose)
        for rules in presets().values():
            assert {Purpose.OWN_SAFETY, Purpose.RESPONSE} <= set(rules.access.purposes)

    @pytest.mark.parametrize("purpose", list(Purpose))
    def test_a_purpose_that_the_law_does_not_know_opens_nothing(self, purpose):
        known = tuple(one for one in Purpose if one is not purpose)
        rules = msgspec.structs.replace(ALWAYS, access=msgspec.structs.replace(KOREA.access, purposes=known))
        audience = next(one for one, its in PURPOSES.items() if its is purpose)
        asking = Asking(
            audience=audience, subject=HER, purpose=purpose, pair=PAIR, order=ORDER, permission=PERMITTED, held=HELD, second="x"
        )
        opening = decide(asking, view(50.0, tier=Tier.DANGER), rules, sos=True, state=NOTHING_OPEN, now_ms=NOW_MS)
        assert (opening.scope, opening.closed) == (Scope.NONE, Closed.POLICY)

    def test_oversight_has_no_purpose_that_shows_a_position(self):
        for purpose in Purpose:
            asking = Asking(audience=Audience.OVERSIGHT, subject=HER, purpose=purpose, pair=PAIR, order=ORDER)
            assert decide(asking, view(50.0), ALWAYS, sos=True, state=NOTHING_OPEN, now_ms=NOW_MS).scope is Scope.NONE


PERMITTED = Permission(
    order_id=ORDER.order_id,
    person_id=HIM,
    officer="investigator",
    court="Seoul Central District Court",
    number="2026-77",
    decided_ms=NOW_MS - 1,
    until_ms=NOW_MS + 60_000,
    from_ms=NOW_MS - 60_000,
    to_ms=NOW_MS,
)


HELD = held(ORDER.order_id, [ORDER])
bounds = st.lists(st.integers(0, 200), min_size=1, max_size=12, unique=True).map(sorted)


class TestInvestigation:
    def read(self, permission=PERMITTED, now_ms=NOW_MS, **fields):
        asked = {
            "audience": Audience.INVESTIGATOR,
            "subject": "investigator",
            "purpose": Purpose.INVESTIGATION,
            "pair": None,
            "order": None,
        }
        asking = Asking(**(asked | {"held": HELD} | fields), permission=permission)
        return decide(asking, None, KOREA, state=NOTHING_OPEN, now_ms=now_ms)

    def test_a_courts_permission_opens_one_persons_past_until_it_ends(self):
        opening = self.read()
        assert (opening.scope, opening.ground, opening.until_ms) == (Scope.HISTORY, Ground.COURT_PERMISSION, PERMITTED.until_ms)
        assert (opening.monitored, opening.protected) == (True, False)
        assert opening.proof == prove({HIM: [Span(PERMITTED.from_ms, PERMITTED.to_ms)]})
        assert self.read(now_ms=PERMITTED.until_ms).closed is Closed.NO_PERMISSION

    def test_an_emergency_says_that_it_is_one(self):
        assert self.read(msgspec.structs.replace(PERMITTED, court=None, number=None, decided_ms=None)).ground is Ground.EMERGENCY

    @pytest.mark.parametrize("fields", [{"permission": None}, {"held": None}, {"subject": "another officer"}, {"held": held("x", [ORDER])}])
    def test_nothing_without_it_or_for_anybody_else(self, fields):
        assert (self.read(**fields).closed, self.read(**fields).proof) == (Closed.NO_PERMISSION, None)

    def test_a_person_outside_the_order_is_not_read(self):
        assert self.read(msgspec.structs.replace(PERMITTED, person_id="person-x")).closed is Closed.NO_PERMISSION

    @given(bounds, st.integers(0, 200), st.integers(0, 200), st.booleans())
    def test_no_time_in_which_the_order_did_not_hold_is_read(self, moments, first, last, hers):
        """Not yet in force, suspended, or ended: of whatever is asked, what is read is the order's, and nothing of that is left out."""
        begin_ms = NOW_MS - 1_000
        held_at = {at for span in zip(moments[::2], moments[1::2], strict=False) for at in range(*span)}
        stretches = [
            msgspec.structs.replace(ORDER, order_id=f"{ORDER.order_id}~{number}", from_ms=begin_ms + span[0], until_ms=begin_ms + span[1])
            for number, span in enumerate(zip(moments[::2], moments[1::2], strict=False), start=1)
        ]
        person = HER if hers else HIM
        asked = msgspec.structs.replace(PERMITTED, person_id=person, from_ms=begin_ms + first, to_ms=begin_ms + last)
        opening = self.read(asked, held=held(ORDER.order_id, stretches))
        may = (
            set()
            if opening.proof is None
            else {at for at in range(-5, 210) if opening.proof.covers(person, begin_ms + at, begin_ms + at + 1)}
        )
        inside = bool(held_at) and min(held_at) <= first < last <= max(held_at) + 1
        assert may == (held_at & set(range(first, last)) if inside else set())
        assert (opening.proof is None) == (opening.closed is not None) == (not may)
        if opening.proof is not None:
            assert opening.proof.persons == (person,)

    def test_nothing_of_now_is_shown(self):
        opening = self.read(pair=PAIR, order=ORDER)
        assert (opening.scope, opening.words, opening.trail_since_ms) == (Scope.HISTORY, False, None)


class TestWholeRecord:
    def ask(self, second="another", now_ms=NOW_MS, rules=KOREA, **fields):
        asked = {"audience": Audience.RECORD, "subject": "one", "purpose": Purpose.EXPORT, "pair": None, "order": None, "held": HELD}
        return decide(Asking(**(asked | fields), second=second), None, rules, state=NOTHING_OPEN, now_ms=now_ms)

    def test_two_accounts_have_the_time_of_the_order_until_now_and_no_longer_than_this_once(self):
        opening = self.ask()
        assert (opening.scope, opening.ground, opening.until_ms) == (Scope.HISTORY, Ground.TWO, NOW_MS)
        assert opening.proof == prove({name: [Span(ORDER.from_ms, NOW_MS + 1)] for name in (HER, HIM)})

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({"second": None}, Closed.ALONE),
            ({"second": "one"}, Closed.ALONE),
            ({"held": None}, Closed.POLICY),
            ({"audience": Audience.DESK}, Closed.POLICY),
            ({"audience": Audience.INVESTIGATOR}, Closed.POLICY),
            ({"purpose": Purpose.INVESTIGATION}, Closed.POLICY),
        ],
    )
    def test_one_alone_and_any_other_audience_or_purpose_have_nothing(self, fields, why):
        assert (self.ask(**fields).closed, self.ask(**fields).proof) == (why, None)

    def test_nothing_of_a_suspension_or_of_what_is_to_come_leaves(self):
        first = msgspec.structs.replace(ORDER, until_ms=NOW_MS - 5_000)
        later = msgspec.structs.replace(ORDER, order_id="order-1~2", from_ms=NOW_MS - 1_000)
        proof = self.ask(held=held(ORDER.order_id, [first, later])).proof
        assert proof.pieces(HER) == (Span(ORDER.from_ms, NOW_MS - 5_000), Span(NOW_MS - 1_000, NOW_MS + 1))
        never = self.ask(held=held(ORDER.order_id, [msgspec.structs.replace(ORDER, from_ms=NOW_MS + 9)])).proof
        assert never.persons == ()


class TestWhatIsNoticed:
    def test_going_towards_him_while_he_is_shown_is_told_once_a_time_and_closes_nothing(self):
        evidence = FakeEvidence()
        viewer = Viewer(evidence, Audience.PROTECTED, HER)
        for at_s in range(0, 400, 5):
            evidence.views[PAIR.pair_id] = view(300.0, now_ms=NOW_MS + at_s * 1000, approach=Approach.PROTECTED)
            assert viewer.look(PAIR.pair_id, NOW_MS + at_s * 1000).opening.ground is Ground.INSIDE_RING
            assert len(evidence.towards) == (1 if at_s >= 120 else 0)
        evidence.views[PAIR.pair_id] = view(300.0, now_ms=NOW_MS + 400_000, approach=Approach.MONITORED)
        viewer.look(PAIR.pair_id, NOW_MS + 400_000)
        for at_s in (405, 530):
            evidence.views[PAIR.pair_id] = view(300.0, now_ms=NOW_MS + at_s * 1000, approach=Approach.PROTECTED)
            viewer.look(PAIR.pair_id, NOW_MS + at_s * 1000)
        assert evidence.towards == [(HER, PAIR.pair_id)] * 2

    def test_how_long_she_goes_towards_him_counts_on_over_a_line_that_comes_back_and_a_second_screen(self):
        evidence = FakeEvidence()
        locked = Viewer(evidence, Audience.PROTECTED, HER)
        locked.barred = Closed.LOCKED
        for at_s in range(0, 400, 5):
            evidence.views[PAIR.pair_id] = view(300.0, now_ms=NOW_MS + at_s * 1000, approach=Approach.PROTECTED)
            # Each look is another screen's, whose line was lost before: in between one that shows nothing, which stops no clock.
            viewer = Viewer(evidence, Audience.PROTECTED, HER)
            viewer.look(PAIR.pair_id, NOW_MS + at_s * 1000)
            viewer.leave()
            assert locked.look(PAIR.pair_id, NOW_MS + at_s * 1000).opening.monitored is False
            assert len(evidence.towards) == (1 if at_s >= 120 else 0)

    def test_his_own_way_or_a_closed_map_is_nothing(self):
        evidence = FakeEvidence()
        viewer = Viewer(evidence, Audience.PROTECTED, HER)
        for at_s, low_m, approach in ((0, 300.0, Approach.MONITORED), (200, 900.0, Approach.PROTECTED), (400, 900.0, Approach.PROTECTED)):
            evidence.views[PAIR.pair_id] = view(low_m, now_ms=NOW_MS + at_s * 1000, approach=approach)
            viewer.look(PAIR.pair_id, NOW_MS + at_s * 1000)
        assert evidence.towards == []

    def test_a_quiet_pair_opened_at_the_desk_is_written_down_once(self):
        async def story():
            evidence = FakeEvidence()
            viewer = Viewer(evidence, Audience.DESK, "operator")
            evidence.views[PAIR.pair_id] = view(9_000.0, tier=Tier.CLEAR)
            for _ in range(3):
                glance = viewer.look(PAIR.pair_id, NOW_MS)
                (glance,) = await viewer.admit([glance])
                assert (glance.opening.monitored, glance.opening.protected) == (False, False)
                viewer.consulted(glance)
                await asyncio.sleep(0)
            viewer.leave()
            assert evidence.recorded == [("operator", "desk", PAIR.pair_id, "response", QUIET)]

        asyncio.run(story())


def test_a_jurisdiction_may_choose_a_continuous_view_and_the_demonstration_has_one_of_each():
    from jikimi.scenarios import stories

    told = [stories.load(name) for name in stories.NAMES]
    chosen = {stories.demonstration(presets()[story.policy_id], story).view.map_view for story in told}
    assert chosen == {MapView.CONTINUOUS, MapView.INSIDE_RING}


def test_words_only_as_the_policy_allows_outside_the_view():
    assert ask(view(1_900.0, tier=Tier.WATCH)).scope is Scope.WORDS
    assert ask(view(2_100.0, tier=Tier.WATCH)).scope is Scope.NONE
    assert ask(view(5.0, tier=Tier.DANGER), policy(map_view=MapView.NEVER, words_ring_m=1.0)).scope is Scope.NONE
