"""The real engine as a judge: one pair at a time, fed as the server feeds it, alarms rung at their own moments."""

from __future__ import annotations

from typing import Final

from jikimi.core.engine import Engine
from jikimi.model.decision import Transition
from jikimi.model.order import Pair
from jikimi.model.policy import PairRules, TrackRules
from jikimi.scenarios.score.case import Case, Said, Side

PERSONS: Final[dict[Side, str]] = {"monitored": "m", "protected": "p"}


class Ours:
    """Jikimi's own core."""

    name = "Jikimi"

    def judge(self, case: Case, rules: PairRules, track_rules: TrackRules) -> list[Said]:
        """Return every transition over the case, up to the end of its truth or its last report."""
        engine = Engine(track_rules)
        out = engine.put(pair_of(case, rules), case.truth.start_ms)
        for heard in case.heard:
            out += engine.advance(max(heard.now_ms, engine.now_ms))
            engine.fix(PERSONS[heard.side], heard.fix, engine.now_ms, out)
        out += engine.advance(max(end_ms(case), engine.now_ms))
        return [said_by(transition) for transition in out]


def end_ms(case: Case) -> int:
    """Return when the truth of a case ends."""
    return case.truth.start_ms + len(case.truth.monitored.latitude) * case.truth.step_ms


def pair_of(case: Case, rules: PairRules) -> Pair:
    """Return the pair that a case is about."""
    person = case.zone is None
    return Pair(
        pair_id="pair",
        order_id="order",
        monitored_id=PERSONS["monitored"],
        owner_id=PERSONS["protected"],
        protected_id=PERSONS["protected"] if person else None,
        place_id=None if person else "place",
        zone=case.zone,
        rules=rules,
    )


def said_by(transition: Transition) -> Said:
    """Return what a transition says, in the words of a score."""
    return Said(transition.at_ms, transition.tier, transition.monitored, transition.protected, transition.approach)
