"""Traccar's alarm words, which OsmAnd senders use too, as kinds of events.

Source: constants ``ALARM_*`` of Traccar's ``Position`` model. Several may stand in one field, separated by commas.
"""

from __future__ import annotations

from typing import Final

from jikimi.ingest.protocols.reading import derived_event
from jikimi.model.event import DeviceEvent, EventKind

MAX_ALARMS: Final = 16
"""Alarms kept of one item; an SOS among them always is."""

KINDS: Final = {
    "sos": EventKind.SOS,
    "lowbattery": EventKind.BATTERY_LOW,
    "lowpower": EventKind.BATTERY_LOW,
    "poweroff": EventKind.OFFLINE,
    "poweron": EventKind.ONLINE,
    "tampering": EventKind.TAMPER,
    "gpsantennacut": EventKind.TAMPER,
    "removing": EventKind.STRAP,
    "jamming": EventKind.JAMMING,
    "geofenceenter": EventKind.REGION_ENTER,
    "geofenceexit": EventKind.REGION_LEAVE,
}


def alarm_events(words: str, time_ms: int | None, battery_pct: float | None) -> tuple[DeviceEvent, ...]:
    """Return one event for each alarm word, an SOS first. A word we have no kind for is kept as ``OTHER``."""
    found = dict.fromkeys(word for part in words.split(",") if (word := part.strip()))
    ordered = sorted(found, key=lambda word: word.casefold() != EventKind.SOS.value)
    return tuple(derived_event(_kind(word), time_ms, word, battery_pct) for word in ordered[:MAX_ALARMS])


def _kind(word: str) -> EventKind:
    return KINDS.get(word.casefold(), EventKind.OTHER)
