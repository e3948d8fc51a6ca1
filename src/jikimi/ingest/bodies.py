"""Undoing ``Content-Encoding: gzip`` within bounds."""

from __future__ import annotations

import zlib
from typing import Final

from jikimi.ingest.ports import DecodeError
from jikimi.ingest.protocols.reading import TooMuchError

_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's way to say: a gzip header, no raw deflate


def inflate(body: bytes, encoding: str, limit: int) -> bytes:
    """Return a body without its content encoding.

    Args:
        body: as sent.
        encoding: the header ``Content-Encoding``, or an empty text.
        limit: bytes the result may have. No more than that is ever produced.

    Raises:
        TooMuchError: it would be larger.
        DecodeError: the encoding is unknown, or the body is not whole and alone in it.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return body
    if name not in {"gzip", "x-gzip"}:
        raise DecodeError("The content encoding must be gzip, or none.")
    inflater = zlib.decompressobj(_GZIP)
    try:
        plain = inflater.decompress(body, limit + 1)
    except zlib.error:
        raise DecodeError("The body is not valid gzip.") from None
    if len(plain) > limit:
        raise TooMuchError(f"The body is larger than {limit} bytes when decompressed.")
    if not inflater.eof or inflater.unused_data:
        raise DecodeError("The gzip body is cut off, or something follows it.")
    return plain
