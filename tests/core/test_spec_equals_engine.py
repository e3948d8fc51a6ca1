"""The incremental engine and the slow spec must tell the same story: promise 6, and the heart of every test here."""

from __future__ import annotations

import pytest

from jikimi.core.engine import Engine
from jikimi.core.spec.judge import Input, Result, judge
from jikimi.model.decision import Transition
from jikimi.model.fix import Verdict
from jikimi.model.order import Pair
from tests.core.generate import history
from tests.core.rules import T0, TRACK

STEPS = 40
SHARDS = 8
HISTORIES = 3_800  # of at least STEPS steps each: more than 100,000 compared, ties taken off


def run_engine(spec: Pair, inputs: list[Input], until_ms: int) -> tuple[list[Transition], list[Verdict]]:
    engine = Engine(TRACK)
    out = engine.put(spec, T0)
    verdicts = []
    for item in inputs:
        out += engine.advance(item.now_ms)
        person = spec.monitored_id if item.side == "monitored" else spec.protected_id
        assert person is not None
        verdicts.append(engine.fix(person, item.fix, item.now_ms, out))
    return out + engine.advance(until_ms), verdicts


def close(a: float | None, b: float | None, scale: float | None) -> bool:
    if a is None or b is None or scale is None:
        return a is b
    return abs(a - b) <= 0.01 + 5e-5 * scale


def assert_same(seed: int, expected: Result, found: list[Transition], verdicts: list[Verdict]) -> int:
    """Compare up to the first tie; return how many steps were compared."""
    compared = len(expected.verdicts)
    assert verdicts[:compared] == expected.verdicts, seed
    if expected.tie_at_ms is not None:
        found = [t for t in found if t.at_ms < expected.tie_at_ms - 300]
    changes = [c for c in expected.changes if expected.tie_at_ms is None or c.at_ms < expected.tie_at_ms - 300]
    assert len(found) == len(changes), (seed, changes, found)
    for transition, change in zip(found, changes, strict=True):
        where = (seed, change, transition)
        assert abs(transition.at_ms - change.at_ms) <= 50, where
        assert (transition.tier, transition.monitored, transition.protected) == (change.tier, change.monitored, change.protected), where
        assert (transition.movement, transition.approach) == (change.movement, change.approach), where
        assert close(transition.low_m, change.low_m, change.high_m), where
        assert close(transition.high_m, change.high_m, change.high_m), where
        assert close(transition.contact_s, change.contact_s, change.high_m), where
    return compared


def compare(seed: int, steps: int = STEPS) -> int:
    spec, inputs, until_ms = history(seed, steps)
    found, verdicts = run_engine(spec, inputs, until_ms)
    return assert_same(seed, judge(spec, TRACK, T0, inputs, until_ms), found, verdicts)


@pytest.mark.parametrize("shard", range(SHARDS))
def test_same_transitions_in_100_000_steps(shard: int) -> None:
    compared = sum(compare(seed) for seed in range(shard, HISTORIES, SHARDS))
    assert compared * SHARDS >= 100_000
