"""One sans-I/O decoder a file: bytes in, fixes and events out. Each has ``decode``, ``claim`` and ``answer``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from jikimi.ingest.ports import Decoded, DecodeError, Request
from jikimi.ingest.protocols import native, osmand, overland, owntracks, traccar
from jikimi.ingest.protocols.table import Protocol

__all__ = ["PROTOCOLS", "Protocol", "decode_bytes"]

_JSON: Final = b"application/json"
_MIB: Final = 1 << 20

PROTOCOLS: Final[Mapping[str, Protocol]] = MappingProxyType(
    {
        protocol.name: protocol
        for protocol in (
            Protocol(
                name="native",
                path="/v1/fixes",
                max_body_bytes=4 * _MIB,
                decode=native.decode,
                claim=native.claim,
                answer=native.answer,
                media_type=_JSON,
            ),
            Protocol(
                name="osmand",
                path="/osmand",
                methods=frozenset({"GET", "POST"}),
                max_body_bytes=_MIB,
                decode=osmand.decode,
                claim=osmand.claim,
                claim_in_body=True,
                answer=osmand.answer,
            ),
            Protocol(
                name="owntracks",
                path="/owntracks",
                max_body_bytes=_MIB,
                decode=owntracks.decode,
                claim=owntracks.claim,
                answer=owntracks.answer,
                media_type=_JSON,
                challenge=b'Basic realm="jikimi"',
                unseal=owntracks.unseal,
            ),
            Protocol(
                name="overland",
                path="/overland",
                max_body_bytes=4 * _MIB,
                decode=overland.decode,
                claim=overland.claim,
                answer=overland.answer,
                media_type=_JSON,
            ),
            Protocol(
                name="traccar",
                path="/traccar",
                max_body_bytes=_MIB,
                decode=traccar.decode,
                claim=traccar.claim,
                answer=traccar.answer,
                gateway=True,
            ),
        )
    }
)


def decode_bytes(protocol: str, body: bytes, *, content_type: str | None = None, query: bytes = b"", key: bytes | None = None) -> Decoded:
    """Return what a payload holds, outside any request: for the command line and for tests.

    Args:
        protocol: a name in ``PROTOCOLS``.
        body: the payload.
        content_type: as the request would say; native NDJSON is told apart by it.
        query: the part of the URL after ``?``; OsmAnd's query form.
        key: the device's encryption key, for an encrypted OwnTracks payload.

    Raises:
        DecodeError: the payload, or the protocol's name, cannot be read.
    """
    found = PROTOCOLS.get(protocol)
    if found is None:
        raise DecodeError(f"Unknown protocol; known are {', '.join(PROTOCOLS)}.")
    if found.unseal is not None:
        body = found.unseal(body, key)
    headers = {} if content_type is None else {"content-type": content_type}
    return found.decode(Request("GET" if query and not body else "POST", found.path, query, headers, body))
