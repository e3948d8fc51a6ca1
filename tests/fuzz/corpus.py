"""Good payloads to start from: one or two of each form."""

from __future__ import annotations

import base64
import gzip
import json

from nacl.secret import SecretBox

from jikimi.model.fix import Fix, Verdict
from jikimi.storage.vault.chunk import pack_chunk
from jikimi.storage.vault.kept import Kept
from tests.fuzz.targets import KEY

_T = 1_795_000_000


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


_FIX = {
    "id": "a",
    "time": _T * 1000,
    "lat": 37.5,
    "lon": 127.0,
    "error_m": 4.5,
    "source": "gnss",
    "speed_mps": 1.5,
    "course_deg": 9.5,
    "altitude_m": 3,
    "battery_pct": 50,
    "valid": True,
}
_EVENT = {"id": "e", "event": "sos", "time": "2026-11-18T08:26:40.5Z", "detail": "x", "battery_pct": 5}
_OWNTRACKS = {
    "_type": "location",
    "lat": 37.5,
    "lon": 127.0,
    "tst": _T,
    "acc": 5,
    "vel": 3,
    "cog": 9,
    "batt": 50,
    "alt": 4,
    "t": "p",
    "created_at": _T,
}
_OVERLAND = {
    "geometry": {"type": "Point", "coordinates": [127.0, 37.5]},
    "properties": {"timestamp": "2015-10-01T08:00:00-0700", "speed": -1, "course": 4, "horizontal_accuracy": 3, "battery_level": 0.5},
}
_CLIENT = {
    "timestamp": "2021-01-01T00:00:00.000Z",
    "coords": {"latitude": 48.8, "longitude": 2.3, "accuracy": 10.5, "speed": -1, "heading": 90.5, "altitude": 35.0},
    "battery": {"level": 0.75, "is_charging": False},
    "extras": {"alarm": "sos,lowBattery"},
    "geofence": {"identifier": "h", "action": "EXIT"},
    "provider": {"enabled": False, "status": 2},
    "mock": True,
    "uuid": "u",
}
_TRACCAR = {
    "position": {
        "attributes": {"batteryLevel": 80, "sat": 9, "alarm": "sos", "approximate": True},
        "deviceTime": "2018-09-14T15:34:18.000+00:00",
        "fixTime": "2018-09-14T15:34:17.000+0000",
        "outdated": False,
        "valid": True,
        "latitude": 49.0,
        "longitude": 8.3,
        "altitude": 116.0,
        "speed": 10.0,
        "course": 271.0,
        "accuracy": 6.5,
        "network": {"wifiAccessPoints": [{}]},
    },
    "device": {"uniqueId": "1"},
}

_BOUNCE = (
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <abcdefghijklmnop@jikimi.invalid>\r\n\r\n\r\n--b--\r\n"
)

CORPUS = {
    "native": (
        _json({"fixes": [_FIX], "events": [_EVENT]}),
        _json(_FIX) + b"\n" + _json(_EVENT) + b"\n" + _json(_FIX),
    ),
    "osmand": (
        b"id=a.b&lat=48.8&lon=2.3&timestamp=1609459200&speed=15&bearing=270&altitude=35&accuracy=10&batt=75&valid=1&alarm=sos",
        b"deviceid=a.b&location=48.8,2.3&timestamp=2021-01-01%2000:00:00&heading=1",
        _json({"location": _CLIENT, "device_id": "a.b"}),
        _json({"location": [_CLIENT, _CLIENT], "device_id": "a.b"}),
    ),
    "owntracks": (
        _json(_OWNTRACKS),
        _json(_OWNTRACKS | {"_type": "transition", "event": "enter", "desc": "x", "wtst": 1}),
        _json({"_type": "status", "iOS": {"locationManagerAuthorizationStatus": "kCLAuthorizationStatusDenied"}}),
        _json(
            {
                "_type": "encrypted",
                "data": base64.b64encode(bytes(SecretBox(KEY.ljust(32, b"\0")).encrypt(_json(_OWNTRACKS), bytes(24)))).decode(),
            }
        ),
    ),
    "overland": (_json({"locations": [_OVERLAND, _OVERLAND], "current": _OVERLAND}),),
    "traccar": (_json(_TRACCAR),),
    "authorization": (
        b"Bearer a.b",
        b"Basic " + base64.b64encode(b"a:b"),
        b"Jikimi-HMAC device=a,time=1795000000000,nonce=n,signature=" + b"0" * 64,
    ),
    "record": (
        _json({"table": "persons", "columns": {"person_id": "p", "label": "x"}}),
        _json({"table": "order_parties", "columns": {"order_id": "o", "person_id": "p", "role": "protected"}}),
        _json({"person": "p", "device": "d", "id": "1", "time_ms": 1, "received_ms": 2, "lat": 37.5, "lon": 127.0, "verdict": "used"}),
    ),
    "receipts": (
        _json({"key": "0" * 24, "status": "delivered"}),
        _json({"key": "n1", "event": "confirmed"}),
        _BOUNCE,
    ),
    "chunk": (
        pack_chunk([]),
        pack_chunk([Kept(Fix(str(n), n * 1000, 37.5, 127.0 + n / 1e5, 5.0), n * 1000 + 80, Verdict.USED, "d") for n in range(9)]),
    ),
    "gzip_body": (gzip.compress(_json(_FIX), mtime=0), gzip.compress(bytes(9000), mtime=0)),
}
