"""What the journal holds, in order. Every record is the core's input, or its output kept for comparison."""

from __future__ import annotations

import msgspec

from jikimi.model.decision import Transition
from jikimi.model.event import DeviceEvent
from jikimi.model.fix import Fix, Verdict
from jikimi.model.order import Pair
from jikimi.model.policy import TrackRules


class Fixes(msgspec.Struct, frozen=True, array_like=True, tag="fixes"):
    """Fixes of one device as judged together. ``verdicts`` marks each fix, in the same order.

    ``batch`` is how many reports the request held that they are a part of: so many must be known when it comes again. 0 where they are
    all of it, and in journals written before it was kept.
    """

    at_ms: int
    device_id: str
    person_id: str
    fixes: list[Fix]
    verdicts: list[Verdict]
    batch: int = 0


class Events(msgspec.Struct, frozen=True, array_like=True, tag="events"):
    """Events of one device as received together."""

    at_ms: int
    device_id: str
    person_id: str | None
    events: list[DeviceEvent]


class PairPut(msgspec.Struct, frozen=True, array_like=True, tag="pair_put"):
    """From now on the core watches this pair (or watches it by these new rules)."""

    at_ms: int
    pair: Pair


class PairEnd(msgspec.Struct, frozen=True, array_like=True, tag="pair_end"):
    """From now on it does not."""

    at_ms: int
    pair_id: str


class TrackRulesPut(msgspec.Struct, frozen=True, array_like=True, tag="track_rules"):
    """From now on fixes are judged by these rules."""

    at_ms: int
    rules: TrackRules


class Decided(msgspec.Struct, frozen=True, array_like=True, tag="decided"):
    """A transition the core returned. Not an input: replay compares its own with it, byte by byte."""

    at_ms: int
    transition: Transition


class Security(msgspec.Struct, frozen=True, array_like=True, tag="security"):
    """Somebody tried what he may not: a wrong secret, a forged signature, a replay. Never a position."""

    at_ms: int
    kind: str
    device_id: str | None
    protocol: str


class Disclosed(msgspec.Struct, frozen=True, array_like=True, tag="disclosed"):
    """A view was opened or closed: to whom, of which pair, for what purpose, how much. No coordinates."""

    at_ms: int
    recipient: str
    audience: str
    pair_id: str
    purpose: str
    scope: str


class Forget(msgspec.Struct, frozen=True, array_like=True, tag="forget"):
    """Whatever is known of these persons and their devices is forgotten: the time for keeping it is over."""

    at_ms: int
    person_ids: list[str]
    device_ids: list[str]


class Gap(msgspec.Struct, frozen=True, array_like=True, tag="gap"):
    """What came in from ``since_ms`` on could not all be stored; from here on it can.

    ``state`` is what the core believes now, in a checkpoint's form: a replay goes on from it. None where there is too much of it.
    """

    at_ms: int
    since_ms: int
    state: bytes | None


Record = Fixes | Events | PairPut | PairEnd | TrackRulesPut | Decided | Security | Disclosed | Forget | Gap

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Record)


def encode(record: Record) -> bytes:
    """Return the record as MessagePack."""
    return _encoder.encode(record)


def decode(data: bytes) -> Record:
    """Return the record.

    Raises:
        msgspec.ValidationError: the bytes are not a record of this version.
    """
    record: Record = _decoder.decode(data)
    return record
