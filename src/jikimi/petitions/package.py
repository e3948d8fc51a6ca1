"""One petition as one file for a court: papers, data, exhibits and a list of hashes, sealed so that only the court opens it.

A package is a ZIP archive (ISO/IEC 21320-1: stored, no encryption of its own) of

- ``petition.pdf``, ``petition.json``: the paper that is served on the respondent;
- ``court-only.pdf``, ``court-only.json``: the paper that is not, where there is one;
- ``exhibits/…``: files that she attached;
- ``manifest.json``: the name, length and SHA-256 of every other file, by which a court finds a damaged one.

It is sealed with age (age-encryption.org/v1, X25519) to the court's public key; any age program opens it with the court's own.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
import pyrage

from jikimi.petitions.document import Document, Exhibit, Papers, data, read
from jikimi.petitions.sheet import printed

MANIFEST: Final = "manifest.json"
FORMAT: Final = "jikimi-package-1"
EXHIBITS: Final = "exhibits/"
MOST_BYTES: Final = 200_000_000
"""The largest package that is opened or made."""
MOST_FILES: Final = 500
_STORED_AT: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a ZIP can state: equal packages are equal bytes, and tell no more about when they were made."""


class PackageError(ValueError):
    """A package cannot be made or opened. The text says why and repeats nothing of it."""


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file in the list."""

    name: str
    length: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """The list of a package's files, by name."""

    format: str = FORMAT
    petition_id: str
    court_id: str
    files: tuple[File, ...]


class Package(NamedTuple):
    """A package ready to be handed over. ``sha256`` is that of ``body``, in hexadecimal: what a receipt names."""

    petition_id: str
    court_id: str
    name: str
    body: bytes
    sha256: str


class Opened(NamedTuple):
    """What a court finds in a package whose every hash is right."""

    papers: Papers
    sheets: Mapping[str, bytes]
    exhibits: Mapping[str, bytes]


def packed(papers: Papers, exhibits: Mapping[str, bytes], court_key: str) -> Package:
    """Return a petition packed and sealed to a court.

    Args:
        papers: the petition; its exhibits are named and hashed there.
        exhibits: their bytes, by name.
        court_key: the court's public key, as age writes it (``age1…``).

    Raises:
        PackageError: an exhibit is missing or another one, it is too large, or the key is none.
    """
    _match(papers.open.exhibits, exhibits)
    files = dict(_files(papers)) | {EXHIBITS + name: body for name, body in exhibits.items()}
    if sum(map(len, files.values())) > MOST_BYTES or len(files) > MOST_FILES:
        raise PackageError("The petition is too large to be handed over; leave large exhibits out and bring them to the court.")
    body = sealed(_zipped(papers.open, files), court_key)
    name = f"petition-{papers.open.petition_id}.zip.age"
    return Package(papers.open.petition_id, papers.open.court_id, name, body, hashlib.sha256(body).hexdigest())


def opened(body: bytes, court_secret: str) -> Opened:
    """Open a package with the court's secret key, and check every hash.

    Raises:
        PackageError: the key does not open it, or anything in it is missing, more, or other than its list says.
    """
    files = _unzipped(unsealed(body, court_secret))
    manifest = _manifest(files.pop(MANIFEST, b""))
    if [_entry(name, files[name]) for name in sorted(files)] != list(manifest.files):
        raise PackageError("The package is damaged: its files are not those of its list.")
    try:
        papers = Papers(read(files["petition.json"]), read(files["court-only.json"]) if "court-only.json" in files else None)
    except (KeyError, ValueError):
        raise PackageError("The package holds no petition in a form that is known here.") from None
    exhibits = {name.removeprefix(EXHIBITS): body for name, body in files.items() if name.startswith(EXHIBITS)}
    _match(papers.open.exhibits, exhibits)
    return Opened(papers, {name: body for name, body in files.items() if name.endswith(".pdf") and "/" not in name}, exhibits)


def check_key(court_key: str) -> None:
    """Raise unless a package can be sealed to this key.

    Raises:
        PackageError: it cannot be read.
    """
    sealed(b"", court_key)


