"""What a device tells besides where it is."""

from __future__ import annotations

import enum

import msgspec


class EventKind(enum.StrEnum):
    """Kinds of device events. ``OTHER`` keeps what a format says and we have no word for."""

    SOS = "sos"
    SOS_CANCEL = "sos_cancel"
    OFFLINE = "offline"
    """The device's last will: its connection broke."""
    ONLINE = "online"
    BATTERY_LOW = "battery_low"
    CHARGING = "charging"
    STRAP = "strap"
    TAMPER = "tamper"
    JAMMING = "jamming"
    REGION_ENTER = "region_enter"
    REGION_LEAVE = "region_leave"
    PERMISSION_LOST = "permission_lost"
    ALIVE = "alive"
    """Heard from, without a position."""
    OTHER = "other"


class DeviceEvent(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing a device reported that is not a position.

    Attributes:
        event_id: the device's own name for it; sending it again is harmless.
        kind: what happened.
        event_time_ms: when, by the device's clock, or unknown.
        detail: the format's own word (an alarm name, a region's name), or unknown. Never a coordinate.
        battery_pct: charge at that time, or unknown.
    """

    event_id: str
    kind: EventKind
    event_time_ms: int | None = None
    detail: str | None = None
    battery_pct: float | None = None
