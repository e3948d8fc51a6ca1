"""What a transition means for people: who falls silent, who never was heard, and whose device said what."""

from __future__ import annotations

import msgspec
import pytest

from jikimi.incidents.incident import Kind
from jikimi.incidents.opening import of_event, of_transition
from jikimi.model.decision import Approach, Cause, Movement, Reason, Sight, Tier, Transition
from jikimi.model.event import EventKind
from tests.incidents.helpers import party

LIVE, STALE, BLIND = Sight


def transition(him=(LIVE, LIVE), her=(LIVE, LIVE), tier=(Tier.CLEAR, Tier.CLEAR)):
    return Transition(
        pair_id="p1",
        number=1,
        at_ms=0,
        tier_before=tier[0],
        tier=tier[1],
        monitored_before=him[0],
        monitored=him[1],
        protected_before=her[0],
        protected=her[1],
        reasons=(),
        low_m=None,
        high_m=None,
        contact_s=None,
        movement=Movement.UNKNOWN,
        approach=Approach.CANNOT_TELL,
        monitored_fix=None,
        protected_fix=None,
        order_id="o1",
        rules="kr 1",
    )


def kinds(one):
    return [(signal.kind, signal.began) for signal in of_transition(one, party())]


@pytest.mark.parametrize("other", [LIVE, STALE, BLIND])
def test_a_side_that_falls_blind_opens_whatever_the_other_is(other):
    assert kinds(transition(him=(STALE, BLIND), her=(other, other))) == [(Kind.SILENCE, True)]
    assert kinds(transition(him=(other, other), her=(STALE, BLIND))) == [(Kind.SILENCE, True)]


def test_who_was_never_heard_has_not_fallen_silent():
    assert kinds(transition(him=(BLIND, LIVE), her=(BLIND, BLIND))) == []


def test_silence_ends_when_both_are_seen_again_however_badly():
    assert kinds(transition(him=(BLIND, STALE))) == [(Kind.SILENCE, False)]
    assert kinds(transition(him=(BLIND, LIVE), her=(LIVE, BLIND))) == [(Kind.SILENCE, True)]


def test_an_approach_begins_from_warning_and_ends_below():
    assert kinds(transition(tier=(Tier.CLEAR, Tier.WATCH))) == []
    assert kinds(transition(tier=(Tier.WATCH, Tier.WARNING))) == [(Kind.APPROACH, True)]
    assert kinds(transition(tier=(Tier.DANGER, Tier.WATCH))) == [(Kind.APPROACH, False)]


@pytest.mark.parametrize("kind", EventKind)
def test_what_his_device_says_never_concerns_hers_nor_hers_his(kind):
    his, hers = (of_event("e", (kind, None), 0, party(), person) for person in ("m1", "f-p1"))
    assert his is None or his.kind not in {Kind.SOS, Kind.HANDSET, Kind.PHONE_BATTERY}
    assert hers is None or hers.kind not in {Kind.BATTERY, Kind.STRAP, Kind.REMOVAL}


@pytest.mark.parametrize(("detail", "meant"), [(None, Kind.SOS), ("sos", Kind.SOS), ("silent", Kind.SILENT_SOS)])
def test_a_silent_call_is_a_kind_of_its_own_and_so_is_its_end(detail, meant):
    began, ended = (of_event("e", (kind, detail), 0, party(), "f-p1") for kind in (EventKind.SOS, EventKind.SOS_CANCEL))
    assert (began.kind, began.began, ended.kind, ended.began) == (meant, True, meant, False)


@pytest.mark.parametrize(("detail", "kind"), [(None, Kind.REMOVAL), ("tampering", Kind.REMOVAL), ("mock", Kind.FALSE_DATA)])
def test_made_up_positions_are_false_data_and_no_removal(detail, kind):
    told = of_event("e", (EventKind.TAMPER, detail), 5, party(), "m1")
    assert (told.kind, told.began) == (kind, True)


def test_a_tier_that_rests_on_a_surprising_report_ranks_as_near_as_that_report_says():
    reason = Reason(Cause.SUSPECT, "danger_m", 48.0, 180.0, "monitored")
    jumped = msgspec.structs.replace(
        transition(tier=(Tier.CLEAR, Tier.DANGER)), low_m=4_800.0, contact_s=600.0, reasons=(reason,), movement=Movement.UNKNOWN
    )
    (signal,) = of_transition(jumped, party())
    assert (signal.low_m, signal.contact_s) == (48.0, 6.0)
    assert signal.told.low_m == 48.0
    far = msgspec.structs.replace(jumped, reasons=(msgspec.structs.replace(reason, value=9_000.0),))
    assert of_transition(far, party())[0].low_m == 4_800.0, "a report never makes him farther"
    assert of_transition(msgspec.structs.replace(jumped, contact_s=None), party())[0].contact_s is None
