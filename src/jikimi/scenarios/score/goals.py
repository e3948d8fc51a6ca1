"""The figures of the release and the goals they are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from jikimi.model.decision import Approach
from jikimi.scenarios.score.bound import AHEAD_S, price
from jikimi.scenarios.score.case import Kind, Mode
from jikimi.scenarios.score.heeding import OFTEN_S as HEED_S
from jikimi.scenarios.score.matched import matched, worse_side
from jikimi.scenarios.score.measure import RADII_M
from jikimi.scenarios.score.run import ASKED, OURS, setting_name
from jikimi.scenarios.score.sensitivity import SETTINGS
from jikimi.scenarios.score.totals import Totals, low, middle

PATH: Final = "counted since they began to close"
OFTEN_S: Final = 15.0
"""Where fixes come at least this often, the 5th percentile of the notice is held against its goal."""
HALF_RINGS: Final = {"ring of 500 m": 0.5, "ring of 2 km": 0.2}
"""Goals for our false alarms over theirs, at no more misses and no shorter audible lead."""
SURE: Final = 0.95
"""A judge lies on the worse side if it does in so many of the draws of the seeds."""


class Figure(msgspec.Struct, frozen=True):
    """One number. ``value`` is None where nothing was there to measure."""

    name: str
    value: float | None
    unit: str
    goal: float | None
    better: Literal["lower", "higher"]
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where there is no goal or no value."""
        if self.goal is None or self.value is None:
            return None
        return self.value <= self.goal if self.better == "lower" else self.value >= self.goal


def figures(found: Mapping[str, Totals]) -> list[Figure]:
    """Return every figure of the release from what the judges did on the suite."""
    ours = found[OURS]
    asked = found.get(ASKED)
    found = {name: one for name, one in found.items() if name != ASKED}
    heeded = heeded_figures(asked, ours) if asked is not None else ()
    always = [*_quiet(ours), *_bound(ours), *_steady(ours), *_always(ours)]
    return [*_approaches(ours), *_leads(ours), *_false(ours, found), *_equal(found), *always, *heeded]


def held_out_figures(held: Totals) -> list[Figure]:
    """Return what our judge did on seeds that nobody looks at while the core is changed."""
    note = f"{len(held.contacts())} contacts, seeds that nobody looks at"
    return [
        Figure("contacts warned of before, held-out seeds", _percent(held.warned()), "%", None, "higher", note),
        Figure("silent misses, held-out seeds", float(held.silent_misses()), "contacts", None, "lower", note),
        Figure("silent misses that a report told of, held-out seeds", float(_mendable(held)), "contacts", None, "lower", note),
        Figure(
            "false alarms, held-out seeds", held.false_a_day(), "a pair-day", None, "lower", f"{held.false()} in {held.days:.0f} pair-days"
        ),
    ]


def heeded_figures(asked: Totals, ours: Totals) -> Iterator[Figure]:
    """Yield what asking for intervals gives and costs in the stories themselves, beside the same ones with a report every 5 s."""
    often = Totals(ours.name, [score for score in ours.scores if score.interval_s == HEED_S])
    rows: tuple[tuple[str, str, Literal["lower", "higher"], Callable[[Totals], float | None]], ...] = (
        ("contacts warned of before", "%", "higher", lambda one: _percent(one.warned())),
        ("silent misses", "contacts", "lower", lambda one: float(one.silent_misses())),
        ("false alarms", "a pair-day", "lower", Totals.false_a_day),
        ("first alarm, foot, median", "s", "higher", lambda one: _middle_lead_s(one, Mode.FOOT)),
        ("first alarm, bicycle, median", "s", "higher", lambda one: _middle_lead_s(one, Mode.BICYCLE)),
        ("first alarm, car, median", "s", "higher", lambda one: _middle_lead_s(one, Mode.CAR)),
        ("charge of a tag", "% a day", "lower", lambda one: _middle_charge([s.tag_charge for s in one.scores])),
        ("charge of a phone", "% a day", "lower", lambda one: _middle_charge([s.phone_charge for s in one.scores])),
    )
    for name, unit, better, value in rows:
        before = value(often)
        told = "nothing" if before is None else f"{before:.4g}"
        yield Figure(f"{name}, devices asked", value(asked), unit, None, better, f"{told} with a report every {HEED_S:g} s")


def _middle_lead_s(one: Totals, mode: Mode) -> float | None:
    return middle(one.of(kind=Kind.APPROACH, mode=mode).leads_s(notice=False))


def _middle_charge(charges: Sequence[float | None]) -> float | None:
    return _percent(middle([charge for charge in charges if charge is not None]))


