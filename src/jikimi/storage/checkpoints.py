"""Checkpoints: the engine's state after some record, so that a start need not read the whole journal.

A *base* is one that is kept for the sake of replays: what came before it may have left the journal.
"""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Final

from jikimi.storage import files
from jikimi.storage.seal import NotAuthenticError, Sealer

KEPT: Final = 2
_NAME: Final = re.compile(r"checkpoint-(\d{19})")
_BASE: Final = re.compile(r"base-(\d{19})")


class Checkpoints:
    """The newest two checkpoints in a folder, sealed. Any process that has the key may write one."""

    def __init__(self, folder: Path, sealer: Sealer) -> None:
        self._folder = folder
        self._sealer = sealer

    def save(self, number: int, state: bytes) -> None:
        """Keep ``state`` as the state after record ``number``, and let go of all but the newest two.

        Raises:
            OSError: it could not be written; the others stay.
        """
        files.replace(self._path(number), self._sealer.seal(state, _place(number)))
        for old in self._numbers()[KEPT:]:
            with contextlib.suppress(OSError):
                self._path(old).unlink(missing_ok=True)

    def load(self) -> tuple[int, bytes] | None:
        """Return number and state of the newest checkpoint that is whole, or None."""
        for number in self._numbers():
            with contextlib.suppress(OSError, NotAuthenticError):
                return number, self._sealer.open(self._path(number).read_bytes(), _place(number))
        return None

    def lone(self) -> None:
        """Let go of all but the newest one that is whole: the others may hold what must be gone."""
        newest = self.load()
        for number in self._numbers():
            if newest is not None and number != newest[0]:
                self._path(number).unlink(missing_ok=True)
        files.sync_folder(self._folder)

    def save_base(self, number: int, state: bytes) -> None:
        """Keep a state to begin replays from.

        Raises:
            OSError: it could not be written.
        """
        files.replace(self._base(number), self._sealer.seal(state, _place(number)))

    def bases(self) -> list[int]:
        """Return after which records replays can begin, ascending."""
        matches = (_BASE.fullmatch(path.name) for path in self._folder.glob("base-*"))
        return sorted(int(match[1]) for match in matches if match is not None)

    def load_base(self) -> tuple[int, bytes] | None:
        """Return number and state of the oldest base that is whole, or None."""
        for number in self.bases():
            with contextlib.suppress(OSError, NotAuthenticError):
                return number, self._sealer.open(self._base(number).read_bytes(), _place(number))
        return None

    def drop_bases(self, before: int) -> None:
        """Let go of the bases below a number."""
        for number in self.bases():
            if number < before:
                self._base(number).unlink(missing_ok=True)
        files.sync_folder(self._folder)

    def kept(self) -> list[int]:
        """Return after which records a start may begin, newest first."""
        return self._numbers()

    def newest(self) -> int:
        """Return the number the newest checkpoint claims, whole or not; 0 if there is none."""
        return max(self._numbers(), default=0)

    def _numbers(self) -> list[int]:
        matches = (_NAME.fullmatch(path.name) for path in self._folder.glob("checkpoint-*"))
        return sorted((int(match[1]) for match in matches if match is not None), reverse=True)

    def _base(self, number: int) -> Path:
        return self._folder / f"base-{number:019d}"

    def _path(self, number: int) -> Path:
        return self._folder / f"checkpoint-{number:019d}"


def _place(number: int) -> bytes:
    return f"checkpoint {number}".encode()
