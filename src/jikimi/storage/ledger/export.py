"""Exports: the ledger as files that anybody can check, without this program too (``docs/ledger.md``).

| file | what |
|---|---|
| ``entries.jsonl`` | the leaves, one a line, exactly the bytes that were hashed |
| ``hashes.txt`` | the leaves' hashes as the ledger stored them, in hexadecimal digits, one a line |
| ``checkpoint`` | the newest checkpoint |
| ``checkpoints.jsonl`` | every checkpoint, oldest first, with the time it was made |
| ``key.txt`` | the ledger's public key: compare it with the one you were given |
| ``openings.jsonl`` | only where asked for: salts and values, which show whom entries were about |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from jikimi.disclosure.ledger.leaf import Opening
from jikimi.disclosure.ledger.note import Verifier, parse_verifier
from jikimi.disclosure.ledger.verify import Export
from jikimi.storage.ledger.reader import LedgerReader

ENTRIES: Final = "entries.jsonl"
HASHES: Final = "hashes.txt"
NEWEST: Final = "checkpoint"
NOTES: Final = "checkpoints.jsonl"
KEY: Final = "key.txt"
OPENINGS: Final = "openings.jsonl"


class ExportError(Exception):
    """An export cannot be written or read. The text says why."""


class Dated(msgspec.Struct, frozen=True):
    """A checkpoint's note, and when it was made."""

    at_ms: int
    note: str


class Opened(msgspec.Struct, frozen=True):
    """Salt (hexadecimal digits) and value of one field of one entry."""

    entry: int
    field: str
    salt: str
    value: str


def write(reader: LedgerReader, folder: Path, about: Iterable[int] = ()) -> int:
    """Write everything up to the newest checkpoint into a new folder; return how many entries that is.

    Args:
        reader: the ledger.
        folder: must not exist.
        about: the entries whose salts and values are written as well.

    Raises:
        ExportError: the folder exists, cannot be written, or nothing was signed yet.
    """
    newest = reader.newest()
    if newest is None:
        raise ExportError("The ledger has signed no checkpoint yet: there is nothing to export.")
    checkpoint, note = newest
    try:
        folder.mkdir(mode=0o700)
        _write_entries(reader, folder, checkpoint.size)
        (folder / NEWEST).write_text(note, encoding="utf-8")
        (folder / KEY).write_text(f"{reader.verifier}\n", encoding="utf-8")
        _write_lines(folder / NOTES, (Dated(at_ms, text) for at_ms, text in reader.notes()))
        opened = [Opened(entry, o.field, o.salt.hex(), o.value) for entry in about for o in reader.openings(entry)]
        if opened:
            _write_lines(folder / OPENINGS, opened)
    except FileExistsError:
        raise ExportError("There is something of that name already: an export is written into a new folder.") from None
    except OSError as error:
        raise ExportError(f"The export cannot be written: {error.strerror}.") from None
    return checkpoint.size


def read(folder: Path) -> Export:
    """Read an export. Entries and hashes are read when they are needed.

    Raises:
        ExportError: a file is missing or is not what it should be.
    """
    notes = [dated.note for dated in _read_lines(folder / NOTES, Dated)]
    newest = _guarded(folder / NEWEST, lambda path: path.read_text(encoding="utf-8"))
    openings = _read_lines(folder / OPENINGS, Opened) if (folder / OPENINGS).exists() else []
    for name in (ENTRIES, HASHES):
        _guarded(folder / name, lambda path: path.open("rb").close())
    return Export(
        leaves=lambda: _lines(folder / ENTRIES),
        hashes=lambda: map(_unhexed, _lines(folder / HASHES)),
        notes=[*notes, *([] if newest in notes else [newest])],
        openings=[(each.entry, Opening(each.field, _unhexed(each.salt.encode()), each.value)) for each in openings],
    )


def read_key(folder: Path) -> Verifier:
    """Return the key that an export names; whoever made the export chose it.

    Raises:
        ExportError: it is missing.
        NoteError: it is no key.
    """
    return parse_verifier(_guarded(folder / KEY, lambda path: path.read_text(encoding="utf-8")))


def _write_entries(reader: LedgerReader, folder: Path, size: int) -> None:
    with (folder / ENTRIES).open("wb") as leaves, (folder / HASHES).open("wb") as hashes:
        for hash_, leaf in reader.entries(0, size):
            leaves.write(leaf + b"\n")
            hashes.write(hash_.hex().encode() + b"\n")


def _write_lines(path: Path, items: Iterable[msgspec.Struct]) -> None:
    with path.open("wb") as file:
        file.writelines(msgspec.json.encode(item) + b"\n" for item in items)


T = TypeVar("T")


def _read_lines(path: Path, kind: type[T]) -> list[T]:
    decoder = msgspec.json.Decoder(kind)
    try:
        return [decoder.decode(line) for line in _guarded(path, lambda found: list(_lines(found)))]
    except msgspec.DecodeError:
        raise ExportError(f"The file {path.name} of the export cannot be read: a line is not what it should be.") from None


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            yield line.removesuffix(b"\n")


def _unhexed(text: bytes) -> bytes:
    try:
        return bytes.fromhex(text.decode("ascii"))
    except ValueError:
        # A line that is no hash is a hash that fits nothing.
        return b""


def _guarded(path: Path, read_: Callable[[Path], T]) -> T:
    try:
        return read_(path)
    except (OSError, UnicodeDecodeError):
        raise ExportError(f"The file {path.name} of the export is missing or cannot be read.") from None
