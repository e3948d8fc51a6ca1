"""`jikimi rings`: what the distances of an order are worth, as tables for people or as JSON for programs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from jikimi.orders.advice import Advice, Passes, RingAdvice, advise_on
from jikimi.runtime import policies
from jikimi.runtime.commands import fail, say, settings

NOTES = (
    "Best case: he comes straight on and is seen at once. Take off one reporting interval of his tag.",
    "A warning outside the part of its ring that always counts is given only for somebody who comes.",
    "Pass-bys: his ways laid at random over the city, none of them because of her. docs/rings.md has the formula.",
)


def show(
    config: Path | None,
    policy_id: str,
    told: Mapping[str, float | None],
    *,
    place: bool,
    as_json: bool,
) -> None:
    """Print the advice, or end with what is wrong in the question."""
    known = policies.load(settings(config))
    policy = known.get(policy_id)
    if policy is None:
        raise fail(f"There is no policy {policy_id}; known are {', '.join(sorted(known))}.")
    try:
        advice = advise_on(policy, told, place=place)
    except ValueError as error:
        raise fail(str(error)) from error
    if as_json:
        say(msgspec.json.format(msgspec.json.encode(advice)).decode())
    else:
        render(advice, Console())


def render(advice: Advice, console: Console) -> None:
    """Print the advice as tables."""
    console.print(
        f"Rules {advice.rules}. Police: {'time unknown' if advice.police_s is None else duration(advice.police_s)}.", highlight=False
    )
    for ring in advice.rings:
        words = f"{ring.metres:,.0f} m, or {duration(ring.contact_s)} to contact. Pass-bys a day: {often(ring.passes)}"
        console.print(f"\n{ring.tier}: {words}", highlight=False)
        console.print(_ring(ring))
    if advice.needed:
        console.print("\nThe ring that alone gives her as long as the police need:", highlight=False)
        console.print(_needed(advice))
    for note in NOTES:
        console.print(note, highlight=False)


def _ring(ring: RingAdvice) -> Table:
    table = Table("he comes", "ring alone", "or time to contact", "police in time")
    for warned in ring.warned:
        enough = {None: "unknown", True: "yes", False: "no"}[warned.enough]
        table.add_row(warned.mode, duration(warned.ring_s), duration(warned.warned_s), enough)
    return table


def _needed(advice: Advice) -> Table:
    table = Table("he comes", "distance", "pass-bys a day")
    for needed in advice.needed:
        table.add_row(needed.mode, f"{needed.metres:,.0f} m", often(needed.passes))
    return table


def duration(seconds: float) -> str:
    """Return a time as people say it: seconds up to two minutes, then minutes and seconds."""
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min {whole % 60:02d} s"


def often(passes: Passes | None) -> str:
    """Return how often, to two digits."""
    return "the city is not wider" if passes is None else f"{passes.a_day:.2g} ({passes.days:.0%} of days)"
