"""Advice on distances, as the desk may ask for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Final

import msgspec

from jikimi.apps.api import RefusedError
from jikimi.ingest.ports import DecodeError
from jikimi.model.policy import Policy
from jikimi.orders.advice import Advice, advise_on
from jikimi.policy.load import presets

Metres = Annotated[float, msgspec.Meta(ge=0, le=1_000_000)]
SHAPE: Final = (
    'Expected "policy", and if wanted "distance_m", "alert_m", "trip_m" and "city_radius_m" (metres), "police_s" (seconds), '
    '"trips_a_day" and "place" (true or false); all are numbers from 0.'
)


class AskedRings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question about distances; see ``orders.advice``."""

    policy: str
    place: bool = False
    distance_m: Metres | None = None
    alert_m: Metres | None = None
    police_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    trips_a_day: Annotated[float, msgspec.Meta(ge=0, le=1_000)] | None = None
    city_radius_m: Annotated[float, msgspec.Meta(gt=0, le=1_000_000)] | None = None
    trip_m: Metres | None = None


def asked_rings(query: Mapping[str, str]) -> AskedRings:
    """Return the question in a query string.

    Raises:
        DecodeError: it cannot be read.
    """
    try:
        return msgspec.convert(dict(query), AskedRings, strict=False)
    except msgspec.ValidationError:
        raise DecodeError(SHAPE) from None


class Worth:
    """Answers what distances are worth.

    Args:
        policies: the policy under each id; None: those that come with Jikimi.
    """

    def __init__(self, policies: Mapping[str, Policy] | None) -> None:
        self._told = policies

    @cached_property
    def _policies(self) -> Mapping[str, Policy]:
        return presets() if self._told is None else self._told

    def advice(self, asked: AskedRings) -> Advice:
        """Return the advice.

        Raises:
            RefusedError: there is no such policy.
        """
        policy = self._policies.get(asked.policy)
        if policy is None:
            raise RefusedError(404, "policy_unknown", f"Known policies are {', '.join(sorted(self._policies))}.")
        told = {name: value for name, value in msgspec.structs.asdict(asked).items() if name not in {"policy", "place"}}
        return advise_on(policy, told, place=asked.place)
