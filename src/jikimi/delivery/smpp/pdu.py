"""SMPP 3.4 protocol data units: bytes from fields, fields from bytes. Section numbers are of that specification, issue 1.2."""

from __future__ import annotations

import enum
import struct
from typing import Final, NamedTuple

import msgspec

HEADER: Final = struct.Struct(">IIII")
MOST_BYTES: Final = 65_536
"""No PDU that we use comes near it; a greater length means that the stream is out of step."""

OK: Final = 0
_TLV: Final = struct.Struct(">HH")
_RECEIPTED_ID: Final = 0x001E
_MESSAGE_STATE: Final = 0x0427
_VERSION: Final = 0x34


class Command(enum.IntEnum):
    """Command ids (5.1.2.1)."""

    SUBMIT_SM = 0x04
    DELIVER_SM = 0x05
    UNBIND = 0x06
    BIND_TRANSCEIVER = 0x09
    ENQUIRE_LINK = 0x15
    NACK = 0x80000000


RESPONSE: Final = 0x80000000


class BadPduError(Exception):
    """The bytes are no PDU, or lack a field."""


class Pdu(NamedTuple):
    """One unit as it came."""

    command: int
    status: int
    sequence: int
    body: bytes


class Submit(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of ``submit_sm`` that we set (4.4.1)."""

    source: str
    target: str
    esm_class: int
    protocol_id: int
    priority: int
    validity: str
    data_coding: int
    octets: bytes


class Delivered(msgspec.Struct, frozen=True):
    """What a ``deliver_sm`` says: a receipt of our message, by its id and state; or anything else (``message_id`` None)."""

    message_id: str | None
    state: str | None


def encode(command: int, sequence: int, body: bytes = b"", status: int = OK) -> bytes:
    """Return one PDU."""
    return HEADER.pack(HEADER.size + len(body), command, status, sequence) + body


def decode(data: bytes) -> Pdu:
    """Return the PDU that these bytes are, whole.

    Raises:
        BadPduError: they are not.
    """
    if len(data) < HEADER.size:
        raise BadPduError("A PDU has a header of 16 bytes.")
    length, command, status, sequence = HEADER.unpack_from(data)
    if length != len(data):
        raise BadPduError("The length in the header is not the length of the PDU.")
    return Pdu(command, status, sequence, data[HEADER.size :])


def bind_body(system_id: str, password: str) -> bytes:
    """Return the body of ``bind_transceiver`` (4.1.5)."""
    return _text(system_id, 15) + _text(password, 8) + _text("", 0) + bytes([_VERSION, 0, 0]) + _text("", 0)


def submit_body(submit: Submit) -> bytes:
    """Return the body of ``submit_sm``."""
    if len(submit.octets) > 254:
        raise ValueError("A short message holds at most 254 octets.")
    return b"".join(
        (
            _text("", 0),
            _address(submit.source),
            _address(submit.target),
            bytes([submit.esm_class, submit.protocol_id, submit.priority]),
            _text("", 0),
            _text(submit.validity, 16),
            bytes([1, 0, submit.data_coding, 0, len(submit.octets)]),  # 1: a receipt is wanted (5.2.17)
            submit.octets,
        )
    )


def message_id(body: bytes) -> str:
    """Return the id in a ``submit_sm_resp``."""
    return _read_text(body, 0)[0]


def delivered(body: bytes) -> Delivered:
    """Read a ``deliver_sm`` (4.6.1).

    Raises:
        BadPduError: a field is missing.
    """
    _, at = _read_text(body, 0)
    for _ in range(2):
        _, at = _read_text(body, at + 2)
    esm_class = _byte(body, at)
    for start in (at + 3, None):
        _, at = _read_text(body, at if start is None else start)
    length = _byte(body, at + 4)
    text, tail = body[at + 5 : at + 5 + length], body[at + 5 + length :]
    if len(text) != length:
        raise BadPduError("The short message ends early.")
    if esm_class & 0x3C != 0x04:  # 5.2.12: not a receipt
        return Delivered(None, None)
    return _receipt(text.decode("ascii", "replace"), _options(tail))


def _receipt(text: str, options: dict[int, bytes]) -> Delivered:
    """Read a receipt from its optional parameters, or from the text that appendix B suggests and most centres write."""
    words = dict(word.split(":", 1) for word in text.split() if ":" in word)
    found_id = options.get(_RECEIPTED_ID)
    found_state = options.get(_MESSAGE_STATE)
    name = found_id.rstrip(b"\x00").decode("ascii", "replace") if found_id is not None else words.get("id")
    state = _STATES.get(found_state[0]) if found_state else words.get("stat")
    return Delivered(name, state)


_STATES: Final = {1: "ENROUTE", 2: "DELIVRD", 3: "EXPIRED", 4: "DELETED", 5: "UNDELIV", 6: "ACCEPTD", 7: "UNKNOWN", 8: "REJECTD"}


def _options(tail: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at < len(tail):
        if len(tail) - at < _TLV.size:
            raise BadPduError("An optional parameter ends early.")
        tag, length = _TLV.unpack_from(tail, at)
        at += _TLV.size
        if len(tail) - at < length:
            raise BadPduError("An optional parameter ends early.")
        found[tag] = tail[at : at + length]
        at += length
    return found


def _text(text: str, most: int) -> bytes:
    octets = text.encode("ascii")
    if len(octets) > most or b"\x00" in octets:
        raise ValueError(f"A field of SMPP holds at most {most} ASCII characters here.")
    return octets + b"\x00"


def _address(number: str) -> bytes:
    """Return type, numbering plan and address: international by its plus sign, else as the centre's country writes it; or a name."""
    if number.startswith("+"):
        return bytes([1, 1]) + _text(number[1:], 20)
    if number.isascii() and number.isdecimal():
        return bytes([2, 1]) + _text(number, 20)
    return bytes([5, 0]) + _text(number, 20)


def _read_text(body: bytes, at: int) -> tuple[str, int]:
    end = body.find(b"\x00", at)
    if end < 0:
        raise BadPduError("A text has no end.")
    return body[at:end].decode("ascii", "replace"), end + 1


def _byte(body: bytes, at: int) -> int:
    if at >= len(body):
        raise BadPduError("The PDU ends early.")
    return body[at]
