"""From an incident's history to its row."""

from __future__ import annotations

import pytest

from jikimi.delivery.message import Message, Receipt, Step
from jikimi.delivery.passage import Passage
from jikimi.incidents.incident import Entry, Harm, Incident, Kind, Outcome, Party, Told
from jikimi.incidents.status import Status
from jikimi.model.decision import Sight, Tier
from jikimi.outcomes.incident import row_of
from jikimi.outcomes.row import Finding, HarmDone, Warned, season

BEGUN = 1_798_729_200_000
"""2026-12-31 15:00 UTC: in Seoul the year 2027 has begun."""


def made(*kinds: Kind, outcome: Outcome | None = Outcome.WARNED) -> Incident:
    party = Party(
        pair_id="p", order_id="o", policy_id="kr", basis_id="kr-provisional", tag_basis_id=None, monitored_id="m", protected_id="her"
    )
    return Incident(
        incident_id="i",
        party=party,
        kinds=kinds,
        standing=frozenset(),
        harm=Harm(),
        status=Status.RESOLVED,
        outcome=outcome,
        opened_ms=BEGUN,
        resolved_ms=BEGUN + 900_000,
    )


def line(number: int, s: float, what: str, low_m: float | None = None) -> Entry:
    told = None if low_m is None else Told(number=number, tier=Tier.WARNING, sight=Sight.LIVE, low_m=low_m, contact_s=None, reasons=())
    return Entry(number=number, at_ms=BEGUN + round(s * 1000), what=what, by="clock", told=told)


def shown(s: float, step: Step = Step.SHOWN, *, from_device: bool = True, text: str = "alarm.protected.approach") -> Passage:
    message = Message(key="k", topic=f"i her {text}", address="a", title="t", text="t", language="en", urgent=True, sent_ms=1, until_ms=2)
    receipt = Receipt(key="k", step=step, at_ms=BEGUN + round(s * 1000), from_device=from_device)
    return Passage(message=message, ways=(), enough=Step.SHOWN, is_short=False, receipts=(receipt,))


def row(incident, history, notices, finding=None, distance_m=100.0):
    return row_of(incident, history, notices, finding, distance_m=distance_m, region="KR-11", time_zone="Asia/Seoul", group="g")


@pytest.mark.parametrize(
    ("notices", "warned", "lead_s"),
    [
        ([shown(20)], Warned.BEFORE, 280),
        ([shown(320)], Warned.LATE, None),
        ([], Warned.NOT, None),
        ([shown(20, Step.DELIVERED)], Warned.NOT, None),
        ([shown(20, from_device=False)], Warned.NOT, None),
        ([shown(20, text="alarm.protected.silence")], Warned.NOT, None),
        ([shown(320), shown(20)], Warned.BEFORE, 280),
    ],
)
def test_she_was_warned_when_a_device_of_hers_said_so_before_he_was_inside(notices, warned, lead_s):
    history = [line(1, 0, "opened_approach", 900.0), line(2, 200, "distance", 300.0), line(3, 300, "again_approach", 80.0)]
    found = row(made(Kind.APPROACH), history, notices)
    assert (found.warned, found.lead_s) == (warned, lead_s)


def test_who_never_came_inside_leaves_no_lead_time_and_she_was_warned():
    found = row(made(Kind.APPROACH), [line(1, 0, "opened_approach", 900.0)], [shown(20)])
    assert (found.warned, found.lead_s) == (Warned.BEFORE, None)


def test_what_held_an_approach_is_an_approach_and_a_silence_alone_is_none():
    assert row(made(Kind.SILENCE, Kind.APPROACH), [], []).kind == Kind.APPROACH
    alone = row(made(Kind.SILENCE), [], [])
    assert (alone.kind, alone.warned) == (Kind.SILENCE, None)


def test_times_are_rounded_to_ten_seconds_and_what_never_happened_is_none():
    history = [
        line(1, 0, "opened_approach"),
        line(2, 14, "acknowledge"),
        line(3, 96, "contact"),
        line(4, 131, "task_protected_sent"),
        line(5, 133, "task_monitored_sent"),
        line(6, 601, "task_protected_arrived"),
    ]
    found = row(made(Kind.APPROACH), history, [])
    assert (found.acknowledged_s, found.contact_s, found.sent_s, found.arrived_s) == (10, 100, 130, 600)
    assert row(made(Kind.APPROACH), [], []).arrived_s is None


def test_silences_add_up_and_one_that_lasts_ends_with_the_incident():
    history = [
        line(1, 0, "opened_silence"),
        line(2, 60, "ended_silence"),
        line(3, 100, "again_silence"),
        line(4, 100, "again_handset"),
        line(5, 400, "ended_handset"),
    ]
    assert row(made(Kind.SILENCE), history, []).blind_s == 60 + 300 + 800
    assert row(made(Kind.APPROACH), [line(1, 0, "opened_approach")], []).blind_s is None


def test_what_was_found_out_is_in_the_row_and_who_entered_it_is_not():
    finding = Finding(breach=True, arrested=False, harm=HarmDone.NONE, is_false=None, by="operator", at_ms=1)
    found = row(made(Kind.APPROACH), [], [], finding)
    assert (found.breach, found.arrested, found.harm, found.is_false) == (True, False, HarmDone.NONE, None)
    assert "operator" not in repr(found)
    assert "her" not in {found.group, found.region}


def test_the_year_is_the_jurisdictions():
    found = row(made(Kind.APPROACH), [], [])
    assert (found.year, found.quarter) == (2027, 1) == season(BEGUN, "Asia/Seoul")
    assert season(BEGUN, "UTC") == (2026, 4)


def test_one_that_was_erased_while_it_was_open_has_no_outcome():
    assert row(made(Kind.APPROACH, outcome=None), [], []).outcome == "unknown"
