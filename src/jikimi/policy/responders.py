"""Read the tables of responders. A table that is not right in every point is refused, with line and reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from itertools import product
from pathlib import Path as FilePath
from typing import Any, Final

from jikimi.model.responders import Responders, Route, Rung
from jikimi.policy.defect import Finding
from jikimi.policy.lines import Path
from jikimi.policy.tables import complaints, each, editions, read_table

TABLES: Final = FilePath(__file__).parent / "responders"
MOST_S: Final = 600
HIS_OWN: Final = frozenset({"battery", "strap", "removal", "no_show"})
"""Kinds of incident that nothing of hers can open. A notice to him about any other would tell of her."""
MOST_LINK_S: Final = 86_400
"""No officer's link shows positions for longer than a day."""
MOST_ARRIVAL_S: Final = 3_600
"""Nobody waits longer than an hour for a unit without being told."""
MOST_CONTACT_S: Final = 60
"""No policy may leave an audible alarm of hers longer than this without a human contact."""


def load(path: FilePath) -> Responders:
    """Return the table in the TOML file ``path``.

    Raises:
        PolicyError: it cannot be read or is wrong anywhere.
    """
    return read_table(path, Responders, _shape, _sense)


def tables(directory: FilePath = TABLES, day: dt.date | None = None) -> Mapping[str, Responders]:
    """Return the table of each policy id that is valid on a day, or, without a day, the newest one.

    Raises:
        PolicyError: a file is wrong, or two versions of a table are valid on the same day.
    """
    return editions(directory, load, day)


def naming(responders: Mapping[str, Responders]) -> frozenset[str]:
    """Return the policies that name people on a wall."""
    return frozenset(policy_id for policy_id, table in responders.items() if table.wall.names)


def _shape(raw: dict[str, Any]) -> Iterator[Finding]:
    yield from each(raw, "routes", Route)
    yield from each(raw, "ladder", Rung)
    lists: dict[str, Any] = {key: [] for key in ("routes", "ladder") if isinstance(raw.get(key), list)}
    yield from complaints({**raw, **lists}, Responders)


def _sense(table: Responders) -> Iterator[Finding]:
    if table.valid_until is not None and table.valid_until <= table.valid_from:
        yield ("valid_until",), "is not after valid_from"
    if not 0 < table.contact.within_s <= MOST_CONTACT_S:
        yield ("contact", "within_s"), f"is {table.contact.within_s} s; it must be from 1 to {MOST_CONTACT_S} s"
    if not 10 <= table.repeat.every_m <= 1_000:
        yield ("repeat", "every_m"), f"is {table.repeat.every_m} m; it must be from 10 to 1000 m"
    if not 10 <= table.mass.silent <= 1_000:
        yield ("mass", "silent"), f"is {table.mass.silent}; it must be from 10 to 1000"
    if not 0 < table.mass.within_s <= MOST_S:
        yield ("mass", "within_s"), f"is {table.mass.within_s} s; it must be from 1 to {MOST_S} s"
    if not table.ladder:
        yield ("ladder",), "has no step: nobody would be told of an alarm that nobody takes"
    for number, rung in enumerate(table.ladder):
        if not 0 < rung.after_s <= MOST_S:
            yield ("ladder", number, "after_s"), f"is {rung.after_s} s; it must be from 1 to {MOST_S} s"
    yield from _request(table)
    yield from _links(table)
    yield from _him(table)
    yield from _doubled(table)
    yield from _sources(table)


def _request(table: Responders) -> Iterator[Finding]:
    limits = (
        ("received_within_s", table.request.received_within_s, MOST_S),
        ("sent_within_s", table.request.sent_within_s, MOST_S),
        ("arrived_within_s", table.request.arrived_within_s, MOST_ARRIVAL_S),
    )
    for name, seconds, most in limits:
        if not 0 < seconds <= most:
            yield ("request", name), f"is {seconds} s; it must be from 1 to {most} s"


def _links(table: Responders) -> Iterator[Finding]:
    for name, seconds in (("open_within_s", table.field.open_within_s), ("lasts_s", table.field.lasts_s)):
        if not 0 < seconds <= MOST_LINK_S:
            yield ("field", name), f"is {seconds} s; it must be from 1 to {MOST_LINK_S} s"


def _him(table: Responders) -> Iterator[Finding]:
    for name, kinds in (("charge_on", table.him.charge_on), ("call_office_on", table.him.call_office_on)):
        for kind in kinds:
            if kind not in HIS_OWN:
                yield (
                    ("him", name),
                    f"has {kind!r}; only what his own tag tells may be: {', '.join(sorted(HIS_OWN))}",
                )


def _doubled(table: Responders) -> Iterator[Finding]:
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(table.routes):
        pairs = set(product(one.tag_bases, one.order_bases))
        if pairs & seen:
            yield ("routes", number), "covers a tag and an order that a route above covers already"
        seen |= pairs


def _sources(table: Responders) -> Iterator[Finding]:
    stated: list[tuple[Path, str]] = [
        (("contact",), table.contact.source),
        (("repeat",), table.repeat.source),
        (("merge",), table.merge.source),
        (("request",), table.request.source),
        (("mass",), table.mass.source),
        (("field",), table.field.source),
        (("wall",), table.wall.source),
        (("him",), table.him.source),
        (("otherwise",), table.otherwise.source),
        *((("routes", number), one.source) for number, one in enumerate(table.routes)),
        *((("ladder", number), one.source) for number, one in enumerate(table.ladder)),
    ]
    for where, source in stated:
        if not source.strip():
            yield (*where, "source"), "must say where this comes from"
