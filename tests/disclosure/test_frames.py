"""What goes out: exactly what the gate opened, byte for byte."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.frames import Labels, map_of, moment_of, place_kind, row_of, state_of, transition_of
from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import Viewer
from jikimi.disclosure.wire import Calling
from jikimi.model.decision import Movement, Sight, Tier, Unconfirmed
from jikimi.model.fix import Source
from tests.disclosure.cases import (
    ALWAYS,
    HER,
    HER_AT,
    HIS_AT,
    HOME,
    NEVER,
    NOW_MS,
    ORDER,
    PAIR,
    numbers,
    side,
    transition,
    view,
)
from tests.disclosure.fake_evidence import FakeEvidence, Point


def evidence_of(*views, rules=None):
    found = FakeEvidence()
    found.views = {one.pair_id: one for one in views}
    if rules is not None:
        found.policies[ORDER.order_id] = rules
    return found


def frame(evidence, now_ms=NOW_MS, audience=Audience.PROTECTED, subject=HER):
    """The state as bytes, as her screen gets it."""
    viewer = Viewer(evidence, audience, subject)

    async def look():
        glances = await viewer.admit([viewer.look(pair_id, now_ms) for pair_id in evidence.views])
        return msgspec.json.encode(state_of(glances, evidence, str.upper, late_s=0.0, now_ms=now_ms))

    return asyncio.run(look())


def only(evidence, **options):
    (pair,) = json.loads(frame(evidence, **options))["pairs"]
    return pair


def test_a_whole_open_state():
    evidence = evidence_of(view(100.0, tier=Tier.DANGER))
    evidence.points = [Point(37.5, 126.9, NOW_MS - 61_000), Point(37.51, 126.91, NOW_MS - 59_000)]
    assert json.loads(frame(evidence)) == {
        "at_ms": NOW_MS,
        "late_s": 0.0,
        "pairs": [
            {
                "pair": "PAIR-1",
                "place": None,
                "tier": "danger",
                "seen": "live",
                "handset": "live",
                "since_ms": NOW_MS - 60_000,
                "words": {
                    "low_m": 100.0,
                    "high_m": 140.0,
                    "bearing_deg": 215.5,
                    "movement": "approaching",
                    "contact_s": 71.4,
                    "fix_age_s": 3.0,
                    "unconfirmed": None,
                },
                "map": {
                    "monitored": {
                        "latitude": HIS_AT[0],
                        "longitude": HIS_AT[1],
                        "error_m": 12.0,
                        "age_s": 3.0,
                        "course_deg": 91.0,
                        "speed_mps": 1.4,
                        "pin": True,
                    },
                    "protected": {
                        "latitude": HER_AT[0],
                        "longitude": HER_AT[1],
                        "error_m": 12.0,
                        "age_s": 3.0,
                        "course_deg": 91.0,
                        "speed_mps": 1.4,
                        "pin": True,
                    },
                    "rings": [
                        {"name": "watch", "radius_m": PAIR.rules.watch_m},
                        {"name": "warning", "radius_m": PAIR.rules.warning_m},
                        {"name": "danger", "radius_m": PAIR.rules.danger_m},
                    ],
                    "zone": None,
                    "trail": [[37.51, 126.91, NOW_MS - 59_000]],
                    "valid_s": 30.0,
                },
                "closed": None,
            }
        ],
        "drill": None,
    }


def test_a_place_has_its_zone_and_no_person():
    pair = only(evidence_of(view(20.0, pair=HOME)))
    assert (pair["place"], pair["map"]["protected"]) == ("home", None)
    assert pair["map"]["zone"] == {"type": "circle", "latitude": 37.55, "longitude": 127.01, "radius_m": 50.0}


def test_a_place_the_order_does_not_know_is_another_place():
    assert place_kind(PAIR, ORDER) is None
    assert place_kind(msgspec.structs.replace(HOME, place_id="x"), ORDER) == "other"
    assert place_kind(HOME, None) == "other"


def test_cell_has_no_pin():
    pair = only(evidence_of(view(20.0, monitored=side(source=Source.CELL))))
    assert pair["map"]["monitored"]["pin"] is False


def test_an_old_fix_gives_distance_but_no_direction_movement_or_time():
    pair = only(evidence_of(view(20.0, monitored=side(age_s=130.0))))
    assert (pair["map"], pair["closed"]) == (None, "no_position")
    assert pair["words"] == {
        "low_m": 20.0,
        "high_m": 60.0,
        "bearing_deg": None,
        "movement": "unknown",
        "contact_s": None,
        "fix_age_s": 130.0,
        "unconfirmed": None,
    }


def test_unknown_is_null_and_zero_is_zero():
    pair = only(evidence_of(view(0.0, bearing_deg=0.0, contact_s=0.0, monitored=side(speed_mps=None, course_deg=None, error_m=0.0))))
    assert (pair["words"]["low_m"], pair["words"]["bearing_deg"], pair["words"]["contact_s"]) == (0.0, 0.0, 0.0)
    assert (pair["map"]["monitored"]["speed_mps"], pair["map"]["monitored"]["error_m"]) == (None, 0.0)


def test_worst_first():
    evidence = evidence_of(view(1900.0, tier=Tier.CLEAR), view(50.0, tier=Tier.DANGER, pair=HOME))
    assert [pair["pair"] for pair in json.loads(frame(evidence))["pairs"]] == ["PAIR-HOME", "PAIR-1"]


def order_of(*views, rules=None):
    return [pair["pair"] for pair in json.loads(frame(evidence_of(*views, rules=rules)))["pairs"]]


def test_among_equals_the_nearest_stands_first_however_new_the_other_is():
    """Given he is beside her and unseen, when he turns up near her home as well, then the screen goes on about her."""
    her = view(0.0, since_ms=NOW_MS - 90_000)
    home = view(353.0, pair=HOME, since_ms=NOW_MS - 1_000)
    assert order_of(her, home) == order_of(home, her) == ["PAIR-1", "PAIR-HOME"]
    assert order_of(view(354.0, since_ms=NOW_MS - 90_000), home) == ["PAIR-HOME", "PAIR-1"]


def test_at_one_distance_she_stands_before_a_place():
    assert order_of(view(100.0, pair=HOME), view(100.0)) == ["PAIR-1", "PAIR-HOME"]


@given(st.floats(2000.5, 50_000), st.floats(2000.5, 50_000))
def test_where_distance_is_closed_the_order_does_not_tell_it(one, other):
    tiers = {"tier": Tier.WATCH, "since_ms": NOW_MS - 5}
    assert order_of(view(one, **tiers), view(other, pair=HOME, **tiers), rules=NEVER) == ["PAIR-1", "PAIR-HOME"]


coordinates = st.tuples(st.floats(-89, 89), st.floats(-179, 179))
blurred = st.builds(
    side,
    coordinates,
    st.floats(0, 3000),
    error_m=st.floats(0, 3000),
    speed_mps=st.none() | st.floats(0, 90),
    course_deg=st.none() | st.floats(0, 359),
    source=st.sampled_from(Source),
)
far = st.builds(
    view,
    st.floats(2000.5, 100_000),
    tier=st.just(Tier.WATCH),
    monitored=blurred,
    protected=blurred,
    bearing_deg=st.none() | st.floats(0, 359),
    contact_s=st.none() | st.floats(0, 9000),
    movement=st.sampled_from(Movement),
    distance_m=st.floats(2000, 100_000),
)


@given(far, far)
def test_closed_states_are_the_same_bytes_wherever_the_two_are(one, other):
    """Scope NONE: nothing that derives from a position is in it."""
    assert frame(evidence_of(one)) == frame(evidence_of(other))


calm = st.builds(view, st.none() | st.floats(600.5, 100_000), tier=st.just(Tier.CLEAR), monitored=blurred, protected=blurred)


@given(calm, calm)
def test_calm_states_are_the_same_bytes_however_near_the_two_are(one, other):
    """Tier ``clear`` outside the map's ring tells nothing of a distance, but for whether there is one."""
    frames = [frame(evidence_of(each)) for each in (one, other)]
    assert (frames[0] == frames[1]) is ((one.low_m is None) is (other.low_m is None))


