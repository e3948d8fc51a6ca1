"""An officer's link to one incident: bound to the incident, to him and to a time. It opens once.

The text of a link is ``link_id`` and a MAC of it, so that nobody can make one who reads the books, and one that is forged is turned
away before the books are asked. It names nobody and nothing.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from typing import Annotated, Final

import msgspec

from jikimi.incidents.incident import Incident, Where
from jikimi.incidents.status import NotAllowedError, Status, TaskStatus

ID_BYTES: Final = 12
MAC_BYTES: Final = 16
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{38}")
_OFFICER: Final = re.compile(r"[\w][\w .'-]{0,39}")

Officer = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
"""An officer's name or number, as the ledger keeps it."""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    """One link.

    Attributes:
        link_id: 24 hexadecimal digits.
        incident_id, agency, where: what it shows and whose part it is.
        officer: to whom it was given; None until he names himself at opening.
        made_by, made_ms: who made it, and when.
        until_ms: until when it must be opened; once it is, until when it shows.
        opened_ms: when it was exchanged for a session, or None.
        ended_ms, ended_by: when somebody took it back, and who; None while nobody did.
    """

    link_id: str
    incident_id: str
    agency: str
    where: Where
    officer: str | None = None
    made_by: str
    made_ms: int
    until_ms: int
    opened_ms: int | None = None
    ended_ms: int | None = None
    ended_by: str | None = None

    @property
    def subject(self) -> str:
        """Who looks, as the ledger names him."""
        return f"{self.agency}: {self.officer}" if self.officer is not None else self.agency


def new_id() -> str:
    """Return a new link's name."""
    return secrets.token_hex(ID_BYTES)


def token_of(key: bytes, link_id: str) -> str:
    """Return the text of a link: 38 characters that may stand behind ``#`` in an address."""
    raw = bytes.fromhex(link_id)
    return base64.urlsafe_b64encode(raw + _mac(key, raw)).rstrip(b"=").decode()


def link_id_of(key: bytes, token: str) -> str | None:
    """Return the name of the link that a text stands for, or None where we did not make it."""
    if _TOKEN.fullmatch(token) is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(token + "==")
    except binascii.Error:
        return None
    name, mac = raw[:ID_BYTES], raw[ID_BYTES:]
    return name.hex() if hmac.compare_digest(mac, _mac(key, name)) and token_of(key, name.hex()) == token else None


def officer_named(text: str) -> str:
    """Return an officer's name or number without spaces around it.

    Raises:
        NotAllowedError: it is none that the ledger may keep.
    """
    text = text.strip()
    if _OFFICER.fullmatch(text) is None:
        raise NotAllowedError("An officer is named by up to 40 letters, digits, spaces, dots and hyphens.")
    return text


def part_of(incident: Incident, agency: str, where: Where) -> TaskStatus | None:
    """Return how far an agency's newest part at a person came, or None where it has none."""
    own = [task for task in incident.tasks if task.where is where]
    return own[-1].status if own and own[-1].responder == agency else None


def why_closed(link: Link, incident: Incident | None, now_ms: int) -> str | None:
    """Return why a link shows nothing any more, or None while it may."""
    if incident is None or incident.status is Status.RESOLVED:
        return "incident_closed"
    if link.ended_ms is not None:
        return "taken_back"
    if now_ms >= link.until_ms:
        return "too_late"
    return "part_done" if part_of(incident, link.agency, link.where) in {None, TaskStatus.DONE} else None


def _mac(key: bytes, raw: bytes) -> bytes:
    return hmac.digest(key, b"field link\0" + raw, hashlib.sha256)[:MAC_BYTES]
