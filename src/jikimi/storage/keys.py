"""One master key a server, and a key of its own for each purpose.

The master key comes from the environment, where a deployer's secret store puts it, or from a file beside the data. Lose
it and everything stored under it is lost; whoever has it and the disk can read everything.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from jikimi.storage import files

VARIABLE: Final = "JIKIMI_MASTER_KEY"
FILE: Final = "master.key"
KEY_BYTES: Final = 32
_HEX_DIGITS: Final = 64


class MasterKeyError(Exception):
    """The master key is missing or is none. The message never holds any part of it."""


def master_key(folder: Path, environment: Mapping[str, str]) -> bytes:
    """Return the 32 bytes of the master key; write a new one into ``folder`` where there is none.

    Args:
        folder: the server's data folder; must exist.
        environment: where ``JIKIMI_MASTER_KEY`` is looked up (32 bytes as base64 or 64 hexadecimal digits).

    Raises:
        MasterKeyError: the variable or the file holds no key, or the file cannot be read or written, or others can read it.
    """
    stated = environment.get(VARIABLE)
    if stated is not None:
        return _decoded(stated, f"The variable {VARIABLE}")
    path = folder / FILE
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise MasterKeyError(f"The file {FILE} in the data folder is open to others than its owner: run `chmod 600` on it.")
        return _decoded(path.read_text(encoding="ascii", errors="replace"), f"The file {FILE} in the data folder")
    except OSError as error:
        raise MasterKeyError(f"The file {FILE} in the data folder cannot be read or written: {error.strerror}.") from None


def subkey(master: bytes, purpose: str) -> bytes:
    """Return the 32-byte key for one purpose (HKDF-SHA256, RFC 5869); knowing one tells nothing of another."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"jikimi " + purpose.encode()).derive(master)


def _make(path: Path) -> None:
    # Two processes may start at once: the first to link its file wins, and both then read the same key.
    key = base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n"
    with contextlib.suppress(FileExistsError):
        files.write_new(path, key)


def _decoded(text: str, where: str) -> bytes:
    text = text.strip()
    with contextlib.suppress(ValueError, binascii.Error):
        key = bytes.fromhex(text) if len(text) == _HEX_DIGITS else base64.b64decode(text, altchars=b"-_", validate=True)
        if len(key) == KEY_BYTES:
            return key
    raise MasterKeyError(f"{where} holds no key: 32 bytes are needed, as base64 or as 64 hexadecimal digits.")