@given(st.floats(600.5, 100_000), coordinates, st.sampled_from(Tier))
def test_never_a_coordinate_outside_the_ring(low_m, at, tier):
    evidence = evidence_of(view(low_m, tier=tier, monitored=side(at), protected=side(HER_AT)))
    evidence.points = [Point(at[0], at[1], NOW_MS)]
    assert only(evidence)["map"] is None


@given(st.floats(0, 100_000), st.sampled_from(Tier), st.sampled_from(Sight))
def test_never_a_coordinate_where_the_policy_never_opens(low_m, tier, sight):
    data = frame(evidence_of(view(low_m, tier=tier, monitored_sight=sight), rules=NEVER))
    assert not any(number in data for number in numbers(HIS_AT, HER_AT))


@pytest.mark.parametrize("subject", ["person-x", ""])
def test_nobody_elses_pair(subject):
    data = frame(evidence_of(view(10.0), rules=ALWAYS), subject=subject)
    assert not any(number in data for number in numbers(HIS_AT, HER_AT))
    assert json.loads(data)["pairs"][0]["words"] is None


def test_a_transition_for_her_has_no_number_in_it():
    assert msgspec.to_builtins(transition_of(transition(), str.upper)) == {
        "pair": "PAIR-1",
        "at_ms": NOW_MS,
        "tier": "warning",
        "tier_before": "watch",
        "seen": "live",
        "handset": "stale",
    }


