"""Which looks are unusual. Pure: looks go in, in the order of their times, and what a person should look into comes out.

It never closes anything and never delays an alarm: it is asked after the answer, and its answer opens a review. The numbers are
the policy's.
"""

from __future__ import annotations

import enum
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Final

import msgspec

from jikimi.disclosure.gate import Audience
from jikimi.disclosure.viewer import QUIET
from jikimi.model.access import AccessRules
from jikimi.model.record import Disclosed

TOWARDS: Final = "towards:map"
"""The scope under which her way towards him is told to the vigil. It is no look, and stands in no ledger."""
MOST_VIEWERS: Final = 20_000
_STAFF: Final = frozenset({Audience.DESK.value, Audience.INVESTIGATOR.value})


class Unusual(enum.StrEnum):
    """What a review is about."""

    MANY_VIEWS = "many_views"
    TOWARDS_HIM = "towards_him"
    WITHOUT_INCIDENT = "without_incident"
    COLLEAGUES = "colleagues"
    NO_PERMISSION = "no_permission"
    """A copy for an investigation was erased because no court's permission was recorded in time."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be looked into: who looked, at which pair last, and how often within the policy's time."""

    kind: Unusual
    viewer: str
    pair_id: str
    at_ms: int
    times: int


class Vigil:
    """Remembers the looks of each viewer for as long as a policy asks about them."""

    def __init__(self) -> None:
        self._looks: dict[tuple[str, Unusual], deque[int]] = {}

    def saw(self, look: Disclosed, rules: AccessRules, *, colleagues: bool) -> list[Finding]:
        """Take a look in; return what is unusual about it.

        Args:
            look: who looked at what, and when.
            rules: of the pair's policy.
            colleagues: whether the pair's open incident belongs to somebody else.
        """
        asked = _asked(look, rules, colleagues=colleagues)
        return [finding for kind, most, within_s in asked for finding in self._count(look, kind, most, within_s)]

    def restore(self, viewer: str, kind: Unusual, times_ms: Iterable[int]) -> None:
        """Go on from what was counted before the process began."""
        self._looks[viewer, kind] = deque(times_ms)

    def counted(self, look: Disclosed, rules: AccessRules, *, colleagues: bool) -> list[tuple[Unusual, list[int]]]:
        """Return what is counted now of each kind that a look counts for, so that somebody may keep it."""
        kinds = [kind for kind, _most, _within_s in _asked(look, rules, colleagues=colleagues)]
        return [(kind, list(self._looks.get((look.recipient, kind), ()))) for kind in kinds]

    def forget(self, viewers: Collection[str]) -> None:
        """Forget persons of whom nothing may be known any more."""
        for viewer in viewers:
            for kind in Unusual:
                self._looks.pop((viewer, kind), None)

    def _count(self, look: Disclosed, kind: Unusual, most: int, within_s: float) -> Iterator[Finding]:
        key = (look.recipient, kind)
        looks = self._looks.pop(key, None)
        if looks is None:
            looks = deque()
        self._looks[key] = looks
        if len(self._looks) > MOST_VIEWERS:
            del self._looks[next(iter(self._looks))]
        looks.append(look.at_ms)
        while looks[0] <= look.at_ms - within_s * 1000.0:
            looks.popleft()
        if len(looks) >= most:
            yield Finding(kind=kind, viewer=look.recipient, pair_id=look.pair_id, at_ms=look.at_ms, times=len(looks))
            looks.clear()


def _asked(look: Disclosed, rules: AccessRules, *, colleagues: bool) -> Iterator[tuple[Unusual, int, float]]:
    """Yield what a look counts for, how many are too many, and within how many seconds."""
    if look.scope == TOWARDS:
        yield Unusual.TOWARDS_HIM, 1, rules.toward_s
    elif look.scope == QUIET:
        yield Unusual.WITHOUT_INCIDENT, int(rules.without_incident), rules.without_incident_s
    elif look.scope.startswith("map:"):
        yield Unusual.MANY_VIEWS, int(rules.many_views), rules.many_views_s
        if colleagues and look.audience in _STAFF:
            yield Unusual.COLLEAGUES, int(rules.colleagues), rules.colleagues_s
