"""What differs between the variants of a story."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import msgspec


class Sky(enum.StrEnum):
    """How well both are received."""

    OPEN = "open sky"
    URBAN = "urban"
    INDOOR = "indoor"
    """She is inside a building, he in streets."""


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """One variant of a story.

    Attributes:
        interval_s: both devices' reporting interval; None: each changes its own, between 5 and 60 s.
        sky: reception.
        what: what the story itself varies (``lateral 300 m``), also its number in ``size``; empty where nothing.
        size: metres, km/h or seconds, as the story says.
    """

    interval_s: float | None = 15.0
    sky: Sky = Sky.OPEN
    what: str = ""
    size: float = 0.0

    @property
    def label(self) -> str:
        """Return the variant in words, unique within its story."""
        interval = "mixed intervals" if self.interval_s is None else f"interval {self.interval_s:.3g} s"
        return ", ".join(part for part in (interval, self.sky.value, self.what) if part)


def intervals(values_s: Iterable[float | None] = (1.0, 5.0, 15.0, 60.0, 300.0, None)) -> tuple[Variant, ...]:
    """Return one variant for each reporting interval under an open sky."""
    return tuple(Variant(interval_s=value) for value in values_s)


def sizes(unit: str, values: Iterable[float], **same: float | Sky | None) -> tuple[Variant, ...]:
    """Return one variant for each number; ``unit`` holds ``{}`` where the number stands in words."""
    return tuple(msgspec.structs.replace(Variant(what=unit.format(f"{value:g}"), size=value), **same) for value in values)