def recorded_figures(found: Mapping[str, Totals]) -> list[Figure]:
    """Return the figures that recorded tracks can have: nobody staged them, so no story has a goal of its own."""
    ours = found[OURS]
    leads = [
        Figure(
            f"first {what}, {which}",
            value(ours.leads_s(notice=notice)),
            "s",
            None,
            "higher",
            "every contact counts, 0 where nothing was said",
        )
        for what, notice in (("notice", True), ("alarm", False))
        for which, value in (("median", middle), ("5th percentile", low))
    ]
    return [*_approaches(ours), *leads, *_entries(ours), *_sides(ours), *_false(ours, found), *_equal(found), *_always(ours)]


def _percent(value: float | None) -> float | None:
    return None if value is None else 100.0 * value


def _approaches(ours: Totals) -> Iterator[Figure]:
    contacts = len(ours.contacts())
    yield Figure("contacts warned of before", _percent(ours.warned()), "%", 99.0, "higher", f"{contacts} contacts")
    yield Figure("silent misses", float(ours.silent_misses()), "contacts", 0.0, "lower", "nothing heard, and no blindness said")
    untold = sum(contact.lead_s is None and contact.told_s is None for contact in ours.contacts())
    note = "no report told of the last way: no judge that hears only the devices could know"
    yield Figure("missed contacts that no report told of", float(untold), "contacts", None, "lower", note)
    yield Figure(
        "silent misses that a report told of", float(_mendable(ours)), "contacts", 0.0, "lower", "what another core could have warned of"
    )


def _mendable(ours: Totals) -> int:
    return sum(contact.silent and contact.told_s is not None for contact in ours.contacts())


def _leads(ours: Totals) -> Iterator[Figure]:
    coming = ours.of(kind=Kind.APPROACH)
    goals = {Mode.FOOT: (600.0, 300.0), Mode.CAR: (240.0, 120.0)}
    for mode in (Mode.FOOT, Mode.BICYCLE, Mode.CAR, Mode.BUS, Mode.METRO):
        one = coming.of(mode=mode)
        notice_goal_s, alarm_goal_s = goals.get(mode, (None, None))
        notices, alarms = one.leads_s(notice=True, path=True), one.leads_s(notice=False)
        yield Figure(f"first notice, {mode.value}, median", middle(notices), "s", notice_goal_s, "higher", PATH)
        yield Figure(f"first notice, {mode.value}, 5th percentile", low(notices), "s", None, "higher", PATH)
        yield Figure(f"first alarm, {mode.value}, median", middle(alarms), "s", alarm_goal_s, "higher")
        yield Figure(f"first alarm, {mode.value}, 5th percentile", low(alarms), "s", None, "higher")
    often = Totals(ours.name, [s for s in coming.scores if s.interval_s is not None and s.interval_s <= OFTEN_S])
    note = f"where fixes come every {OFTEN_S:g} s or more often"
    yield Figure("first notice, 5th percentile", low(often.leads_s(notice=True, path=True)), "s", 120.0, "higher", f"{note}; {PATH}")
    yield Figure("first alarm, 5th percentile", low(often.leads_s(notice=False)), "s", None, "higher", note)
    yield from _entries(ours)


def _sides(ours: Totals) -> Iterator[Figure]:
    """Tell who came, by the truth of the tracks."""
    sides = [contact.side for contact in ours.contacts()]
    for side in (Approach.MONITORED, Approach.PROTECTED, Approach.BOTH, None):
        name = "nobody or not known" if side is None else side.value
        yield Figure(f"contacts, who truly came: {name}", float(sides.count(side)), "contacts", None, "lower")


def _entries(ours: Totals) -> Iterator[Figure]:
    for radius_m in RADII_M[1:]:
        note = f"{len(ours.contacts(radius_m))} entries"
        yield Figure(f"entries into {radius_m:g} m warned of before", _percent(ours.warned(radius_m)), "%", None, "higher", note)
        yield Figure(
            f"first alarm before an entry into {radius_m:g} m, median",
            middle(ours.leads_s(notice=False, radius_m=radius_m)),
            "s",
            None,
            "higher",
        )


def _false(ours: Totals, found: Mapping[str, Totals]) -> Iterator[Figure]:
    yield Figure(
        "false alarms",
        ours.false_a_day(),
        "a pair-day",
        None,
        "lower",
        f"{ours.false()} in {ours.days:.0f} pair-days of stories made to provoke them",
    )
    for name in HALF_RINGS:
        ring = found.get(name)
        if ring is not None and ring.false():
            note = f"{ring.name}: {ring.false()} false, {100.0 * ring.missed():.1f} % missed"
            yield Figure(f"false alarms over those of a {name}, as released", ours.false() / ring.false(), "times", None, "lower", note)
    for radius_m in RADII_M[1:]:
        yield Figure(f"alarms that no entry into {radius_m:g} m followed", ours.false_a_day(radius_m), "a pair-day", None, "lower")


