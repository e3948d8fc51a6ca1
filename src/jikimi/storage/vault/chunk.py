"""A chunk: many kept fixes as columns, and back.

A phone mixes the fixes of several sources, each with a rhythm and a place of its own: so all but the sources and the devices
stand grouped by these, in the order they came within each group, and neighbours are alike.

Device ids and ``fix_id`` are kept, none is made up: a trailing number in an id is stored as its difference to the fix time
or by itself, so ids that count or that name the time cost next to nothing. Random ids cost what they hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec

from jikimi.model.fix import Fix, Source, Verdict
from jikimi.storage.vault.columns import pack_decimals, pack_optional, pack_texts, unpack_decimals, unpack_optional, unpack_texts
from jikimi.storage.vault.kept import Kept
from jikimi.storage.vault.numbers import DamagedColumnError, join, pack, split, unpack
from jikimi.storage.vault.rounding import ROUNDED

DEGREE: Final = 10_000_000
"""Latitude and longitude are kept in units of 1e-7 degrees."""
COLUMNS: Final = 15
_SOURCES: Final = (Source.UNKNOWN, Source.GNSS, Source.WIFI, Source.CELL, Source.FUSED)
_BOOLS: Final = (False, True)
_NUMBERED: Final = re.compile(r"(.*?)(0|[1-9][0-9]{0,18})", re.DOTALL)


def pack_chunk(kept: Sequence[Kept]) -> bytes:
    """Return fixes as columns."""
    devices, sources = [one.device_id for one in kept], [_SOURCES.index(one.fix.source) for one in kept]
    kept = [kept[place] for place in _grouped(devices, sources)]
    fixes = [one.fix for one in kept]
    times = [fix.fix_time_ms for fix in fixes]
    delays = [one.received_ms - time for one, time in zip(kept, times, strict=True)]
    columns = [pack(times), pack(delays), pack([one.verdict for one in kept]), pack_texts(devices)]
    columns += [pack([round(fix.latitude * DEGREE) for fix in fixes]), pack([round(fix.longitude * DEGREE) for fix in fixes])]
    columns += [pack(sources), pack_optional([fix.valid for fix in fixes], pack)]
    columns += [pack_optional([_rounded(fix, name) for fix in fixes], pack_decimals) for name in ROUNDED]
    return join([*columns, *_pack_ids([fix.fix_id for fix in fixes], times)])


def unpack_chunk(data: bytes) -> list[Kept]:
    """Return what ``pack_chunk`` packed, in its order.

    Raises:
        DamagedColumnError: it packed no such thing.
    """
    try:
        return _unpack(split(data, COLUMNS))
    except (msgspec.MsgspecError, ValueError, IndexError, OverflowError):
        raise DamagedColumnError from None


def _unpack(columns: list[bytes]) -> list[Kept]:
    times, delays, verdicts, device_ids, latitudes, longitudes, source, valid, *floats = columns[:13]
    devices, sources = unpack_texts(device_ids), unpack(source)
    order = _grouped(devices, sources)
    when = unpack(times)
    fixes = map(
        Fix,
        _unpack_ids(columns[13:], when),
        when,
        [number / DEGREE for number in unpack(latitudes)],
        [number / DEGREE for number in unpack(longitudes)],
        unpack_optional(floats[0], unpack_decimals),
        [_SOURCES[sources[place]] for place in order],
        *(unpack_optional(column, unpack_decimals) for column in floats[1:]),
        [None if one is None else _BOOLS[one] for one in unpack_optional(valid, unpack)],
    )
    received = [time + delay for time, delay in zip(when, unpack(delays), strict=True)]
    rest = zip(order, received, unpack(verdicts), strict=True)
    placed = {place: Kept(fix, at_ms, Verdict(verdict), devices[place]) for fix, (place, at_ms, verdict) in zip(fixes, rest, strict=True)}
    return [placed[place] for place in range(len(devices))]


def _grouped(devices: Sequence[str], sources: Sequence[int]) -> list[int]:
    """Return the places of all fixes, those of one device and source together, each group in its order."""
    return sorted(range(len(devices)), key=lambda place: (devices[place], sources[place]))


def _rounded(fix: Fix, name: str) -> float | None:
    value: float | None = getattr(fix, name)
    return None if value is None else ROUNDED[name](value)


def _pack_ids(ids: Sequence[str], times: Sequence[int]) -> list[bytes]:
    matches = [_NUMBERED.fullmatch(one) for one in ids]
    heads = [one if match is None else match[1] for one, match in zip(ids, matches, strict=True)]
    tails = [None if match is None else int(match[2]) for match in matches]
    to_time = [None if tail is None else tail - time for tail, time in zip(tails, times, strict=True)]
    numbers = min((b"\0" + pack_optional(tails, pack), b"\1" + pack_optional(to_time, pack)), key=len)
    return [pack_texts(heads), numbers]


def _unpack_ids(columns: Sequence[bytes], times: Sequence[int]) -> list[str]:
    heads, numbers = columns
    added = times if numbers[0] else [0] * len(times)
    tails = unpack_optional(numbers[1:], unpack)
    return [head if tail is None else f"{head}{tail + more}" for head, tail, more in zip(unpack_texts(heads), tails, added, strict=True)]
