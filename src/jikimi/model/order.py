"""Orders, devices and the pairs that the core watches."""

from __future__ import annotations

import enum

import msgspec

from jikimi.model.policy import PairRules
from jikimi.model.zone import Zone


class Place(msgspec.Struct, frozen=True):
    """A place an order protects. ``label`` is a kind (home, work, school, shelter, other), never an address."""

    place_id: str
    label: str
    zone: Zone


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A court's decision in force for a time.

    Attributes:
        order_id: the register's name for it.
        policy_id: which policy's numbers apply.
        monitored_id: the person who must stay away.
        protected_ids: the persons protected; at least one.
        places: places protected whether or not she is there.
        distance_m: the no-approach distance the court set, or unknown (then the policy's).
        alert_m: an alert distance the judge chose where the law asks for one (France: 1-10 km), or unknown.
        from_ms, until_ms: in force from (inclusive) to (exclusive).
        legal_basis: the article the order rests on, as the court cites it.
        tagged: False when the order carries no tag.
        in_person: False when it keeps him from its places only, or nobody protected wishes to be followed.
    """

    order_id: str
    policy_id: str
    monitored_id: str
    protected_ids: tuple[str, ...]
    places: tuple[Place, ...] = ()
    distance_m: float | None = None
    alert_m: float | None = None
    from_ms: int
    until_ms: int
    legal_basis: str
    tagged: bool = True
    in_person: bool = True


class DeviceKind(enum.StrEnum):
    """What a device is."""

    TAG = "tag"
    HANDSET = "handset"
    GATEWAY = "gateway"
    """A server that forwards for many devices (a Traccar in front)."""


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """One device and how it proves itself.

    Attributes:
        device_id: public name; knowing it is not enough.
        kind: tag, handset or gateway.
        person_id: who carries it; None for a gateway.
        secret_sha256: digest of the 256-bit random secret (no password: a plain digest is enough).
        sealing_key: the secret itself where the protocol needs it (HMAC, OwnTracks encryption), else None.
        gateway_id: the gateway that may speak for it, or None.
        gateway_name: the name under which that gateway knows it (Traccar ``uniqueId``), or None.
        revoked: True once it must no longer be believed.
        earlier_sha256, earlier_key: digest and secret from before the last rotation, believed until ``earlier_until_ms``.
        next_sha256, next_key: digest and secret that take the place of these once two persons confirmed it; None: none waits.
        cut: True while nobody was told its secret, since the one before was cut off.
    """

    device_id: str
    kind: DeviceKind
    person_id: str | None
    secret_sha256: bytes
    sealing_key: bytes | None = None
    gateway_id: str | None = None
    gateway_name: str | None = None
    revoked: bool = False
    earlier_sha256: bytes | None = None
    earlier_key: bytes | None = None
    earlier_until_ms: int | None = None
    next_sha256: bytes | None = None
    next_key: bytes | None = None
    cut: bool = False


class Pair(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One monitored person and one protected person, or a place standing in for her, joined by an order.

    Exactly one of ``protected_id`` and ``zone`` is set. ``owner_id`` is whose pair it is for notices: the
    protected person herself, or the one whom the place protects.
    """

    pair_id: str
    order_id: str
    monitored_id: str
    owner_id: str
    protected_id: str | None = None
    place_id: str | None = None
    zone: Zone | None = None
    rules: PairRules
