"""Devices that report when they are asked: what is sent, what it costs, and that his tells nothing of where she is."""

from __future__ import annotations

from itertools import pairwise

from jikimi.core.geodesy import offset
from jikimi.model.fix import Fix
from jikimi.model.sampling import SAMPLING
from jikimi.scenarios.score.case import Case, Heard, Side
from jikimi.scenarios.score.goals import heeded_figures
from jikimi.scenarios.score.heeding import heed, heeds
from jikimi.scenarios.score.measure import Truthful, measure
from jikimi.scenarios.score.ours import Ours
from jikimi.scenarios.score.run import ASKED, OURS, judged, numbers
from jikimi.scenarios.score.totals import Totals
from tests.scenarios.score.hand import HOME, T0, case, coming

RULES, TRACK = numbers("kr")
HIS = [3000.0] * 900 + coming(3000)


def every_5_s(his: list[float], her_north_m: float = 0.0) -> Case:
    hers = [her_north_m] * len(his)
    heard = [
        Heard(T0 + 1000 * second + late, side, Fix(f"{side}{second}", T0 + 1000 * second + late, *offset(*HOME, 0.0, norths[second]), 5.0))
        for second in range(0, len(his), 5)
        for side, norths, late in (("monitored", his, 0), ("protected", hers, 1))
    ]
    return case(his, hers, heard=heard, interval_s=5.0)


def steps_s(heard: list[Heard], side: Side) -> list[int]:
    times = [one.fix.fix_time_ms for one in heard if one.side == side]
    return [round((b - a) / 1000) for a, b in pairwise(times)]


def test_far_away_and_at_rest_little_is_sent_and_in_an_alarm_all_of_hers() -> None:
    story = every_5_s(HIS)
    heard = heed(story, RULES, TRACK, SAMPLING).heard
    assert set(heard) <= set(story.heard)
    assert max(steps_s(heard, "monitored")[5:14]) == 60
    assert set(steps_s(heard, "protected")[-60:]) == {5}
    assert set(steps_s(heard, "monitored")) <= {5, 10, 15, 30, 60}


def test_what_he_is_asked_says_nothing_of_where_she_is() -> None:
    sent = [
        [one.fix.fix_time_ms for one in heed(every_5_s(HIS, north_m), RULES, TRACK, SAMPLING).heard if one.side == "monitored"]
        for north_m in (0.0, 900.0, -40_000.0)
    ]
    assert sent[0] == sent[1] == sent[2]


def test_an_alarm_costs_no_lead_and_the_charge_falls() -> None:
    story = every_5_s(HIS)
    truth = Truthful(story)
    heeded = heed(story, RULES, TRACK, SAMPLING)
    asked, often = measure(truth.hearing(heeded.heard), heeded.said), measure(truth, Ours().judge(story, RULES, TRACK))
    assert asked.tag_charge is not None
    assert often.tag_charge is not None
    assert asked.tag_charge < 0.7 * often.tag_charge
    assert often.contacts[0].lead_s is not None
    assert (asked.contacts[0].lead_s or 0.0) > 0.9 * often.contacts[0].lead_s
    told = {figure.name: figure for figure in heeded_figures(Totals(ASKED, [asked]), Totals(OURS, [often]))}
    assert told["charge of a tag, devices asked"].value == 100.0 * asked.tag_charge
    assert told["contacts warned of before, devices asked"].value == 100.0


def test_only_what_is_reported_every_5_s_is_played_so() -> None:
    short = every_5_s([3000.0] * 60)
    assert heeds(short)
    assert not heeds(case([3000.0] * 60))
    assert ASKED in judged(short, "kr", curve=False, others=True)
    assert ASKED not in judged(short, "kr", curve=False, others=False)
    assert ASKED not in judged(case([3000.0] * 60), "kr", curve=False, others=True)
