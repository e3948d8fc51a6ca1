"""The numbers of delivery, as data."""

from __future__ import annotations

from importlib import resources

import msgspec


class LaneRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One channel's room: messages that may wait, handed over at once, seconds until an answer is given up."""

    waiting: int
    workers: int
    timeout_s: float


class BreakerRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a failing channel is left alone: after ``faults`` in a row, for ``open_s``."""

    faults: int
    open_s: float


class Ladders(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Names of channels in order, by urgency; whatever the urgency, the monitored person's notices go by his own."""

    hushed: tuple[str, ...]
    alarm: tuple[str, ...]
    prompt: tuple[str, ...]
    quiet: tuple[str, ...]
    monitored: tuple[str, ...]


class DeliveryRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """See ``rules.toml``, which says what each number means."""

    version: str
    source: str
    receipt_within_s: float
    life_s: float
    danger_channels: int
    retry_after_s: float
    quiet_after_s: float
    lane: LaneRules
    breaker: BreakerRules
    ladders: Ladders


def read_rules(text: bytes | None = None) -> DeliveryRules:
    """Return the rules in a TOML text, or our own.

    Raises:
        msgspec.ValidationError: a number is missing, unknown or of the wrong kind.
    """
    if text is None:
        text = resources.files(__package__).joinpath("rules.toml").read_bytes()
    return msgspec.toml.decode(text, type=DeliveryRules)
