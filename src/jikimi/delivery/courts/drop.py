"""A folder that the court's own system empties. Each package appears whole or not at all."""

from __future__ import annotations

import asyncio
import os
import secrets
from pathlib import Path

from jikimi.petitions.package import Package
from jikimi.petitions.ports import Handed, NotHandedError


class Drop:
    """Writes packages into a folder, which must exist: a mount that is away must not be taken for an empty folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def hand(self, package: Package, now_ms: int) -> Handed:
        """Write one package; it is durable when this returns."""
        try:
            await asyncio.to_thread(self._write, package)
        except OSError:
            raise NotHandedError("The court's folder cannot be written to now. Nothing was filed.") from None
        return Handed(now_ms, None)

    def _write(self, package: Package) -> None:
        target = self._folder / package.name
        if target.exists() and target.read_bytes() == package.body:
            return
        part = self._folder / f".{package.name}.{secrets.token_hex(4)}"
        with part.open("xb") as file:
            file.write(package.body)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    async def close(self) -> None:
        """Nothing is held open."""
