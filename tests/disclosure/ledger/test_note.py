"""Signed notes and checkpoints against vectors that others made and sign with today."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jikimi.disclosure.ledger.checkpoint import Checkpoint, cosign, cosigned_at, open_note, read_text
from jikimi.disclosure.ledger.note import (
    Kind,
    Note,
    NoteError,
    Signer,
    Verifier,
    check,
    decoded,
    parse,
    parse_line,
    parse_verifier,
)

# From the tests of Go's checksum database, and the example of C2SP signed-note.
TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_SEED = decoded("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
PETER_LINE = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
ENOCH = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
ENOCH_LINE = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n"
FOO = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
FOO_NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
# A checkpoint of a public log as it was cosigned by public witnesses in 2026, with signatures of kinds that we do not know.
REAL = (
    "arche2025h1.staging.ct.transparency.dev\n1432088532\nU7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n\n"
    "— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbl"
    "lzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    "— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75Mdh"
    "L1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=\n"
    "— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==\n"
)
ARCHE = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f"
REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"


def test_published_notes_hold_and_are_signed_by_us_to_the_same_bytes():
    peter, enoch = parse_verifier(PETER), parse_verifier(ENOCH)
    both = f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}"
    assert check(parse(both), [peter, enoch]) == [peter, enoch]
    assert str(parse(both)) == both
    assert str(Signer("PeterNeumann", PETER_SEED).sign(TEXT)) == f"{TEXT}\n{PETER_LINE}"
    assert str(Signer("EnochRoot", bytes(32)).verifier) == ENOCH
    assert check(parse(FOO_NOTE), [parse_verifier(FOO)])
    assert [str(parse_verifier(key)) for key in (PETER, ENOCH, FOO, REMORA)] == [PETER, ENOCH, FOO, REMORA]


def test_a_real_checkpoint_with_a_real_witness():
    checkpoint, note = open_note(REAL, parse_verifier(ARCHE))
    assert (checkpoint.origin, checkpoint.size) == ("arche2025h1.staging.ct.transparency.dev", 1432088532)
    assert checkpoint.text() == note.text
    assert cosigned_at(note, parse_verifier(REMORA)) == 0x6A122120
    forged = parse(REAL.replace("1432088532", "1432088533"))
    with pytest.raises(NoteError, match="witness's signature does not hold"):
        cosigned_at(forged, parse_verifier(REMORA))
    with pytest.raises(NoteError, match="signature does not hold"):
        open_note(str(forged), parse_verifier(ARCHE))


def test_unknown_keys_are_passed_over_and_do_not_help():
    note = parse(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}")
    stranger = Signer("PeterNeumann", bytes(range(32))).verifier
    assert check(note, [parse_verifier(ENOCH), stranger]) == [parse_verifier(ENOCH)]
    with pytest.raises(NoteError, match="No trusted key"):
        check(note, [stranger])


def test_what_we_cosign_holds_until_a_letter_changes():
    log, witness = Signer("a.example/ledger", bytes(32)), Signer("w.example", bytes([1] * 32), Kind.WITNESS)
    text = Checkpoint("a.example/ledger", 5, bytes(32)).text()
    signed = log.sign(text)
    both = Note(text, (*signed.signatures, cosign(text, witness, 1_790_000_000)))
    assert cosigned_at(parse(str(both)), witness.verifier) == 1_790_000_000
    assert cosigned_at(signed, witness.verifier) is None
    with pytest.raises(NoteError, match="not a witness"):
        cosigned_at(signed, log.verifier)
    with pytest.raises(NoteError, match="another ledger"):
        open_note(str(Signer("b.example", bytes(32)).sign(text)), Signer("b.example", bytes(32)).verifier)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "a\n",
        "a\n\n",
        "a\n\n— b\n",
        "a\n\n— b AAAA",
        "a\n\n— b AAAA\n",
        "a\t\n\n— b AAAAAAAA\n",
        "a\n\n— b+c AAAAAAAA\n",
        "a\n\nb AAAAAAAA\n",
    ],
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(NoteError):
        parse(note)


@pytest.mark.parametrize(
    "key", ["", "a", "a+00000000+", PETER.replace("c74f", "c74e"), PETER.replace("Peter", "Pater"), "a+00000000+AAAA", "a b+00000000+AAAA"]
)
def test_what_is_no_key_is_refused(key):
    with pytest.raises(NoteError):
        parse_verifier(key)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n1\nAAAA\n", "a\n-1\nAAAA\n", "\n1\nAAAA\n", "a\n1\n" + "A" * 43 + "=\n\n"]
)
def test_what_is_no_checkpoint_is_refused(text):
    with pytest.raises(NoteError):
        read_text(text)


def test_a_name_or_text_that_would_break_a_note_is_never_signed():
    with pytest.raises(NoteError, match="name"):
        Signer("two words", bytes(32))
    with pytest.raises(NoteError, match="newline"):
        Signer("a", bytes(32)).sign("no end")
    with pytest.raises(NoteError, match="spelling"):
        parse_line("— a AAAAAAB=")


@given(st.text(max_size=200))
def test_any_text_is_a_note_or_refused(text):
    with contextlib.suppress(NoteError):
        assert parse(str(parse(text))) == parse(text)


@given(st.integers(0, len(FOO_NOTE) - 1), st.characters(codec="ascii"))
def test_one_letter_changed_is_found(place, letter):
    changed = FOO_NOTE[:place] + letter + FOO_NOTE[place + 1 :]
    if changed == FOO_NOTE:
        return
    with pytest.raises(NoteError):
        check(parse(changed), [parse_verifier(FOO)])


def test_a_key_that_is_no_point_holds_nothing():
    assert not Verifier("a", Kind.LOG, b"\xff" * 32).holds(b"", bytes(64))
