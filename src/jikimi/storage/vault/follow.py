"""Bring the vault up to the journal."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from jikimi.model.record import Fixes, decode
from jikimi.storage.vault.store import Vault

RECORDS = 5_000
"""Taken over in one transaction: more make better chunks, fewer hold less in memory."""


def catch_up(vault: Vault, journal: Iterable[tuple[int, bytes]]) -> int:
    """Take over what the journal holds above ``vault.taken()``; return the number of the last record taken.

    Args:
        vault: where to.
        journal: numbers and records in order, as ``SqliteJournal.read(vault.taken())`` yields them.

    Raises:
        VaultDamagedError: a day's key cannot be opened; what was taken before stays.
        JournalDamagedError: the journal cannot be read on; what was taken before stays.
        msgspec.ValidationError: a record is of another version.
    """
    rest = iter(journal)
    while together := list(islice(rest, RECORDS)):
        decoded = ((number, decode(record)) for number, record in together)
        vault.take([(number, record) for number, record in decoded if isinstance(record, Fixes)], until=together[-1][0])
    return vault.taken()
