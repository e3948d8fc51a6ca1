"""A story as data: who moves how, with which devices, under which order, and what must be noticed.

Stories are TOML files beside this module. Times are seconds of story time, lengths metres, places
``[latitude, longitude]``.
"""

from __future__ import annotations

import enum
from typing import Literal

import msgspec

from jikimi.model.order import DeviceKind
from jikimi.scenarios.sensor import Battery, Outage

Coordinates = tuple[float, float]


class Role(enum.StrEnum):
    """Which side somebody is on."""

    MONITORED = "monitored"
    PROTECTED = "protected"


class Stand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="stand"):
    """Stay, at a place or where the leg before ended, for a time (to the end of the story if None)."""

    at: Coordinates | None = None
    for_s: float | None = None


class Travel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="travel"):
    """Go along places, as walkers, cyclists, drivers or a bus do. ``cruise_mps`` replaces the style's; ``stops``: chance stops."""

    style: Literal["walk", "cycle", "drive", "ride"]
    path: tuple[Coordinates, ...]
    cruise_mps: float | None = None
    stops: bool = False


class Stroll(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="stroll"):
    """Walk about within a disc for at least a time, with chance stops."""

    at: Coordinates
    radius_m: float
    for_s: float
    cruise_mps: float | None = None


class Recording(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="do", tag="recording"):
    """Move as a recorded track did, from so many seconds after its first point. ``file`` lies in ``scenarios/data``."""

    file: str
    from_s: float = 0.0


Leg = Stand | Travel | Stroll | Recording


class Spell(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time of other reception; ``noise`` names one of ``noise.KINDS``."""

    from_s: float
    to_s: float
    noise: str


class Actor(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One person with one device. The numbers are those of ``sensor.Sensor``; ``noise`` names one of ``noise.KINDS``."""

    device_id: str
    kind: DeviceKind
    role: Role
    label: str
    interval_s: float
    legs: tuple[Leg, ...]
    noise: str | None = None
    spells: tuple[Spell, ...] = ()
    claims_speed: bool = False
    outages: tuple[Outage, ...] = ()
    battery: Battery | None = None
    clock_offset_s: float = 0.0
    latency_s: float = 0.0


class StoryPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A disc that the order protects."""

    place_id: str
    label: str
    at: Coordinates
    radius_m: float


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What must be noticed of a pair, in this order; other transitions may lie between.

    Attributes:
        steps: words of tiers (``watch``) and of the monitored person's sight (``blind``) as they are entered.
        last: the tier at the end.
        place_id: the place, or None for the pair of the two persons.
    """

    steps: tuple[Literal["clear", "watch", "warning", "danger", "live", "stale", "blind"], ...]
    last: Literal["clear", "watch", "warning", "danger"]
    place_id: str | None = None


class Story(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A story.

    Attributes:
        name: short name, begins the ids of its persons and its order.
        titles: one sentence by language (``en``, ``ko``).
        policy_id: the preset that judges it.
        judging: numbers of the preset's ``Judging`` that the demonstration changes, by name.
        map_view: another rule for her map than the preset's, so that a demonstration shows what another law would.
        distance_m: the no-approach distance of its order, or None for the policy's.
        length_s: its length.
        pace: story time over wall time when a demonstration plays it.
        actors: one monitored and at least one protected person.
        places: places of its order.
        expected: what must be noticed when it is played at pace 1.
    """

    name: str
    titles: dict[str, str]
    policy_id: str
    length_s: float
    pace: float
    actors: tuple[Actor, ...]
    expected: tuple[Expected, ...]
    judging: dict[str, float] = {}
    map_view: Literal["continuous"] | None = None
    distance_m: float | None = None
    places: tuple[StoryPlace, ...] = ()
