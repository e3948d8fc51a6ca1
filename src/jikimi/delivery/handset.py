"""Whether her handset would bring her an alarm: a pure rule over what was heard of it."""

from __future__ import annotations

import enum

import msgspec

from jikimi.delivery.rules import DeliveryRules


class Trouble(enum.StrEnum):
    """What is wrong; also the last word of the text that tells her how to mend it (``instruction.protected.…``)."""

    PERMISSION = "permission"
    NETWORK = "network"
    BATTERY = "charge"
    SILENT = "silent"
    UNTOLD = "untold"


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one handset.

    Attributes:
        since_ms: from when on it is expected to report.
        last_ms: when it was last heard, or never.
        permission_lost_ms: when it last said that notices or location are switched off, or never.
        offline_ms: when its connection was last said to be broken (a last will, a closed stream), or never.
        battery_pct: its last charge, or unknown.
        is_charging: or unknown.
        handed_ms: when the oldest notice without any receipt since ``told_ms`` was handed over, or None.
        told_ms: when it last gave a receipt, or never.
    """

    since_ms: int
    last_ms: int | None = None
    permission_lost_ms: int | None = None
    offline_ms: int | None = None
    battery_pct: float | None = None
    is_charging: bool | None = None
    handed_ms: int | None = None
    told_ms: int | None = None


LOW_PCT = 10.0


def trouble(heard: Heard, now_ms: int, rules: DeliveryRules) -> Trouble | None:
    """Return what is wrong with a handset now, the gravest first, or None. Never heard is not well."""
    quiet_ms = round(rules.quiet_after_s * 1000)
    last_ms = heard.since_ms if heard.last_ms is None else heard.last_ms
    if heard.permission_lost_ms is not None and heard.permission_lost_ms >= heard.since_ms:
        return Trouble.PERMISSION
    if now_ms - last_ms >= quiet_ms:
        return _why_silent(heard, last_ms)
    if heard.handed_ms is not None and now_ms - heard.handed_ms >= quiet_ms and (heard.told_ms is None or heard.told_ms < heard.handed_ms):
        return Trouble.UNTOLD
    return Trouble.BATTERY if _is_low(heard) else None


def _why_silent(heard: Heard, last_ms: int) -> Trouble:
    if _is_low(heard):
        return Trouble.BATTERY
    if heard.offline_ms is not None and heard.offline_ms >= last_ms:
        return Trouble.NETWORK
    return Trouble.SILENT


def _is_low(heard: Heard) -> bool:
    return heard.battery_pct is not None and heard.battery_pct <= LOW_PCT and heard.is_charging is not True
