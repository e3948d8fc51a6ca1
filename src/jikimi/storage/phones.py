"""A new phone of hers turns the old one off, in the transaction in which she signs in on it.

What the old one held is worth nothing from then on: its session, its passkeys, its push subscription, and the secrets of the background
apps that were set up on it, since an old phone in a drawer must not say that she is there. A tracker that the office gave out stays.
The session's row stays for a while, marked: the old phone is told plainly why it shows nothing.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec
import sqlalchemy as sa

from jikimi.disclosure.ledger.leaf import Act, Personal
from jikimi.identity.passkeys import Kind
from jikimi.model.order import Device
from jikimi.storage.lines import put_line
from jikimi.storage.passkeys import forget_passkeys
from jikimi.storage.schema import addresses, devices, sessions

PROTECTED: Final = "protected"
REPLACED: Final = "replaced"
"""How the row of a session reads that ended because she signed in on another phone."""
TOLD_MS: Final = 30 * 86_400_000
"""So long the old phone is told why, and the new one that there was another."""
PUSH: Final = "web_push"
_MADE_IN_APP: Final = re.compile(r"(?:owntracks|traccar|overland)-[0-9a-f]{16}")

_encode: Final = msgspec.msgpack.Encoder().encode
_decode: Final = msgspec.msgpack.Decoder(Device).decode


def replace_phones(connection: sa.Connection, person_id: str, now_ms: int) -> None:
    """Turn off whatever phone she signed in on before; nothing happens where there was none."""
    earlier = (sessions.c.audience == PROTECTED, sessions.c.subject == person_id, sessions.c.how != REPLACED)
    marked = connection.execute(sa.update(sessions).where(*earlier).values(how=REPLACED, until_ms=now_ms + TOLD_MS))
    if not marked.rowcount:
        return
    forget_passkeys(connection, Kind.HER, person_id)
    connection.execute(sa.delete(addresses).where(addresses.c.recipient_id == person_id, addresses.c.channel == PUSH))
    _revoke(connection, person_id)
    put_line(connection, _replaced(person_id, now_ms))


def _revoke(connection: sa.Connection, person_id: str) -> None:
    for row in connection.execute(sa.select(devices)).all():
        if _MADE_IN_APP.fullmatch(row.device_id) is None:
            continue
        device = _decode(row.body)
        if device.person_id == person_id and not device.revoked:
            body = _encode(msgspec.structs.replace(device, revoked=True))
            connection.execute(sa.update(devices).where(devices.c.device_id == row.device_id).values(body=body))


def is_replaced(connection: sa.Connection, token: str, now_ms: int) -> bool:
    """Return whether a token's session ended because she signed in elsewhere."""
    digest = hashlib.sha256(token.encode()).digest()
    query = sa.select(sa.literal(1)).where(sessions.c.token_sha256 == digest, sessions.c.how == REPLACED, sessions.c.until_ms > now_ms)
    return connection.execute(query).scalar() is not None


def was_replaced(connection: sa.Connection, person_id: str, now_ms: int) -> bool:
    """Return whether an earlier phone of hers was turned off."""
    query = sa.select(sa.literal(1)).where(
        sessions.c.audience == PROTECTED, sessions.c.subject == person_id, sessions.c.how == REPLACED, sessions.c.until_ms > now_ms
    )
    return connection.execute(query.limit(1)).scalar() is not None


def _replaced(person_id: str, now_ms: int) -> Act:
    return Act(
        at_ms=now_ms,
        act="administered",
        what="phone:replaced",
        purpose="administration",
        audience=PROTECTED,
        who=Personal(person_id, person_id),
        whose=(Personal(person_id, person_id),),
    )
