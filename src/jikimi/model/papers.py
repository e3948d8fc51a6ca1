"""What she keeps here sealed under a key that only she has: petitions, her diary, files; who may help; what was filed."""

from __future__ import annotations

import enum

import msgspec


class PaperKind(enum.StrEnum):
    """What a sealed paper is. More the server does not know of it."""

    KEY = "key"
    """Her keys, wrapped by what only she has."""
    PETITION = "petition"
    ENTRY = "entry"
    """One entry of her diary: written once, with a line in the ledger."""
    FILE = "file"
    """A photo or a recording of an entry: written once."""
    PLAN = "plan"
    """Her plan: places, people, what to take."""
    COMMENT = "comment"
    """What a helper says about a petition."""


ONCE = frozenset({PaperKind.ENTRY, PaperKind.FILE})
"""What is never written over."""


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed paper, without its content.

    Attributes:
        name: random, made by her page.
        version: grows by one with each writing.
        at_ms: when it was written last. An entry of the diary is written once: it is when it was sealed.
        size: bytes.
        entry: the number of its line in the ledger, for an entry of the diary.
    """

    name: str
    kind: PaperKind
    version: int
    at_ms: int
    size: int
    entry: int | None = None


class Allowed(enum.StrEnum):
    """What a helper may do with the one petition; each holds those before it."""

    READ = "read"
    COMMENT = "comment"
    WRITE = "write"


class Helper(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom she invited to one petition.

    Attributes:
        helper_id: its name. person_id: who invited.
        paper: the petition. kind: relative, counsellor, lawyer, as the form has them.
        allowed: what the helper may do. may_file: whether what she signed may be filed by the helper.
        token_sha256: of what the link proves itself by.
        wrapped: the petition's key, sealed under the link's own key, which the server never sees.
        made_ms, until_ms: when it was made and when it ends by itself. opened_ms: when it was opened first.
        signed: SHA-256 of the content that she released for filing, in hexadecimal; None: nothing.
    """

    helper_id: str
    person_id: str
    paper: str
    kind: str
    allowed: Allowed
    may_file: bool
    token_sha256: bytes
    wrapped: bytes
    made_ms: int
    until_ms: int
    opened_ms: int | None = None
    signed: str | None = None


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A petition on its way to a court, or there.

    Attributes:
        petition_id: its name. person_id: whose.
        court_id, way: which court, and by which way.
        content: SHA-256 of what was to be filed, by which the same request is known again.
        name, sha256: of the sealed package.
        made_ms: when it was sealed. handed_ms: when the court had it, or None. number: the court's own.
    """

    petition_id: str
    person_id: str
    court_id: str
    way: str
    content: bytes
    name: str
    sha256: str
    made_ms: int
    handed_ms: int | None = None
    number: str | None = None
