"""The same stories with devices that report as often as they are asked to, charged for what they then report.

A case whose devices report every 5 s holds all that they could have said; of it a device keeps back what it was not asked for.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from jikimi.core.engine import Engine
from jikimi.core.sampling import person_interval_s
from jikimi.model.decision import Transition
from jikimi.model.policy import PairRules, TrackRules
from jikimi.model.sampling import SamplingRules
from jikimi.scenarios.score.case import Case, Heard, Said
from jikimi.scenarios.score.ours import PERSONS, end_ms, pair_of, said_by

OFTEN_S: Final = 5.0
"""Cases of this interval are played so: the shortest that a policy asks for."""
EARLY_MS: Final = 500
"""A report that comes so much too early is sent all the same: devices count seconds, not milliseconds."""


class Heeded(NamedTuple):
    """What was sent, and what the core said of it."""

    heard: list[Heard]
    said: list[Said]


def heeds(case: Case) -> bool:
    """Return whether a case can be played so."""
    return case.interval_s == OFTEN_S


def heed(case: Case, rules: PairRules, track_rules: TrackRules, sampling: SamplingRules) -> Heeded:
    """Play a case. Each device learns its interval with the answer to a report; her page, by its stream, with each change too."""
    engine = Engine(track_rules)
    out = engine.put(pair_of(case, rules), case.truth.start_ms)
    heard: list[Heard] = []
    sent_ms: dict[str, int] = {}
    interval_ms = dict.fromkeys(PERSONS.values(), 0)
    for one in case.heard:
        told = len(out)
        now_ms = max(one.now_ms, engine.now_ms)
        out += engine.advance(now_ms)
        _tell_her(engine, sampling, interval_ms, out[told:])
        person = PERSONS[one.side]
        if one.fix.fix_time_ms + EARLY_MS < sent_ms.get(person, 0) + interval_ms[person]:
            continue
        told = len(out)
        engine.fix(person, one.fix, now_ms, out)
        heard.append(one)
        sent_ms[person] = max(one.fix.fix_time_ms, sent_ms.get(person, 0))
        interval_ms[person] = _asked_ms(engine, person, sampling, now_ms)
        _tell_her(engine, sampling, interval_ms, out[told:])
    out += engine.advance(max(end_ms(case), engine.now_ms))
    return Heeded(heard, [said_by(transition) for transition in out])


def _tell_her(engine: Engine, sampling: SamplingRules, interval_ms: dict[str, int], changes: list[Transition]) -> None:
    if changes:
        interval_ms[PERSONS["protected"]] = _asked_ms(engine, PERSONS["protected"], sampling, changes[-1].at_ms)


def _asked_ms(engine: Engine, person: str, sampling: SamplingRules, now_ms: int) -> int:
    asked_s = person_interval_s(person, engine.track(person), [(pair, sampling) for pair in engine.pairs_of(person)], now_ms)
    return 0 if asked_s is None else round(asked_s * 1000.0)
