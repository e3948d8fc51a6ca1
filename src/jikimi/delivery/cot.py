"""Cursor-on-Target events (MITRE MP090284, schema 2.0) for officers' map clients.

They hold positions: whoever calls this has passed the gate for this officer and purpose, and hands over what the gate gave.
"""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

import msgspec

from jikimi.delivery.times import iso_utc

UNKNOWN: Final = 9999999.0
"""How CoT writes "not known" for heights and errors."""


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """One person on an officer's map.

    Attributes:
        uid: the same for one person in one incident; tells nothing of who it is.
        callsign: what the map writes beside it.
        is_protected: she (a friend to the clients) or he (a suspect).
        latitude, longitude: degrees, WGS-84.
        error_m: radius, or unknown.
        fix_ms: when the position was true.
        stale_ms: from when on the client greys it.
        course_deg, speed_mps: or unknown.
        remark: what the client shows on request.
        is_drill: an exercise.
    """

    uid: str
    callsign: str
    is_protected: bool
    latitude: float
    longitude: float
    error_m: float | None
    fix_ms: int
    stale_ms: int
    course_deg: float | None = None
    speed_mps: float | None = None
    remark: str = ""
    is_drill: bool = False


def cot_event(spot: Spot, now_ms: int) -> str:
    """Return the event as XML. Type: a ground unit, friend or suspect; ``how`` is machine-made."""
    root = ET.Element(
        "event",
        version="2.0",
        uid=spot.uid,
        type="a-f-G" if spot.is_protected else "a-s-G",
        how="m-g",
        time=iso_utc(now_ms),
        start=iso_utc(spot.fix_ms),
        stale=iso_utc(spot.stale_ms),
    )
    if spot.is_drill:
        root.set("opex", "e")  # operation or exercise: "e" is an exercise
    error = UNKNOWN if spot.error_m is None else round(spot.error_m, 1)
    ET.SubElement(root, "point", lat=f"{spot.latitude:.6f}", lon=f"{spot.longitude:.6f}", hae=str(UNKNOWN), ce=str(error), le=str(UNKNOWN))
    detail = ET.SubElement(root, "detail")
    ET.SubElement(detail, "contact", callsign=spot.callsign)
    if spot.course_deg is not None and spot.speed_mps is not None:
        ET.SubElement(detail, "track", course=f"{spot.course_deg:.1f}", speed=f"{spot.speed_mps:.1f}")
    if spot.remark:
        ET.SubElement(detail, "remarks").text = spot.remark
    return ET.tostring(root, encoding="unicode")


def cot_gone(uid: str, now_ms: int) -> str:
    """Return the event that takes somebody off the map at once (``t-x-d-d``): the incident closed."""
    root = ET.Element("event", version="2.0", uid=f"{uid}-gone", type="t-x-d-d", how="m-g")
    for name in ("time", "start", "stale"):
        root.set(name, iso_utc(now_ms))
    ET.SubElement(root, "point", lat="0", lon="0", hae=str(UNKNOWN), ce=str(UNKNOWN), le=str(UNKNOWN))
    ET.SubElement(ET.SubElement(root, "detail"), "link", uid=uid, type="none", relation="none")
    return ET.tostring(root, encoding="unicode")
