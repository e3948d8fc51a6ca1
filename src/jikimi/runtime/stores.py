"""Where a server keeps its things: one folder, one master key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jikimi.model.durations import Durations
from jikimi.orders.clerk import Clerk
from jikimi.runtime.settings import Settings, SettingsError
from jikimi.storage.books import SqlBooks
from jikimi.storage.journal import SqliteJournal
from jikimi.storage.keys import master_key, subkey
from jikimi.storage.ledger import LedgerReader, SqliteLedger, copy_entries
from jikimi.storage.oversight import SqlOversight
from jikimi.storage.register import SqlRegister
from jikimi.storage.vault.kms import CommandWrapper
from jikimi.storage.vault.ports import KeyWrapper
from jikimi.storage.vault.store import Vault
from jikimi.storage.vault.subjectkeys import SubjectKeys
from jikimi.storage.vault.wrapping import LocalWrapper

BASEMAP = "base.pmtiles"


class Stores:
    """The folder of one server. Opening it makes what is missing; nothing in it is readable without the key.

    Raises:
        SettingsError: the folder cannot be made.
        MasterKeyError: there is no key, or none that can be used.
    """

    def __init__(self, settings: Settings) -> None:
        self.folder = settings.data
        self._kms = settings.vault_kms
        self._service: CommandWrapper | None = None
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise SettingsError(f"The data folder cannot be made: {error.strerror}. The setting data_dir says where it lies.") from None
        self._key = master_key(self.folder, os.environ)

    @property
    def basemap(self) -> Path:
        """Where the base map lies, if there is one."""
        return self.folder / BASEMAP

    def journal(self) -> SqliteJournal:
        """Open the journal for writing; one process at a time."""
        return SqliteJournal(self.folder / "journal", subkey(self._key, "journal"))

    def reading(self) -> SqliteJournal:
        """Open the journal for reading beside a running server."""
        return SqliteJournal.open_for_reading(self.folder / "journal", subkey(self._key, "journal"))

    def register(self) -> SqlRegister:
        """Open the register; any number of processes."""
        return SqlRegister(self.folder / "register.db", subkey(self._key, "register"))

    def clerk(self, register: SqlRegister, durations: Mapping[str, Durations]) -> Clerk:
        """Return a clerk whose books are the open register; any number of processes may have one."""
        return Clerk(SqlBooks(register.engine), durations, subkey(self._key, "matching"))

    def push_key(self) -> bytes:
        """Return the 32 bytes of which the key for Web Push is made, the same at every start."""
        return subkey(self._key, "web push")

    @property
    def vault_folder(self) -> Path:
        """Where history lies."""
        return self.folder / "vault"

    def vault(self) -> Vault:
        """Open the vault; one process at a time writes it."""
        return Vault(self.vault_folder, subkey(self._key, "vault names"), self._wrapper("vault keys"))

    def _wrapper(self, purpose: str) -> KeyWrapper:
        """Return who wraps keys: the service that the settings name, or the master key."""
        if self._kms:
            self._service = self._service if self._service is not None else CommandWrapper(self._kms)
            return self._service
        return LocalWrapper(subkey(self._key, purpose))

    def field_key(self) -> bytes:
        """Return the 32 bytes by which officers' links are known to be ours."""
        return subkey(self._key, "field links")

    def subject_keys(self, vault: Vault) -> SubjectKeys:
        """Return the keys of backups, which lie beside the vault's."""
        return SubjectKeys(vault, subkey(self._key, "vault names"), self._wrapper("backup keys"))

    def copy_ledger(self, path: Path) -> None:
        """Copy the ledger's entries, as they are at one moment, into a new file, sealed as they are here."""
        copy_entries(self.folder / "ledger", subkey(self._key, "ledger"), path)

    def oversight(self) -> SqlOversight:
        """Open the books of oversight: reviews, and copies for investigations."""
        return SqlOversight(self.folder, subkey(self._key, "oversight"))

    def ledger(self) -> SqliteLedger:
        """Open the ledger for writing; one process at a time."""
        return SqliteLedger(self.folder / "ledger", subkey(self._key, "ledger"))

    def ledger_reader(self) -> LedgerReader:
        """Open the ledger for reading beside a running server."""
        return LedgerReader(self.folder / "ledger", subkey(self._key, "ledger"))