def exhibit(name: str, about: str, media_type: str, body: bytes, made_ms: int | None = None) -> Exhibit:
    """Return what a petition says of a file."""
    return Exhibit(name=name, about=about, media_type=media_type, sha256=hashlib.sha256(body).hexdigest(), made_ms=made_ms)


def new_secret() -> str:
    """Return a new secret key of a court, as age writes it."""
    return str(pyrage.x25519.Identity.generate())


def public_of(court_secret: str) -> str:
    """Return the public key of a secret one.

    Raises:
        PackageError: it cannot be read.
    """
    try:
        return str(pyrage.x25519.Identity.from_str(court_secret).to_public())
    except pyrage.IdentityError:
        raise PackageError("The court's secret key cannot be read; it is written AGE-SECRET-KEY-1… .") from None


def sealed(body: bytes, court_key: str) -> bytes:
    """Return bytes sealed to a court's public key (age, X25519).

    Raises:
        PackageError: the key cannot be read.
    """
    try:
        made: bytes = pyrage.encrypt(body, [pyrage.x25519.Recipient.from_str(court_key)])
    except pyrage.RecipientError:
        raise PackageError("The court's public key cannot be read; it is written age1… .") from None
    return made


def unsealed(body: bytes, court_secret: str) -> bytes:
    """Return what was sealed.

    Raises:
        PackageError: the key cannot be read or does not open it.
    """
    try:
        plain: bytes = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(court_secret)])
    except pyrage.IdentityError:
        raise PackageError("The court's secret key cannot be read; it is written AGE-SECRET-KEY-1… .") from None
    except pyrage.DecryptError:
        raise PackageError("This key does not open the package, or the package is damaged.") from None
    return plain


def _files(papers: Papers) -> Iterable[tuple[str, bytes]]:
    for name, paper in (("petition", papers.open), ("court-only", papers.sealed)):
        if paper is not None:
            yield f"{name}.pdf", printed(paper)
            yield f"{name}.json", data(paper)


def _match(named: Iterable[Exhibit], exhibits: Mapping[str, bytes]) -> None:
    expected = {one.name: one.sha256 for one in named}
    if any("/" in name or "\\" in name or name.startswith(".") or not name for name in expected):
        raise PackageError("An exhibit has a name that is no plain file name.")
    if expected != {name: hashlib.sha256(body).hexdigest() for name, body in exhibits.items()}:
        raise PackageError("An exhibit is missing, or is not the one that the petition names.")


def _entry(name: str, body: bytes) -> File:
    return File(name=name, length=len(body), sha256=hashlib.sha256(body).hexdigest())


def _zipped(paper: Document, files: Mapping[str, bytes]) -> bytes:
    entries = tuple(_entry(name, files[name]) for name in sorted(files))
    manifest = Manifest(petition_id=paper.petition_id, court_id=paper.court_id, files=entries)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, body in [(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1)), *sorted(files.items())]:
            archive.writestr(zipfile.ZipInfo(name, _STORED_AT), body)
    return out.getvalue()


def _unzipped(body: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            infos = archive.infolist()
            whole = sum(info.file_size for info in infos) <= MOST_BYTES and len(infos) <= MOST_FILES
            names = {info.filename for info in infos}
            # Stored and never packed tightly: a small file cannot become a large one here.
            if not whole or len(names) < len(infos) or any(info.compress_type != zipfile.ZIP_STORED for info in infos):
                raise PackageError("The package is too large, names a file twice, or is not written as packages are.")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, OSError) as error:
        if isinstance(error, PackageError):
            raise
        raise PackageError("The package is damaged.") from None


def _manifest(body: bytes) -> Manifest:
    try:
        manifest = msgspec.json.decode(body, type=Manifest)
    except (msgspec.DecodeError, msgspec.ValidationError):
        raise PackageError("The package has no list of its files.") from None
    if manifest.format != FORMAT:
        raise PackageError("The package has a format that is not known here.")
    return manifest
