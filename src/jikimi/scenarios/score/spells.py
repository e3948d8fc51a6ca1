"""When something that a judge says stood, as times; short gaps are bridged, since nobody hears two alarms in two minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from jikimi.model.decision import Approach, Sight, Tier
from jikimi.scenarios.score.case import Said

BRIDGE_MS: Final = 120_000


class Spell(NamedTuple):
    """From (inclusive) to (exclusive), and what was said of who approaches when it began."""

    from_ms: int
    to_ms: int
    approach: Approach


def spells(said: Sequence[Said], least: Tier, end_ms: int) -> list[Spell]:
    """Return when the tier was ``least`` or above."""
    found: list[Spell] = []
    for spell in _raw(said, least, end_ms):
        if found and spell.from_ms - found[-1].to_ms < BRIDGE_MS:
            found[-1] = found[-1]._replace(to_ms=spell.to_ms)
        else:
            found.append(spell)
    return found


def _raw(said: Sequence[Said], least: Tier, end_ms: int) -> Iterator[Spell]:
    began: Said | None = None
    for one in said:
        if one.tier >= least and began is None:
            began = one
        elif one.tier < least and began is not None:
            yield Spell(began.at_ms, one.at_ms, began.approach)
            began = None
    if began is not None:
        yield Spell(began.at_ms, end_ms, began.approach)


def standing(said: Sequence[Said], at_ms: int) -> Said | None:
    """Return what was said last, up to and including a moment."""
    found = None
    for one in said:
        if one.at_ms > at_ms:
            break
        found = one
    return found


def unseen(said: Said | None) -> bool:
    """Return whether the judge says that it does not see a side; before its first word it says nothing."""
    return said is not None and max(said.monitored, said.protected) > Sight.LIVE
