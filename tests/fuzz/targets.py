"""What the fuzzers feed, and what must hold. Each target takes bytes and raises only when its invariant is broken."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

import msgspec

from jikimi.delivery.message import BadReceiptError, Step
from jikimi.delivery.providers import FORMS, provider_receipt
from jikimi.ingest import credentials
from jikimi.ingest.bodies import inflate
from jikimi.ingest.ports import Decoded, DecodeError, Request
from jikimi.ingest.protocols import PROTOCOLS, decode_bytes
from jikimi.ingest.protocols.reading import LATEST_MS, MAX_DETAIL, stamped
from jikimi.model.event import DeviceEvent
from jikimi.model.fix import Fix
from jikimi.storage.archive import ArchiveError, check_row, decode_fix, decode_row, read_line
from jikimi.storage.vault.chunk import unpack_chunk
from jikimi.storage.vault.damage import DamagedColumnError

KEY = b"sesame"
LIMIT = 4096


def native(data: bytes) -> None:
    """Either Decoded or DecodeError, nothing else; every Fix in range."""
    decoded(lambda: decode_bytes("native", data))
    decoded(lambda: decode_bytes("native", data, content_type="application/x-ndjson"))


def osmand(data: bytes) -> None:
    """Either Decoded or DecodeError, nothing else; every Fix in range; the device id field is found or refused likewise."""
    decoded(lambda: decode_bytes("osmand", data))
    decoded(lambda: decode_bytes("osmand", b"", query=data))
    claimed(Request("POST", "/osmand", b"", {}, data))


def owntracks(data: bytes) -> None:
    """Either Decoded or DecodeError, nothing else; every Fix in range, sealed or not."""
    decoded(lambda: decode_bytes("owntracks", data, key=KEY))
    decoded(lambda: PROTOCOLS["owntracks"].decode(Request("POST", "/owntracks", b"", {}, data)))


def overland(data: bytes) -> None:
    """Either Decoded or DecodeError, nothing else; every Fix in range."""
    decoded(lambda: decode_bytes("overland", data))


def traccar(data: bytes) -> None:
    """Either Decoded or DecodeError, nothing else; every Fix in range; what was decoded names its device."""
    found = decoded(lambda: decode_bytes("traccar", data))
    assert found is None or found.device_name


def authorization(data: bytes) -> None:
    """Either a claim with a device and a secret or signature, or None, or DecodeError; nothing else, for every protocol."""
    header = data.decode("latin-1")
    for protocol in PROTOCOLS.values():
        claimed(Request("POST", protocol.path, b"", {"authorization": header}, b""))


def gzip_body(data: bytes) -> None:
    """Either at most LIMIT bytes or DecodeError, nothing else."""
    try:
        assert len(inflate(data, "gzip", LIMIT)) <= LIMIT
    except DecodeError as error:
        sentence(error)


def record(data: bytes) -> None:
    """Either a row or a fix that its place takes, or ArchiveError in one sentence; nothing else."""
    try:
        check_row(read_line(data, decode_row, "a file"), frozenset({"o"}), frozenset({"p"}))
    except ArchiveError as error:
        sentence(error)
    try:
        line = read_line(data, decode_fix, "a file")
    except ArchiveError as error:
        sentence(error)
    else:
        assert -90.0 <= line.lat <= 90.0
        assert -180.0 <= line.lon <= 180.0


def chunk(data: bytes) -> None:
    """Either fixes or DamagedColumnError, nothing else."""
    with contextlib.suppress(DamagedColumnError):
        assert isinstance(unpack_chunk(data), list)


def receipts(data: bytes) -> None:
    """Either a receipt, or None, or BadReceiptError in one sentence; a provider's word is never the device's but a call's confirmation."""
    for name in FORMS:
        try:
            found = provider_receipt(name, data, 1)
        except BadReceiptError as error:
            sentence(error)
        else:
            assert found is None or not found.from_device or (name, found.step) == ("voice", Step.SEEN)


_ALL = (native, osmand, owntracks, overland, traccar, authorization, gzip_body, record, chunk, receipts)
TARGETS = {target.__name__: target for target in _ALL}


def decoded(decode: Callable[[], Decoded]) -> Decoded | None:
    """Run a decoder and check what it gives."""
    try:
        found = decode()
    except DecodeError as error:
        sentence(error)
        return None
    for fix in found.fixes:
        check_fix(fix)
    for event in stamped(found, 1).events:
        check_event(event)
    for refusal in found.refused:
        assert refusal.index >= 0
        assert refusal.reason.endswith(".")
    msgspec.msgpack.encode((found.fixes, found.events))  # the journal must be able to hold it
    return found


def claimed(request: Request) -> None:
    """Find a claim and check it."""
    for protocol in PROTOCOLS.values():
        try:
            claim = protocol.claim(request)
        except DecodeError as error:
            sentence(error)
            continue
        if isinstance(claim, credentials.SecretClaim):
            assert claim.device_id
            assert claim.secret
            assert len(credentials.digest(claim.secret)) == 32
        elif claim is not None:
            assert claim.device_id
            assert len(credentials.sign(KEY, request, claim.time_ms, claim.nonce)) == 64


def sentence(error: Exception) -> None:
    """Check that an error is one sentence for whoever built the sender."""
    text = str(error)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) < 500


def check_fix(fix: Fix) -> None:
    assert 1 <= len(fix.fix_id) <= 128
    assert type(fix.fix_time_ms) is int
    assert 0 <= fix.fix_time_ms < LATEST_MS
    for value, low, high in (
        (fix.latitude, -90, 90),
        (fix.longitude, -180, 180),
        (fix.error_m, 0, 20_037_508),
        (fix.speed_mps, 0, 12_000),
        (fix.course_deg, 0, 359.999999999999999999),
        (fix.altitude_m, -20_000, 1_000_000),
        (fix.battery_pct, 0, 100),
    ):
        assert value is None or (math.isfinite(value) and low <= value <= high)
    assert fix.course_deg != 360
    assert fix.valid in {True, False, None}


def check_event(event: DeviceEvent) -> None:
    assert 1 <= len(event.event_id) <= 128
    assert event.event_time_ms is None or 0 <= event.event_time_ms < LATEST_MS
    assert event.detail is None or len(event.detail) <= MAX_DETAIL
    assert event.battery_pct is None or 0 <= event.battery_pct <= 100
