"""The ledger on disk: entries written before anything is answered, the hashes of their tree, checkpoints, the persons' keys."""

from jikimi.storage.ledger.reader import LedgerReader
from jikimi.storage.ledger.store import SqliteLedger
from jikimi.storage.ledger.tables import LedgerDamagedError, copy_entries

__all__ = ["LedgerDamagedError", "LedgerReader", "SqliteLedger", "copy_entries"]
