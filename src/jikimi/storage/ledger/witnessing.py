"""What a witness keeps on its own machine: its key, and what it signed last of each ledger."""

from __future__ import annotations

import base64
import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from jikimi.disclosure.ledger.note import Kind, Signature, Signer, Verifier
from jikimi.disclosure.ledger.witness import Request, Seen, witness
from jikimi.storage import files
from jikimi.storage.keys import KEY_BYTES

KEY: Final = "witness.key"
STATE: Final = "seen.json"


class WitnessFolderError(Exception):
    """The witness's folder cannot be used. The text says why, and holds nothing of the key."""


class WitnessFolder:
    """A folder of a witness; made with a new key when missing.

    Args:
        folder: where key and state lie.
        name: the witness's name, as it stands in its signatures.

    Raises:
        WitnessFolderError: key or state cannot be read.
        NoteError: the name cannot be one.
    """

    def __init__(self, folder: Path, name: str) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._signer = Signer(name, _seed(folder / KEY), Kind.WITNESS)

    @property
    def verifier(self) -> Verifier:
        """The key that checks this witness's signatures."""
        return self._signer.verifier

    def seen(self, origin: str) -> Seen:
        """Return what was signed last of a ledger."""
        return self._state().get(origin, Seen())

    def cosign(self, request: Callable[[int], Request], log: Verifier, at_s: int) -> Signature:
        """Sign, and keep what was signed before the signature is given away. Only one at a time does so.

        Args:
            request: makes the request from the size that was signed last.
            log: the ledger's key.
            at_s: the time, seconds since 1970.

        Raises:
            WitnessRefusedError: it does not sign.
        """
        with files.alone(self._folder / f"{STATE}.lock"):
            state = self._state()
            seen = state.get(log.name, Seen())
            signature, state[log.name] = witness(request(seen.size), log, seen, self._signer, at_s)
            files.replace(self._folder / STATE, msgspec.json.encode(state))
        return signature

    def _state(self) -> dict[str, Seen]:
        try:
            return msgspec.json.decode((self._folder / STATE).read_bytes(), type=dict[str, Seen])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError):
            # Beginning anew would sign a fork.
            raise WitnessFolderError(f"The file {STATE} of the witness cannot be read. Restore it; do not delete it.") from None


def _seed(path: Path) -> bytes:
    with contextlib.suppress(FileExistsError):
        if not path.exists():
            files.write_new(path, base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
    try:
        seed = base64.b64decode(path.read_text(encoding="ascii").strip(), validate=True)
    except (OSError, ValueError):
        seed = b""
    if len(seed) != KEY_BYTES:
        raise WitnessFolderError(f"The file {KEY} of the witness holds no key.")
    return seed
