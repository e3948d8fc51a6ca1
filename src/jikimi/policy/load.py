"""Read policy files. A policy that is not right in every point is refused, with every line and reason."""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec
import msgspec.inspect as mi

from jikimi.model.access import AccessRules
from jikimi.model.policy import Judging, Policy, Rings, Times, TrackRules, ViewRules
from jikimi.model.sampling import SamplingRules
from jikimi.policy import sense
from jikimi.policy.citations import citation_findings
from jikimi.policy.defect import Defect, Finding, PolicyError, dotted
from jikimi.policy.lines import key_lines, line_of
from jikimi.policy.shape import shape_findings

PRESETS = Path(__file__).parent / "presets"

_Section = TypeVar("_Section")
_KIND = mi.type_info(Policy)
_AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")


def load(path: Path) -> Policy:
    """Return the policy in the TOML file ``path``.

    Raises:
        PolicyError: the file cannot be read or is wrong anywhere; it holds every defect.
    """
    text = _read(path)
    raw = _parse(path.name, text)
    findings = _findings(raw)
    if findings:
        lines = key_lines(text)
        raise PolicyError(path.name, [Defect(line_of(lines, where), dotted(where), sentence) for where, sentence in findings])
    return msgspec.convert(_without_inf(raw), Policy)


def load_directory(directory: Path) -> Mapping[str, tuple[Policy, ...]]:
    """Return every policy file of a directory: by policy id, each with its versions from oldest to newest.

    Raises:
        PolicyError: a file is wrong, or two versions of a policy are valid on the same day.
    """
    loaded = [(path.name, load(path)) for path in sorted(directory.glob("*.toml"))]
    loaded.sort(key=lambda one: (one[1].policy_id, one[1].valid_from))
    _refuse_overlap(loaded)
    versions: dict[str, tuple[Policy, ...]] = {}
    for _name, policy in loaded:
        versions[policy.policy_id] = (*versions.get(policy.policy_id, ()), policy)
    return versions


def presets() -> Mapping[str, Policy]:
    """Return the newest version of every policy that comes with Jikimi, by policy id."""
    return {policy_id: versions[-1] for policy_id, versions in load_directory(PRESETS).items()}


def preset(policy_id: str) -> Policy:
    """Return the newest version of one policy that comes with Jikimi.

    Raises:
        KeyError: there is none of that id.
    """
    return presets()[policy_id]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise PolicyError(path.name, [Defect(1, "", f"The file cannot be read: {error.strerror}.")]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise PolicyError(path.name, [Defect(line, "", "The text is not UTF-8.")]) from None


def _parse(name: str, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        message = str(error)
        at = _AT_LINE.search(message)
        line = int(at[1]) if at else text.count("\n") + 1
        reason = _AT_LINE.sub("", message).removesuffix(" (at end of document)")
        raise PolicyError(name, [Defect(line, "", f"This is not TOML: {reason}.")]) from None


def _findings(raw: dict[str, object]) -> list[Finding]:
    assert isinstance(_KIND, mi.StructType)
    shape = list(shape_findings(raw, _KIND))
    wrong = {where[0] for where, _ in shape}
    sound = {key: value for key, value in _without_inf(raw).items() if key not in wrong}
    return [*shape, *citation_findings(raw), *_sense_findings(sound)]


def _sense_findings(sound: dict[str, object]) -> Iterator[Finding]:
    """Compare the sections that are well formed; the others have been complained about already."""
    rings = {table: part for table in ("rings", "place_rings") if (part := _section(sound, table, Rings)) is not None}
    for table, part in rings.items():
        yield from sense.ring_findings(part, table)
    judging = _section(sound, "judging", Judging)
    yield from _each(_section(sound, "times", Times), sense.time_findings)
    yield from _each(judging, sense.judging_findings)
    yield from _each(_section(sound, "track", TrackRules), sense.track_findings)
    view = _section(sound, "view", ViewRules)
    if view is not None:
        yield from sense.view_findings(view, judging, tuple(rings.values()))
    access = _section(sound, "access", AccessRules)
    if access is not None:
        yield from sense.access_findings(access, view)
    if "valid_from" in sound and "valid_until" in sound:
        yield from sense.validity_findings(*msgspec.convert((sound["valid_from"], sound["valid_until"]), tuple[dt.date, dt.date]))
    yield from _sampling_findings(sound)
    yield from _each(_section(sound, "time_zone", str), sense.time_zone_findings)
    yield from _each(_section(sound, "languages", list[str]), sense.language_findings)


def _sampling_findings(sound: dict[str, object]) -> Iterator[Finding]:
    """The type itself holds its numbers to each other."""
    try:
        _section(sound, "sampling", SamplingRules)
    except msgspec.ValidationError as error:
        yield ("sampling",), str(error)


def _each(part: _Section | None, check: Callable[[_Section], Iterator[Finding]]) -> Iterator[Finding]:
    return iter(()) if part is None else check(part)


def _section(sound: dict[str, object], name: str, kind: type[_Section]) -> _Section | None:
    return msgspec.convert(sound[name], kind) if name in sound else None


def _without_inf(raw: dict[str, object]) -> dict[str, object]:
    """Return the file with ``inf`` as None, which is what "at every distance" is in the model."""
    view = raw.get("view")
    if not isinstance(view, dict):
        return raw
    return {**raw, "view": {key: None if value == math.inf else value for key, value in view.items()}}


def _refuse_overlap(loaded: Iterable[tuple[str, Policy]]) -> None:
    """Refuse two versions valid on one day. ``loaded`` is sorted by id and first day."""
    before: tuple[str, Policy] | None = None
    for name, policy in loaded:
        if before is not None and before[1].policy_id == policy.policy_id:
            until = before[1].valid_until
            if until is None or until > policy.valid_from:
                sentence = f"starts on {policy.valid_from}, while version {before[1].version} in {before[0]} is still valid"
                raise PolicyError(name, [Defect(1, "valid_from", sentence)])
        before = (name, policy)
