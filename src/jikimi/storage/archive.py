"""A record as files that anybody can read: JSON Lines, and a manifest with a hash of each (docs/vault.md has the format).

Whoever reads one trusts nothing in it: names of files are fixed, lines are short, every line is what it should be, stands where it
should, and the hashes are checked before a single line is used.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path
from typing import Annotated, Final, TypeVar

import msgspec

from jikimi.model.fix import Fix, Source, Verdict
from jikimi.storage.record import Row, RowError, checked, scoped
from jikimi.storage.vault.kept import Kept
from jikimi.storage.vault.store import DAY_MS

FORMAT: Final = "jikimi-record"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
REGISTER: Final = "register.jsonl"
FIXES: Final = "fixes.jsonl"
MOST_LINE: Final = 1 << 22
MOST_MANIFEST: Final = 1 << 24
_SPAN_MS: Final = 2**53 - 1
_WORDS: Final = {verdict: verdict.name.lower() for verdict in Verdict}
_VERDICTS: Final = {word: verdict for verdict, word in _WORDS.items()}

Line = TypeVar("Line")
Filled = TypeVar("Filled")


class ArchiveError(Exception):
    """A record cannot be written or used. The text says why; it names nobody."""


class File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of a record."""

    name: str
    sha256: str
    bytes: int
    lines: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a record holds."""

    format: str
    version: int
    made_ms: int
    orders: tuple[str, ...]
    persons: tuple[str, ...]
    files: tuple[File, ...]


class FixLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False, kw_only=True):
    """One fix. What is not there is unknown."""

    person: str
    device: str
    id: str
    time_ms: Annotated[int, msgspec.Meta(ge=-_SPAN_MS, le=_SPAN_MS)]
    received_ms: Annotated[int, msgspec.Meta(ge=0, le=_SPAN_MS)]
    lat: Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
    lon: Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    verdict: str
    source: Source = Source.UNKNOWN
    error_m: float | None = None
    speed_mps: float | None = None
    course_deg: float | None = None
    altitude_m: float | None = None
    battery_pct: float | None = None
    valid: bool | None = None


decode_row: Final = msgspec.json.Decoder(Row).decode
decode_fix: Final = msgspec.json.Decoder(FixLine).decode


def line_of(person_id: str, kept: Kept) -> FixLine:
    """Return a kept fix as a line."""
    fix = kept.fix
    return FixLine(
        person=person_id,
        device=kept.device_id,
        id=fix.fix_id,
        time_ms=fix.fix_time_ms,
        received_ms=kept.received_ms,
        lat=fix.latitude,
        lon=fix.longitude,
        verdict=_WORDS[kept.verdict],
        source=fix.source,
        error_m=fix.error_m,
        speed_mps=fix.speed_mps,
        course_deg=fix.course_deg,
        altitude_m=fix.altitude_m,
        battery_pct=fix.battery_pct,
        valid=fix.valid,
    )


def kept_of(line: FixLine) -> Kept:
    """Return a line as it is kept.

    Raises:
        KeyError: the verdict is none.
    """
    fix = Fix(
        line.id, line.time_ms, line.lat, line.lon, line.error_m, line.source,
        line.speed_mps, line.course_deg, line.altitude_m, line.battery_pct, line.valid,
    )  # fmt: skip
    return Kept(fix, line.received_ms, _VERDICTS[line.verdict], line.device)


# -- writing -----------------------------------------------------------------------------------------------------


def write(
    folder: Path, orders: Iterable[str], persons: Iterable[str], rows: Iterable[Row], fixes: Iterable[FixLine], made_ms: int
) -> Manifest:
    """Write a record into a new folder, for its owner alone; the manifest comes last, and without it there is no record.

    Raises:
        ArchiveError: the folder exists, or cannot be written.
    """
    try:
        folder.mkdir(mode=0o700)
        files = (_write_lines(folder / REGISTER, rows), _write_lines(folder / FIXES, fixes))
        manifest = Manifest(
            format=FORMAT, version=VERSION, made_ms=made_ms, orders=tuple(sorted(orders)), persons=tuple(sorted(persons)), files=files
        )
        _write(folder / MANIFEST, lambda out: out(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"))
    except FileExistsError:
        raise ArchiveError("There is something of that name already: a record is written into a new folder.") from None
    except OSError as error:
        raise ArchiveError(f"The record cannot be written: {error.strerror}.") from None
    return manifest


def digest(folder: Path) -> str:
    """Return the SHA-256 of the manifest: it stands for the whole record, and goes to whoever receives it on another way."""
    return hashlib.sha256(_bytes(folder / MANIFEST, MOST_MANIFEST)).hexdigest()


def counted(name: str, items: Iterable[msgspec.Struct], out: Callable[[bytes], object]) -> File:
    """Hand each item out as a line; return what a manifest says of the whole."""
    encode = msgspec.json.Encoder().encode
    hashed = hashlib.sha256()
    size = lines = 0
    for item in items:
        line = encode(item) + b"\n"
        hashed.update(line)
        out(line)
        size += len(line)
        lines += 1
    return File(name, hashed.hexdigest(), size, lines)


def _write_lines(path: Path, items: Iterable[msgspec.Struct]) -> File:
    return _write(path, lambda out: counted(path.name, items, out))


def _write(path: Path, fill: Callable[[Callable[[bytes], object]], Filled]) -> Filled:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=1 << 20) as file:
        filled = fill(file.write)
        file.flush()
        os.fsync(file.fileno())
    return filled


# -- reading -----------------------------------------------------------------------------------------------------


class Archive:
    """A record that was checked whole.

    Args:
        folder: where it lies.
        sha256: the manifest's hash as it was told on another way, or None.

    Raises:
        ArchiveError: it is damaged, incomplete, reordered, of another form, or not what was told.
    """

    def __init__(self, folder: Path, sha256: str | None = None) -> None:
        self._folder = folder
        if sha256 is not None and digest(folder) != sha256.strip().lower():
            raise ArchiveError("The manifest is another one than was announced: its hash differs.")
        self.manifest = _manifest(folder)
        for file in self.manifest.files:
            _check_hash(folder / file.name, file)
        orders, persons = frozenset(self.manifest.orders), frozenset(self.manifest.persons)
        for row in self.rows():
            check_row(row, orders, persons)
        for _ in self.people():
            pass

    def rows(self) -> Iterator[Row]:
        """Yield the rows of the register."""
        yield from _lines(self._folder / REGISTER, decode_row)

    def people(self) -> Iterator[tuple[str, list[Kept]]]:
        """Yield each person's fixes, a day at a time, in order.

        Raises:
            ArchiveError: a line is no fix, is of nobody named in the manifest, or stands in another order.
        """
        known = frozenset(self.manifest.persons)
        at: tuple[str, int] | None = None
        day: list[Kept] = []
        for line in _lines(self._folder / FIXES, decode_fix):
            here = (line.person, line.time_ms // DAY_MS)
            if line.person not in known or line.verdict not in _VERDICTS:
                raise ArchiveError("A fix of the record is of nobody whom the manifest names, or was judged in an unknown way.")
            if at is not None and here != at:
                if here < at:
                    raise ArchiveError("The fixes of the record stand in another order than an export writes them.")
                yield at[0], day
                day = []
            at = here
            day.append(kept_of(line))
        if at is not None:
            yield at[0], day


def check_row(row: Row, order_ids: Collection[str], person_ids: Collection[str]) -> None:
    """Raise unless a row is one of its table, about what the manifest names.

    Raises:
        ArchiveError: it is not.
    """
    try:
        checked(row)
    except RowError as error:
        raise ArchiveError(f"The register of the record cannot be used. {error}") from None
    if not scoped(row, order_ids, person_ids):
        raise ArchiveError(f"A row of {row.table} of the record is about somebody or something that the manifest does not name.")


def read_line(line: bytes, decode: Callable[[bytes], Line], name: str) -> Line:
    """Return a line of a file.

    Raises:
        ArchiveError: it is not what it should be.
    """
    try:
        return decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ArchiveError(f"A line of {name} of the record is not what it should be.") from None


def _manifest(folder: Path) -> Manifest:
    try:
        found = msgspec.json.decode(_bytes(folder / MANIFEST, MOST_MANIFEST), type=Manifest)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise ArchiveError("The manifest of the record cannot be read.") from None
    if (found.format, found.version) != (FORMAT, VERSION):
        raise ArchiveError(f"This is no record of the form {FORMAT} {VERSION}.")
    if [file.name for file in found.files] != [REGISTER, FIXES]:
        raise ArchiveError(f"A record has the files {REGISTER} and {FIXES}, and no others.")
    if found.orders != tuple(sorted({*found.orders})) or found.persons != tuple(sorted({*found.persons})) or not found.orders:
        raise ArchiveError("The manifest names its orders and persons in another way than an export does.")
    return found


def _check_hash(path: Path, file: File) -> None:
    hashed = hashlib.sha256()
    try:
        if path.is_symlink() or path.stat().st_size != file.bytes:
            raise ArchiveError(f"The file {file.name} of the record has another size than the manifest says.")
        with path.open("rb") as opened:
            while part := opened.read(1 << 20):
                hashed.update(part)
    except OSError:
        raise ArchiveError(f"The file {file.name} of the record is missing or cannot be read.") from None
    if hashed.hexdigest() != file.sha256:
        raise ArchiveError(f"The file {file.name} of the record was changed: its hash differs from the manifest's.")


def _lines(path: Path, decode: Callable[[bytes], Line]) -> Iterator[Line]:
    try:
        with path.open("rb", buffering=1 << 20) as file:
            while line := file.readline(MOST_LINE):
                yield read_line(line, decode, path.name)
    except OSError:
        raise ArchiveError(f"The file {path.name} of the record is missing or cannot be read.") from None


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise ArchiveError(f"The file {path.name} of the record is far too large.")
        return path.read_bytes()
    except OSError:
        raise ArchiveError(f"The file {path.name} of the record is missing or cannot be read.") from None
