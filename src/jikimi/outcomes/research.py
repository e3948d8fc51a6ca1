"""Rows for research: on an agreement that the ministry signed, for as long as it says, under names that mean nothing elsewhere.

The agreement is a TOML file; its signature is Ed25519 (RFC 8032) over the file's bytes, by the key whose public half the deployment's
settings name. Two accounts stand for each export, and it is in the ledger first. Every export has names of its own for orders, so that
two of them cannot be laid over each other.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import secrets
import tomllib
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from jikimi.outcomes.row import Row
from jikimi.outcomes.table import ELSEWHERE, regions_of

MOST_BYTES: Final = 16_384


class AgreementError(ValueError):
    """The agreement does not allow it. The text is a sentence for whoever asked."""


class Agreement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a ministry and an institute agreed on.

    Attributes:
        number: the agreement's own.
        institute: who gets the rows.
        question: what is studied.
        policy_id, years: of which jurisdiction and years.
        valid_from, valid_until: when rows may be handed over, both inclusive.
        erase_by: until when the institute erases them.
    """

    number: str
    institute: str
    question: str
    policy_id: str
    years: tuple[int, ...]
    valid_from: dt.date
    valid_until: dt.date
    erase_by: dt.date


def agreed(text: bytes, signature: bytes, signer: bytes | None, today: dt.date) -> Agreement:
    """Return the agreement, once it is known to be the ministry's and to hold today.

    Args:
        text: the agreement's file.
        signature: 64 bytes.
        signer: the ministry's public key, 32 bytes; None: no key is set, and nothing is handed over.
        today: the day.

    Raises:
        AgreementError: it is not signed by that key, cannot be read, or does not hold today.
    """
    if signer is None:
        raise AgreementError("No key of who may sign research agreements is set: the setting research_signer.")
    try:
        VerifyKey(signer).verify(text, signature)
    except (BadSignatureError, ValueError):
        raise AgreementError("The agreement is not signed by the key that the settings name.") from None
    try:
        found = msgspec.convert(tomllib.loads(text.decode()), Agreement)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise AgreementError(f"The agreement cannot be read: {error}") from None
    if not found.valid_from <= today <= found.valid_until:
        raise AgreementError("The agreement does not hold today.")
    return found


def rows_for(agreement: Agreement, rows: Iterable[Row]) -> list[Row]:
    """Return what the agreement is about: orders under new names, small regions together, in no order that tells of time."""
    mine = [row for row in rows if row.policy_id == agreement.policy_id and row.year in agreement.years]
    regions = regions_of(mine)
    names: dict[str, str] = {}
    for row in mine:
        names.setdefault(row.group, secrets.token_hex(8))
    told = [msgspec.structs.replace(row, group=names[row.group], region=row.region if row.region in regions else ELSEWHERE) for row in mine]
    secrets.SystemRandom().shuffle(told)
    return told


def csv_of(rows: Sequence[Row]) -> str:
    """Return rows as one table; a column that a kind of row has not is empty."""
    fields = list(dict.fromkeys(name for row in rows for name in row.__struct_fields__))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["what", *fields])
    for row in rows:
        known = msgspec.structs.asdict(row)
        writer.writerow([row.__struct_config__.tag, *("" if known.get(name) is None else known[name] for name in fields)])
    return out.getvalue()