def _equal(found: Mapping[str, Totals]) -> Iterator[Figure]:
    """Compare with each other judge where our curve misses no more, and where its leads are no shorter either."""
    names = [setting_name(sensitivity) for sensitivity in SETTINGS]
    curve = [found[name] for name in names if name in found]
    others = [one for name, one in found.items() if name not in names]
    for other in others:
        for leads, what in ((False, "at no more misses"), (True, "at no more misses and no shorter lead")):
            one = matched(curve, other, leads=leads)
            ratio = one.false() / other.false() if one is not None and other.false() else None
            note = (
                "no setting of ours reaches it" if one is None else f"{one.name}: {one.false()} false, {100.0 * one.missed():.1f} % missed"
            )
            note += f"; {other.name}: {other.false()} false, {100.0 * other.missed():.1f} % missed"
            goal = HALF_RINGS.get(other.name) if leads else None
            yield Figure(f"false alarms over those of {other.name}, {what}", ratio, "times", goal, "lower", note)
    if others and len(curve) > 1:
        sides = {other.name: worse_side(curve, other) for other in others}
        doubtful = ", ".join(f"{name} in {share:.0%} of draws" for name, share in sides.items() if share < SURE)
        worse = float(sum(share >= SURE for share in sides.values()))
        yield Figure(f"judges on the worse side of the curve, of {len(sides)}", worse, "judges", float(len(sides)), "higher", doubtful)


def _bound(ours: Totals) -> Iterator[Figure]:
    """Tell what warning of those who drive costs whoever knows both places exactly two minutes before."""
    coming, passing = ([s.ahead for s in ours.scores if s.kind is kind and s.ahead is not None] for kind in (Kind.APPROACH, Kind.PASS_BY))
    for share in (0.25, 0.5, 0.75, 0.9):
        note = f"{len(coming)} who come and {len(passing)} who pass by car or bus; exact places, limits set in hindsight"
        name = f"pass-bys that sound for whoever warns of {share:.0%} of drives {AHEAD_S:.0f} s before"
        yield Figure(name, _percent(price(coming, passing, share)), "%", None, "lower", note)


def _quiet(ours: Totals) -> Iterator[Figure]:
    apart = ours.of(story="lives_apart")
    yield Figure("false alarms of two lives apart", apart.false_a_day(), "a pair-day", 0.02, "lower", f"{apart.days:.0f} pair-days")
    yield Figure("pass-bys silent", _percent(ours.of(kind=Kind.PASS_BY).quiet()), "%", 99.0, "higher", "all lie outside the legal floor")


def _steady(ours: Totals) -> Iterator[Figure]:
    jumps = ours.of(kind=Kind.JUMP)
    yield Figure(
        "single over-confident jumps: tier changes",
        float(sum(s.far_changes for s in jumps.scores)),
        "changes",
        0.0,
        "lower",
        f"{len(jumps.scores)} cases, contact over a minute away",
    )
    still = ours.of(story="still_pair")
    yield Figure(
        "still pair, 50 m noise: most tier changes",
        max((s.changes / (60.0 * s.hours) for s in still.scores), default=None),
        "a minute",
        1.0,
        "lower",
        "the worst case, on average over its length",
    )
    yield Figure(
        "still pair, 50 m noise: tier changes in the worst minute",
        max((float(s.minute_changes) for s in still.scores), default=None),
        "changes",
        None,
        "lower",
        "of all cases",
    )
    yield Figure("crossings of a 120 m place found", _percent(ours.of(kind=Kind.CROSSING).found()), "%", 100.0, "higher")


def _always(ours: Totals) -> Iterator[Figure]:
    yield Figure(
        "top tier right", _percent(ours.top_precision()), "%", 80.0, "higher", f"{sum(s.top for s in ours.scores)} alarms of the top tier"
    )
    right, cannot = ours.who()
    yield Figure("who approached, right of those decided", _percent(right), "%", 95.0, "higher", "at the beginning of each alarm")
    yield Figure("who approached, cannot tell", _percent(cannot), "%", 15.0, "lower")
    latencies = [latency for score in ours.scores for latency in score.blind_s]
    worst = None if not latencies or None in latencies else max(latency for latency in latencies if latency is not None)
    yield Figure(
        "blindness said, at the latest after",
        worst,
        "s",
        60.0,
        "lower",
        f"{len(latencies)} silences; true from a minute or two intervals after the last report",
    )
    for name, charges in (("tag", [s.tag_charge for s in ours.scores]), ("phone", [s.phone_charge for s in ours.scores])):
        yield Figure(f"charge of a {name}", _middle_charge(charges), "% a day", None, "lower", "median of the cases, for reports as heard")
    yield Figure("tier changes", ours.changes_an_hour(), "an hour", None, "lower")
    yield Figure("time in a wrong state", _percent(ours.wrong_share()), "%", None, "lower")
