"""`jikimi ledger`: what an auditor, a witness and whoever runs the server do with the ledger.

Exit status: 0 when all is well, 1 when something is wrong or cannot be done, 2 when something was tampered with.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from jikimi.disclosure.ledger import proof, witness
from jikimi.disclosure.ledger.checkpoint import open_note
from jikimi.disclosure.ledger.note import NoteError, Verifier, parse_verifier
from jikimi.disclosure.ledger.tree import ProofError, check_consistency, consistency_proof, fold
from jikimi.disclosure.ledger.verify import Report, verify
from jikimi.runtime.commands import fail, say, settings
from jikimi.runtime.stores import Stores
from jikimi.storage.ledger import LedgerDamagedError, LedgerReader, export, witnessing

TAMPERED: Final = 2
_REFUSED: Final = (NoteError, export.ExportError, LedgerDamagedError, LookupError, witnessing.WitnessFolderError)


def run_verify(path: Path, key: str | None, witnesses: Sequence[str], known: Sequence[Path]) -> None:
    """Check an export, or the proof of one entry, without the server and its keys."""
    try:
        cosigners = [parse_verifier(text) for text in witnesses]
        if path.is_dir():
            _verify_export(path, _log_key(path, key), cosigners, [_text(each) for each in known])
        else:
            _verify_file(path, key, known)
    except _REFUSED as error:
        raise fail(str(error)) from error


def _verify_export(path: Path, log: Verifier, witnesses: Sequence[Verifier], known: Sequence[str]) -> None:
    report = verify(export.read(path), log, witnesses, known)
    say(f"ledger       {log.name}")
    if report.size is not None and report.root is not None:
        say(f"entries      {report.size}")
        say(f"root         {report.root.hex()}")
        say(f"checkpoints  {report.checkpoints} signed by the ledger's key and consistent with each other")
    missing = [_cosigned(report, each) for each in witnesses]
    for finding in report.findings:
        sys.stderr.write(f"{finding.sentence}\n")
    if report.findings:
        raise SystemExit(TAMPERED)
    if any(missing):
        raise SystemExit(1)
    say("Nothing was changed, removed, moved or added since it was signed.")


def _cosigned(report: Report, each: Verifier) -> bool:
    """Say what a witness signed; return whether it signed nothing."""
    found = report.cosigned.get(str(each))
    if found is None:
        sys.stderr.write(f"The witness {each.name} signed none of these checkpoints.\n")
        return True
    size, at_s = found
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(at_s))
    say(f"witness      {each.name} signed {size} entries at {moment} UTC")
    return False


def _verify_file(path: Path, key: str | None, known: Sequence[Path]) -> None:
    """Check the proof of one entry, or that a newer checkpoint holds all that an older one held."""
    if key is None:
        raise fail("A proof is checked with --key: the ledger's public key, which stands in key.txt of an export.")
    text, log = _text(path), parse_verifier(key)
    if text.startswith("old "):
        _verify_consistency(text, log, known)
    else:
        _verify_proof(text, log)


def _verify_consistency(text: str, log: Verifier, known: Sequence[Path]) -> None:
    try:
        made = witness.parse(text)
    except witness.WitnessRefusedError as error:
        raise fail(str(error)) from error
    newer, _ = open_note(made.note, log)
    olds = [open_note(_text(each), log)[0] for each in known]
    old = next((each for each in olds if each.size == made.old), None)
    if old is None:
        raise fail(f"This proof begins at {made.old} entries: give the checkpoint with that many with --known.")
    try:
        check_consistency(old.size, newer.size, old.root, newer.root, made.proof)
    except ProofError as error:
        _tampered(f"The {old.size} entries of the older checkpoint are not in the newer one unchanged. {error}")
    say(f"All {old.size} entries that {newer.origin} signed for before are among the {newer.size} of now, unchanged.")


def _verify_proof(text: str, log: Verifier) -> None:
    made = proof.parse(text)
    try:
        checkpoint = proof.check(made, log)
    except ProofError as error:
        _tampered(str(error))
    say(f"Entry {made.entry} is one of the {checkpoint.size} entries that {checkpoint.origin} signed for. It says:")
    say(made.leaf.decode(errors="replace"))


def _log_key(path: Path, key: str | None) -> Verifier:
    if key is not None:
        return parse_verifier(key)
    sys.stderr.write("The key was taken from the export itself, so this shows damage but no forgery. Give the key you know with --key.\n")
    return export.read_key(path)


def run_export(config: Path | None, folder: Path, about: Sequence[str], *, opened: bool) -> None:
    """Write an export."""
    reader = _reader(config)
    try:
        newest = reader.newest()
        size = 0 if newest is None else newest[0].size
        entries = range(size) if opened else sorted({entry for subject in about for entry in reader.about(subject) if entry < size})
        written = export.write(reader, folder, entries)
    except _REFUSED as error:
        raise fail(str(error)) from error
    finally:
        reader.close()
    say(f"Exported {written} entries. The key to check them with, to be given to auditors on another way:")
    say(str(reader.verifier))


def run_proof(config: Path | None, entry: int) -> None:
    """Print the proof of an entry."""
    reader = _reader(config)
    try:
        text = str(reader.proof(entry))
    except _REFUSED as error:
        raise fail(str(error)) from error
    finally:
        reader.close()
    sys.stdout.write(text)


def run_request(config: Path | None, old: int) -> None:
    """Print what a witness is asked with."""
    reader = _reader(config)
    try:
        text = str(reader.request(old))
    except _REFUSED as error:
        raise fail(str(error)) from error
    finally:
        reader.close()
    sys.stdout.write(text)


def run_cosign(path: Path, folder: Path, name: str, key: str) -> None:
    """Sign, as a witness, the newest checkpoint of an export or of a request."""
    try:
        log = parse_verifier(key)
        witness_folder = witnessing.WitnessFolder(folder, name)
        sys.stderr.write(f"This witness's key: {witness_folder.verifier}\n")
        line = witness_folder.cosign(lambda old: _request(path, old), log, int(time.time()))
    except witness.WitnessRefusedError as error:
        if error.refusal is witness.Refusal.FORK:
            _tampered(f"Not signed. {error}")
        raise fail(f"Not signed. {error}") from error
    except _REFUSED as error:
        raise fail(str(error)) from error
    sys.stdout.write(line.line())


def _request(path: Path, old: int) -> witness.Request:
    if not path.is_dir():
        return witness.parse(_text(path))
    hashes = list(export.read(path).hashes())
    note = _text(path / export.NEWEST)

    def node(height: int, number: int) -> bytes:
        return fold(hashes[number << height : (number + 1) << height])

    # A witness that saw more than there is refuses by itself, whatever comes with the checkpoint.
    steps = consistency_proof(node, old, len(hashes)) if 0 < old <= len(hashes) else []
    return witness.Request(old, tuple(steps), note)


def _reader(config: Path | None) -> LedgerReader:
    try:
        return Stores(settings(config)).ledger_reader()
    except LedgerDamagedError as error:
        raise fail(str(error)) from error


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"The file {path} cannot be read.") from error


def _tampered(sentence: str) -> NoReturn:
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(TAMPERED)