def test_a_moment_for_the_desk():
    moment = msgspec.to_builtins(moment_of(transition(), str.upper))
    assert moment["reasons"] == [{"cause": "distance", "rule": "warning_m", "value": 987.0, "limit": 1000.0, "side": None}]
    assert (moment["order"], moment["rules"], moment["low_m"], moment["handset_before"]) == ("order-1", "kr 2026-06", 987.0, "live")


class Heard(msgspec.Struct):
    heard_ms: int | None = NOW_MS - 1_500
    fix_time_ms: int | None = None
    error_m: float | None = 0.0
    battery_pct: float | None = 0.0


def row(seen, pair=PAIR, rules=None, **options):
    evidence = evidence_of(seen, rules=rules)
    glance = Viewer(evidence, Audience.DESK, "operator").look(pair.pair_id, NOW_MS)
    given_ = {"tag": Heard(), "phone": None, "place": None, "sos": None} | options
    return msgspec.to_builtins(row_of(glance, str.upper, Labels("A", None), **given_))


def test_a_row_holds_no_coordinate():
    assert not any(number.decode() in json.dumps(row(view(10.0))) for number in numbers(HIS_AT, HER_AT))


def test_a_row_says_how_devices_are_doing():
    found = row(view(10.0, last=transition()))
    assert found["tag"] == {"heard_s": 1.5, "fix_age_s": None, "battery_pct": 0.0, "error_m": 0.0}
    assert found["phone"] == {"heard_s": None, "fix_age_s": None, "battery_pct": None, "error_m": None}
    assert (found["label_monitored"], found["label_protected"], found["reasons"][0]["rule"]) == ("A", None, "warning_m")
    assert row(view(10.0, pair=HOME), HOME)["phone"] is None


def test_a_row_says_since_when_she_calls_and_whether_silently():
    assert row(view(10.0))["sos"] is None
    assert row(view(10.0), sos=Calling(since_ms=5, silent=True))["sos"] == {"since_ms": 5, "silent": True}


def test_a_rows_distance_is_unknown_once_the_silence_is_too_long():
    found = row(view(10.0, monitored=side(age_s=5_000.0)))
    assert (found["low_m"], found["high_m"], found["contact_s"], found["movement"]) == (None, None, None, "unknown")


@given(st.integers(0, 50_000), st.integers(0, 5_000), st.integers(0, 100_000), st.sampled_from(Tier))
def test_while_positions_are_closed_the_desk_is_told_distances_in_steps_and_no_danger_smaller(low_m, width_m, contact_s, tier):
    """Who sees him for another woman's sake could find her by exact distances; so a quiet row is the same all over a step."""
    seen = msgspec.structs.replace(view(low_m, tier=tier), high_m=low_m + width_m, contact_s=contact_s)
    found = row(msgspec.structs.replace(seen, unconfirmed=Unconfirmed("monitored", low_m)))
    told = (found["low_m"], found["high_m"], found["contact_s"], found["unconfirmed"]["low_m"])
    if tier >= Tier.WARNING:
        assert told == (round(low_m, 1), round(low_m + width_m, 1), round(contact_s, 1), round(low_m, 1))
        return
    assert [value % step for value, step in zip(told, (100.0, 100.0, 10.0, 100.0), strict=True)] == [0.0] * 4
    assert low_m - 100.0 < told[0] <= low_m
    assert low_m + width_m <= told[1] < low_m + width_m + 100.0
    assert contact_s - 10.0 < told[2] <= contact_s
    assert told[3] == told[0]


def test_a_closed_map_is_no_map():
    evidence = evidence_of(view(3000.0, tier=Tier.CLEAR))
    glance = Viewer(evidence, Audience.DESK, "operator").look(PAIR.pair_id, NOW_MS)
    assert map_of(glance, evidence, NOW_MS) is None


def test_continuous_shows_the_map_and_the_words_at_any_distance():
    pair = only(evidence_of(view(30_000.0), rules=ALWAYS))
    assert pair["words"]["low_m"] == 30_000.0
    assert pair["map"]["monitored"]["latitude"] == HIS_AT[0]


def test_a_report_that_waits_to_be_confirmed_is_told_with_the_distance_it_corrects_and_never_where_that_is_closed():
    doubted = msgspec.structs.replace(view(100.0, tier=Tier.DANGER), unconfirmed=Unconfirmed("monitored", 12.34))
    assert only(evidence_of(doubted))["words"]["unconfirmed"] == "monitored"
    assert row(doubted)["unconfirmed"] == {"side": "monitored", "low_m": 12.3}
    apart = msgspec.structs.replace(doubted, low_m=None, high_m=None)
    assert only(evidence_of(apart))["words"] is None, "where no distance is told, none is corrected"
    assert row(apart)["unconfirmed"] is None
